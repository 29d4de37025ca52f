package workspace

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// ModifyPlan implements [resource.ResourceWithModifyPlan]. It asks what has to
// be done and shows that: what steps change is unknown, all else is as before.
func (r *workspaceResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() { // destroy
		var state resourceModel
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		if resp.Diagnostics.HasError() {
			return
		}
		if r.data != nil {
			resp.Diagnostics.Append(r.data.leaves(ctx, &state)...)
		}
		if !r.hasLeft(ctx, &state) {
			resp.Diagnostics.Append(checkProtection(&state)...)
		}
		return
	}
	var config resourceModel
	if diags := req.Config.Get(ctx, &config); diags.HasError() { // ids are checked here
		if req.State.Raw.IsNull() {
			diags = r.data.withWayOut(diags)
		} else {
			diags = diagnose.WithWayOut(diags, "the workspace")
		}
		resp.Diagnostics.Append(diags...)
		return
	}
	if r.data == nil { // the provider's own configuration is not known yet
		return
	}
	want := wantOf(objectOf(req.Config.Raw))
	if req.State.Raw.IsNull() {
		resp.Diagnostics.Append(r.planCreate(ctx, req.Config.Raw, want, resp.Private)...)
		return
	}

	var plan, state resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(checkRefreshed(&state)...)
	remembered, diags := req.Private.GetKey(ctx, privateUpdate)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	former, diags := formerOwners(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	have := haveOf(objectOf(req.State.Raw), unfinishedIn(remembered))
	resp.Diagnostics.Append(r.data.stays(ctx, &have, want)...)
	have.Applying, have.FormerOwners = !r.data.hasSeen(have.ID), former
	decision, err := r.lifecycle().Decide(ctx, want, &have, lifecycle.Facts{})
	if err != nil {
		problems := decisionError(err)
		switch coder.KindOf(err) {
		case coder.NotVisible, coder.Unauthorized, coder.Suspended: // nothing could be destroyed either
		default:
			problems = diagnose.WithWayOut(problems, "the workspace")
		}
		resp.Diagnostics.Append(problems...)
		return
	}
	problems := problemDiagnostics(decision.Problems)
	if !have.Applying {
		problems = diagnose.WithWayOut(problems, "the workspace")
	}
	resp.Diagnostics.Append(problems...)
	if len(decision.Replace) > 0 {
		for _, at := range decision.Replace {
			resp.RequiresReplace = append(resp.RequiresReplace, pathOf(at))
		}
		resp.Diagnostics.Append(checkProtection(&state)...)
		return
	}
	if resp.Diagnostics.HasError() {
		return
	}
	plan.show(&state, want, decision.Changes())
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// show makes a plan of the changes: what is not configured and not changed by
// them stays as it is.
func (m *resourceModel) show(state *resourceModel, want lifecycle.Want, changes lifecycle.Change) {
	if m.Name.Equal(state.Name) {
		m.URL = state.URL
	}
	if want.TTL.IsAbsent() {
		m.TTLMillis = state.TTLMillis
	}
	if want.AutomaticUpdates.IsAbsent() {
		m.AutomaticUpdates = state.AutomaticUpdates
	}
	if changes&lifecycle.ChangeBuild != 0 { // somebody may change the version until then
		m.LatestBuild = types.ObjectUnknown(latestBuildTypes)
		if want.VersionID.IsAbsent() {
			m.TemplateVersionID = customtype.UUIDUnknown()
		}
		return
	}
	if want.VersionID.IsAbsent() {
		m.TemplateVersionID = state.TemplateVersionID
	}
	m.LatestBuild = state.LatestBuild
	if changes&lifecycle.ChangeDeadline != 0 {
		m.LatestBuild = withBuildDeadline(m.LatestBuild, types.StringUnknown())
	}
}

// shown are the changes that a plan has shown.
func (m *resourceModel) shown(state *resourceModel) lifecycle.Change {
	var changes lifecycle.Change
	for change, isShown := range map[lifecycle.Change]bool{
		lifecycle.ChangeName:             !m.Name.Equal(state.Name),
		lifecycle.ChangeSchedule:         !m.AutostartSchedule.Equal(state.AutostartSchedule),
		lifecycle.ChangeTTL:              !m.TTLMillis.Equal(state.TTLMillis),
		lifecycle.ChangeAutomaticUpdates: !m.AutomaticUpdates.Equal(state.AutomaticUpdates),
		lifecycle.ChangeDormant:          m.LatestBuild.IsUnknown() || !m.Dormant.Equal(state.Dormant),
		lifecycle.ChangeBuild:            m.LatestBuild.IsUnknown(),
		lifecycle.ChangeDeadline:         m.LatestBuild.IsUnknown() || !m.LatestBuild.Equal(state.LatestBuild) || !m.Deadline.Equal(state.Deadline),
	} {
		if isShown {
			changes |= change
		}
	}
	return changes
}

// planCreate refuses what the server would refuse or silently change.
func (r *workspaceResource) planCreate(ctx context.Context, config tftypes.Value, want lifecycle.Want, private privateStateWriter) diag.Diagnostics {
	diags := r.data.comes(ctx, want)
	if diags.HasError() {
		return diags
	}
	have := lifecycle.Have{}
	replaced, namesake := r.data.replacedBy(ctx, config, want)
	if namesake != nil {
		have.Namesake = &lifecycle.Namesake{Name: namesake.Name, OwnerName: namesake.OwnerName}
	}
	if replaced != nil {
		have = replaced.Have
		if replaced.isProtected {
			return protectionProblem(have.OwnerName, have.Name)
		}
	}
	decision, err := r.lifecycle().DecideCreate(ctx, want, &have, replaced != nil)
	problems := problemDiagnostics(decision.Problems)
	if err != nil {
		problems = decisionError(err)
	}
	if replaced == nil {
		return append(diags, r.data.withWayOut(problems)...)
	}
	diags.Append(rememberReplacement(ctx, private, config)...)
	return append(diags, diagnose.WithWayOut(problems, "the workspace")...)
}

// hasLeft tells whether a protected workspace is there no more. Terraform (1.11)
// plans to destroy an instance that has left for_each without a refresh.
func (r *workspaceResource) hasLeft(ctx context.Context, state *resourceModel) bool {
	id := workspaceID(state)
	if !state.DeletionProtection.ValueBool() || r.data == nil || r.data.hasSeen(id) {
		return false
	}
	return isGone(r.client().Workspace(ctx, id))
}

// checkProtection refuses to plan the end of a protected workspace.
func checkProtection(state *resourceModel) diag.Diagnostics {
	if !state.DeletionProtection.ValueBool() {
		return nil
	}
	return protectionProblem(state.OwnerName.ValueString(), state.Name.ValueString())
}

func protectionProblem(owner, name string) diag.Diagnostics {
	var diags diag.Diagnostics
	diags.AddAttributeError(path.Root("deletion_protection"), "Workspace is protected from deletion",
		fmt.Sprintf("This would destroy workspace %q (to replace it, perhaps), and with it everything in it. If that is meant, set deletion_protection to false, apply that alone, and plan again. "+
			"What was taken out of the configuration has to be back in it for that. "+
			"Where Terraform has marked the workspace as tainted, which has every apply replace it, terraform untaint and the address of this resource come first.", owner+"/"+name))
	return diags
}
