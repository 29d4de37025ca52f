package coder_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// movingList is a deployment where workspaces start, stop and get other names
// whenever a page of the list is read.
type movingList struct {
	fake   *codertest.Deployment
	client *coder.Client
	ids    []uuid.UUID

	mu    sync.Mutex
	dice  *rand.Rand
	moves int // before each page
	names map[uuid.UUID]map[string]bool
}

func newMovingList(t testing.TB, version string, workspaces, moves int) *movingList {
	t.Helper()
	l := &movingList{
		fake: codertest.New(codertest.Options{Version: version}), moves: moves,
		dice: rand.New(rand.NewPCG(1, 2)), names: map[uuid.UUID]map[string]bool{},
	}
	t.Cleanup(l.fake.Close)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/workspaces") {
			l.move(r.Context(), t)
		}
		l.fake.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	l.client = coder.New(coder.Config{URL: parse(t, server.URL), Token: l.fake.Token()})

	template := l.fake.AddTemplate(codertest.BasicTemplate())
	for i := range 10 {
		l.fake.AddUser(fmt.Sprint("user-", i))
	}
	for i := range workspaces {
		name := fmt.Sprintf("ws-%05d", i)
		id := l.fake.CreateWorkspace(fmt.Sprint("user-", i%10), name, template.ID, nil)
		l.ids = append(l.ids, id)
		l.names[id] = map[string]bool{name: true}
		if i%3 == 0 {
			l.call(t.Context(), t, http.MethodPost, id, "/builds", `{"transition":"stop"}`)
		}
	}
	l.fake.Advance(time.Second)
	l.fake.ResetRequests()
	return l
}

// call makes a request as somebody else, without a connection.
func (l *movingList) call(ctx context.Context, t testing.TB, method string, id uuid.UUID, path, body string) {
	t.Helper()
	req := httptest.NewRequestWithContext(ctx, method, "/api/v2/workspaces/"+id.String()+path, strings.NewReader(body))
	req.Header.Set("Coder-Session-Token", l.fake.Token())
	answer := httptest.NewRecorder()
	l.fake.ServeHTTP(answer, req)
	if answer.Code >= 300 && answer.Code != http.StatusConflict { // of a build that runs already
		t.Errorf("%s %s answers %d: %s", method, path, answer.Code, answer.Body)
	}
}

// move lets something happen to random workspaces.
func (l *movingList) move(ctx context.Context, t testing.TB) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for range l.moves {
		id := l.ids[l.dice.IntN(len(l.ids))]
		switch l.dice.IntN(3) {
		case 0:
			l.call(ctx, t, http.MethodPost, id, "/builds", `{"transition":"start"}`)
		case 1:
			l.call(ctx, t, http.MethodPost, id, "/builds", `{"transition":"stop"}`)
		default:
			name := fmt.Sprintf("%c-%d", 'a'+rune(l.dice.IntN(26)), l.dice.Uint32())
			l.names[id][name] = true
			l.call(ctx, t, http.MethodPatch, id, "", fmt.Sprintf(`{"name":%q}`, name))
		}
	}
	l.fake.Advance(100 * time.Millisecond) // builds come to their end
}

// reads is how many requests the client has made.
func (l *movingList) reads() int {
	reads := 0
	for _, request := range l.fake.Requests() {
		if request.Method == http.MethodGet {
			reads++
		}
	}
	return reads
}

// check finds what is wrong with a list.
func (l *movingList) check(t testing.TB, rows []coder.Workspace) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	found := map[uuid.UUID]bool{}
	for i, row := range rows {
		if found[row.ID] {
			t.Errorf("%s is found twice", row.Name)
		}
		found[row.ID] = true
		if !l.names[row.ID][row.Name] {
			t.Errorf("%s was never the name of %s", row.Name, row.ID)
		}
		if i > 0 && strings.ToLower(rows[i-1].OwnerName+"\x00"+rows[i-1].Name) > strings.ToLower(row.OwnerName+"\x00"+row.Name) {
			t.Errorf("%s/%s comes after %s/%s", row.OwnerName, row.Name, rows[i-1].OwnerName, rows[i-1].Name)
		}
	}
	if len(found) != len(l.ids) {
		t.Errorf("%d of %d workspaces are found", len(found), len(l.ids))
	}
}

// A long list is complete and exact although it moves while it is read.
func TestAllWorkspaces_Moving(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"seed", "v2.35.1"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			l := newMovingList(t, version, 2000, 3)
			rows, err := l.client.AllWorkspaces(t.Context(), coder.WorkspaceSearch{PageSize: 100})
			if err != nil {
				t.Fatal(err)
			}
			l.check(t, rows)
			if got := l.reads(); got < 20 || got > 6*20 {
				t.Errorf("%d requests for 20 pages", got)
			}
		})
	}
}

// BenchmarkAllWorkspaces reads 10 000 workspaces with all that belongs to
// them, at rest and while ten of them move with every page.
func BenchmarkAllWorkspaces(b *testing.B) {
	const workspaces = 10_000
	for name, moves := range map[string]int{"at rest": 0, "moving": 10} {
		b.Run(name, func(b *testing.B) {
			l := newMovingList(b, "v2.35.1", workspaces, moves)
			var requests int
			var peak uint64
			for b.Loop() {
				l.fake.ResetRequests()
				stop := watchHeap()
				rows, err := l.client.AllWorkspaces(b.Context(), coder.WorkspaceSearch{})
				if err != nil {
					b.Fatal(err)
				}
				peak = max(peak, stop())
				requests = l.reads()
				l.check(b, rows)
			}
			b.ReportMetric(float64(requests), "requests/op")
			b.ReportMetric(float64(peak)/1e6, "peak-MB")
		})
	}
}

// watchHeap measures by how much the live heap grows at most until it is
// stopped.
func watchHeap() (stop func() uint64) {
	live := func() uint64 {
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	runtime.GC()
	before := live()
	done, result := make(chan struct{}), make(chan uint64)
	go func() {
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		peak := before
		for {
			select {
			case <-ticker.C:
				peak = max(peak, live())
			case <-done:
				runtime.GC()
				result <- max(peak, live()) - before
				return
			}
		}
	}()
	return func() uint64 {
		close(done)
		return <-result
	}
}
