package workspace

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// logTailLines is how much of a failed build's log an error quotes. The job's
// own error is often only "terraform apply: exit status 1".
const logTailLines = 20

// buildProblem explains a build that did not reach what it was for; nothing
// when it did.
func (b *builder) buildProblem(ctx context.Context, build *coder.WorkspaceBuild) diag.Diagnostics {
	if build.Job.Status == coder.JobSucceeded {
		return nil
	}
	// The caller's time may be up; the log is worth a moment more.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()

	var detail strings.Builder
	fmt.Fprintf(&detail, "Build %d (%s) of workspace %q ended as %s.", build.BuildNumber, diagnose.Clean(string(build.Transition)), build.WorkspaceName, diagnose.Clean(string(build.Status)))
	if build.Job.Error != "" {
		fmt.Fprintf(&detail, "\n\nError: %s", diagnose.Clean(build.Job.Error))
	}
	if build.Job.ErrorCode != "" {
		fmt.Fprintf(&detail, " (%s)", diagnose.Clean(build.Job.ErrorCode))
	}
	if remedy := buildRemedy(&build.Job); remedy != "" {
		detail.WriteString("\n\n" + remedy)
	}
	if tail := b.logTail(ctx, build.ID); tail != "" {
		detail.WriteString("\n\nThe last lines of the build log:\n" + tail)
	}
	fmt.Fprintf(&detail, "\n\nThe whole log: %s/builds/%d", b.client.WorkspaceURL(build.WorkspaceOwnerName, build.WorkspaceName), build.BuildNumber)
	summaries := failedSummary
	if build.Job.Status == coder.JobCanceled {
		summaries = canceledSummary
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic(summaries[build.Transition], detail.String())}
}

// buildRemedy says what helps where it is not the template's own Terraform that
// failed, else "".
func buildRemedy(job *coder.ProvisionerJob) string {
	switch {
	// Coder ≤2.33 has no code for it.
	case job.ErrorCode == "INSUFFICIENT_QUOTA", strings.Contains(job.Error, "insufficient quota"):
		return "The owner's quota on the deployment is used up. Delete other workspaces of the owner (stopping them helps where it makes them cheaper), " +
			"choose parameters that cost less, or have an administrator raise the quota of a group that the owner is in."
	case job.ErrorCode == "REQUIRED_TEMPLATE_VARIABLES":
		return "The template has variables without a value. Whoever manages the template has to publish a version with values for them."
	default:
		return ""
	}
}

var (
	failedSummary = map[coder.Transition]string{
		coder.TransitionStart:  "Workspace failed to start",
		coder.TransitionStop:   "Workspace failed to stop",
		coder.TransitionDelete: "Workspace failed to be deleted",
	}
	canceledSummary = map[coder.Transition]string{
		coder.TransitionStart:  "Start of the workspace was canceled",
		coder.TransitionStop:   "Stop of the workspace was canceled",
		coder.TransitionDelete: "Deletion of the workspace was canceled",
	}
)

// logTail is the end of a build's log, without its debug lines when there are
// others; "" when it cannot be had.
func (b *builder) logTail(ctx context.Context, build uuid.UUID) string {
	logs, err := b.client.BuildLogs(ctx, build, 0)
	if err != nil {
		return ""
	}
	var lines []string
	for _, line := range logs {
		if text := strings.TrimSpace(diagnose.Clean(line.Output)); text != "" {
			lines = append(lines, "  "+text)
		}
	}
	return strings.Join(lines[max(0, len(lines)-logTailLines):], "\n")
}

// waitProblem words a wait that did not see the end of a build: the time ran
// out or the server refused to tell.
func (b *builder) waitProblem(err error, summary, owner, name string) diag.Diagnostics {
	if errors.Is(err, context.DeadlineExceeded) {
		return diag.Diagnostics{diag.NewErrorDiagnostic(summary+" in time", fmt.Sprintf(
			"The time limit ran out before the build of workspace %q ended: %s.\n\nThe build goes on in Coder, and nothing was cancelled. See it at %s. "+
				"If builds of this template need longer, raise the limit in the timeouts block.",
			name, diagnose.Clean(err.Error()), b.client.WorkspaceURL(owner, name)))}
	}
	return diagnose.Error(summary, fmt.Sprintf("wait for the build of workspace %q", name), err, diagnose.Fields{})
}

// buildError words a build that could not be queued or watched.
func (b *builder) buildError(ctx context.Context, workspace *coder.Workspace, err error, doing string) diag.Diagnostics {
	if ctx.Err() != nil && workspace != nil {
		return b.waitProblem(err, "Build did not end", workspace.OwnerName, workspace.Name)
	}
	diags := diagnose.Error("Unable to build the workspace", doing, err, diagnose.WorkspaceFields().AtRefused(path.Root("parameters")))
	if workspace != nil && workspace.TemplateRequireActiveVersion && coder.IsForbidden(err) {
		diags.AddAttributeError(path.Root("template_version_id"), "Template requires its active version",
			fmt.Sprintf("Template %q lets only its administrators build other versions than the active one, which is %s. Set template_version_id to that in the resource, or run the action coderws_workspace_update.",
				workspace.TemplateName, workspace.TemplateActiveVersionID))
	}
	return diags
}
