package coder_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// face is what of a workspace changes in a history; "gone" once it is deleted.
type face string

func faceOf(w *coder.Workspace, err error) (face, error) {
	if coder.KindOf(err) == coder.Gone {
		return "gone", nil
	}
	if err != nil {
		return "", err
	}
	return describe(w.Name, w.TTLMillis, int(w.LatestBuild.BuildNumber), string(w.LatestBuild.Status)), nil
}

// describe makes no difference between the steps of a build, which are shorter
// than the grain of a history.
func describe(name string, ttlMillis *int64, build int, status string) face {
	switch coder.Status(status) {
	case coder.StatusPending, coder.StatusStarting, coder.StatusStopping, coder.StatusDeleting, coder.StatusCanceling:
		status = "under way"
	default:
	}
	ttl := int64(0)
	if ttlMillis != nil {
		ttl = *ttlMillis
	}
	return face(fmt.Sprintf("%s, ttl %d, build %d %s", name, ttl, build, status))
}

// history is what workspaces really were, and when.
type history struct {
	d *codertest.Deployment

	mu    sync.Mutex
	faces map[uuid.UUID][]moment
	ids   []uuid.UUID
}

// moment is since when a workspace looks so.
type moment struct {
	since time.Time
	face  face
}

// grain is how often the history is written, apart from every change by a
// request.
const grain = 5 * time.Millisecond

// record notes what has changed.
func (h *history) record() {
	workspaces := h.d.Workspaces()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, w := range workspaces {
		now := describe(w.Name, w.TTLMillis, w.BuildNumber, w.Status)
		if w.Deleted {
			now = "gone"
		}
		past := h.faces[w.ID]
		if len(past) == 0 {
			h.ids = append(h.ids, w.ID)
		}
		if len(past) == 0 || past[len(past)-1].face != now {
			h.faces[w.ID] = append(past, moment{time.Now(), now})
		}
	}
}

// had tells whether the workspace looked so at any time in between.
func (h *history) had(id uuid.UUID, seen face, from, to time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	past := h.faces[id]
	for i, m := range past {
		ended := i+1 < len(past) && past[i+1].since.Before(from.Add(-grain))
		if m.face == seen && !ended && !m.since.After(to.Add(grain)) {
			return true
		}
	}
	return false
}

// pick is one of the newest workspaces, deleted or not.
func (h *history) pick(random *rand.Rand) uuid.UUID {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ids[len(h.ids)-1-random.IntN(min(len(h.ids), 6))]
}

// change does one thing to a workspace. That it can be refused is part of the
// history.
func (f *fleet) change(ctx context.Context, random *rand.Rand, client *coder.Client, id uuid.UUID) {
	build := func(transition coder.Transition) {
		_, _ = client.CreateBuild(ctx, id, coder.CreateBuildRequest{Transition: transition})
	}
	switch random.IntN(7) {
	case 0, 1:
		_ = client.RenameWorkspace(ctx, id, fmt.Sprintf("w-%d", random.Uint32()))
	case 2:
		ttl := int64(random.IntN(100)+1) * 60_000
		_ = client.PutTTL(ctx, id, &ttl)
	case 3:
		build(coder.TransitionStop)
	case 4:
		build(coder.TransitionStart)
	case 5:
		// Delete it and, if its name is free by then, make another of that name.
		name := ""
		if workspace, err := client.Workspace(ctx, id); err == nil {
			name = workspace.Name
		}
		build(coder.TransitionDelete)
		if name == "" {
			return
		}
		<-time.After(time.Duration(random.IntN(100)) * time.Millisecond)
		_, _ = client.CreateWorkspace(ctx, f.template.OrganizationID, coder.Me, coder.CreateWorkspaceRequest{Name: name, TemplateID: f.template.ID})
	case 6:
		if workspace, err := client.Workspace(ctx, id); err == nil {
			_ = client.CancelBuild(ctx, workspace.LatestBuild.ID, false)
		}
	}
}

// Whatever others and the client itself do to workspaces between and during
// reads, a read gives what a workspace was at a moment while it lasted. A run can
// be repeated by its seed.
func FuzzReadWorkspace_History(f *testing.F) {
	for seed := range uint64(2) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		synctest.Test(t, func(t *testing.T) { readHistory(t, seed) })
	})
}

func readHistory(t *testing.T, seed uint64) {
	f := newFleet(t, 6, "")
	h := &history{d: f.Deployment, faces: map[uuid.UUID][]moment{}}
	h.record()
	// Answers take a while on their way, after the server has made them. Changes
	// take turns, so that nothing between two of the same moment is missed.
	turn := make(chan struct{}, 1)
	inside := func(req *http.Request) (*http.Response, error) {
		if req.Method == http.MethodGet {
			return within(f.Deployment)(req)
		}
		turn <- struct{}{}
		defer func() { <-turn }()
		f.Advance(0) // what is due by now
		h.record()
		defer h.record()
		return within(f.Deployment)(req)
	}
	var roads sync.Mutex
	road := rand.New(rand.NewPCG(seed, 1))
	f.client = coder.NewWithTransport(coder.Config{URL: parse(t, "http://coder.test"), Token: f.Token()}, wire(func(req *http.Request) (*http.Response, error) {
		resp, err := inside(req)
		roads.Lock()
		wait := time.Duration(road.IntN(150)) * time.Millisecond
		roads.Unlock()
		<-time.After(wait)
		return resp, err
	}))
	client := f.client
	others := coder.NewWithTransport(coder.Config{URL: parse(t, "http://coder.test"), Token: f.Token()}, wire(inside))

	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		for ctx.Err() == nil {
			h.record()
			<-time.After(grain)
		}
	})
	for i := range uint64(3) {
		all.Go(func() { // others
			random := rand.New(rand.NewPCG(seed, 100+i))
			for ctx.Err() == nil {
				f.change(ctx, random, others, h.pick(random))
				<-time.After(time.Duration(random.IntN(10)) * time.Millisecond)
			}
		})
	}
	all.Go(func() { // the client itself
		random := rand.New(rand.NewPCG(seed, 200))
		for ctx.Err() == nil {
			f.change(ctx, random, client, h.pick(random))
			<-time.After(time.Duration(random.IntN(50)) * time.Millisecond)
		}
	})
	var readers sync.WaitGroup
	for i := range uint64(30) {
		readers.Go(func() {
			random := rand.New(rand.NewPCG(seed, 300+i))
			for range 40 {
				id, begun := h.pick(random), time.Now()
				seen, err := faceOf(client.ReadWorkspace(t.Context(), id))
				if err != nil {
					t.Errorf("seed %d: reading %s: %v", seed, id, err)
					return
				}
				h.record()
				if !h.had(id, seen, begun, time.Now()) {
					t.Errorf("seed %d: %s was read as %q; it has been %v", seed, id, seen, h.faces[id])
				}
				<-time.After(time.Duration(random.IntN(10*(1+int(i)))) * time.Millisecond)
			}
		})
	}
	readers.Wait()
	stop()
	all.Wait()
	if counts := f.counts(); counts["GET /workspaces"] == 0 {
		t.Errorf("nothing was coalesced: %v", counts)
	}
}
