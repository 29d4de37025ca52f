package coder_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

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
