package workspace

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// logTailLines is how much of a failed build's log an error quotes. The job's
// own error is often only "terraform apply: exit status 1".
const logTailLines = 20

// build queues a build and waits until it has ended. A build that is active
// already, someone else's or the scheduler's, is waited for first. A build that
// failed is no error here: see [buildProblem].
func (r *workspaceResource) build(ctx context.Context, workspace uuid.UUID, req coder.CreateBuildRequest) (*coder.FinishedBuild, error) {
	for {
		begun := r.client.ServerNow()
		queued, err := r.client.CreateBuild(ctx, workspace, req)
		if err == nil {
			return r.await(ctx, workspace, queued)
		}
		if coder.IsUnclear(err) {
			return r.resumeBuild(ctx, workspace, req.Transition, begun, err)
		}
		if !buildsCollide(err) {
			return nil, err
		}
		active, readErr := r.client.Workspace(ctx, workspace)
		if readErr != nil {
			return nil, readErr
		}
		if active.LatestBuild.Done() { // it ended just now
			if err := pause(ctx, time.Second); err != nil {
				return nil, err
			}
			continue
		}
		tflog.Info(ctx, "Waiting for another build to end", map[string]any{"build_number": active.LatestBuild.BuildNumber, "status": string(active.LatestBuild.Status)})
		if _, err := r.await(ctx, workspace, &active.LatestBuild); err != nil {
			return nil, err
		}
	}
}

// buildsCollide tells whether a build was refused because another is active.
// Two that arrive in the same instant end in 500 before Coder 2.19.
func buildsCollide(err error) bool {
	var refusal *coder.Error
	if !errors.As(err, &refusal) {
		return false
	}
	switch refusal.Status {
	case http.StatusConflict:
		return strings.Contains(refusal.Message, "already active") || strings.Contains(refusal.Message, "insert workspace build")
	case http.StatusInternalServerError:
		return strings.Contains(refusal.Message, "insert workspace build") && !coder.IsForbidden(err)
	default:
		return false
	}
}

// resumeBuild goes on after a POST whose answer was lost: a latest build of the
// same kind that was queued since then is the one that was asked for, or as
// good.
func (r *workspaceResource) resumeBuild(ctx context.Context, workspace uuid.UUID, transition coder.Transition, begun time.Time, lost error) (*coder.FinishedBuild, error) {
	current, err := r.client.Workspace(ctx, workspace)
	if err != nil {
		return nil, lost
	}
	latest := &current.LatestBuild
	if latest.Transition != transition || latest.CreatedAt.Before(begun.Add(-clockGrain)) {
		return nil, lost
	}
	return r.await(ctx, workspace, latest)
}

// clockGrain is how exactly the server's clock is known: the Date header has
// whole seconds.
const clockGrain = 2 * time.Second

// pause waits for a while or for the end of the context.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// buildProblem explains a build that did not reach what it was for; nothing
// when it did.
func (r *workspaceResource) buildProblem(ctx context.Context, b *coder.WorkspaceBuild) diag.Diagnostics {
	if b.Job.Status == coder.JobSucceeded {
		return nil
	}
	// The caller's time may be up; the log is worth a moment more.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()

	var detail strings.Builder
	fmt.Fprintf(&detail, "Build %d (%s) of workspace %q ended as %s.", b.BuildNumber, b.Transition, b.WorkspaceName, b.Status)
	if b.Job.Error != "" {
		fmt.Fprintf(&detail, "\n\nError: %s", diagnose.Clean(b.Job.Error))
	}
	if b.Job.ErrorCode != "" {
		fmt.Fprintf(&detail, " (%s)", diagnose.Clean(b.Job.ErrorCode))
	}
	if tail := r.logTail(ctx, b.ID); tail != "" {
		detail.WriteString("\n\nThe last lines of the build log:\n" + tail)
	}
	fmt.Fprintf(&detail, "\n\nThe whole log: %s/builds/%d", r.client.WorkspaceURL(b.WorkspaceOwnerName, b.WorkspaceName), b.BuildNumber)
	return diag.Diagnostics{diag.NewErrorDiagnostic(buildSummary[b.Transition], detail.String())}
}

var buildSummary = map[coder.Transition]string{
	coder.TransitionStart:  "Workspace failed to start",
	coder.TransitionStop:   "Workspace failed to stop",
	coder.TransitionDelete: "Workspace failed to be deleted",
}

// logTail is the end of a build's log, without its debug lines when there are
// others; "" when it cannot be had.
func (r *workspaceResource) logTail(ctx context.Context, build uuid.UUID) string {
	logs, err := r.client.BuildLogs(ctx, build, 0)
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
func (r *workspaceResource) waitProblem(err error, summary, owner, name string) diag.Diagnostics {
	if errors.Is(err, context.DeadlineExceeded) {
		return diag.Diagnostics{diag.NewErrorDiagnostic(summary+" in time", fmt.Sprintf(
			"The time limit ran out before the build of workspace %q ended: %s.\n\nThe build goes on in Coder, and nothing was cancelled. See it at %s. "+
				"If builds of this template need longer, raise the limit in the resource's timeouts block.",
			name, diagnose.Clean(err.Error()), r.client.WorkspaceURL(owner, name)))}
	}
	return diagnose.Error(summary, fmt.Sprintf("wait for the build of workspace %q", name), err, diagnose.Fields{})
}
