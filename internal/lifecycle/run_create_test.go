package lifecycle_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

const routeCreate = "/organizations/{organization}/members/{user}/workspaces"

// create creates a workspace and does what the request could not carry.
func (s *stage) create(ctx context.Context, want lifecycle.Want) (*lifecycle.Created, *lifecycle.Run, error) {
	s.t.Helper()
	created, err := s.life.Create(ctx, want)
	if err != nil {
		return nil, nil, err
	}
	s.workspace, s.have = created.Workspace.ID, created.Begin(want)
	want.AwaitBuild = created.Build.ID
	run := &lifecycle.Run{Want: want, Have: s.have, Allowed: lifecycle.ChangeAll}
	err = s.life.Run(ctx, run)
	s.have = run.Have
	s.have.Fresh, s.have.Applying, s.have.Awaited = nil, false, false
	return created, run, err
}

// What a create is asked for is there in the end, by the request or by what
// follows it.
func TestCreate(t *testing.T) {
	t.Parallel()
	all := []string{"seed", "newest", "newest, classic parameter flow"}
	for name, test := range map[string]struct {
		set    func(w *lifecycle.Want, s *stage)
		on     []string
		builds []coder.Transition // after the first
		status string
		values map[string]string
	}{
		"nothing":  {set: func(*lifecycle.Want, *stage) {}},
		"values":   {set: func(w *lifecycle.Want, _ *stage) { w.Parameters.Known["cpu"] = "4" }, values: map[string]string{"cpu": "4"}},
		"stopped":  {set: func(w *lifecycle.Want, _ *stage) { w.RunState = lifecycle.Value(lifecycle.Stopped) }, builds: []coder.Transition{stop}, status: "stopped"},
		"schedule": {set: func(w *lifecycle.Want, _ *stage) { w.Schedule = lifecycle.Value("0 8 * * 1-5") }},
		"a TTL":    {set: func(w *lifecycle.Want, _ *stage) { w.TTL = lifecycle.Value(hours(3)) }},
		"no TTL":   {set: func(w *lifecycle.Want, _ *stage) { w.TTL = lifecycle.Value(int64(0)) }},
		"updates":  {set: func(w *lifecycle.Want, _ *stage) { w.AutomaticUpdates = lifecycle.Value("always") }, on: all[1:]},
		"a version": {
			set: func(w *lifecycle.Want, s *stage) { w.VersionID = lifecycle.Value(s.next) }, on: all[1:],
		},
		"a preset": {
			set: func(w *lifecycle.Want, _ *stage) { w.Preset = lifecycle.Value("Large") }, on: all[1:], values: map[string]string{"cpu": "8", "gpu": "true"},
		},
		"the preset of a version": {
			set: func(w *lifecycle.Want, s *stage) {
				w.VersionID, w.Preset = lifecycle.Value(s.next), lifecycle.Value("Small")
			}, on: all[1:], values: map[string]string{"cpu": "1"},
		},
		"dormancy": {set: func(w *lifecycle.Want, _ *stage) { w.Dormant = lifecycle.Value(true) }, on: all[1:]},
		"a deadline": {set: func(w *lifecycle.Want, s *stage) {
			w.TTL, w.Deadline = lifecycle.Value(hours(2)), lifecycle.Value(s.fake.Now().Add(12*time.Hour))
		}},
	} {
		if test.on == nil {
			test.on = all
		}
		for _, version := range test.on {
			t.Run(version+"/"+name, func(t *testing.T) {
				t.Parallel()
				onStage(t, settings[version], func(ctx context.Context, s *stage) {
					want := s.wanted()
					want.Name = lifecycle.Value("two")
					test.set(&want, s)
					decision, err := s.life.DecideCreate(ctx, want, &lifecycle.Have{}, false)
					if err != nil || refused(&decision) {
						t.Fatalf("planned: %v %q", err, errorsOf(&decision))
					}
					before := codertest.Workspace{Status: "running", VersionID: s.template.ActiveVersionID, Parameters: map[string]string{"region": "eu-west", "cpu": "2", "gpu": "false"}, AutomaticUpdates: "never"}
					if _, run, err := s.create(ctx, want); err != nil {
						t.Fatalf("%v, after %v", err, stepNames(run.Done))
					}
					s.settles(ctx, want)
					s.matches(want, before)
					is := s.is()
					values := maps.Clone(before.Parameters)
					maps.Copy(values, test.values)
					if got := s.builds(ctx); !slices.Equal(got, test.builds) || !maps.Equal(is.Parameters, values) {
						t.Errorf("builds after the first %v, values %v", got, is.Parameters)
					}
				})
			})
		}
	}
}

// The answer to a create is lost: what it has made is found, by who has made it
// and by what it has, and nothing else is taken for it.
func TestCreate_lostAnswer(t *testing.T) {
	t.Parallel()
	for name, setting := range settings {
		for title, test := range map[string]struct {
			lost   codertest.Fault
			theirs func(s *stage) // in that moment
			found  bool
		}{
			"it was made":                         {lost: codertest.Fault{DropAfter: true}, found: true},
			"it was not":                          {lost: codertest.Fault{DropBefore: true}},
			"somebody has one of that name":       {lost: codertest.Fault{DropBefore: true}, theirs: func(s *stage) { s.fake.CreateWorkspace("admin", "two", s.template.ID, nil) }},
			"and of those values, of another one": {lost: codertest.Fault{DropBefore: true}, theirs: func(s *stage) { s.byBob() }},
		} {
			t.Run(name+"/"+title, func(t *testing.T) {
				t.Parallel()
				onStage(t, setting, func(ctx context.Context, s *stage) {
					s.fake.AddUser("bob")
					lost := test.lost
					lost.Method, lost.Route, lost.Times = http.MethodPost, routeCreate, 1
					lost.Before = func(*http.Request) {
						if test.theirs != nil {
							test.theirs(s)
						}
					}
					s.fake.AddFault(lost)
					want := s.withCPU("4")
					want.Name, want.OwnerName = lifecycle.Value("two"), lifecycle.Value("bob")
					if title == "somebody has one of that name" {
						want.OwnerName = lifecycle.Setting[string]{}
					}
					created, _, err := s.create(ctx, want)
					posts := 0
					for _, request := range s.fake.Requests() {
						if request.Method == http.MethodPost && request.Route == routeCreate && request.User != "bob" {
							posts++
						}
					}
					if posts != 1 {
						t.Errorf("%d requests to create", posts)
					}
					if !test.found {
						if !coder.IsUnclear(err) {
							t.Errorf("found %+v, error %v", created, err)
						}
						return
					}
					if err != nil {
						t.Fatalf("found %+v, error %v", created, err)
					}
					s.settles(ctx, want)
				})
			})
		}
	}
}

// byBob has bob create the very workspace that admin wants for him.
func (s *stage) byBob() {
	s.t.Helper()
	token := s.fake.AddToken("bob", time.Time{})
	_, err := s.client(token).CreateWorkspace(s.t.Context(), s.template.OrganizationID, coder.Me, coder.CreateWorkspaceRequest{
		Name: "two", TemplateID: s.template.ID, RichParameterValues: []coder.BuildParameter{{Name: "cpu", Value: "4"}},
	})
	if err != nil {
		s.t.Error(err)
	}
}

// Somebody builds right after a create whose answer is lost. The first build is
// the create's, and the state says what the latest one has.
func TestCreate_buildAfterLostAnswer(t *testing.T) {
	t.Parallel()
	for name, setting := range settings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onStage(t, setting, func(ctx context.Context, s *stage) {
				s.fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: routeCreate, Times: 1, DropAfter: true})
				// The answer to the first look is lost as well, and by the next somebody has built.
				s.fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: "/users/{user}/workspace/{workspacename}", Times: 1, Status: http.StatusBadGateway, Before: func(*http.Request) {
					s.fake.Advance(2 * buildTime)
					two := s.named("two")
					if _, err := s.fake.Build(two, "admin", "start", codertest.BuildRequest{Parameters: map[string]string{"cpu": "3"}}); err != nil {
						t.Error(err)
					}
				}})
				want := s.withCPU("4")
				want.Name = lifecycle.Value("two")
				created, err := s.life.Create(ctx, want)
				if err != nil {
					t.Fatal(err)
				}
				if created.Build.BuildNumber != 1 || created.Workspace.LatestBuild.BuildNumber != 2 {
					t.Errorf("build %d of %d", created.Build.BuildNumber, created.Workspace.LatestBuild.BuildNumber)
				}
				if have := created.Begin(want); len(have.Parameters) > 0 || have.Build.Number != 2 {
					t.Errorf("the state has build %d with %v", have.Build.Number, have.Parameters)
				}
			})
		})
	}
}

// named is a workspace by its name.
func (s *stage) named(name string) uuid.UUID {
	s.t.Helper()
	all := s.fake.Workspaces()
	i := slices.IndexFunc(all, func(w codertest.Workspace) bool { return w.Name == name })
	if i < 0 {
		s.t.Fatalf("there is no workspace %q", name)
	}
	return all[i].ID
}

// A first build that fails is the error of a create; what it could not carry is
// not tried.
func TestCreate_firstBuildFails(t *testing.T) {
	t.Parallel()
	for name, setting := range settings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onStage(t, setting, func(ctx context.Context, s *stage) {
				want := s.withCPU("7")
				want.Name, want.RunState = lifecycle.Value("two"), lifecycle.Value(lifecycle.Stopped)
				_, _, err := s.create(ctx, want)
				if failed := asError[*lifecycle.BuildFailed](t, err); failed.Build.BuildNumber != 1 {
					t.Errorf("failed was build %d", failed.Build.BuildNumber)
				}
				if got := s.builds(ctx); len(got) > 0 {
					t.Errorf("and then there were builds %v", got)
				}
			})
		})
	}
}

// A deadline is judged by the server's clock, also where the plan of a create is
// the first that is asked of it.
func TestDecideCreate_clock(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		deadline time.Duration // from now by the server's clock; 0 is none
		refused  string
	}{
		"it has passed there":   {-time.Hour, "Deadline is in the past"},
		"it is too soon there":  {time.Minute, "Deadline is too soon"},
		"it is far enough away": {time.Hour, ""},
		"there is none":         {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onStage(t, setting{}, func(ctx context.Context, s *stage) {
				s.fake.Advance(24 * time.Hour) // its clock is not ours
				s.fake.ResetRequests()
				want := s.wanted()
				want.Name, want.TemplateID = lifecycle.Value("two"), lifecycle.Unknown[uuid.UUID]()
				var asks []string
				if test.deadline != 0 {
					want.Deadline, asks = lifecycle.Value(s.fake.Now().Add(test.deadline)), []string{"GET /buildinfo"}
				}
				d, err := s.life.DecideCreate(ctx, want, &lifecycle.Have{}, false)
				if got := strings.Join(errorsOf(&d), " "); err != nil || got != test.refused {
					t.Errorf("%q, want %q; error %v", got, test.refused, err)
				}
				var asked []string
				for _, request := range s.fake.Requests() {
					asked = append(asked, request.Method+" "+request.Route)
				}
				if !slices.Equal(asked, asks) {
					t.Errorf("asked for %q, want %q", asked, asks)
				}
			})
		})
	}
}

// What a create has made is told from what was there before by the server's
// clock, also where the create is the first that is asked of it.
func TestCreate_lostAnswerByAnotherClock(t *testing.T) {
	t.Parallel()
	for name, setting := range settings {
		for title, ahead := range map[string]time.Duration{"ours is late": time.Hour, "it is on time": 0} {
			for _, made := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%s/made %t", name, title, made), func(t *testing.T) {
					t.Parallel()
					onStage(t, setting, func(ctx context.Context, s *stage) {
						s.fake.Advance(ahead)
						want := s.withCPU("4")
						want.Name, want.OrganizationID = lifecycle.Value("two"), lifecycle.Value(s.template.OrganizationID)
						if !made { // the same of long ago
							s.fake.CreateWorkspace("admin", "two", s.template.ID, map[string]string{"cpu": "4"})
							s.pass(time.Minute)
						}
						s.fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: routeCreate, Times: 1, DropAfter: made, DropBefore: !made})
						created, err := s.life.Create(ctx, want)
						if made && err != nil || !made && !coder.IsUnclear(err) {
							t.Errorf("found %+v, error %v", created, err)
						}
					})
				})
			}
		}
	}
}
