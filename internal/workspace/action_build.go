package workspace

import (
	"context"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
	"github.com/coderws/terraform-provider-coderws/internal/parameter"
)

// bring brings the workspace to a run state. Again builds it even if it is
// there, with the new values of parameters.
func (i *invocation) bring(ctx context.Context, desired string, again bool) diag.Diagnostics {
	workspace, diags := i.target(ctx)
	if diags.HasError() {
		return diags
	}
	var last coder.CreateBuildRequest
	if len(i.model.Parameters.Elements())+len(i.model.EphemeralParameters.Elements()) > 0 {
		template, err := i.client.Lookup().Template(ctx, workspace.TemplateID)
		if err != nil {
			return diagnose.Error("Unable to read the workspace's template", i.doing, err, diagnose.Fields{})
		}
		last.RichParameterValues, diags = i.newValues(ctx, workspace, template, workspace.LatestBuild.TemplateVersionID)
		if diags.HasError() {
			return diags
		}
	}
	return i.run(ctx, workspace, buildSteps(&workspace.LatestBuild, desired, again), last)
}

// update brings the workspace to another template version.
func (i *invocation) update(ctx context.Context) diag.Diagnostics {
	workspace, diags := i.target(ctx)
	if diags.HasError() {
		return diags
	}
	latest := &workspace.LatestBuild
	template, err := i.client.Template(ctx, workspace.TemplateID)
	if err != nil {
		return diagnose.Error("Unable to find the template's active version", i.doing, err, diagnose.Fields{})
	}
	version := template.ActiveVersionID
	if wanted := i.model.TemplateVersionID.UUID(); wanted != uuid.Nil {
		if diags := i.checkVersion(ctx, wanted, template.ID); diags.HasError() {
			return diags
		}
		version = wanted
	}
	values, diags := i.newValues(ctx, workspace, template, version)
	if diags.HasError() {
		return diags
	}
	last := coder.CreateBuildRequest{RichParameterValues: values}
	if version != latest.TemplateVersionID {
		last.TemplateVersionID = &version
	}
	// A build that did not succeed has not brought the version.
	changed := last.TemplateVersionID != nil || len(values) > 0 || latest.Job.Status != coder.JobSucceeded
	if !changed {
		i.tell(workspace, "has template version %q already", latest.TemplateVersionName)
		return nil
	}
	return i.run(ctx, workspace, buildSteps(latest, "", true), last)
}

// run runs the builds, the last of which carries what is new.
func (i *invocation) run(ctx context.Context, workspace *coder.Workspace, steps []coder.Transition, last coder.CreateBuildRequest) diag.Diagnostics {
	status := workspace.LatestBuild.Status
	for _, request := range buildRequests(steps, last) {
		finished, diags := i.step(ctx, workspace, request, i.doing)
		if diags.HasError() {
			return diags
		}
		status = finished.Build.Status
	}
	if status == coder.StatusRunning && i.model.WaitForAgents.ValueBool() {
		i.tell(workspace, "is running, waiting for its agents")
		if _, diags := i.awaitAgents(ctx, workspace.ID); diags.HasError() {
			return diags
		}
	}
	if len(steps) == 0 {
		i.tell(workspace, "is %s already", status)
	} else {
		i.tell(workspace, "is %s", status)
	}
	return nil
}

// newValues are the parameters to send with a build of a template version:
// those with other values than now, since Coder ≤2.21 refuses an immutable
// parameter even with its present value, and the ephemeral ones. They are
// checked, so that a workspace is not stopped for a start that is refused.
func (i *invocation) newValues(ctx context.Context, workspace *coder.Workspace, template *coder.Template, version uuid.UUID) ([]coder.BuildParameter, diag.Diagnostics) {
	present, err := readParameters(ctx, i.client, workspace.LatestBuild.ID)
	if err != nil {
		return nil, diagnose.Error("Unable to read the workspace's present parameters", i.doing, err, diagnose.Fields{})
	}
	in := parameter.Input{
		Values:    parameterValues(i.model.Parameters),
		Ephemeral: parameterValues(i.model.EphemeralParameters),
		Previous:  present,
		Server:    i.client.ServerVersion(),
	}
	check := parameterCheck{
		client: i.client, version: version, template: template, input: in,
		owner: func() (uuid.UUID, error) { return workspace.OwnerID, nil },
	}
	var diags diag.Diagnostics
	problems := check.run(ctx)
	for _, problem := range problems {
		if problem.Kind == parameter.Immutable {
			diags.AddAttributeError(path.Root("parameters").AtMapKey(problem.Name), "Parameter cannot be changed", problem.Message)
		}
	}
	_, others := parameterDiagnostics(problems, in)
	diags.Append(others...)
	values := buildParameters(parametersMap(changedParameters(in.Values, present)))
	return append(values, buildParameters(i.model.EphemeralParameters)...), diags
}
