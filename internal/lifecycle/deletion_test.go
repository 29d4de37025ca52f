package lifecycle_test

import (
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

func TestDecide_deletion(t *testing.T) {
	t.Parallel()
	const start, stop, remove = coder.TransitionStart, coder.TransitionStop, coder.TransitionDelete
	await, cancel := lifecycle.Step(lifecycle.Await{Build: firstBuild}), lifecycle.Step(lifecycle.Cancel{Build: firstBuild})
	for _, test := range []struct {
		server     string // "" is the newest
		transition coder.Transition
		status     coder.Status
		ours       bool // the latest build is this run's
		orphan     bool
		before     lifecycle.Step // what comes before the delete build, if anything
		none       bool           // there is no delete build either
		orphaned   bool
	}{
		{transition: start, status: coder.StatusRunning},
		{transition: stop, status: coder.StatusStopped, orphan: true},
		{transition: start, status: coder.StatusFailed, orphan: true},
		{transition: start, status: coder.StatusCanceled},
		{transition: start, status: coder.StatusPending, before: cancel},
		{transition: stop, status: coder.StatusPending, before: cancel},
		// Where the server cannot make sure that a build has not begun, or nobody
		// knows whether it can, none is cut off in the middle.
		{server: "v2.25.0", transition: start, status: coder.StatusPending, before: cancel},
		{server: "v2.24.5", transition: start, status: coder.StatusPending, before: await},
		{server: "v0.24.1-devel+8dac0356e", transition: stop, status: coder.StatusPending, before: await},
		{server: "v0.0.0-devel", transition: start, status: coder.StatusPending, before: await},
		{transition: start, status: coder.StatusStarting, before: await},
		{transition: start, status: coder.StatusCanceling, before: await},
		// Somebody else's deletion is as good.
		{transition: remove, status: coder.StatusPending, before: await},
		{transition: remove, status: coder.StatusDeleting, before: await},
		{transition: remove, status: coder.StatusDeleted, none: true},
		{transition: remove, status: coder.StatusDeleted, ours: true, orphan: true, none: true},
		{transition: remove, status: coder.StatusFailed},
		// Only after a deletion of this run has failed are resources given up.
		{transition: remove, status: coder.StatusFailed, orphan: true},
		{transition: remove, status: coder.StatusFailed, ours: true},
		{transition: remove, status: coder.StatusFailed, ours: true, orphan: true, orphaned: true},
		{transition: remove, status: coder.StatusCanceled, ours: true, orphan: true},
		{transition: start, status: coder.StatusFailed, ours: true, orphan: true},
	} {
		s := standing(test.transition, test.status)
		s.want = lifecycle.Want{Deleted: true, Orphan: test.orphan}
		if test.server != "" {
			s.world.server = coder.ParseVersion(test.server)
		}
		if test.ours {
			s.memory.unfinished = &lifecycle.Unfinished{Build: firstBuild}
		}
		steps := s.decide(t, inApply).Steps
		if test.before != nil && (len(steps) == 0 || steps[0] != test.before) {
			t.Errorf("%+v: %v does not begin with %v", test, steps, test.before)
			continue
		}
		if test.before != nil {
			steps = steps[1:]
		}
		if test.none {
			if len(steps) > 0 {
				t.Errorf("%+v: %v, want nothing", test, steps)
			}
			continue
		}
		if len(steps) != 1 {
			t.Errorf("%+v: %v, want one build", test, steps)
			continue
		}
		if request := steps[0].(lifecycle.BuildStep).Request; request.Transition != remove || request.Orphan != test.orphaned {
			t.Errorf("%+v: %+v", test, request)
		}
	}
}

// A deletion comes to its end from wherever it begins, also when its first build
// fails and resources may be left behind.
func TestDecide_deletionEnds(t *testing.T) {
	t.Parallel()
	for _, member := range latestBuild().members {
		for _, orphan := range []bool{false, true} {
			s := newScene()
			member.set(s)
			s.want = lifecycle.Want{Deleted: true, Orphan: orphan}
			w := s.walk(lifecycle.ChangeAll)
			if orphan {
				w.fates = []fate{fails}
			}
			for range mostSteps {
				if w.run(); w.end != buildEnded {
					break
				}
			}
			if w.end != gone || len(w.faults) > 0 {
				t.Errorf("%s, orphan %t: %s %q", member.name, orphan, w.end, w.faults)
			}
		}
	}
}
