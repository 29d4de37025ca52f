package lifecycle_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// What is wanted and what there is, at both ends of the range of servers and in
// both parameter flows: after a run there is nothing left to do, and the
// deployment has what was asked for.
func TestRun_settles(t *testing.T) {
	t.Parallel()
	type change = func(w *lifecycle.Want, s *stage)
	choices := [][]change{
		{
			func(*lifecycle.Want, *stage) {},
			func(w *lifecycle.Want, _ *stage) { w.RunState = lifecycle.Value(lifecycle.Running) },
			func(w *lifecycle.Want, _ *stage) { w.RunState = lifecycle.Value(lifecycle.Stopped) },
		},
		{
			func(*lifecycle.Want, *stage) {},
			func(w *lifecycle.Want, _ *stage) { w.Parameters.Known["cpu"] = "2" },
			func(w *lifecycle.Want, _ *stage) { w.Parameters.Known["cpu"] = "4" },
			func(w *lifecycle.Want, _ *stage) { w.Parameters.Known["cpu"] = "99" },
		},
		{
			func(*lifecycle.Want, *stage) {},
			func(w *lifecycle.Want, _ *stage) { w.Parameters.Known["region"] = "eu-west" },
			func(w *lifecycle.Want, _ *stage) { w.Parameters.Known["region"] = "us-east" },
		},
		{
			func(*lifecycle.Want, *stage) {},
			func(w *lifecycle.Want, s *stage) { w.VersionID = lifecycle.Value(s.template.ActiveVersionID) },
			func(w *lifecycle.Want, s *stage) { w.VersionID = lifecycle.Value(s.next) },
		},
		{
			func(*lifecycle.Want, *stage) {}, func(*lifecycle.Want, *stage) {},
			func(w *lifecycle.Want, _ *stage) { w.Preset = lifecycle.Value("Small") },
			func(w *lifecycle.Want, _ *stage) { w.Preset = lifecycle.Value("Large") },
		},
		{
			func(*lifecycle.Want, *stage) {},
			func(w *lifecycle.Want, _ *stage) { w.TTL = lifecycle.Value(hours(8)) },
			func(w *lifecycle.Want, _ *stage) { w.TTL = lifecycle.Value(int64(0)) },
		},
		{func(*lifecycle.Want, *stage) {}, func(w *lifecycle.Want, _ *stage) { w.Schedule = lifecycle.Value("CRON_TZ=UTC 0 8 * * 1-5") }},
		{
			func(*lifecycle.Want, *stage) {}, func(*lifecycle.Want, *stage) {},
			func(w *lifecycle.Want, _ *stage) { w.AutomaticUpdates = lifecycle.Value("always") },
		},
		{func(*lifecycle.Want, *stage) {}, func(w *lifecycle.Want, _ *stage) { w.Name = lifecycle.Value("two") }},
		{
			func(*lifecycle.Want, *stage) {}, func(*lifecycle.Want, *stage) {},
			func(w *lifecycle.Want, s *stage) { w.Deadline = lifecycle.Value(s.fake.Now().Add(12 * time.Hour)) },
		},
		{
			func(*lifecycle.Want, *stage) {},
			func(w *lifecycle.Want, _ *stage) { w.EphemeralVersion = lifecycle.Value(int64(1)) },
		},
		{
			func(*lifecycle.Want, *stage) {}, func(*lifecycle.Want, *stage) {},
			func(w *lifecycle.Want, _ *stage) { w.Dormant = lifecycle.Value(true) },
			func(w *lifecycle.Want, _ *stage) { w.Dormant = lifecycle.Value(false) },
		},
	}
	random := rand.New(rand.NewPCG(1, 2))
	const each = 40
	for name, setting := range settings {
		for n := range each {
			picked := make([]int, len(choices))
			for i := range choices {
				if random.IntN(2) == 0 {
					picked[i] = random.IntN(len(choices[i]))
				}
			}
			stopped, twoHours, dormant := random.IntN(3) == 0, random.IntN(2) == 0, random.IntN(4) == 0 && name != "seed"
			t.Run(fmt.Sprintf("%s/%d", name, n), func(t *testing.T) {
				t.Parallel()
				onStage(t, setting, func(ctx context.Context, s *stage) {
					if twoHours {
						ttl := hours(2)
						if err := s.life.Client.PutTTL(ctx, s.workspace, &ttl); err != nil {
							t.Fatal(err)
						}
					}
					if stopped {
						s.stop()
					}
					s.fake.SetDormant(s.workspace, dormant)
					want := s.wanted()
					for i, choice := range picked {
						choices[i][choice](&want, s)
					}
					s.check(ctx, want)
				})
			})
		}
	}
}

// check plans, applies, and looks at what became of it.
func (s *stage) check(ctx context.Context, want lifecycle.Want) {
	s.t.Helper()
	before := s.is()
	plan := s.plan(ctx, want)
	s.fake.ResetRequests()
	if refused(&plan) || len(plan.Replace) > 0 {
		run, err := s.apply(ctx, want, lifecycle.ChangeAll)
		_ = asError[*lifecycle.Refusal](s.t, err)
		if len(s.writes()) > 0 {
			s.t.Errorf("refused, and then %q was sent; done: %v", s.writes(), stepNames(run.Done))
		}
		return
	}
	_, err := s.apply(ctx, want, plan.Changes()|lifecycle.ChangeDeadline)
	if err != nil {
		s.t.Fatalf("%v; planned were %v", err, stepNames(plan.Steps))
	}
	builds := len(slices.DeleteFunc(s.writes(), func(write string) bool { return write != postBuild }))
	if planned := transitions(plan.Steps); builds != len(planned) {
		s.t.Errorf("%d builds, planned were %v", builds, planned)
	}
	s.settles(ctx, want)
	s.matches(want, before)
	s.fake.ResetRequests()
	s.must(ctx, want)
	if sent := s.writes(); len(sent) > 0 {
		s.t.Errorf("a second run sent %q", sent)
	}
}

// matches looks whether the deployment has what is wanted, and else what it had.
func (s *stage) matches(want lifecycle.Want, before codertest.Workspace) {
	s.t.Helper()
	is := s.is()
	differs := func(setting string, differs bool, got, had any) {
		if differs {
			s.t.Errorf("%s is %v, was %v", setting, got, had)
		}
	}
	differs("name", want.Name.Differs(is.Name), is.Name, before.Name)
	ttl, had := int64(0), int64(0)
	if is.TTLMillis != nil {
		ttl = *is.TTLMillis
	}
	if before.TTLMillis != nil {
		had = *before.TTLMillis
	}
	differs("TTL", want.TTL.Differs(ttl) || want.TTL.IsAbsent() && ttl != had, ttl, had)
	schedule := ""
	if is.AutostartSchedule != nil {
		schedule = *is.AutostartSchedule
	}
	differs("schedule", want.Schedule.Differs(schedule), schedule, before.AutostartSchedule)
	differs("automatic updates", want.AutomaticUpdates.Differs(is.AutomaticUpdates) || want.AutomaticUpdates.IsAbsent() && is.AutomaticUpdates != before.AutomaticUpdates, is.AutomaticUpdates, before.AutomaticUpdates)
	dormant := before.Dormant && (is.BuildNumber == before.BuildNumber || is.Status != string(coder.StatusRunning)) // a start wakes
	if configured, known := want.Dormant.Get(); known {
		dormant = configured
	}
	differs("dormancy", is.Dormant != dormant, is.Dormant, before.Dormant)
	differs("version", want.VersionID.Differs(is.VersionID) || want.VersionID.IsAbsent() && is.VersionID != before.VersionID, is.VersionID, before.VersionID)
	status := lifecycle.Setting[string]{}
	if state, configured := want.RunState.Get(); configured {
		status = lifecycle.Value(string(state))
	}
	differs("status", status.Differs(is.Status) || status.IsAbsent() && is.Status != before.Status, is.Status, before.Status)
	values := maps.Clone(before.Parameters)
	switch preset, _ := want.Preset.Get(); preset {
	case "Small":
		values["cpu"] = "1"
	case "Large":
		values["cpu"], values["gpu"] = "8", "true"
	}
	maps.Copy(values, want.Parameters.Known)
	differs("parameters", !maps.Equal(values, is.Parameters), is.Parameters, before.Parameters)
	if deadline, configured := want.Deadline.Get(); configured && is.Status == string(coder.StatusRunning) && !is.Deadline.IsZero() {
		differs("deadline", !is.Deadline.Equal(deadline), is.Deadline, before.Deadline)
	}
}

// Requests are few: what is as it is wanted takes one, and no look-up is made
// for what does not depend on it.
func TestRun_requests(t *testing.T) {
	t.Parallel()
	const read = "GET /workspaces/{workspace}"
	for name, test := range map[string]struct {
		set  func(w *lifecycle.Want, s *stage)
		want []string
	}{
		"nothing":    {func(*lifecycle.Want, *stage) {}, []string{read}},
		"a rename":   {func(w *lifecycle.Want, _ *stage) { w.Name = lifecycle.Value("two") }, []string{read, "PATCH /workspaces/{workspace}"}},
		"a TTL":      {func(w *lifecycle.Want, _ *stage) { w.TTL = lifecycle.Value(hours(2)) }, []string{read, "GET /templates/{template}", "PUT /workspaces/{workspace}/ttl"}},
		"a schedule": {func(w *lifecycle.Want, _ *stage) { w.Schedule = lifecycle.Value("0 8 * * 1-5") }, []string{read, "GET /templates/{template}", "PUT /workspaces/{workspace}/autostart"}},
		"updates":    {func(w *lifecycle.Want, _ *stage) { w.AutomaticUpdates = lifecycle.Value("always") }, []string{read, "PUT /workspaces/{workspace}/autoupdates"}},
		"a stop":     {func(w *lifecycle.Want, _ *stage) { w.RunState = lifecycle.Value(lifecycle.Stopped) }, []string{read, postBuild, "GET /workspaces/{workspace}/watch"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onStage(t, setting{}, func(ctx context.Context, s *stage) {
				want := s.wanted()
				test.set(&want, s)
				s.must(ctx, want)
				var got []string
				for _, request := range s.fake.Requests() {
					got = append(got, request.Method+" "+request.Route)
				}
				if !slices.Equal(got, test.want) {
					t.Errorf("requests are %q, want %q", got, test.want)
				}
			})
		})
	}
}

// A run stops before it does anything when the workspace has changed so that
// more is to be done than the plan has shown.
func TestRun_moved(t *testing.T) {
	t.Parallel()
	onStage(t, setting{}, func(ctx context.Context, s *stage) {
		want := s.wanted()
		want.RunState, want.TTL = lifecycle.Value(lifecycle.Running), lifecycle.Value(hours(2))
		plan := s.plan(ctx, want)
		s.stop()
		s.fake.ResetRequests()
		_, err := s.apply(ctx, want, plan.Changes())
		moved := asError[*lifecycle.Moved](t, err)
		if got := transitions(moved.Steps); !slices.Equal(got, []coder.Transition{coder.TransitionStart}) || len(s.writes()) > 0 {
			t.Errorf("more than planned: %v; sent: %q", got, s.writes())
		}
		s.must(ctx, want)
		s.settles(ctx, want)
	})
}

// Nobody's workspace is awaited that is gone: it is an error, but for who wants
// it gone.
func TestRun_gone(t *testing.T) {
	t.Parallel()
	onStage(t, setting{}, func(ctx context.Context, s *stage) {
		if _, err := s.fake.Build(s.workspace, "admin", "delete", codertest.BuildRequest{}); err != nil {
			t.Fatal(err)
		}
		s.pass(2 * buildTime)
		if _, err := s.apply(ctx, s.wanted(), lifecycle.ChangeAll); coder.KindOf(err) != coder.Gone {
			t.Errorf("error is %v", err)
		}
		s.fake.ResetRequests()
		if _, err := s.apply(ctx, lifecycle.Want{Deleted: true}, lifecycle.ChangeAll); err != nil || len(s.writes()) > 0 {
			t.Errorf("to delete it: %v, sent %q", err, s.writes())
		}
		s.fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: "/workspaces/{workspace}", Status: http.StatusNotFound, Body: `{"message":"Resource not found or you do not have access to this resource"}`})
		if _, err := s.apply(ctx, lifecycle.Want{Deleted: true}, lifecycle.ChangeAll); coder.KindOf(err) != coder.NotVisible {
			t.Errorf("what cannot be seen is not gone: %v", err)
		}
	})
}
