package lifecycle_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

const start, stop, remove = coder.TransitionStart, coder.TransitionStop, coder.TransitionDelete

// withCPU is a configuration with so many CPUs.
func (s *stage) withCPU(cpu string) lifecycle.Want {
	want := s.wanted()
	want.Parameters.Known["cpu"] = cpu
	return want
}

// A start that fails leaves the workspace down, but not for good: it is planned
// again, and when the configuration goes back the workspace comes back, with
// values that are configured and with those that never were.
func TestRun_failedStart(t *testing.T) {
	t.Parallel()
	for name, setting := range settings {
		for title, test := range map[string]struct {
			next func(s *stage) lifecycle.Want
			cpu  string
		}{
			"goes back to another value": {func(s *stage) lifecycle.Want { return s.withCPU("2") }, "2"},
			"is not configured any more": {func(s *stage) lifecycle.Want { return s.wanted() }, "2"},
			"gets a third value":         {func(s *stage) lifecycle.Want { return s.withCPU("3") }, "3"},
		} {
			t.Run(name+"/"+title, func(t *testing.T) {
				t.Parallel()
				onStage(t, setting, func(ctx context.Context, s *stage) {
					bad := s.withCPU("7")
					_, err := s.apply(ctx, bad, lifecycle.ChangeAll)
					failed := asError[*lifecycle.BuildFailed](t, err)
					if failed.Summary() != "Workspace failed to start" || failed.Log == "" || failed.Page != "http://localhost/@admin/one/builds/3" {
						t.Errorf("%q, log %q, page %s", failed.Summary(), failed.Log, failed.Page)
					}
					if s.have.Unfinished == nil || s.have.Parameters["cpu"] != "7" {
						t.Errorf("the state has %+v, values %v", s.have.Unfinished, s.have.Parameters)
					}
					if again := s.plan(ctx, bad); !slices.Equal(transitions(again.Steps), []coder.Transition{start}) {
						t.Errorf("planned next are %v", transitions(again.Steps))
					}
					want := test.next(s)
					s.must(ctx, want)
					s.settles(ctx, want)
					if is := s.is(); is.Status != "running" || is.Parameters["cpu"] != test.cpu {
						t.Errorf("it is %s, with %s CPUs", is.Status, is.Parameters["cpu"])
					}
				})
			})
		}
	}
}

// An apply that runs into its time limit remembers its update; the next goes on
// with it, unless somebody has built since.
func TestRun_timeLimit(t *testing.T) {
	t.Parallel()
	for name, setting := range settings {
		for title, test := range map[string]struct {
			limit  time.Duration
			person string // builds meanwhile
			want   []coder.Transition
			status string
		}{
			"during the stop":                     {limit: buildTime / 2, want: []coder.Transition{stop, start}, status: "running"},
			"during the start":                    {limit: buildTime * 3 / 2, want: []coder.Transition{stop, start}, status: "running"},
			"and a person starts it":              {limit: buildTime / 2, person: "start", want: []coder.Transition{stop, start, stop, start}, status: "running"},
			"and a person stops it":               {limit: buildTime / 2, person: "stop", want: []coder.Transition{stop, stop, stop}, status: "stopped"},
			"during the start, a person stops it": {limit: buildTime * 3 / 2, person: "stop", want: []coder.Transition{stop, start, stop}, status: "stopped"},
		} {
			t.Run(name+"/"+title, func(t *testing.T) {
				t.Parallel()
				onStage(t, setting, func(ctx context.Context, s *stage) {
					want := s.withCPU("4")
					limited, cancel := context.WithTimeout(ctx, test.limit)
					defer cancel()
					if _, err := s.apply(limited, want, lifecycle.ChangeAll); !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("error is %v", err)
					}
					if s.have.Unfinished == nil {
						t.Error("nothing is remembered")
					}
					s.pass(2 * buildTime)
					if test.person != "" {
						if _, err := s.fake.Build(s.workspace, "admin", test.person, codertest.BuildRequest{}); err != nil {
							t.Fatal(err)
						}
						s.pass(2 * buildTime)
					}
					s.refresh(ctx)
					s.must(ctx, want)
					s.settles(ctx, want)
					if got, is := s.builds(ctx), s.is(); !slices.Equal(got, test.want) || is.Status != test.status || is.Parameters["cpu"] != "4" {
						t.Errorf("builds %v, want %v; it is %s, with %s CPUs", got, test.want, is.Status, is.Parameters["cpu"])
					}
				})
			})
		}
	}
}

// The answer to a build request is lost. The build is looked for, by who has made
// it and by what it has: that of somebody else is not taken for it, nor one of
// the token's own user with other values.
func TestRun_lostAnswer(t *testing.T) {
	t.Parallel()
	for name, setting := range settings {
		for title, test := range map[string]struct {
			lost  codertest.Fault
			by    string // who builds in that moment; "" nobody
			cpu   string
			after time.Duration
			found bool
		}{
			"the build is there":               {lost: codertest.Fault{DropAfter: true}, found: true},
			"it is there a while later":        {lost: codertest.Fault{DropBefore: true}, by: "admin", cpu: "4", after: 2 * time.Second, found: true},
			"there is none":                    {lost: codertest.Fault{DropBefore: true}},
			"somebody else has built":          {lost: codertest.Fault{DropBefore: true}, by: "bob", cpu: "4"},
			"the token's user has, otherwise":  {lost: codertest.Fault{DropBefore: true}, by: "admin", cpu: "3"},
			"a gateway says that it is to bad": {lost: codertest.Fault{Status: http.StatusBadGateway, ContentType: "text/html", Body: "<html>bad gateway</html>"}},
		} {
			t.Run(name+"/"+title, func(t *testing.T) {
				t.Parallel()
				onStage(t, setting, func(ctx context.Context, s *stage) {
					s.fake.AddUser("bob")
					s.workspace = s.fake.CreateWorkspace("bob", "one", s.template.ID, nil)
					s.have.ID = s.workspace
					s.stop()
					lost := test.lost
					lost.Method, lost.Route, lost.Times = http.MethodPost, routeBuilds, 1
					builds := func() {
						_, err := s.fake.Build(s.workspace, test.by, "start", codertest.BuildRequest{Parameters: map[string]string{"cpu": test.cpu}})
						if err != nil {
							t.Error(err)
						}
					}
					lost.Before = func(*http.Request) {
						switch {
						case test.after > 0:
							time.AfterFunc(test.after, builds)
						case test.by != "":
							builds()
						}
					}
					s.fake.AddFault(lost)
					want := s.withCPU("4")
					want.RunState = lifecycle.Value(lifecycle.Running)
					s.fake.ResetRequests()
					_, err := s.apply(ctx, want, lifecycle.ChangeAll)
					if posts := len(s.writes()); posts != 1 {
						t.Errorf("%d requests were sent", posts)
					}
					if test.found {
						if err != nil {
							t.Fatal(err)
						}
						s.settles(ctx, want)
						return
					}
					if !coder.IsUnclear(err) {
						t.Fatalf("error is %v", err)
					}
					if s.have.Unfinished != nil || s.have.Parameters["cpu"] == "4" {
						t.Errorf("the state has %+v, values %v", s.have.Unfinished, s.have.Parameters)
					}
					s.pass(2 * buildTime)
					s.refresh(ctx)
					s.must(ctx, want)
					s.settles(ctx, want)
				})
			})
		}
	}
}

// Somebody is faster: the run waits for that build and decides anew.
func TestRun_collision(t *testing.T) {
	t.Parallel()
	for name, setting := range settings {
		for title, test := range map[string]struct {
			desired lifecycle.Setting[lifecycle.RunState]
			theirs  string
			skip    int // of our builds pass before
			values  map[string]string
			want    []coder.Transition
		}{
			"before the stop, a stop":           {desired: lifecycle.Value(lifecycle.Running), theirs: "stop", want: []coder.Transition{stop, start}},
			"before the stop, a start":          {desired: lifecycle.Value(lifecycle.Running), theirs: "start", want: []coder.Transition{start, stop, start}},
			"before the start, a start":         {desired: lifecycle.Value(lifecycle.Running), theirs: "start", skip: 1, want: []coder.Transition{stop, start, stop, start}},
			"before the start, with our values": {theirs: "start", skip: 1, values: map[string]string{"cpu": "4"}, want: []coder.Transition{stop, start}},
			"before the start, a person's stop": {theirs: "stop", skip: 1, want: []coder.Transition{stop, stop, stop}},
			"before the start, another apply":   {theirs: "stop", skip: 1, values: map[string]string{"gpu": "true"}, want: []coder.Transition{stop, stop, start}},
			"before the stop, a person's stop":  {theirs: "stop", want: []coder.Transition{stop, stop}},
		} {
			t.Run(name+"/"+title, func(t *testing.T) {
				t.Parallel()
				onStage(t, setting, func(ctx context.Context, s *stage) {
					want := s.withCPU("4")
					want.RunState = test.desired
					s.fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: routeBuilds, Skip: test.skip, Times: 1, Before: func(*http.Request) {
						if _, err := s.fake.Build(s.workspace, "admin", test.theirs, codertest.BuildRequest{Parameters: test.values}); err != nil {
							t.Error(err)
						}
					}})
					s.must(ctx, want)
					s.settles(ctx, want)
					if got := s.builds(ctx); !slices.Equal(got, test.want) || s.is().Parameters["cpu"] != "4" {
						t.Errorf("builds %v, want %v; %s CPUs", got, test.want, s.is().Parameters["cpu"])
					}
				})
			})
		}
	}
}

// What is renamed, or set, while an update has the workspace down does not keep
// it down: the update comes to its end, and says then what the plan has not shown.
func TestRun_movedHalfway(t *testing.T) {
	t.Parallel()
	for name, setting := range settings {
		for title, test := range map[string]struct {
			happens func(ctx context.Context, s *stage) error
			moved   bool
		}{
			"the owner is renamed": {happens: func(_ context.Context, s *stage) error { s.fake.RenameUser("admin", "chief"); return nil }},
			"the workspace is renamed": {happens: func(ctx context.Context, s *stage) error {
				return s.life.Client.RenameWorkspace(ctx, s.workspace, "two")
			}, moved: true},
			"a TTL is set": {happens: func(ctx context.Context, s *stage) error {
				ttl := hours(3)
				return s.life.Client.PutTTL(ctx, s.workspace, &ttl)
			}, moved: true},
		} {
			t.Run(name+"/"+title, func(t *testing.T) {
				t.Parallel()
				onStage(t, setting, func(ctx context.Context, s *stage) {
					want := s.withCPU("4")
					want.OwnerName, want.TTL = lifecycle.Value("admin"), lifecycle.Value(hours(2))
					s.must(ctx, want)
					want = s.withCPU("5")
					want.OwnerName, want.TTL = lifecycle.Value("admin"), lifecycle.Value(hours(2))
					s.fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: routeBuilds, Times: 1, Before: func(*http.Request) {
						time.AfterFunc(buildTime/2, func() {
							if err := test.happens(ctx, s); err != nil {
								t.Error(err)
							}
						})
					}})
					_, err := s.apply(ctx, want, lifecycle.ChangeBuild)
					if moved := errors.As(err, new(*lifecycle.Moved)); moved != test.moved || err != nil && !moved {
						t.Errorf("error is %v", err)
					}
					if is := s.is(); is.Parameters["cpu"] != "5" || is.Status != "running" {
						t.Errorf("there is %+v", is)
					}
				})
			})
		}
	}
}

// Somebody whose builds come before ours every time ends the run some time.
func TestRun_collisionsForEver(t *testing.T) {
	t.Parallel()
	onStage(t, setting{}, func(ctx context.Context, s *stage) {
		s.fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: routeBuilds, Before: func(*http.Request) {
			_, _ = s.fake.Build(s.workspace, "admin", "start", codertest.BuildRequest{})
		}})
		_, err := s.apply(ctx, s.withCPU("4"), lifecycle.ChangeAll)
		if coder.KindOf(err) != coder.BuildActive {
			t.Errorf("error is %v", err)
		}
	})
}

// A build that somebody cancels is no failure of the template, and is planned
// again.
func TestRun_canceled(t *testing.T) {
	t.Parallel()
	for name, setting := range settings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onStage(t, setting, func(ctx context.Context, s *stage) {
				want := s.withCPU("4")
				s.fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: routeBuilds, Skip: 1, Times: 1, Before: func(*http.Request) {
					time.AfterFunc(buildTime/2, func() { s.fake.CancelActiveBuild(s.workspace) })
				}})
				_, err := s.apply(ctx, want, lifecycle.ChangeAll)
				if failed := asError[*lifecycle.BuildFailed](t, err); failed.Summary() != "Start of the workspace was canceled" {
					t.Errorf("%q", failed.Summary())
				}
				if s.have.Build.Status != coder.StatusCanceled || s.have.Unfinished == nil {
					t.Errorf("the state has a build that is %s, %+v", s.have.Build.Status, s.have.Unfinished)
				}
				s.refresh(ctx)
				s.must(ctx, want)
				s.settles(ctx, want)
			})
		})
	}
}

// The memory of an update names its builds by their ids, one after the other.
func TestRun_remembers(t *testing.T) {
	t.Parallel()
	onStage(t, setting{}, func(ctx context.Context, s *stage) {
		s.fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: routeBuilds, Skip: 1, Status: http.StatusForbidden, Body: `{"message":"no"}`})
		want := s.withCPU("4")
		want.VersionID = lifecycle.Value(s.next)
		run, err := s.apply(ctx, want, lifecycle.ChangeAll)
		if step := asError[*lifecycle.StepError](t, err); step.Step.(lifecycle.BuildStep).Request.Transition != start {
			t.Errorf("failed was %s", step.Step.Doing())
		}
		memory := run.Have.Unfinished
		if memory == nil || memory.Build != run.Have.Build.ID || memory.Build == uuid.Nil || memory.From != lifecycle.Running || memory.To != lifecycle.Running ||
			memory.Version != s.template.ActiveVersionID || memory.Values["cpu"] != "2" {
			t.Errorf("%+v", memory)
		}
		s.fake.ClearFaults()
		s.must(ctx, want)
		if s.have.Unfinished != nil {
			t.Errorf("still remembered: %+v", s.have.Unfinished)
		}
	})
}

// An update whose last build ends well after the time limit is done: it is not
// done again, and to take it back is another update.
func TestRun_endsAfterTimeLimit(t *testing.T) {
	t.Parallel()
	for title, test := range map[string]struct {
		set, back func(w *lifecycle.Want)
		cpu       string // when it is taken back
	}{
		"a value": {
			set: func(w *lifecycle.Want) { w.Parameters.Known["cpu"] = "4" }, back: func(w *lifecycle.Want) { w.Parameters.Known["cpu"] = "2" }, cpu: "2",
		},
		"a preset": {
			set: func(w *lifecycle.Want) { w.Preset = lifecycle.Value("Large") }, back: func(w *lifecycle.Want) { w.Preset = lifecycle.Value("Small") }, cpu: "1",
		},
		"a value in place of a preset": {
			set: func(w *lifecycle.Want) { w.Parameters.Known["cpu"] = "4" }, back: func(w *lifecycle.Want) { w.Preset = lifecycle.Value("Small") }, cpu: "1",
		},
		"values for one build": {
			set: func(w *lifecycle.Want) { w.EphemeralVersion = lifecycle.Value(int64(1)) }, back: func(*lifecycle.Want) {}, cpu: "1",
		},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			onStage(t, setting{}, func(ctx context.Context, s *stage) {
				before := s.wanted()
				before.Preset = lifecycle.Value("Small")
				s.must(ctx, before)
				want := s.wanted()
				test.set(&want)
				limited, cancel := context.WithTimeout(ctx, buildTime*3/2)
				defer cancel()
				if _, err := s.apply(limited, want, lifecycle.ChangeAll); !errors.Is(err, context.DeadlineExceeded) {
					t.Fatalf("error is %v", err)
				}
				s.pass(buildTime)
				if again := s.plan(ctx, want); len(again.Steps) > 0 {
					t.Errorf("planned again are %v", stepNames(again.Steps))
				}
				back := s.wanted()
				test.back(&back)
				s.refresh(ctx)
				s.must(ctx, back)
				s.settles(ctx, back)
				if is := s.is(); is.Status != "running" || is.Parameters["cpu"] != test.cpu {
					t.Errorf("taken back it is %s, with %s CPUs", is.Status, is.Parameters["cpu"])
				}
			})
		})
	}
}

// What is applied while the build of an update that was cut still goes on does
// not have the update forgotten: the build may fail yet.
func TestRun_appliedMeanwhile(t *testing.T) {
	t.Parallel()
	onStage(t, setting{}, func(ctx context.Context, s *stage) {
		bad := s.withCPU("7")
		bad.EphemeralVersion = lifecycle.Value(int64(1))
		limited, cancel := context.WithTimeout(ctx, buildTime*3/2)
		defer cancel()
		if _, err := s.apply(limited, bad, lifecycle.ChangeAll); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("error is %v", err)
		}
		bad.TTL = lifecycle.Value(hours(2))
		s.must(ctx, bad)
		if got := s.builds(ctx); s.have.Build.Status != coder.StatusStarting || !slices.Equal(got, []coder.Transition{stop, start}) {
			t.Fatalf("it is %s, builds %v", s.have.Build.Status, got)
		}
		s.pass(buildTime)
		if again := s.plan(ctx, bad); !slices.Equal(transitions(again.Steps), []coder.Transition{start}) {
			t.Errorf("planned next are %v", transitions(again.Steps))
		}
		back := s.wanted()
		s.must(ctx, back)
		s.settles(ctx, back)
		if is := s.is(); is.Status != "running" || is.Parameters["cpu"] != "2" {
			t.Errorf("taken back it is %s, with %s CPUs", is.Status, is.Parameters["cpu"])
		}
	})
}
