package coder_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// within serves a deployment to a client without a network.
func within(d http.Handler) wire {
	return func(req *http.Request) (*http.Response, error) {
		connected(req)
		recorder := httptest.NewRecorder()
		d.ServeHTTP(recorder, req)
		if err := req.Context().Err(); err != nil {
			return nil, err
		}
		resp := recorder.Result()
		resp.Request = req
		return resp, nil
	}
}

// fleet is a deployment with many workspaces, for use in a bubble of virtual
// time.
type fleet struct {
	*codertest.Deployment

	client   *coder.Client
	template codertest.TemplateInfo
	ids      []uuid.UUID
}

// latency is what every request takes.
const latency = 20 * time.Millisecond

// newFleet makes n workspaces of "admin".
func newFleet(t *testing.T, n int, version string) *fleet {
	t.Helper()
	d := codertest.New(codertest.Options{Version: version, Latency: latency})
	t.Cleanup(d.Close)
	f := &fleet{Deployment: d, template: d.AddTemplate(codertest.BasicTemplate())}
	f.add(n)
	f.reconnect(t)
	return f
}

func (f *fleet) add(n int) {
	for range n {
		f.ids = append(f.ids, f.CreateWorkspace("admin", fmt.Sprintf("w%04d", len(f.ids)), f.template.ID, nil))
	}
}

// reconnect gives the fleet a fresh client.
func (f *fleet) reconnect(t *testing.T) {
	t.Helper()
	f.client = coder.NewWithTransport(coder.Config{URL: parse(t, "http://coder.test"), Token: f.Token()}, within(f.Deployment))
}

// refresh reads all workspaces in any order by some workers, as Terraform does.
func (f *fleet) refresh(t *testing.T, workers int) {
	t.Helper()
	f.each(workers, func(id uuid.UUID) {
		workspace, err := f.client.ReadWorkspace(t.Context(), id)
		if err != nil || workspace.ID != id {
			t.Errorf("reading %s: %v, error %v", id, workspace, err)
		}
	})
}

// each does something with all workspaces in any order by some workers, who take
// a moment between two of them.
func (f *fleet) each(workers int, act func(id uuid.UUID)) {
	queue := make(chan uuid.UUID, len(f.ids))
	for _, i := range rand.Perm(len(f.ids)) {
		queue <- f.ids[i]
	}
	close(queue)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for id := range queue {
				act(id)
				<-time.After(rand.N(5 * time.Millisecond))
			}
		})
	}
	all.Wait()
}

// counts are the requests since the last call, by route.
func (f *fleet) counts() map[string]int {
	counts := map[string]int{}
	for _, request := range f.Requests() {
		counts[request.Method+" "+request.Route]++
		counts[""]++
	}
	f.ResetRequests()
	return counts
}

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

// searching makes a client whose searches are answered by search, and everything
// else by the fleet.
func (f *fleet) searching(t *testing.T, search wire) {
	t.Helper()
	inside := within(f.Deployment)
	f.client = coder.NewWithTransport(coder.Config{URL: parse(t, "http://coder.test"), Token: f.Token()}, wire(func(req *http.Request) (*http.Response, error) {
		if req.URL.Path != "/api/v2/workspaces" {
			return inside(req)
		}
		return search(req)
	}))
}

// When a search fails, each workspace is read by its id, and for a while nothing
// is searched for.
func TestReadWorkspace_SearchFails(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		search wire
		after  time.Duration // at most
	}{
		"refused":         {refused(400), 0},
		"internal error":  {refused(500), 0},
		"too many":        {refused(429, "Retry-After", "60"), 0},
		"proxy":           {refused(502), 0},
		"login page":      {body("<html>"), 0},
		"cut short":       {body(`{"workspaces":[{"id":`), 0},
		"not JSON":        {body(`nonsense`), 0},
		"redirect":        {refused(307), 0},
		"no connection":   {noConnection, 0},
		"lost connection": {lostConnection, 0},
		"no answer":       {hang, 10 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 20, "")
				var searches atomic.Int32
				var mended atomic.Bool
				inside := within(f.Deployment)
				f.searching(t, func(req *http.Request) (*http.Response, error) {
					searches.Add(1)
					if mended.Load() {
						return inside(req)
					}
					return tt.search(req)
				})
				begun := time.Now()
				f.refresh(t, 10)
				f.refresh(t, 10)
				if took := time.Since(begun); took > tt.after+time.Second {
					t.Errorf("it took %v", took)
				}
				if counts := f.counts(); searches.Load() != 1 || counts[""] != 40 {
					t.Errorf("%d searches, requests: %v", searches.Load(), counts)
				}
				mended.Store(true)
				<-time.After(time.Minute)
				f.refresh(t, 10)
				if counts := f.counts(); searches.Load() < 3 || counts["GET /workspaces/{workspace}"] > 2 {
					t.Errorf("%d searches, requests: %v", searches.Load(), counts)
				}
			})
		})
	}
}

// Rows that were not asked for, and more than one of a workspace, do no harm.
func TestReadWorkspace_OddAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 3, "")
		foreign := f.CreateWorkspace("admin", "foreign", f.template.ID, nil)
		row := func(id uuid.UUID, name string) string {
			return fmt.Sprintf(`{"id":%q,"name":%q,"latest_build":{"id":%q}}`, id, name, buildID)
		}
		f.searching(t, func(req *http.Request) (*http.Response, error) {
			for _, id := range f.ids {
				if strings.Count(req.URL.Query().Get("q"), id.String()) > 1 {
					t.Errorf("%s is searched for more than once", id)
				}
			}
			return answer(req, 200, `{"count":9,"workspaces":[`+strings.Join([]string{row(foreign, "x"), row(f.ids[1], "y"), row(f.ids[1], "y"), row(uuid.Nil, "z")}, ",")+`]}`), nil
		})
		if _, err := f.client.User(t.Context(), coder.Me); err != nil { // tells the version
			t.Fatal(err)
		}
		names := make([]string, 3)
		var all sync.WaitGroup
		for i := range names {
			all.Go(func() {
				if i == 1 { // not the first, which has nobody to be searched for with
					<-time.After(time.Microsecond)
				}
				if workspace, err := f.client.ReadWorkspace(t.Context(), f.ids[i]); err != nil || workspace.ID != f.ids[i] {
					t.Errorf("workspace %v, error %v", workspace, err)
				} else {
					names[i] = workspace.Name
				}
			})
		}
		all.Wait()
		if diff := cmp.Diff([]string{"w0000", "y", "w0002"}, names); diff != "" {
			t.Error(diff)
		}
	})
}

// A caller whose context ends leaves at once; the search goes on for the others,
// and that they leave is not taken for a fault of the server.
func TestReadWorkspace_CallersLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 4, "")
		inside := within(f.Deployment)
		f.searching(t, func(req *http.Request) (*http.Response, error) {
			<-time.After(3 * time.Second)
			return inside(req)
		})
		read := func(limits ...time.Duration) {
			var all sync.WaitGroup
			for i, limit := range limits {
				all.Go(func() {
					<-time.After(time.Duration(i) * time.Millisecond)
					ctx, cancel := context.WithTimeout(t.Context(), limit)
					defer cancel()
					begun := time.Now()
					workspace, err := f.client.ReadWorkspace(ctx, f.ids[i])
					if limit < 3*time.Second && (!errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != limit) {
						t.Errorf("read %d ended after %v with %v", i, time.Since(begun), err)
					}
					if limit > 3*time.Second && (err != nil || workspace.ID != f.ids[i]) {
						t.Errorf("read %d: %v, error %v", i, workspace, err)
					}
				})
			}
			all.Wait()
			<-time.After(5 * time.Second)
			if counts := f.counts(); counts["GET /workspaces"] != 1 || counts[""] > 2 {
				t.Errorf("requests: %v", counts)
			}
		}
		read(time.Minute, 1*time.Second, 2*time.Second, time.Minute)
		read(time.Minute, 1*time.Second, 2*time.Second, 2*time.Second)
		read(time.Minute, time.Minute, time.Minute, time.Minute)
	})
}

// When the first read of a client takes too long or fails, the others go on.
func TestReadWorkspace_FirstRead(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]wire{"slow": hang, "failing": noConnection} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 10, "")
				inside := within(f.Deployment)
				var requests atomic.Int32
				f.client = coder.NewWithTransport(coder.Config{URL: parse(t, "http://coder.test"), Token: f.Token()}, wire(func(req *http.Request) (*http.Response, error) {
					if requests.Add(1) == 1 {
						return first(req)
					}
					return inside(req)
				}))
				begun := time.Now()
				var all sync.WaitGroup
				for i, id := range f.ids {
					all.Go(func() {
						ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
						defer cancel()
						<-time.After(time.Duration(i) * time.Microsecond)
						if _, err := f.client.ReadWorkspace(ctx, id); (err != nil) != (i == 0) {
							t.Errorf("read %d: error is %v", i, err)
						}
						if took := time.Since(begun); i > 0 && took > time.Second {
							t.Errorf("read %d took %v", i, took)
						}
					})
				}
				all.Wait()
			})
		})
	}
}
