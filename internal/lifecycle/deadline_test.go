package lifecycle_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// runsUntil is a case whose latest build stops, and may stop at most, so many hours
// from noon; 0 for none.
func runsUntil(transition coder.Transition, status coder.Status, hours, most float64) *scene {
	at := func(hours float64) time.Time {
		if hours == 0 {
			return time.Time{}
		}
		return noon.Add(time.Duration(hours * float64(time.Hour)))
	}
	s := standing(transition, status)
	s.world.workspace.build.deadline, s.world.workspace.build.limit = at(hours), at(most)
	return s
}

// extensions are the deadlines that steps send.
func extensions(steps []lifecycle.Step) []time.Time {
	var list []time.Time
	for _, step := range steps {
		if step, isExtend := step.(lifecycle.Extend); isExtend {
			list = append(list, step.To)
		}
	}
	return list
}

// A deadline that was applied before is sent again where the running build would
// stop earlier.
func TestDecide_appliedDeadline(t *testing.T) {
	t.Parallel()
	const start, stop = coder.TransitionStart, coder.TransitionStop
	for name, test := range map[string]struct {
		at    *scene
		ahead float64 // hours
		want  float64 // hours; 0 when nothing is sent
	}{
		"stops earlier":                  {runsUntil(start, coder.StatusRunning, 2, 0), 5, 5},
		"stops at that time":             {runsUntil(start, coder.StatusRunning, 5, 0), 5, 0},
		"stops later":                    {runsUntil(start, coder.StatusRunning, 8, 0), 5, 0},
		"deadline has passed":            {runsUntil(start, coder.StatusRunning, 2, 0), -1, 0},
		"too soon for the server":        {runsUntil(start, coder.StatusRunning, 0.2, 0), 0.45, 0},
		"as soon as the server takes it": {runsUntil(start, coder.StatusRunning, 0.2, 0), 0.5, 0.5},
		"autostop is off":                {runsUntil(start, coder.StatusRunning, 0, 0), 5, 0},
		"stopped, shows a deadline":      {runsUntil(stop, coder.StatusStopped, 2, 0), 5, 0},
		"still starting":                 {runsUntil(start, coder.StatusStarting, 2, 0), 5, 0},
		"failed start":                   {runsUntil(start, coder.StatusFailed, 2, 0), 5, 0},
		"at the template's limit":        {runsUntil(start, coder.StatusRunning, 3, 3), 5, 0},
		"below the template's limit":     {runsUntil(start, coder.StatusRunning, 2, 3), 5, 3},
		"limit later than the deadline":  {runsUntil(start, coder.StatusRunning, 2, 9), 5, 5},
	} {
		in := func(hours float64) time.Time { return noon.Add(time.Duration(hours * float64(time.Hour))) }
		test.at.want.Deadline, test.at.memory.deadline = lifecycle.Value(in(test.ahead)), in(test.ahead)
		for _, at := range []look{inPlan, inApply} {
			d := test.at.decide(t, at)
			var want []time.Time
			if test.want != 0 {
				want = []time.Time{in(test.want)}
			}
			if got := extensions(d.Steps); !slices.EqualFunc(got, want, time.Time.Equal) || refused(&d) {
				t.Errorf("%s, in the %s: sent %v, want %v; errors %q", name, at, got, want, errorsOf(&d))
			}
		}
	}
}

// A new deadline is refused in a plan where Coder would refuse it. An apply of
// that plan is late, not wrong.
func TestDecide_newDeadline(t *testing.T) {
	t.Parallel()
	const start, stop = coder.TransitionStart, coder.TransitionStop
	for name, test := range map[string]struct {
		at    *scene
		ahead time.Duration
		want  string
	}{
		"in two hours":                {runsUntil(start, coder.StatusRunning, 4, 0), 2 * time.Hour, ""},
		"in 30 minutes":               {runsUntil(start, coder.StatusRunning, 4, 0), 30 * time.Minute, ""},
		"in 29 minutes":               {runsUntil(start, coder.StatusRunning, 4, 0), 29 * time.Minute, "Deadline is too soon"},
		"now":                         {runsUntil(start, coder.StatusRunning, 4, 0), 0, "Deadline is in the past"},
		"yesterday":                   {runsUntil(start, coder.StatusRunning, 4, 0), -24 * time.Hour, "Deadline is in the past"},
		"yesterday, autostop is off":  {runsUntil(start, coder.StatusRunning, 0, 0), -24 * time.Hour, "Deadline is in the past"},
		"yesterday, stopped":          {runsUntil(stop, coder.StatusStopped, 0, 0), -24 * time.Hour, "Deadline is in the past"},
		"beyond the limit":            {runsUntil(start, coder.StatusRunning, 2, 3), 4 * time.Hour, "Deadline is beyond the template's limit"},
		"limit of a stopped build":    {runsUntil(stop, coder.StatusStopped, 2, 3), 4 * time.Hour, ""},
		"running, limit not passed":   {runsUntil(start, coder.StatusRunning, 2, 5), 4 * time.Hour, ""},
		"while the build is starting": {runsUntil(start, coder.StatusStarting, 0, 0), 4 * time.Hour, ""},
	} {
		test.at.want.Deadline = lifecycle.Value(noon.Add(test.ahead))
		plan, apply := test.at.decide(t, inPlan), test.at.decide(t, inApply)
		if got := strings.Join(errorsOf(&plan), "; "); got != test.want {
			t.Errorf("%s: planned with %q, want %q", name, got, test.want)
		}
		if refused(&apply) {
			t.Errorf("%s: the apply is refused: %q", name, errorsOf(&apply))
		}
		if test.want == "Deadline is in the past" && len(extensions(apply.Steps)) > 0 {
			t.Errorf("%s: sent by the apply", name)
		}
	}
}

// Servers keep microseconds, so that is all that is sent and compared.
func TestDecide_deadlineOfNineDigits(t *testing.T) {
	t.Parallel()
	wanted := noon.Add(5*time.Hour + 123456789*time.Nanosecond)
	s := runsUntil(coder.TransitionStart, coder.StatusRunning, 2, 0)
	s.want.Deadline = lifecycle.Value(wanted)
	plan := s.decide(t, inPlan)
	if got := extensions(plan.Steps); len(got) != 1 || !got[0].Equal(wanted.Truncate(time.Microsecond)) {
		t.Fatalf("sent %v, want %s", got, wanted.Truncate(time.Microsecond))
	}
	w := s.walk(s.shown(&plan)).run()
	if d := w.decide(t, inPlan); w.end != settled || !d.IsNothing() {
		t.Errorf("%s, and then still to do: %v %v", w.end, stepNames(d.Steps), d.Problems)
	}
}

// The action extend wants it right now: what stands in the way is an error, and
// no deadline is moved to an earlier time.
func TestDecide_deadlineNow(t *testing.T) {
	t.Parallel()
	const start, stop, remove = coder.TransitionStart, coder.TransitionStop, coder.TransitionDelete
	for name, test := range map[string]struct {
		at      *scene
		ahead   time.Duration
		sent    bool
		awaits  bool
		problem string // the summary of an error or a warning
		warning bool
	}{
		"later than it is":       {at: runsUntil(start, coder.StatusRunning, 2, 0), ahead: 5 * time.Hour, sent: true},
		"as it is":               {at: runsUntil(start, coder.StatusRunning, 5, 0), ahead: 5 * time.Hour},
		"earlier than it is":     {at: runsUntil(start, coder.StatusRunning, 8, 0), ahead: 5 * time.Hour},
		"as it is, to the digit": {at: runsUntil(start, coder.StatusRunning, 5, 0), ahead: 5*time.Hour + 999},
		"up to the limit":        {at: runsUntil(start, coder.StatusRunning, 2, 5), ahead: 5 * time.Hour, sent: true},
		"beyond the limit":       {at: runsUntil(start, coder.StatusRunning, 2, 3), ahead: 5 * time.Hour, problem: "Deadline is beyond the template's limit"},
		"too soon":               {at: runsUntil(start, coder.StatusRunning, 0.1, 0), ahead: 20 * time.Minute, problem: "Deadline is too soon"},
		"without autostop":       {at: runsUntil(start, coder.StatusRunning, 0, 0), ahead: 5 * time.Hour, problem: "Workspace has no deadline to extend", warning: true},
		"stopped":                {at: runsUntil(stop, coder.StatusStopped, 2, 0), ahead: 5 * time.Hour, problem: "Workspace is not running"},
		"failed":                 {at: runsUntil(start, coder.StatusFailed, 2, 0), ahead: 5 * time.Hour, problem: "Workspace is not running"},
		"canceled":               {at: runsUntil(start, coder.StatusCanceled, 0, 0), ahead: 5 * time.Hour, problem: "Workspace is not running"},
		"deletion failed":        {at: runsUntil(remove, coder.StatusFailed, 0, 0), ahead: 5 * time.Hour, problem: "Workspace is not running"},
		"starting":               {at: runsUntil(start, coder.StatusStarting, 0, 0), ahead: 5 * time.Hour, awaits: true},
		"stopping":               {at: runsUntil(stop, coder.StatusStopping, 0, 0), ahead: 5 * time.Hour, awaits: true},
	} {
		test.at.want = lifecycle.Want{InPlace: true, DeadlineNow: true, Deadline: lifecycle.Value(noon.Add(test.ahead))}
		d := test.at.decide(t, inApply)
		want := []time.Time{noon.Add(test.ahead)}
		if !test.sent {
			want = nil
		}
		if got := extensions(d.Steps); !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Errorf("%s: sent %v, want %v", name, got, want)
		}
		if got := slices.Contains(d.Steps, lifecycle.Step(lifecycle.Await{Build: firstBuild})); got != test.awaits {
			t.Errorf("%s: awaits %t, want %t", name, got, test.awaits)
		}
		var problem lifecycle.Problem
		if len(d.Problems) > 0 {
			problem = d.Problems[0]
		}
		if len(d.Problems) > 1 || problem.Summary != test.problem || problem.Warning != test.warning {
			t.Errorf("%s: %+v, want %q", name, d.Problems, test.problem)
		}
	}
}
