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
