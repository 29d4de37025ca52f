package lifecycle_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// history is what happens to a workspace, one thing after the other.
type history struct {
	*stage

	random *rand.Rand
	told   []string // what has happened, for the message of a failure
}

func (h *history) tell(format string, a ...any) { h.told = append(h.told, fmt.Sprintf(format, a...)) }

// configuration is any that can be had, or one whose start fails.
func (h *history) configuration(mayFail bool) lifecycle.Want {
	want := h.wanted()
	cpus := []string{"", "2", "3", "4"}
	if mayFail {
		cpus = append(cpus, "7", "7")
	}
	if cpu := cpus[h.random.IntN(len(cpus))]; cpu != "" {
		want.Parameters.Known["cpu"] = cpu
	}
	switch h.random.IntN(4) {
	case 0:
		want.RunState = lifecycle.Value(lifecycle.Running)
	case 1:
		want.RunState = lifecycle.Value(lifecycle.Stopped)
	}
	switch h.random.IntN(4) {
	case 0:
		want.VersionID = lifecycle.Value(h.next)
	case 1:
		want.VersionID = lifecycle.Value(h.template.ActiveVersionID)
	}
	if h.random.IntN(4) == 0 && h.fake.Version() >= "v2.22" && len(want.Parameters.Known) == 0 {
		want.Preset = lifecycle.Value([]string{"Small", "Large"}[h.random.IntN(2)])
	}
	if h.random.IntN(3) == 0 {
		want.TTL = lifecycle.Value(hours(int64(h.random.IntN(3))))
	}
	if h.random.IntN(5) == 0 {
		want.EphemeralVersion = lifecycle.Value(int64(h.random.IntN(3)))
	}
	h.tell("want cpu %q, %v, version %v, preset %v, TTL %v, once %v", want.Parameters.Known["cpu"], want.RunState, want.VersionID, want.Preset, want.TTL, want.EphemeralVersion)
	return want
}

// misfortune is what befalls the next apply. It returns the context for it.
func (h *history) misfortune(ctx context.Context) (context.Context, context.CancelFunc) {
	skip := h.random.IntN(2)
	fault := codertest.Fault{Method: http.MethodPost, Route: routeBuilds, Skip: skip, Times: 1}
	switch h.random.IntN(8) {
	case 0:
		h.tell("build request %d is refused", skip+1)
		fault.Status, fault.Body = http.StatusForbidden, `{"message":"no"}`
	case 1:
		h.tell("the answer to build request %d is lost", skip+1)
		fault.DropAfter = true
	case 2:
		h.tell("build request %d is lost", skip+1)
		fault.DropBefore = true
	case 3:
		h.tell("build %d is canceled", skip+1)
		fault.Before = func(*http.Request) {
			time.AfterFunc(buildTime/2, func() { h.fake.CancelActiveBuild(h.workspace) })
		}
	case 4:
		transition := []string{"start", "stop"}[h.random.IntN(2)]
		h.tell("somebody begins a %s before build %d", transition, skip+1)
		fault.Before = func(*http.Request) {
			_, _ = h.fake.Build(h.workspace, "bob", transition, codertest.BuildRequest{})
		}
	case 5:
		limit := time.Duration(h.random.IntN(3*int(buildTime/time.Second))) * time.Second
		h.tell("the time limit is %s", limit)
		return context.WithTimeout(ctx, limit)
	default:
		return context.WithCancel(ctx)
	}
	h.fake.AddFault(fault)
	return context.WithCancel(ctx)
}

// Whatever has happened to a workspace, one apply without a misfortune brings
// about what is configured then, and there is nothing left to do after it.
func TestRun_histories(t *testing.T) {
	t.Parallel()
	const each, length = 40, 5
	for name, setting := range settings {
		for seed := range uint64(each) {
			t.Run(fmt.Sprintf("%s/%d", name, seed), func(t *testing.T) {
				t.Parallel()
				onStage(t, setting, func(ctx context.Context, s *stage) {
					s.fake.AddUser("bob")
					s.workspace = s.fake.CreateWorkspace("bob", "one", s.template.ID, nil)
					s.have.ID = s.workspace
					h := &history{stage: s, random: rand.New(rand.NewPCG(seed, 1))}
					for range length {
						h.happens(ctx)
					}
					before := s.is()
					want := h.configuration(false)
					if want.Preset.IsAbsent() && len(want.Parameters.Known) == 0 {
						want.Parameters.Known["cpu"] = "2" // a stopped one may have taken what fails its start
					}
					plan := s.plan(ctx, want)
					run, err := s.apply(ctx, want, plan.Changes())
					if err != nil {
						t.Errorf("%v, after %v; planned were %v", err, stepNames(run.Done), stepNames(plan.Steps))
					} else {
						s.settles(ctx, want)
						s.pass(2 * buildTime) // what leads where it is to be is not awaited
						h.isAsWanted(want, before)
					}
					if t.Failed() {
						for _, what := range h.told {
							t.Log(what)
						}
					}
				})
			})
		}
	}
}

// happens is an apply that may go wrong, and what somebody else does then.
func (h *history) happens(ctx context.Context) {
	want := h.configuration(true)
	h.refresh(ctx)
	limited, cancel := h.misfortune(ctx)
	run, err := h.apply(limited, want, lifecycle.ChangeAll)
	cancel()
	h.fake.ClearFaults()
	h.tell("  done %v, error %v", stepNames(run.Done), err)
	if h.random.IntN(2) == 0 {
		h.pass(time.Duration(h.random.IntN(3)) * buildTime)
	}
	if h.random.IntN(4) == 0 {
		transition := []string{"start", "stop"}[h.random.IntN(2)]
		if _, err := h.fake.Build(h.workspace, "bob", transition, codertest.BuildRequest{}); err == nil {
			h.tell("  somebody begins a %s", transition)
			h.pass(time.Duration(h.random.IntN(3)) * buildTime)
		}
	}
}

// isAsWanted looks at what is configured; what is not may be as before or as
// before an update that was not done.
func (h *history) isAsWanted(want lifecycle.Want, before codertest.Workspace) {
	h.t.Helper()
	is := h.is()
	if want.VersionID.Differs(is.VersionID) || !contains(is.Parameters, want.Parameters.Known) {
		h.t.Errorf("version %s, values %v", is.VersionID, is.Parameters)
	}
	if state, configured := want.RunState.Get(); configured && is.Status != string(state) {
		h.t.Errorf("it is %s", is.Status)
	}
	if preset, _ := want.Preset.Get(); preset == "Small" && is.Parameters["cpu"] != "1" || preset == "Large" && is.Parameters["cpu"] != "8" {
		h.t.Errorf("preset %s, values %v", preset, is.Parameters)
	}
	if !slices.Contains([]string{"running", "stopped", before.Status}, is.Status) {
		h.t.Errorf("it is %s, was %s", is.Status, before.Status)
	}
}
