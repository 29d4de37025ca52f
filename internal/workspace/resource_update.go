package workspace

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// Update implements [resource.Resource]. It has done what is to be done, as far
// as the plan has shown it.
func (r *workspaceResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := plan.Timeouts.Update(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	remembered, diags := req.Private.GetKey(ctx, privateUpdate)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, workspaceID(&state))...) // a state of Terraform <1.12 has none

	run := &lifecycle.Run{
		Want: wantPlanned(objectOf(req.Config.Raw), objectOf(req.Plan.Raw)),
		Have: haveOf(objectOf(req.State.Raw), unfinishedIn(remembered)),
		// To keep a workspace up as long as configured takes nothing from anybody.
		Allowed: plan.shown(&state) | lifecycle.ChangeDeadline,
	}
	run.Have.FormerOwners, diags = formerOwners(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	err := r.lifecycle().Run(ctx, run)
	resp.Diagnostics.Append(runDiagnostics(ctx, r.client(), run, err,
		operation{doing: fmt.Sprintf("update workspace %q", state.Name.ValueString()), unended: "Build did not end"})...)

	done := context.WithoutCancel(ctx)
	resp.Diagnostics.Append(rememberUpdate(done, resp.Private, run.Have.Unfinished)...)
	if err == nil {
		resp.Diagnostics.Append(rememberFormerOwners(done, resp.Private, nil)...)
		plan.settle(r.client(), run.Have.Fresh)
		parametersOf := run.Have.Build.ID
		if plan.ignores(run.Want) {
			parametersOf = uuid.Nil // the next refresh reads them
		}
		resp.Diagnostics.Append(rememberParametersBuild(done, resp.Private, parametersOf, &plan)...)
		resp.Diagnostics.Append(resp.State.Set(done, &plan)...)
		return
	}
	// The state follows what was done, so that the next plan goes on from there.
	// The next refresh reads the values that builds have left.
	state.reached(r.client(), &run.Have, &plan)
	resp.Diagnostics.Append(rememberFormerOwners(done, resp.Private, run.Have.FormerOwners)...)
	resp.Diagnostics.Append(rememberParametersBuild(done, resp.Private, uuid.Nil, &state)...)
	resp.Diagnostics.Append(resp.State.Set(done, &state)...)
}

// reached takes over what an update has reached that did not come to its end.
func (m *resourceModel) reached(client *coder.Client, have *lifecycle.Have, plan *resourceModel) {
	m.Timeouts = plan.Timeouts
	m.WaitForAgents, m.DeletionProtection, m.OrphanOnDestroy = plan.WaitForAgents, plan.DeletionProtection, plan.OrphanOnDestroy
	if have.Fresh == nil { // not even looked at
		return
	}
	m.fromAPI(client, have.Fresh)
	m.Preset = types.StringNull()
	if have.Preset != "" {
		m.Preset = types.StringValue(have.Preset)
	}
	if version, known := have.EphemeralVersion.Get(); known {
		m.EphemeralParametersVersion = types.Int64Value(version)
	}
	managed := parameterValues(m.Parameters)
	names := slices.Collect(maps.Keys(managed))
	if have.Unfinished != nil { // a build may have got what the plan has
		names = slices.AppendSeq(names, maps.Keys(parameterValues(plan.Parameters)))
	}
	for _, name := range names {
		if value, isKnown := have.Parameters[name]; isKnown {
			managed[name] = value
		}
	}
	if len(managed) > 0 {
		m.Parameters = parametersMap(managed)
	}
}
