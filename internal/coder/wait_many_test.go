package coder_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// Behind a proxy that passes no streams on, all who wait share their requests.
func TestWaitForBuild_ManyPolling(t *testing.T) {
	t.Parallel()
	const n = 50
	tests := map[string]struct {
		version string
		polls   int // at most
	}{
		// One look each when the stream is refused; then about one every four
		// seconds for all, and some more while builds begin.
		"Coder ≥2.9": {"", n + 80},
		"seed":       {"seed", n * 30},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := codertest.New(codertest.Options{Version: tt.version, Latency: latency, BuildTime: time.Minute})
				t.Cleanup(d.Close)
				d.AddFault(codertest.Fault{Route: "/workspaces/{workspace}/watch", Status: http.StatusNotFound})
				f := &fleet{Deployment: d, template: d.AddTemplate(codertest.BasicTemplate())}
				f.reconnect(t)

				var all sync.WaitGroup
				for i := range n {
					all.Go(func() {
						<-time.After(time.Duration(i) * 100 * time.Millisecond)
						created, err := f.client.CreateWorkspace(t.Context(), f.template.OrganizationID, coder.Me, coder.CreateWorkspaceRequest{Name: fmt.Sprintf("w%d", i), TemplateID: f.template.ID})
						if err != nil {
							t.Error(err)
							return
						}
						finished, err := f.client.WaitForBuild(t.Context(), created.ID, created.LatestBuild.ID, nil)
						if err != nil || finished.Build.ID != created.LatestBuild.ID || finished.Build.Status != coder.StatusRunning {
							t.Errorf("build %v, error %v", finished, err)
							return
						}
						if finished.Workspace != nil && (finished.Workspace.ID != created.ID || finished.Workspace.LatestBuild.Status != coder.StatusRunning) {
							t.Errorf("workspace is %v", finished.Workspace)
						}
					})
				}
				all.Wait()
				counts := f.counts()
				polls := counts[""] - counts["GET /workspaces/{workspace}/watch"] - counts["POST /organizations/{organization}/members/{user}/workspaces"]
				if polls > tt.polls || polls < n {
					t.Errorf("%d polls: %v", polls, counts)
				}
			})
		})
	}
}

// A wait sees the end of its own build, even when the workspace is deleted or
// another build has begun since.
func TestWaitForBuild_PollingBesideOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 20, "")
		f.AddFault(codertest.Fault{Route: "/workspaces/{workspace}/watch", Status: http.StatusNotFound})
		var all sync.WaitGroup
		for i, id := range f.ids {
			all.Go(func() {
				transition, want := coder.TransitionDelete, coder.StatusDeleted
				if i%2 == 0 {
					transition, want = coder.TransitionStop, coder.StatusStopped
				}
				stopped, err := f.client.CreateBuild(t.Context(), id, coder.CreateBuildRequest{Transition: transition})
				if err != nil {
					t.Error(err)
					return
				}
				if i%4 == 0 { // someone else starts it as soon as it is stopped
					go func() {
						<-time.After(15 * time.Millisecond)
						_, _ = f.client.CreateBuild(t.Context(), id, coder.CreateBuildRequest{Transition: coder.TransitionStart})
					}()
				}
				finished, err := f.client.WaitForBuild(t.Context(), id, stopped.ID, nil)
				if err != nil || finished.Build.ID != stopped.ID || finished.Build.Status != want {
					t.Errorf("build %v, error %v", finished, err)
				}
			})
		}
		all.Wait()
	})
}
