package workspace

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// pathOf is the attribute that a problem points at.
func pathOf(at lifecycle.Place) path.Path {
	if at.Setting == "" {
		return path.Empty()
	}
	attribute := path.Root(at.Setting)
	if at.Key != "" {
		return attribute.AtMapKey(at.Key)
	}
	return attribute
}

// problemDiagnostics words problems.
func problemDiagnostics(problems []lifecycle.Problem) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, problem := range problems {
		var d diag.Diagnostic = diag.NewErrorDiagnostic(problem.Summary, problem.Detail)
		if problem.Warning {
			d = diag.NewWarningDiagnostic(problem.Summary, problem.Detail)
		}
		if problem.At.Setting != "" {
			d = diag.WithPath(pathOf(problem.At), d)
		}
		diags.Append(d)
	}
	return diags
}

// decisionError words why nothing could be decided.
func decisionError(err error) diag.Diagnostics {
	var lookup *lifecycle.LookupError
	if errors.As(err, &lookup) {
		return diagnose.Error(lookup.Question.Summary(), lookup.Question.String(), lookup.Err, diagnose.Fields{})
	}
	return diagnose.Error("Unable to decide what has to be done", "decide what has to be done", err, diagnose.Fields{})
}

// operation is what was tried with a workspace as a whole.
type operation struct {
	doing   string // continues "Could not …"
	unended string // summary for a build whose end was not seen
}

// runDiagnostics words the end of a run.
func runDiagnostics(ctx context.Context, client *coder.Client, run *lifecycle.Run, err error, tried operation) diag.Diagnostics {
	diags := problemDiagnostics(run.Warnings)
	var (
		refusal *lifecycle.Refusal
		moved   *lifecycle.Moved
		failed  *lifecycle.BuildFailed
		agents  *lifecycle.AgentsFailed
		lookup  *lifecycle.LookupError
		step    *lifecycle.StepError
	)
	switch {
	case err == nil:
	case errors.As(err, &refusal):
		diags.Append(problemDiagnostics(refusal.Problems)...)
	case errors.As(err, &moved):
		diags.Append(movedDiagnostic(run, moved))
	case errors.As(err, &failed):
		diags.AddError(failed.Summary(), failed.Detail()+afterFailedDelete(&failed.Build))
	case errors.As(err, &agents):
		diags.AddAttributeError(path.Root("wait_for_agents"), agents.Summary, agents.Detail)
	case errors.As(err, &lookup):
		diags.Append(decisionError(err)...)
	case errors.As(err, &step):
		diags.Append(stepDiagnostics(ctx, client, run, step, tried)...)
	case errors.Is(err, context.DeadlineExceeded) && run.Have.Fresh != nil:
		diags.Append(unendedDiagnostics(client, run, err, tried)...)
	default:
		diags.Append(diagnose.UnreadableWorkspace("workspace "+run.Have.ID.String(), tried.doing, err)...)
	}
	return diags
}

// afterFailedDelete says what to do after a delete build that did not succeed.
// Other builds are planned again, or their workspaces replaced.
func afterFailedDelete(build *coder.WorkspaceBuild) string {
	if build.Transition != coder.TransitionDelete {
		return ""
	}
	return "\n\nOnce the cause is mended, destroy again. Where that is hopeless, apply orphan_on_destroy = true first: then Coder forgets the workspace and leaves its resources behind."
}

// movedDiagnostic says that the workspace is not as the plan found it.
func movedDiagnostic(run *lifecycle.Run, moved *lifecycle.Moved) diag.Diagnostic {
	var changes []string
	for _, step := range moved.Steps {
		changes = append(changes, fmt.Sprintf("  - %s. To have what is configured, this would %s.", step.Why(), step.Doing()))
	}
	return diag.NewErrorDiagnostic("Workspace has changed since the plan",
		fmt.Sprintf("Somebody, or Coder itself, has changed workspace %q after the plan was made, so that more is to be done than it showed:\n%s\n\nNothing more was changed. Run terraform plan again and look at what it shows.",
			run.Have.Name, strings.Join(changes, "\n")))
}

// stepDiagnostics words a step that failed.
func stepDiagnostics(ctx context.Context, client *coder.Client, run *lifecycle.Run, failed *lifecycle.StepError, tried operation) diag.Diagnostics {
	err, fields := failed.Err, diagnose.WorkspaceFields()
	doing := strings.ReplaceAll(failed.Step.Doing(), "the workspace", fmt.Sprintf("workspace %q", run.Have.Name))
	switch failed.Step.(type) {
	case lifecycle.Rename:
		return diagnose.Error("Unable to rename the workspace", doing, err, fields.AtRefused(path.Root("name")))
	case lifecycle.SetSchedule:
		return diagnose.Error("Unable to change the autostart schedule", doing, err, fields.AtRefused(path.Root("autostart_schedule")))
	case lifecycle.SetTTL:
		return diagnose.Error("Unable to change the TTL", doing, err, fields.AtRefused(path.Root("ttl_ms")))
	case lifecycle.SetAutomaticUpdates:
		return diagnose.Error("Unable to change automatic updates", doing, err, fields.AtRefused(path.Root("automatic_updates")))
	case lifecycle.Wake:
		return diagnose.Error("Unable to wake the dormant workspace", doing, err, diagnose.Fields{})
	case lifecycle.SetDormant:
		return diagnose.Error("Unable to change the workspace's dormancy", doing, err, fields.AtRefused(path.Root("dormant")))
	case lifecycle.Extend:
		return diagnose.Error("Unable to extend the workspace", doing, err, fields.AtRefused(path.Root("deadline")))
	}
	if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		return unendedDiagnostics(client, run, err, tried)
	}
	diags := diagnose.Error("Unable to build the workspace", doing, err, fields.AtRefused(path.Root("parameters")))
	if build, is := failed.Step.(lifecycle.BuildStep); is && len(build.Request.RichParameterValues) == 0 && coder.KindOf(err) == coder.ParametersRefused {
		diags = diagnose.WithAdvice(diags, "The value is the one that the workspace has, and the template takes it no longer; Coder checks it even to stop or to delete the workspace. "+
			"Set one in parameters that the template takes, apply that alone, then try again.")
	}
	return diags
}

// unendedDiagnostics words a wait that did not see the end of a build: the time
// ran out or the server refused to tell.
func unendedDiagnostics(client *coder.Client, run *lifecycle.Run, err error, tried operation) diag.Diagnostics {
	if errors.Is(err, context.DeadlineExceeded) {
		build := "The build goes on in Coder, and nothing was cancelled."
		if run.Have.Fresh != nil && run.Have.Fresh.LatestBuild.Done() { // the request for one took all the time
			build = "No build is known to have begun."
		}
		return diag.Diagnostics{diag.NewErrorDiagnostic(tried.unended+" in time", fmt.Sprintf(
			"The time limit ran out before the build of workspace %q ended: %s.\n\n%s See %s. "+
				"If builds of this template need longer, raise the limit in the timeouts block.",
			run.Have.Name, err.Error(), build, client.WorkspaceURL(run.Have.OwnerName, run.Have.Name)))}
	}
	return diagnose.Error(tried.unended, fmt.Sprintf("wait for the build of workspace %q", run.Have.Name), err, diagnose.Fields{})
}

// asWarnings turns errors into warnings.
func asWarnings(diags diag.Diagnostics) diag.Diagnostics {
	var soft diag.Diagnostics
	for _, d := range diags {
		switch at, hasPath := d.(diag.DiagnosticWithPath); {
		case d.Severity() != diag.SeverityError:
			soft.Append(d)
		case hasPath:
			soft.AddAttributeWarning(at.Path(), d.Summary(), d.Detail())
		default:
			soft.AddWarning(d.Summary(), d.Detail())
		}
	}
	return soft
}
