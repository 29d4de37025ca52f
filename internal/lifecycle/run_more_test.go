package lifecycle_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// runsFor starts the workspace with a TTL.
func (s *stage) runsFor(ctx context.Context, ttl int64) {
	s.t.Helper()
	want := s.wanted()
	want.TTL, want.EphemeralVersion = lifecycle.Value(ttl), lifecycle.Value(time.Now().UnixNano())
	s.must(ctx, want)
	s.have.EphemeralVersion = lifecycle.Setting[int64]{}
}

// The deadline is sent to a build that runs, once the one under way has ended,
// and is as the server keeps it.
func TestRun_deadline(t *testing.T) {
	t.Parallel()
	for name, setting := range settings {
		for title, test := range map[string]struct {
			set   func(w *lifecycle.Want, s *stage)
			by    time.Duration
			until time.Duration // from the beginning; 0 when it runs for ever
			fails string        // the summary of an error
		}{
			"configured": {
				set: func(w *lifecycle.Want, s *stage) { w.Deadline = lifecycle.Value(s.fake.Now().Add(5 * time.Hour)) }, until: 5 * time.Hour,
			},
			"to the nanosecond": {
				set: func(w *lifecycle.Want, s *stage) {
					w.Deadline = lifecycle.Value(s.fake.Now().Add(5*time.Hour + 123456789))
				}, until: 5*time.Hour + 123456*time.Microsecond,
			},
			"with another value": {
				set: func(w *lifecycle.Want, s *stage) {
					w.Deadline, w.Parameters.Known["cpu"] = lifecycle.Value(s.fake.Now().Add(5*time.Hour)), "4"
				}, until: 5 * time.Hour,
			},
			"while it is restarted": {
				set: func(w *lifecycle.Want, s *stage) {
					_, _ = s.fake.Build(s.workspace, "admin", "start", codertest.BuildRequest{})
					w.Deadline = lifecycle.Value(s.fake.Now().Add(5 * time.Hour))
				}, until: 5 * time.Hour,
			},
			"by an action": {
				set: func(w *lifecycle.Want, s *stage) {
					*w = lifecycle.Want{InPlace: true, DeadlineNow: true, Deadline: lifecycle.Value(s.fake.Now().Add(5 * time.Hour))}
				}, until: 5 * time.Hour,
			},
			"by an action, so much later": {
				set: func(w *lifecycle.Want, _ *stage) { *w = lifecycle.Want{InPlace: true, DeadlineNow: true} }, by: 3 * time.Hour, until: 5 * time.Hour,
			},
			"by an action, so much later, while it is restarted": {
				set: func(w *lifecycle.Want, s *stage) {
					_, _ = s.fake.Build(s.workspace, "admin", "start", codertest.BuildRequest{})
					*w = lifecycle.Want{InPlace: true, DeadlineNow: true}
				}, by: 3 * time.Hour, until: 5*time.Hour + buildTime,
			},
			"by an action, while it is stopped": {
				set: func(w *lifecycle.Want, s *stage) {
					_, _ = s.fake.Build(s.workspace, "admin", "stop", codertest.BuildRequest{})
					*w = lifecycle.Want{InPlace: true, DeadlineNow: true}
				}, by: 3 * time.Hour, fails: "Workspace is not running",
			},
		} {
			t.Run(name+"/"+title, func(t *testing.T) {
				t.Parallel()
				onStage(t, setting, func(ctx context.Context, s *stage) {
					s.runsFor(ctx, hours(2))
					begun := s.is().Deadline.Add(-2 * time.Hour)
					s.fake.Advance(begun.Sub(s.fake.Now())) // builds take no time from here on
					want := s.wanted()
					test.set(&want, s)
					run := &lifecycle.Run{Want: want, Have: s.have, Allowed: lifecycle.ChangeAll, ExtendBy: test.by}
					err := s.life.Run(ctx, run)
					if test.fails != "" {
						if got := asError[*lifecycle.Refusal](t, err).Error(); got != test.fails {
							t.Errorf("%q", got)
						}
						return
					}
					if err != nil {
						t.Fatal(err)
					}
					// Somebody's restart, which takes a moment to be picked up, moves what "later" counts from.
					if off := s.is().Deadline.Sub(begun.Add(test.until)); off < 0 || off > 2*time.Second {
						t.Errorf("runs until %s, want %s after %s", s.is().Deadline, test.until, begun)
					}
					if !run.Have.Build.Deadline.Equal(s.is().Deadline) {
						t.Errorf("the state says %s, the server %s", run.Have.Build.Deadline, s.is().Deadline)
					}
				})
			})
		}
	}
}

// To switch autostop off takes the running deadline away where the server does
// so, and the state says that.
func TestRun_autostopOff(t *testing.T) {
	t.Parallel()
	for name, setting := range settings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onStage(t, setting, func(ctx context.Context, s *stage) {
				s.runsFor(ctx, hours(2))
				want := s.wanted()
				want.TTL = lifecycle.Value(int64(0))
				run := s.must(ctx, want)
				if stays := setting.version == "seed"; s.is().Deadline.IsZero() == stays || !run.Have.Build.Deadline.Equal(s.is().Deadline) {
					t.Errorf("the server says %s, the state %s", s.is().Deadline, run.Have.Build.Deadline)
				}
				s.settles(ctx, want)
			})
		})
	}
}

// Dormant workspaces are woken where the server wants that before a start, and
// nowhere else; where there is nothing to start they sleep on.
func TestRun_dormant(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v2.4.0", "v2.21.1", "v2.29.0", "v2.30.0", "v2.35.1"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			onStage(t, setting{version: version}, func(ctx context.Context, s *stage) {
				s.stop()
				s.fake.SetDormant(s.workspace, true)
				want := s.withCPU("4")
				s.must(ctx, want)
				if is := s.is(); is.Status != "stopped" || is.Parameters["cpu"] != "4" || !is.Dormant {
					t.Errorf("after a value for the next start: %s, %s CPUs, dormant %t", is.Status, is.Parameters["cpu"], is.Dormant)
				}
				want.RunState = lifecycle.Value(lifecycle.Running)
				s.fake.ResetRequests()
				s.must(ctx, want)
				if is := s.is(); is.Status != "running" || is.Dormant {
					t.Errorf("after the start: %s, dormant %t", is.Status, is.Dormant)
				}
				if wakes := slices.Contains(s.writes(), putDormant); wakes != coder.ParseVersion(version).Before(2, 30) {
					t.Errorf("sent %q", s.writes())
				}
				s.settles(ctx, want)
			})
		})
	}
}

const putDormant = "PUT /workspaces/{workspace}/dormant"

// A configured dormancy outlives builds: the workspace is dormant again after a
// start, also after one that failed was repeated or taken back.
func TestRun_dormantAsConfigured(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v2.21.1", "v2.35.1"} {
		for title, test := range map[string]struct {
			next func(s *stage) lifecycle.Want
			cpu  string
		}{
			"and another value": {func(s *stage) lifecycle.Want { return s.withCPU("3") }, "3"},
			"and taken back":    {func(s *stage) lifecycle.Want { return s.wanted() }, "2"},
		} {
			t.Run(version+"/"+title, func(t *testing.T) {
				t.Parallel()
				onStage(t, setting{version: version}, func(ctx context.Context, s *stage) {
					want := s.wanted()
					want.Dormant = lifecycle.Value(true)
					s.must(ctx, want)
					s.settles(ctx, want)
					if is := s.is(); is.Status != "running" || !is.Dormant {
						t.Errorf("first it is %s, dormant %t", is.Status, is.Dormant)
					}
					bad := s.withCPU("7")
					bad.Dormant = lifecycle.Value(true)
					_, err := s.apply(ctx, bad, s.plannedChanges(ctx, bad))
					_ = asError[*lifecycle.BuildFailed](t, err)
					want = test.next(s)
					want.Dormant = lifecycle.Value(true)
					if _, err := s.apply(ctx, want, s.plannedChanges(ctx, want)); err != nil {
						t.Fatal(err)
					}
					s.settles(ctx, want)
					if is := s.is(); is.Status != "running" || !is.Dormant || is.Parameters["cpu"] != test.cpu {
						t.Errorf("then it is %s, dormant %t, with %s CPUs", is.Status, is.Dormant, is.Parameters["cpu"])
					}
				})
			})
		}
	}
}

// plannedChanges are what a plan shows.
func (s *stage) plannedChanges(ctx context.Context, want lifecycle.Want) lifecycle.Change {
	s.t.Helper()
	plan := s.plan(ctx, want)
	return plan.Changes()
}

// A member of a template that requires its active version: nothing is stopped
// for a version that may not be started.
func TestRun_activeVersionRequired(t *testing.T) {
	t.Parallel()
	for title, test := range map[string]struct {
		set     func(w *lifecycle.Want, s *stage)
		refused bool
		want    []coder.Transition
	}{
		"another value": {set: func(w *lifecycle.Want, _ *stage) { w.Parameters.Known["cpu"] = "4" }, refused: true},
		"another value, active version": {set: func(w *lifecycle.Want, s *stage) {
			w.Parameters.Known["cpu"], w.VersionID = "4", lifecycle.Value(s.next)
		}, want: []coder.Transition{stop, start}},
		"a stop": {set: func(w *lifecycle.Want, _ *stage) { w.RunState = lifecycle.Value(lifecycle.Stopped) }, want: []coder.Transition{stop}},
		"a stop, with another value": {set: func(w *lifecycle.Want, _ *stage) {
			w.RunState, w.Parameters.Known["cpu"] = lifecycle.Value(lifecycle.Stopped), "4"
		}, want: []coder.Transition{stop}},
		"the action restart": {set: func(w *lifecycle.Want, _ *stage) {
			*w = lifecycle.Want{InPlace: true, RunState: lifecycle.Value(lifecycle.Running), EphemeralVersion: lifecycle.Value(int64(1))}
		}, refused: true},
		"the action update": {set: func(w *lifecycle.Want, _ *stage) {
			*w = lifecycle.Want{InPlace: true, Repair: true, ActiveVersion: true}
		}, want: []coder.Transition{stop, start}},
		"the same for who may update it": {set: func(w *lifecycle.Want, s *stage) {
			w.Parameters.Known["cpu"] = "4"
			s.life.Client = s.client(s.fake.Token())
		}, want: []coder.Transition{stop, start}},
		"deletion, which is always to be": {set: func(w *lifecycle.Want, _ *stage) { *w = lifecycle.Want{Deleted: true} }, want: []coder.Transition{remove}},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			onStage(t, setting{}, func(ctx context.Context, s *stage) {
				member := s.fake.AddUser("ann")
				s.workspace = s.fake.CreateWorkspace("ann", "one", s.template.ID, nil)
				s.have = lifecycle.Have{ID: s.workspace}
				s.life.Client = s.client(member.Token)
				s.fake.PromoteVersion(s.next)
				s.fake.UpdateTemplate(s.template.ID, func(t *codertest.Template) { t.RequireActiveVersion = true })
				want := s.wanted()
				test.set(&want, s)
				if !want.Deleted {
					if plan := s.plan(ctx, want); refused(&plan) != test.refused {
						t.Errorf("planned with %q", errorsOf(&plan))
					}
				}
				_, err := s.apply(ctx, want, lifecycle.ChangeAll)
				if test.refused {
					if got := asError[*lifecycle.Refusal](t, err).Error(); got != "Template requires its active version" {
						t.Errorf("%q", got)
					}
				} else if err != nil {
					t.Error(err)
				}
				if got := s.builds(ctx); !slices.Equal(got, test.want) {
					t.Errorf("builds %v, want %v", got, test.want)
				}
			})
		})
	}
}

// An unknown value that turns out to need another workspace stops the apply
// before it does anything.
func TestRun_unplannedReplacement(t *testing.T) {
	t.Parallel()
	for name, setting := range settings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onStage(t, setting, func(ctx context.Context, s *stage) {
				want := s.wanted()
				want.TTL, want.Parameters.Unknown = lifecycle.Value(hours(2)), []string{"region"}
				plan := s.plan(ctx, want)
				if refused(&plan) || len(plan.Replace) > 0 || !slices.Contains(summaries(plan.Problems), "Value is not known before the apply") {
					t.Errorf("planned with %q, replaced for %v", summaries(plan.Problems), plan.Replace)
				}
				s.fake.ResetRequests()
				want.Parameters.Unknown, want.Parameters.Known["region"] = nil, "us-east"
				_, err := s.apply(ctx, want, plan.Changes()|lifecycle.ChangeTTL)
				if got := asError[*lifecycle.Refusal](t, err).Error(); got != "Workspace would have to be replaced" || len(s.writes()) > 0 {
					t.Errorf("%q, and sent was %q", got, s.writes())
				}
				if next := s.plan(ctx, want); !slices.Equal(next.Replace, []lifecycle.Place{{Setting: lifecycle.AtParameters, Key: "region"}}) {
					t.Errorf("the next plan replaces for %v", next.Replace)
				}
			})
		})
	}
}

// BuildValues tells after an import whether a preset is there already.
func TestLifecycle_BuildValues(t *testing.T) {
	t.Parallel()
	for title, test := range map[string]struct {
		version string
		cpu     string
		preset  string
		there   bool
	}{
		"no preset":                       {cpu: "2", there: true},
		"its values are there":            {cpu: "1", preset: "Small", there: true},
		"they are not":                    {cpu: "2", preset: "Small"},
		"only some of them":               {cpu: "8", preset: "Large"},
		"no such preset":                  {cpu: "2", preset: "Huge"},
		"no preset, seed":                 {version: "seed", cpu: "2", there: true},
		"a server that has none, v2.21.1": {version: "v2.21.1", cpu: "1", preset: "Small"},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			onStage(t, setting{version: test.version}, func(ctx context.Context, s *stage) {
				id := s.fake.CreateWorkspace("admin", "two", s.template.ID, map[string]string{"cpu": test.cpu})
				workspace, err := s.life.Client.Workspace(ctx, id)
				if err != nil {
					t.Fatal(err)
				}
				values, there, err := s.life.BuildValues(ctx, &workspace.LatestBuild, test.preset)
				if err != nil || there != test.there || !maps.Equal(values, map[string]string{"region": "eu-west", "cpu": test.cpu, "gpu": "false"}) {
					t.Errorf("%v, %t, error %v", values, there, err)
				}
			})
		})
	}
}

// A question without an answer is an error that says which, and nothing is done.
func TestRun_noAnswer(t *testing.T) {
	t.Parallel()
	onStage(t, setting{}, func(ctx context.Context, s *stage) {
		s.fake.AddFault(codertest.Fault{Route: "/templates/{template}", Status: 500, Body: `{"message":"no"}`})
		s.fake.ResetRequests()
		_, err := s.apply(ctx, s.withCPU("4"), lifecycle.ChangeAll)
		failed := asError[*lifecycle.LookupError](t, err)
		if failed.Question != (lifecycle.TemplateOf{ID: s.template.ID}) || len(s.writes()) > 0 {
			t.Errorf("%v, and sent was %q", failed, s.writes())
		}
		want := s.wanted()
		want.VersionID = lifecycle.Value(uuid.New())
		s.fake.ClearFaults()
		_, err = s.apply(ctx, want, lifecycle.ChangeAll)
		if got := asError[*lifecycle.Refusal](t, err).Error(); got != "Template version cannot be used" {
			t.Errorf("of what does not exist: %q", got)
		}
	})
}
