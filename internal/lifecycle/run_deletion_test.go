package lifecycle_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// failsToDelete has the workspace be of a template that cannot be deleted.
func (s *stage) failsToDelete() {
	template := s.fake.AddTemplate(codertest.FailingTemplate())
	s.workspace = s.fake.CreateWorkspace("admin", "two", template.ID, map[string]string{"fail_at": "delete"})
	s.have = lifecycle.Have{ID: s.workspace}
}

func TestRun_deletion(t *testing.T) {
	t.Parallel()
	for name, setting := range settings {
		for title, test := range map[string]struct {
			orphan bool
			before func(s *stage)
			want   []coder.Transition // builds
			failed string             // the summary of the error
		}{
			"of one that runs":       {before: func(*stage) {}, want: []coder.Transition{remove}},
			"of one that is stopped": {before: func(s *stage) { s.stop() }, want: []coder.Transition{stop, remove}},
			"that somebody else has begun": {
				before: func(s *stage) { _, _ = s.fake.Build(s.workspace, "admin", "delete", codertest.BuildRequest{}) }, want: []coder.Transition{remove},
			},
			"in the middle of a stop": {
				before: func(s *stage) {
					_, _ = s.fake.Build(s.workspace, "admin", "stop", codertest.BuildRequest{})
					s.pass(buildTime / 2)
				}, want: []coder.Transition{stop, remove},
			},
			"with a build in the queue": {
				before: func(s *stage) {
					s.fake.HoldBuilds(true)
					_, _ = s.fake.Build(s.workspace, "admin", "stop", codertest.BuildRequest{})
					time.AfterFunc(time.Minute, func() { s.fake.HoldBuilds(false) })
				}, want: []coder.Transition{stop, remove},
			},
			"that fails":                  {before: (*stage).failsToDelete, want: []coder.Transition{remove}, failed: "Workspace failed to be deleted"},
			"that fails, and is orphaned": {before: (*stage).failsToDelete, orphan: true, want: []coder.Transition{remove, remove}},
			"that somebody cancels": {
				orphan: true, before: func(s *stage) {
					s.fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: routeBuilds, Before: func(*http.Request) {
						time.AfterFunc(buildTime/2, func() { s.fake.CancelActiveBuild(s.workspace) })
					}})
				}, want: []coder.Transition{remove}, failed: "Deletion of the workspace was canceled",
			},
			"that somebody takes out of the queue": {
				orphan: true, before: func(s *stage) {
					s.fake.HoldBuilds(true)
					s.fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: routeBuilds, Before: func(*http.Request) {
						time.AfterFunc(buildTime/2, func() { s.fake.CancelActiveBuild(s.workspace) })
					}})
				}, want: []coder.Transition{remove}, failed: "Deletion of the workspace was canceled",
			},
			"that meets somebody else's deletion": {
				before: func(s *stage) {
					s.fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: routeBuilds, Times: 1, Before: func(*http.Request) {
						_, _ = s.fake.Build(s.workspace, "admin", "delete", codertest.BuildRequest{})
					}})
				}, want: []coder.Transition{remove},
			},
			"whose answer is lost": {
				before: func(s *stage) {
					s.fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: routeBuilds, Times: 1, DropAfter: true})
				}, want: []coder.Transition{remove},
			},
		} {
			t.Run(name+"/"+title, func(t *testing.T) {
				t.Parallel()
				onStage(t, setting, func(ctx context.Context, s *stage) {
					test.before(s)
					run, err := s.apply(ctx, lifecycle.Want{Deleted: true, Orphan: test.orphan}, lifecycle.ChangeAll)
					if test.failed == "" && err != nil {
						t.Fatalf("%v, after %v", err, stepNames(run.Done))
					}
					if test.failed != "" {
						if failed := asError[*lifecycle.BuildFailed](t, err); failed.Summary() != test.failed {
							t.Errorf("%q", failed.Summary())
						}
					}
					if is := s.is(); is.Deleted != (test.failed == "") {
						t.Errorf("deleted: %t", is.Deleted)
					}
					if got := s.builds(ctx); !slices.Equal(got, test.want) {
						t.Errorf("builds %v, want %v", got, test.want)
					}
					orphaned := slices.ContainsFunc(run.Warnings, func(p lifecycle.Problem) bool { return p.Summary == "Workspace orphaned" })
					if orphaned != (len(test.want) == 2 && test.want[0] == remove) {
						t.Errorf("warnings: %q", summaries(run.Warnings))
					}
				})
			})
		}
	}
}

// Who may not leave the resources behind is not told that this has happened.
func TestRun_orphanForbidden(t *testing.T) {
	t.Parallel()
	onStage(t, settings["newest"], func(ctx context.Context, s *stage) {
		bob := s.fake.AddUser("bob")
		template := s.fake.AddTemplate(codertest.FailingTemplate())
		s.workspace = s.fake.CreateWorkspace("bob", "two", template.ID, map[string]string{"fail_at": "delete"})
		s.have = lifecycle.Have{ID: s.workspace}
		s.life.Client = s.client(bob.Token)
		run, err := s.apply(ctx, lifecycle.Want{Deleted: true, Orphan: true}, lifecycle.ChangeAll)
		if coder.KindOf(err) != coder.OrphanForbidden {
			t.Error(err)
		}
		if got := summaries(run.Warnings); !slices.Equal(got, []string{"Workspace failed to be deleted"}) || s.is().Deleted {
			t.Errorf("deleted: %t, warnings: %q", s.is().Deleted, got)
		}
	})
}

// A build in the queue is taken out of it where that is safe. One that is picked
// up in that very moment is never cut off: what it has made must be in its state
// for the deletion to find.
func TestRun_deletionOfQueued(t *testing.T) {
	t.Parallel()
	const routeCancel = "/workspacebuilds/{workspacebuild}/cancel"
	for _, version := range []string{"seed", "v2.24.0", "v2.25.0", "v2.35.1"} {
		for title, picksUp := range map[string]bool{"which stays there": false, "which is picked up": true} {
			t.Run(version+"/"+title, func(t *testing.T) {
				t.Parallel()
				onStage(t, setting{version: version}, func(ctx context.Context, s *stage) {
					s.stop()
					s.fake.HoldBuilds(true)
					queued, err := s.fake.Build(s.workspace, "admin", "start", codertest.BuildRequest{})
					if err != nil {
						t.Fatal(err)
					}
					s.fake.AddFault(codertest.Fault{Method: http.MethodPatch, Route: routeCancel, Before: func(*http.Request) {
						if picksUp {
							s.fake.HoldBuilds(false)
							s.fake.Advance(buildTime / 2)
						}
					}})
					time.AfterFunc(time.Minute, func() { s.fake.HoldBuilds(false) })
					s.fake.ResetRequests()
					s.must(ctx, lifecycle.Want{Deleted: true})
					safe := coder.ParseVersion(version).AtLeast(2, 25)
					if cancels := slices.Contains(s.writes(), "PATCH "+routeCancel); cancels != safe {
						t.Errorf("sent %q", s.writes())
					}
					build, err := s.life.Client.Build(ctx, queued)
					if err != nil {
						t.Fatal(err)
					}
					want := coder.JobSucceeded
					if safe && !picksUp {
						want = coder.JobCanceled
					}
					if build.Job.Status != want || !s.is().Deleted {
						t.Errorf("the queued build has %s, want %s; deleted %t", build.Job.Status, want, s.is().Deleted)
					}
				})
			})
		}
	}
}
