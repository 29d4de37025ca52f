package workspace

import (
	"slices"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

func TestBuildSteps(t *testing.T) {
	t.Parallel()
	const start, stop, remove = coder.TransitionStart, coder.TransitionStop, coder.TransitionDelete
	none, startOnly, stopOnly, restart := []coder.Transition(nil), []coder.Transition{start}, []coder.Transition{stop}, []coder.Transition{stop, start}

	for _, test := range []struct {
		transition                     coder.Transition
		status                         coder.Status
		keep, keepNew                  []coder.Transition // desired ""
		running, runningNew            []coder.Transition
		stopped, stoppedWithSomethingN []coder.Transition
	}{
		{start, coder.StatusRunning, none, restart, none, restart, stopOnly, stopOnly},
		{stop, coder.StatusStopped, none, stopOnly, startOnly, startOnly, none, stopOnly},
		{start, coder.StatusFailed, none, startOnly, startOnly, startOnly, stopOnly, stopOnly},
		{stop, coder.StatusFailed, none, stopOnly, startOnly, startOnly, stopOnly, stopOnly},
		{remove, coder.StatusFailed, none, stopOnly, startOnly, startOnly, stopOnly, stopOnly},
		{start, coder.StatusCanceled, none, startOnly, startOnly, startOnly, stopOnly, stopOnly},
		{stop, coder.StatusCanceled, none, stopOnly, startOnly, startOnly, stopOnly, stopOnly},
	} {
		latest := &coder.WorkspaceBuild{Transition: test.transition, Status: test.status}
		for desired, want := range map[string][2][]coder.Transition{
			"": {test.keep, test.keepNew}, desiredRunning: {test.running, test.runningNew}, desiredStopped: {test.stopped, test.stoppedWithSomethingN},
		} {
			for i, changed := range []bool{false, true} {
				if got := buildSteps(latest, desired, changed); !slices.Equal(got, want[i]) {
					t.Errorf("%s %s, desired %q, changed %t: %v, want %v", test.status, test.transition, desired, changed, got, want[i])
				}
			}
		}
	}
}

func TestRunState(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		transition coder.Transition
		status     coder.Status
		want       string
	}{
		{coder.TransitionStart, coder.StatusPending, desiredRunning},
		{coder.TransitionStop, coder.StatusPending, desiredStopped},
		{coder.TransitionDelete, coder.StatusPending, "pending"},
		{coder.TransitionStart, coder.StatusStarting, desiredRunning},
		{coder.TransitionStart, coder.StatusRunning, desiredRunning},
		{coder.TransitionStop, coder.StatusStopping, desiredStopped},
		{coder.TransitionStop, coder.StatusStopped, desiredStopped},
		{coder.TransitionStart, coder.StatusFailed, "failed"},
		{coder.TransitionStop, coder.StatusCanceled, "canceled"},
		{coder.TransitionStart, coder.StatusCanceling, "canceling"},
		{coder.TransitionDelete, coder.StatusDeleting, "deleting"},
	} {
		if got := runState(&coder.WorkspaceBuild{Transition: test.transition, Status: test.status}); got != test.want {
			t.Errorf("%s %s: %q, want %q", test.transition, test.status, got, test.want)
		}
	}
}
