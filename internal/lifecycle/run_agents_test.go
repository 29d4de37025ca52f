package lifecycle_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// After a start the agents are waited for: until they are ready, whatever they
// were called meanwhile, until one has failed, or until there is nothing left to
// wait for.
func TestRun_agents(t *testing.T) {
	t.Parallel()
	type moment struct {
		after             time.Duration // since the start of the run
		status, lifecycle string
		build             string // begun by somebody else
	}
	const started = 2 * buildTime // the run stops the workspace before it starts it
	for name, test := range map[string]struct {
		moments []moment
		limit   time.Duration
		summary string // of the error; "" when it goes well
		detail  string
		took    time.Duration
	}{
		"become ready": {
			moments: []moment{{after: started + 5*time.Second, status: "connected", lifecycle: "starting"}, {after: started + 20*time.Second, status: "connected", lifecycle: "ready"}},
			took:    started + 20*time.Second,
		},
		"were given up, and connect later": {
			moments: []moment{{after: started + 5*time.Second, status: "timeout", lifecycle: "created"}, {after: started + time.Hour, status: "connected", lifecycle: "ready"}},
			took:    started + time.Hour,
		},
		"lose the connection for a while": {
			moments: []moment{{after: started + 5*time.Second, status: "disconnected", lifecycle: "starting"}, {after: started + time.Minute, status: "connected", lifecycle: "ready"}},
			took:    started + time.Minute,
		},
		"fail to start": {
			moments: []moment{{after: started + 5*time.Second, status: "connected", lifecycle: "start_error"}},
			summary: "Agent failed to become ready", detail: `"main" is connected, start_error`, took: started + 5*time.Second,
		},
		"do not come in time": {
			moments: []moment{{after: started + 5*time.Second, status: "timeout", lifecycle: "created"}},
			limit:   10 * time.Minute, summary: "Agents did not become ready in time", detail: `"main" is timeout, created`, took: 10 * time.Minute,
		},
		"somebody else stops the workspace": {
			moments: []moment{{after: started + 5*time.Second, build: "stop"}},
			summary: "Agents did not become ready before another build", detail: "build 4 (stop)", took: started + 5*time.Second,
		},
		// Its agents are no others' agents: another start, too, says nothing of ours.
		"somebody else restarts it, and there they are": {
			moments: []moment{
				{after: started + 5*time.Second, build: "start"}, {after: started + 5*time.Second + 2*buildTime, status: "connected", lifecycle: "ready"},
			},
			summary: "Agents did not become ready before another build", detail: "build 4 (start)", took: started + 5*time.Second,
		},
	} {
		for version, setting := range settings {
			t.Run(version+"/"+name, func(t *testing.T) {
				t.Parallel()
				onStage(t, setting, func(ctx context.Context, s *stage) {
					for _, moment := range test.moments {
						time.AfterFunc(moment.after, func() {
							if moment.build == "" {
								s.fake.SetAgents(s.workspace, moment.status, moment.lifecycle)
							} else if _, err := s.fake.Build(s.workspace, "admin", moment.build, codertest.BuildRequest{}); err != nil {
								t.Error(err)
							}
						})
					}
					if test.limit != 0 {
						limited, cancel := context.WithTimeout(ctx, test.limit)
						defer cancel()
						ctx = limited
					}
					want := s.withCPU("4")
					want.WaitForAgents = true
					begun := time.Now()
					run, err := s.apply(ctx, want, lifecycle.ChangeAll)
					if took := time.Since(begun); took < test.took || took > test.took+10*time.Second {
						t.Errorf("took %s, want about %s", took, test.took)
					}
					if test.summary == "" {
						if err != nil {
							t.Error(err)
						}
						return
					}
					failed := asError[*lifecycle.AgentsFailed](t, err)
					if failed.Summary != test.summary || !strings.Contains(failed.Detail, test.detail) {
						t.Errorf("%q: %q", failed.Summary, failed.Detail)
					}
					if ended := errors.Is(err, context.DeadlineExceeded); ended != (test.limit != 0) {
						t.Errorf("error is %v", err)
					}
					if is := s.is(); int64(is.BuildNumber) != run.Have.Build.Number {
						t.Errorf("the state has build %d, the latest is %d", run.Have.Build.Number, is.BuildNumber)
					}
				})
			})
		}
	}
}

// Templates without agents never wait, nor does a run that starts nothing, but
// for an action, which is asked for it right now.
func TestRun_agentsNotWaitedFor(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		set   func(w *lifecycle.Want)
		waits bool
	}{
		"nothing to do":              {func(*lifecycle.Want) {}, false},
		"a stop":                     {func(w *lifecycle.Want) { w.RunState = lifecycle.Value(lifecycle.Stopped) }, false},
		"not wanted":                 {func(w *lifecycle.Want) { w.Parameters.Known["cpu"], w.WaitForAgents = "4", false }, false},
		"an action, nothing to do":   {func(w *lifecycle.Want) { w.InPlace = true }, true},
		"a value, which is a start":  {func(w *lifecycle.Want) { w.Parameters.Known["cpu"] = "4" }, true},
		"an action, which starts it": {func(w *lifecycle.Want) { w.InPlace, w.EphemeralVersion = true, lifecycle.Value(int64(1)) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onStage(t, setting{}, func(ctx context.Context, s *stage) {
				s.fake.SetAgents(s.workspace, "connecting", "created")
				time.AfterFunc(time.Hour, func() { s.fake.SetAgents(s.workspace, "connected", "ready") })
				want := s.wanted()
				want.WaitForAgents = true
				test.set(&want)
				begun := time.Now()
				s.must(ctx, want)
				if waited := time.Since(begun) > time.Minute; waited != test.waits {
					t.Errorf("took %s", time.Since(begun))
				}
			})
		})
	}
}

// Progress is for people: how a build goes on, and what it logs, each line once.
func TestRun_progress(t *testing.T) {
	t.Parallel()
	onStage(t, setting{}, func(ctx context.Context, s *stage) {
		var lines []string
		s.life.Progress = func(line string) { lines = append(lines, line) }
		want := s.wanted()
		want.RunState = lifecycle.Value(lifecycle.Stopped)
		s.must(ctx, want)
		if first, last := lines[0], lines[len(lines)-1]; first != `Build 2 (stop) of workspace "one" is pending` && first != `Build 2 (stop) of workspace "one" is stopping` || last != `Build 2 (stop) of workspace "one" is stopped` {
			t.Errorf("%q", lines)
		}
		logged := 0
		for i, line := range lines {
			if slices.Contains(lines[:i], line) && strings.Contains(line, "Initializing") {
				t.Errorf("%q is told twice", line)
			}
			if strings.Contains(line, ": ") {
				logged++
			}
		}
		if logged == 0 {
			t.Errorf("nothing of the log: %q", lines)
		}
	})
}

// A build that nobody runs says why when the time is over.
func TestRun_noProvisioner(t *testing.T) {
	t.Parallel()
	onStage(t, setting{}, func(ctx context.Context, s *stage) {
		s.fake.HoldBuilds(true)
		limited, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		want := s.wanted()
		want.RunState = lifecycle.Value(lifecycle.Stopped)
		_, err := s.apply(limited, want, lifecycle.ChangeAll)
		if !errors.Is(err, context.DeadlineExceeded) || s.have.Build.Status != coder.StatusPending || s.have.Unfinished == nil {
			t.Errorf("error %v, build %s, %+v", err, s.have.Build.Status, s.have.Unfinished)
		}
		s.fake.HoldBuilds(false)
		s.refresh(ctx)
		s.must(ctx, want)
		if got := s.builds(ctx); !slices.Equal(got, []coder.Transition{stop}) {
			t.Errorf("builds %v", got)
		}
	})
}
