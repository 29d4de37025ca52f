package lifecycle_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// standing is a case whose latest build is of this kind.
func standing(transition coder.Transition, status coder.Status) *scene {
	s := newScene()
	s.world.workspace.build.transition, s.world.workspace.build.status = transition, status
	return s
}

// decide is the decision of a plan, all questions answered.
func (s *scene) decide(t *testing.T, at look) lifecycle.Decision {
	t.Helper()
	d, faults := s.ask(at, lifecycle.Facts{})
	if len(faults) > 0 {
		t.Errorf("%q", faults)
	}
	return d
}

// Which builds lead from what there is to a run state, with and without
// something new to build.
func TestDecide_builds(t *testing.T) {
	t.Parallel()
	const start, stop, remove = coder.TransitionStart, coder.TransitionStop, coder.TransitionDelete
	type builds = []coder.Transition
	none, startOnly, stopOnly, restart := builds(nil), builds{start}, builds{stop}, builds{stop, start}
	for _, test := range []struct {
		transition                  coder.Transition
		status                      coder.Status
		keep, keepNew               builds // no run state is configured
		running, runningNew         builds
		stopped, stoppedNew, repair builds
	}{
		{start, coder.StatusRunning, none, restart, none, restart, stopOnly, stopOnly, none},
		{stop, coder.StatusStopped, none, stopOnly, startOnly, startOnly, none, stopOnly, none},
		{start, coder.StatusFailed, none, startOnly, startOnly, startOnly, stopOnly, stopOnly, startOnly},
		{stop, coder.StatusFailed, none, stopOnly, startOnly, startOnly, stopOnly, stopOnly, stopOnly},
		{remove, coder.StatusFailed, none, stopOnly, startOnly, startOnly, stopOnly, stopOnly, stopOnly},
		{start, coder.StatusCanceled, none, startOnly, startOnly, startOnly, stopOnly, stopOnly, startOnly},
		{stop, coder.StatusCanceled, none, stopOnly, startOnly, startOnly, stopOnly, stopOnly, stopOnly},
		// Under way: it is awaited where something is to be built after it.
		{start, coder.StatusPending, none, restart, none, restart, stopOnly, stopOnly, none},
		{start, coder.StatusStarting, none, restart, none, restart, stopOnly, stopOnly, none},
		{stop, coder.StatusPending, none, stopOnly, startOnly, startOnly, none, stopOnly, none},
		{stop, coder.StatusStopping, none, stopOnly, startOnly, startOnly, none, stopOnly, none},
		{start, coder.StatusCanceling, none, startOnly, startOnly, startOnly, stopOnly, stopOnly, none},
		{stop, coder.StatusCanceling, none, stopOnly, startOnly, startOnly, stopOnly, stopOnly, none},
	} {
		for _, desired := range []struct {
			name  string
			set   func(*lifecycle.Want)
			wants [2]builds
		}{
			{"none", func(*lifecycle.Want) {}, [2]builds{test.keep, test.keepNew}},
			{"running", func(w *lifecycle.Want) { w.RunState = lifecycle.Value(lifecycle.Running) }, [2]builds{test.running, test.runningNew}},
			{"stopped", func(w *lifecycle.Want) { w.RunState = lifecycle.Value(lifecycle.Stopped) }, [2]builds{test.stopped, test.stoppedNew}},
			{"none, repaired", func(w *lifecycle.Want) { w.Repair = true }, [2]builds{test.repair, test.keepNew}},
		} {
			for i, want := range desired.wants {
				s := standing(test.transition, test.status)
				desired.set(&s.want)
				if i == 1 {
					configure("cpu", "4")(s)
				}
				d := s.decide(t, inPlan)
				if got := transitions(d.Steps); !slices.Equal(got, want) {
					t.Errorf("%s %s, desired %s, something new %t: %v, want %v", test.status, test.transition, desired.name, i == 1, got, want)
				}
				awaits := slices.Contains(d.Steps, lifecycle.Step(lifecycle.Await{Build: firstBuild}))
				if isAwaited := len(want) > 0 && isActive(test.status); awaits != isAwaited {
					t.Errorf("%s %s, desired %s, something new %t: awaited %t, want %t", test.status, test.transition, desired.name, i == 1, awaits, isAwaited)
				}
			}
		}
	}
}

// What is new comes with the last build, and nothing comes with the stop before.
func TestDecide_requestsOfBuilds(t *testing.T) {
	t.Parallel()
	cpu := []coder.BuildParameter{{Name: "cpu", Value: "4"}}
	to := moved
	for name, test := range map[string]struct {
		status coder.Status
		set    func(*scene)
		want   coder.CreateBuildRequest // of the last build
	}{
		"a value":               {coder.StatusRunning, configure("cpu", "4"), coder.CreateBuildRequest{RichParameterValues: cpu}},
		"a value, stopped":      {coder.StatusStopped, configure("cpu", "4"), coder.CreateBuildRequest{RichParameterValues: cpu}},
		"a version":             {coder.StatusRunning, pin(moved), coder.CreateBuildRequest{TemplateVersionID: &to}},
		"a preset":              {coder.StatusRunning, preset().members[3].set, coder.CreateBuildRequest{TemplateVersionPresetID: presetID(v1, "Large")}},
		"only what is another":  {coder.StatusRunning, func(s *scene) { configure("region", "eu")(s); configure("cpu", "4")(s) }, coder.CreateBuildRequest{RichParameterValues: cpu}},
		"ephemeral ones always": {coder.StatusRunning, ephemeral().members[3].set, coder.CreateBuildRequest{RichParameterValues: []coder.BuildParameter{{Name: "note", Value: "hello"}}}},
	} {
		s := standing(map[coder.Status]coder.Transition{coder.StatusRunning: coder.TransitionStart, coder.StatusStopped: coder.TransitionStop}[test.status], test.status)
		test.set(s)
		d := s.decide(t, inPlan)
		var requests []coder.CreateBuildRequest
		for _, step := range d.Steps {
			requests = append(requests, step.(lifecycle.BuildStep).Request)
		}
		if len(requests) == 0 {
			t.Errorf("%s: nothing is built", name)
			continue
		}
		last := requests[len(requests)-1]
		version := uuid.Nil
		if last.TemplateVersionID != nil {
			version = *last.TemplateVersionID
		}
		wanted := uuid.Nil
		if test.want.TemplateVersionID != nil {
			wanted = *test.want.TemplateVersionID
		}
		if version != wanted || last.TemplateVersionPresetID != test.want.TemplateVersionPresetID || !slices.Equal(last.RichParameterValues, test.want.RichParameterValues) {
			t.Errorf("%s: %+v, want %+v", name, last, test.want)
		}
		if len(requests) == 2 && (requests[0].TemplateVersionID != nil || len(requests[0].RichParameterValues) > 0 || requests[0].TemplateVersionPresetID != uuid.Nil) {
			t.Errorf("%s: the stop before has %+v", name, requests[0])
		}
	}
}

func TestBuild_LeadsTo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		transition coder.Transition
		status     coder.Status
		want       lifecycle.RunState
	}{
		{coder.TransitionStart, coder.StatusPending, lifecycle.Running},
		{coder.TransitionStop, coder.StatusPending, lifecycle.Stopped},
		{coder.TransitionDelete, coder.StatusPending, ""},
		{coder.TransitionStart, coder.StatusStarting, lifecycle.Running},
		{coder.TransitionStart, coder.StatusRunning, lifecycle.Running},
		{coder.TransitionStop, coder.StatusStopping, lifecycle.Stopped},
		{coder.TransitionStop, coder.StatusStopped, lifecycle.Stopped},
		{coder.TransitionStart, coder.StatusFailed, ""},
		{coder.TransitionStop, coder.StatusCanceled, ""},
		{coder.TransitionStart, coder.StatusCanceling, ""},
		{coder.TransitionDelete, coder.StatusDeleting, ""},
		{coder.TransitionDelete, coder.StatusDeleted, ""},
		{coder.TransitionStart, "a status of a later release", ""},
		{"", "", ""},
	} {
		build := lifecycle.Build{Transition: test.transition, Status: test.status}
		if got := build.LeadsTo(); got != test.want {
			t.Errorf("%s %s: %q, want %q", test.transition, test.status, got, test.want)
		}
	}
}

// The build of a create is awaited, whichever build is the latest by then, and
// what the create could not carry follows.
func TestDecide_awaitsItsBuild(t *testing.T) {
	t.Parallel()
	s := standing(coder.TransitionStart, coder.StatusStarting)
	s.want.AwaitBuild = firstBuild
	s.want.TTL = lifecycle.Value(hours(2))
	ours := lifecycle.Step(lifecycle.Await{Build: firstBuild, OfOurs: true})
	awaited := func(d lifecycle.Decision) bool { return slices.Contains(d.Steps, ours) }
	if d := s.decide(t, inApply); !awaited(d) {
		t.Errorf("its build is not awaited: %v", d.Steps)
	}
	theirs := s.somebodyBuilds(coder.TransitionStop)
	if d := theirs.decide(t, inApply); !awaited(d) {
		t.Errorf("its build is not awaited when somebody has built since: %v", d.Steps)
	}
	s.world.end(succeeds)
	have := s.have(inApply)
	have.Awaited = true
	d := lifecycle.Decide(s.want, have, lifecycle.Facts{lifecycle.TemplateOf{ID: homeTemplate}: s.world.answer(lifecycle.TemplateOf{ID: homeTemplate})})
	if awaited(d) || !slices.Contains(d.Steps, lifecycle.Step(lifecycle.SetTTL{From: 0, To: hours(2)})) {
		t.Errorf("when it has ended: %v", d.Steps)
	}
}
