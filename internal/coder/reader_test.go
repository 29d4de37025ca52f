package coder_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// How many requests reading many workspaces costs.
func TestReadWorkspace_Requests(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ n, workers, most int }{
		"one":                 {1, 10, 1},
		"two":                 {2, 10, 2},
		"a hundred":           {100, 10, 11},
		"a thousand":          {1000, 10, 101},
		"a thousand by fifty": {1000, 50, 22},
		"one after the other": {50, 1, 50},
		"more than fit a URL": {400, 400, 4},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, tt.n, "")
				f.refresh(t, tt.workers)
				if counts := f.counts(); counts[""] > tt.most {
					t.Errorf("%d requests, want at most %d: %v", counts[""], tt.most, counts)
				}
			})
		})
	}
}

// A single workspace is read without waiting for others.
func TestReadWorkspace_AtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 3, "")
		begun := time.Now()
		for _, id := range f.ids {
			if _, err := f.client.ReadWorkspace(t.Context(), id); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(begun); took != 3*latency {
			t.Errorf("it took %v", took)
		}
	})
}

// A change is a look and a request. The looks are put together, as many as there
// are workers: 31 of ten, 8 of fifty, and some more by chance.
func TestReadWorkspace_BetweenChanges(t *testing.T) {
	t.Parallel()
	for workers, most := range map[int]int{10: 36, 50: 12} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 300, "")
				ttl := int64(7_200_000)
				f.each(workers, func(id uuid.UUID) {
					if _, err := f.client.ReadWorkspace(t.Context(), id); err != nil {
						t.Error(err)
					}
					if err := f.client.PutTTL(t.Context(), id, &ttl); err != nil {
						t.Error(err)
					}
				})
				counts := f.counts()
				if puts := counts["PUT /workspaces/{workspace}/ttl"]; puts != 300 || counts[""]-puts > most {
					t.Errorf("requests: %v, want at most %d reads", counts, most)
				}
			})
		})
	}
}

// A read that comes while a search is under way is not answered by it: that may
// show the workspace as it was before the caller has changed it.
func TestReadWorkspace_AfterChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 3, "")
		inside := within(f.Deployment)
		f.searching(t, func(req *http.Request) (*http.Response, error) {
			resp, err := inside(req)
			<-time.After(time.Second) // the answer's way back
			return resp, err
		})
		var all sync.WaitGroup
		all.Go(func() { f.refresh(t, 3) })
		<-time.After(500 * time.Millisecond) // one was read alone, and a search for the others is under way
		for _, id := range f.ids {
			all.Go(func() {
				name := "new-" + id.String()[:8]
				if err := f.client.RenameWorkspace(t.Context(), id, name); err != nil {
					t.Error(err)
				}
				if workspace, err := f.client.ReadWorkspace(t.Context(), id); err != nil || workspace.Name != name {
					t.Errorf("workspace is %v, error %v", workspace, err)
				}
			})
		}
		all.Wait()
		if counts := f.counts(); counts["GET /workspaces"] != 2 {
			t.Errorf("requests: %v", counts)
		}
	})
}

// A client that has rested coalesces as well as a fresh one.
func TestReadWorkspace_Again(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 100, "")
		for range 3 {
			f.refresh(t, 10)
			if counts := f.counts(); counts[""] > 12 {
				t.Errorf("requests: %v", counts)
			}
			<-time.After(time.Minute)
		}
	})
}

// Servers that cannot search by id are asked for one workspace at a time, without
// waiting for others. Before the first answer has told the version, one search
// can be made in vain.
func TestReadWorkspace_OldServer(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"seed", "v2.8.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 30, version)
				begun := time.Now()
				f.refresh(t, 30)
				// The first read, the search, the others, and their moments of work.
				if took := time.Since(begun); took > 4*latency {
					t.Errorf("it took %v", took)
				}
				if counts := f.counts(); counts["GET /workspaces/{workspace}"] != 30 || counts[""] > 31 {
					t.Errorf("requests: %v", counts)
				}
				f.refresh(t, 30)
				if counts := f.counts(); counts["GET /workspaces/{workspace}"] != 30 || counts[""] != 30 {
					t.Errorf("requests: %v", counts)
				}
			})
		})
	}
}

// A coalesced read gives what a plain one gives, errors included.
func TestReadWorkspace_SameAsPlain(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"seed", "v2.9.0", "v2.35.1"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 5, version)
				gone := f.CreateWorkspace("admin", "gone", f.template.ID, nil)
				deleted, err := f.client.CreateBuild(t.Context(), gone, coder.CreateBuildRequest{Transition: coder.TransitionDelete})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := f.client.WaitForBuild(t.Context(), gone, deleted.ID, nil); err != nil {
					t.Fatal(err)
				}
				hidden := f.AddTemplate(codertest.BasicTemplate())
				f.HideTemplate(hidden.ID, "admin")
				ids := append(f.ids, gone, uuid.New(), f.CreateWorkspace("admin", "hidden", hidden.ID, nil), uuid.Nil)
				ids = append(ids, ids...) // some wanted twice
				f.counts()

				rows, errs := make([]*coder.Workspace, len(ids)), make([]error, len(ids))
				var all sync.WaitGroup
				for i, id := range ids {
					all.Go(func() { rows[i], errs[i] = f.client.ReadWorkspace(t.Context(), id) })
				}
				all.Wait()
				if counts := f.counts(); version != "seed" && (counts["GET /workspaces"] > 2 || counts[""] > 2+8) {
					t.Errorf("requests: %v", counts)
				}
				for i, id := range ids {
					want, wantErr := f.client.Workspace(t.Context(), id)
					if diff := cmp.Diff(want, rows[i]); diff != "" {
						t.Errorf("workspace %d: %s", i, diff)
					}
					if fmt.Sprint(errs[i]) != fmt.Sprint(wantErr) {
						t.Errorf("workspace %d: error is %v, want %v", i, errs[i], wantErr)
					}
				}
			})
		})
	}
}
