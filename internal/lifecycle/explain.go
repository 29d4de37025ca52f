package lifecycle

import (
	"context"
	"fmt"
	"strings"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/parameter"
)

// logTailLines is how much of a failed build's log an error quotes. The job's
// own error is often only "terraform apply: exit status 1".
const logTailLines = 20

// BuildFailed is a build that ended without success.
type BuildFailed struct {
	Build coder.WorkspaceBuild
	// Log is the end of the build's log, without secrets; "" when it cannot be had.
	Log string
	// Page is the address of the build in the dashboard.
	Page string

	secrets *parameter.Secrets // of the build
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

// Summary is what went wrong, in a fixed sentence.
func (e *BuildFailed) Summary() string {
	if isCanceled(&e.Build) {
		return canceledSummary[e.Build.Transition]
	}
	return failedSummary[e.Build.Transition]
}

// isCanceled tells whether somebody stopped the build. A running job that is
// canceled ends as failed, with the time of the cancellation.
func isCanceled(b *coder.WorkspaceBuild) bool {
	return b.Job.Status == coder.JobCanceled || b.Job.Status == coder.JobFailed && !b.Job.CanceledAt.IsZero()
}

// Detail has what is known of the cause, and where to read more.
func (e *BuildFailed) Detail() string {
	b := &e.Build
	var detail strings.Builder
	fmt.Fprintf(&detail, "Build %d (%s) of workspace %q ended as %s.", b.BuildNumber, b.Transition, b.WorkspaceName, b.Status)
	if b.Job.Error != "" {
		fmt.Fprintf(&detail, "\n\nError: %s", e.secrets.Hide(b.Job.Error))
	}
	if b.Job.ErrorCode != "" {
		fmt.Fprintf(&detail, " (%s)", b.Job.ErrorCode)
	}
	if remedy := buildRemedy(&b.Job); remedy != "" {
		detail.WriteString("\n\n" + remedy)
	}
	if e.Log != "" {
		detail.WriteString("\n\nThe last lines of the build log:\n" + e.Log)
	}
	detail.WriteString("\n\nThe whole log: " + e.Page)
	return detail.String()
}

// Error implements error.
func (e *BuildFailed) Error() string { return e.Summary() + ": " + e.secrets.Hide(e.Build.Job.Error) }

// buildRemedy says what helps where it is not the template's own Terraform that
// failed, else "".
func buildRemedy(job *coder.ProvisionerJob) string {
	switch job.FailureKind() {
	case coder.QuotaExceeded:
		return "The owner's quota on the deployment is used up. Delete other workspaces of the owner (stopping them helps where it makes them cheaper), " +
			"choose parameters that cost less, or have an administrator raise the quota of a group that the owner is in."
	case coder.VariablesMissing:
		return "The template has variables without a value. Whoever manages the template has to publish a version with values for them."
	default:
		return ""
	}
}

// explain gathers what is known of a build that did not succeed.
func (r *Run) explain(ctx context.Context, build *coder.WorkspaceBuild) *BuildFailed {
	ctx, cancel := explaining(ctx)
	defer cancel()
	logs, err := r.client().BuildLogs(ctx, build.ID, 0)
	if err != nil {
		logs = nil
	}
	secrets := r.lifecycle.secrets(ctx, build.TemplateVersionID, build.ID, &r.Want)
	return &BuildFailed{
		Build:   *build,
		Log:     tail(logs, secrets),
		Page:    fmt.Sprintf("%s/builds/%d", r.client().WorkspaceURL(build.WorkspaceOwnerName, build.WorkspaceName), build.BuildNumber),
		secrets: secrets,
	}
}

// tail is the end of a build's log.
func tail(logs []coder.JobLog, secrets *parameter.Secrets) string {
	var lines []string
	for _, line := range logs {
		if text := secrets.Hide(line.Output); text != "" {
			lines = append(lines, "  "+text)
		}
	}
	return strings.Join(lines[max(0, len(lines)-logTailLines):], "\n")
}
