package workspace

import (
	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// The run states that desired_status can ask for.
const (
	desiredRunning = string(coder.StatusRunning)
	desiredStopped = string(coder.StatusStopped)
)

// runState is the run state that a build's status stands for or is on its way
// to. A build that failed or was cancelled left neither; its status stands for
// itself, which differs from everything that can be desired.
func runState(build *coder.WorkspaceBuild) string {
	pending := build.Status == coder.StatusPending
	switch {
	case build.Status == coder.StatusRunning, build.Status == coder.StatusStarting, pending && build.Transition == coder.TransitionStart:
		return desiredRunning
	case build.Status == coder.StatusStopped, build.Status == coder.StatusStopping, pending && build.Transition == coder.TransitionStop:
		return desiredStopped
	default:
		return string(build.Status)
	}
}

// buildSteps are the builds that bring a workspace whose latest build has
// ended to a desired run state; "" leaves it as it is. Changed tells that it is
// also to get new parameter values or another template version, which the last
// of the builds carries.
//
// A running workspace is stopped before it starts with something new, as the
// CLI has done since 2.24: templates that ignore changes on a running machine
// would not see them. A stopped one takes what is new by another stop build
// and uses it at its next start.
func buildSteps(latest *coder.WorkspaceBuild, desired string, changed bool) []coder.Transition {
	if desired == "" {
		desired = desiredStopped
		if latest.Transition == coder.TransitionStart {
			desired = desiredRunning
		}
		if !changed {
			return nil
		}
	}
	switch {
	case !changed && string(latest.Status) == desired:
		return nil
	case desired == desiredStopped:
		return []coder.Transition{coder.TransitionStop}
	case latest.Status == coder.StatusRunning:
		return []coder.Transition{coder.TransitionStop, coder.TransitionStart}
	default:
		return []coder.Transition{coder.TransitionStart}
	}
}

// buildRequests are the requests for the steps: the last one carries what is
// new.
func buildRequests(steps []coder.Transition, last coder.CreateBuildRequest) []coder.CreateBuildRequest {
	requests := make([]coder.CreateBuildRequest, len(steps))
	for i, transition := range steps {
		if i == len(steps)-1 {
			requests[i] = last
		}
		requests[i].Transition = transition
	}
	return requests
}
