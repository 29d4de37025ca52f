package workspace

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// Read implements [resource.Resource].
func (r *workspaceResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := state.Timeouts.Read(ctx, defaultReadTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, max(limit, minReadTimeout))
	defer cancel()

	r.data.refreshes()
	id := workspaceID(&state)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, id)...)
	moved, diags := req.Private.GetKey(ctx, privateMoved)
	resp.Diagnostics.Append(diags...)
	workspace, err := r.client().ReadWorkspace(ctx, id)
	switch {
	case isGone(workspace, err), state.Name.IsNull() && moved == nil && coder.KindOf(err) == coder.NotVisible: // just imported, Terraform says that there is none
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(diagnose.UnreadableWorkspace("workspace "+id.String(), fmt.Sprintf("read workspace %s", id), err)...)
		return
	}
	former, diags := formerOwners(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	former = lifecycle.FormerOwners(former, state.OwnerName.ValueString(), workspace.OwnerName)
	r.data.saw(workspace, former, state.DeletionProtection.ValueBool())

	imported := state.Name.IsNull()
	if imported {
		state.setDefaults()
	}
	parametersOf, diags := parametersBuild(ctx, req.Private, &state)
	resp.Diagnostics.Append(diags...)
	managed := imported || !state.AutostartSchedule.IsNull()
	state.fromAPI(r.client(), workspace)
	if !managed && !state.AutostartSchedule.IsNull() {
		resp.Diagnostics.Append(r.hideForbiddenSchedule(ctx, workspace, &state)...)
	}
	r.nameOrganization(ctx, workspace, &state)
	if parametersOf != workspace.LatestBuild.ID.String() {
		resp.Diagnostics.Append(r.refreshParameters(ctx, workspace, &state)...)
	}
	if moved != nil {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, privateMoved, nil)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(rememberFormerOwners(ctx, resp.Private, former)...)
	resp.Diagnostics.Append(rememberParametersBuild(ctx, resp.Private, workspace.LatestBuild.ID, &state)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// hideForbiddenSchedule leaves a schedule out of the state that is not managed
// and that the template forbids: it has no effect, and cannot be removed.
func (r *workspaceResource) hideForbiddenSchedule(ctx context.Context, workspace *coder.Workspace, state *resourceModel) diag.Diagnostics {
	question := lifecycle.TemplateOf{ID: workspace.TemplateID}
	template, err := r.client().Lookup().Template(ctx, workspace.TemplateID)
	if err != nil {
		return decisionError(&lifecycle.LookupError{Question: question, Err: err})
	}
	if !template.AllowUserAutostart {
		state.AutostartSchedule = types.StringNull()
	}
	return nil
}

// nameOrganization fills the name that Coder <2.14 does not send with the
// workspace. It is looked up once; without permission it stays null.
func (r *workspaceResource) nameOrganization(ctx context.Context, workspace *coder.Workspace, model *resourceModel) {
	if workspace.OrganizationName != "" || model.OrganizationName.ValueString() != "" {
		return
	}
	model.OrganizationName = types.StringNull()
	if organization, err := r.client().Lookup().Organization(ctx, workspace.OrganizationID); err == nil {
		model.OrganizationName = types.StringValue(organization.Name)
	}
}

// refreshParameters brings up to date what the state has of the latest build's
// values: the managed parameters, and whether the preset is still there. They
// belong to a build and never change after it.
func (r *workspaceResource) refreshParameters(ctx context.Context, workspace *coder.Workspace, state *resourceModel) diag.Diagnostics {
	managed := parameterValues(state.Parameters)
	if len(managed) == 0 && state.Preset.IsNull() {
		return nil
	}
	present, presetThere, err := r.lifecycle().BuildValues(ctx, &workspace.LatestBuild, state.Preset.ValueString())
	if err != nil {
		return decisionError(err)
	}
	if len(managed) > 0 {
		maps.DeleteFunc(managed, func(name, _ string) bool { // another version, or other values, may have none of that name
			_, ok := present[name]
			return !ok
		})
		for name := range managed {
			managed[name] = present[name]
		}
		state.Parameters = parametersMap(managed)
	}
	if !presetThere { // somebody has changed a value of it
		state.Preset = types.StringNull()
	}
	return nil
}

// Time limits that hold where the timeouts block says nothing.
const (
	defaultTimeout     = 20 * time.Minute
	defaultReadTimeout = 5 * time.Minute
	// minReadTimeout is there since a read goes by the limit in the state, which
	// only a plan can mend, and that begins with a read.
	minReadTimeout = 5 * time.Second
)
