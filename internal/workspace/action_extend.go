package workspace

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// extend moves the deadline of the running build to a later time.
func (i *invocation) extend(ctx context.Context) diag.Diagnostics {
	for {
		workspace, diags := i.target(ctx)
		if diags.HasError() {
			return diags
		}
		build := &workspace.LatestBuild
		if build.Status != coder.StatusRunning {
			return notRunning(workspace)
		}
		if build.Deadline.IsZero() {
			diags.AddWarning("Workspace has no deadline to extend",
				fmt.Sprintf("Workspace %q runs without autostop: until somebody stops it. Nothing was changed.", workspace.Name))
			return diags
		}
		at, deadline := path.Root("until"), knownTime(i.model.Until)
		if deadline.IsZero() {
			by, problem := i.model.By.ValueGoDuration()
			diags.Append(problem...)
			at, deadline = path.Root("by"), build.Deadline.Add(by)
		}
		if !deadline.After(build.Deadline) {
			i.tell(workspace, "runs until %s already", rfc3339(build.Deadline))
			return diags
		}
		diags.Append(checkNewDeadline(at, latestBuildFromAPI(build), deadline, i.client.ServerNow())...)
		if diags.HasError() {
			return diags
		}

		err := i.client.PutExtend(ctx, workspace.ID, deadline)
		switch {
		case err == nil:
			i.tell(workspace, "runs until %s, not %s", rfc3339(deadline), rfc3339(build.Deadline))
			return diags
		case isStillBuilding(err): // somebody began a build a moment ago
			if ended := pause(ctx, time.Second); ended != nil {
				return i.buildError(ctx, workspace, fmt.Errorf("%w (before that: %w)", ended, err), i.doing)
			}
		default:
			return diagnose.Error("Unable to move the deadline", i.doing, err, diagnose.Fields{Refused: at})
		}
	}
}

// notRunning says why there is no deadline to move.
func notRunning(workspace *coder.Workspace) diag.Diagnostics {
	build := &workspace.LatestBuild
	var why string
	switch build.Status {
	case coder.StatusStopped:
		why = "is stopped. Start it first, for instance by the action coderws_workspace_start; its deadline then counts from the start"
	case coder.StatusFailed:
		why = fmt.Sprintf("is not running: its latest build, %d (%s), failed: %s", build.BuildNumber, build.Transition, diagnose.Clean(build.Job.Error))
	case coder.StatusCanceled:
		why = fmt.Sprintf("is not running: its latest build, %d (%s), was canceled", build.BuildNumber, build.Transition)
	default:
		why = fmt.Sprintf("is %s", diagnose.Clean(string(build.Status)))
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("workspace_id"), "Workspace is not running",
		fmt.Sprintf("Only a running workspace has a deadline to move, and workspace %q %s.", workspace.Name, why))}
}

// isStillBuilding tells whether the server did not move the deadline because a
// start is under way.
func isStillBuilding(err error) bool {
	var refusal *coder.Error
	return coder.IsConflict(err) && errors.As(err, &refusal) && strings.Contains(refusal.Message, "still building")
}
