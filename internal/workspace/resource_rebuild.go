package workspace

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// rebuild brings new parameter values, another template version and the
// desired run state about, all by one start or stop build, before which a
// running workspace is stopped; see [buildSteps].
func (u *workspaceUpdate) rebuild(ctx context.Context) diag.Diagnostics {
	if !u.needsBuild() {
		u.built()
		return nil
	}
	doing := fmt.Sprintf("build workspace %q", u.state.Name.ValueString())
	workspace, err := u.resource.idleWorkspace(ctx, workspaceID(u.state))
	if err != nil {
		return u.resource.buildError(ctx, workspace, err, doing)
	}
	present, err := readParameters(ctx, u.resource.client, workspace.LatestBuild.ID)
	if err != nil {
		return diagnose.Error("Unable to read the present parameters", doing, err, diagnose.Fields{})
	}

	// Only values that differ are sent: Coder ≤2.21 refuses an immutable
	// parameter even with its present value.
	last := coder.CreateBuildRequest{
		RichParameterValues: buildParameters(parametersMap(changedParameters(parameterValues(u.plan.Parameters), present))),
	}
	changed := len(last.RichParameterValues) > 0 || u.ephemeralDue()
	last.RichParameterValues = append(last.RichParameterValues, buildParameters(u.config.EphemeralParameters)...)
	versionID := workspace.LatestBuild.TemplateVersionID
	if version := u.plan.TemplateVersionID; !version.IsUnknown() && version.UUID() != workspace.LatestBuild.TemplateVersionID {
		versionID = version.UUID()
		last.TemplateVersionID, changed = &versionID, true
	}
	if u.presetDue() {
		preset, diags := u.resource.choosePreset(ctx, u.plan, versionID)
		if diags.HasError() {
			return diags
		}
		last.TemplateVersionPresetID, changed = preset.ID, true
	}
	u.build = workspace.LatestBuild.ID.String()

	desired := u.plan.DesiredStatus.ValueString()
	if desired == "" && u.resume {
		desired = desiredRunning
	}
	steps := buildSteps(&workspace.LatestBuild, desired, changed)
	for _, request := range buildRequests(steps, last) {
		u.resume = u.resume || len(steps) > 1
		if diags := u.step(ctx, workspace, request, doing); diags.HasError() {
			return diags
		}
	}
	u.resume = false
	u.built()
	return nil
}

// built takes over what builds bring about.
func (u *workspaceUpdate) built() {
	u.state.Parameters, u.state.Preset, u.state.EphemeralParametersVersion = u.plan.Parameters, u.plan.Preset, u.plan.EphemeralParametersVersion
	u.state.TemplateVersionID, u.state.DesiredStatus = u.plan.TemplateVersionID, u.plan.DesiredStatus
}

// ephemeralDue tells whether a build is wanted for the ephemeral parameters.
func (u *workspaceUpdate) ephemeralDue() bool {
	return !u.plan.EphemeralParametersVersion.Equal(u.state.EphemeralParametersVersion)
}

// presetDue tells whether another preset is to be built.
func (u *workspaceUpdate) presetDue() bool {
	return !u.plan.Preset.IsNull() && !u.plan.Preset.Equal(u.state.Preset)
}

// needsBuild tells whether the plan differs from the state in anything that
// takes a build. What the state says is a refresh old: the builds themselves
// are decided by what the server says then.
func (u *workspaceUpdate) needsBuild() bool {
	desired := u.plan.DesiredStatus.ValueString()
	return len(changedParameters(parameterValues(u.plan.Parameters), parameterValues(u.state.Parameters))) > 0 ||
		!u.plan.TemplateVersionID.Same(u.state.TemplateVersionID) || u.ephemeralDue() || u.presetDue() ||
		desired != "" && desired != u.state.runState()
}

// step runs one of the builds and, after a start, waits for the agents if it
// is to.
func (u *workspaceUpdate) step(ctx context.Context, workspace *coder.Workspace, request coder.CreateBuildRequest, doing string) diag.Diagnostics {
	finished, diags := u.resource.step(ctx, workspace, request, doing)
	if finished != nil {
		u.build, u.latest = finished.Build.ID.String(), finished.Workspace
	}
	if diags.HasError() || request.Transition != coder.TransitionStart || !u.plan.WaitForAgents.ValueBool() {
		return diags
	}
	ready, diags := u.resource.awaitAgents(ctx, workspace.ID)
	u.latest = ready
	return diags
}
