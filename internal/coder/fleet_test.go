package coder_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

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
