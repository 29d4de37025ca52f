package coder_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// limited is a deployment that allows 60 requests a minute to each path, and a
// client of it that does not repeat what is refused.
type limited struct {
	*codertest.Deployment

	client *coder.Client

	mu    sync.Mutex
	holds []coder.Hold
}

func newLimited(t *testing.T, version string) *limited {
	t.Helper()
	l := &limited{Deployment: codertest.New(codertest.Options{Version: version, RateLimit: 60})}
	t.Cleanup(l.Close)
	l.client = coder.NewWithTransport(coder.Config{
		URL: parse(t, "http://coder.test"), Token: l.Token(),
		OnHold: func(_ context.Context, hold coder.Hold) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.holds = append(l.holds, hold)
		},
	}, within(l.Deployment))
	return l
}

// refusals is how many requests the server has refused.
func (l *limited) refusals() int {
	n := 0
	for _, request := range l.Requests() {
		if request.Status == http.StatusTooManyRequests {
			n++
		}
	}
	return n
}

// However many requests are made, none is refused, and most of what the server
// allows is used.
func TestPacing(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		version string
		begin   time.Duration // into the server's minute
		workers int
		pause   time.Duration // between the requests of a worker
	}{
		"one after the other":          {"", time.Millisecond, 1, 0},
		"in the middle of a minute":    {"", 25 * time.Second, 1, 0},
		"just before a minute's end":   {"", 59 * time.Second, 1, 0},
		"with work in between":         {"", 10 * time.Second, 1, 150 * time.Millisecond},
		"ten at a time":                {"", 0, 10, 0},
		"ten in the middle":            {"", 40 * time.Second, 10, 0},
		"ten with work in between":     {"", 20 * time.Second, 10, time.Second},
		"seed, which counts by the IP": {"seed", 0, 10, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLimited(t, tt.version)
				<-time.After(tt.begin)
				begun := time.Now()
				const requests = 400
				queue := make(chan int, requests)
				for i := range requests {
					queue <- i
				}
				close(queue)
				var all sync.WaitGroup
				for range tt.workers {
					all.Go(func() {
						for range queue {
							if _, err := l.client.User(t.Context(), coder.Me); err != nil {
								t.Error(err)
								return
							}
							<-time.After(tt.pause)
						}
					})
				}
				all.Wait()
				if n := l.refusals(); n > 0 {
					t.Errorf("%d requests were refused", n)
				}
				// At 60 a minute it takes nearly 7, of which the first is free.
				if took := time.Since(begun); took > 9*time.Minute {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// Requests are held back where little is left, and there only.
func TestPacing_ByPath(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimited(t, "")
		for range 41 { // a third is left
			if _, err := l.client.User(t.Context(), coder.Me); err != nil {
				t.Fatal(err)
			}
		}
		begun := time.Now()
		for range 35 {
			if _, err := l.client.User(t.Context(), "admin"); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begun); took > 0 {
			t.Errorf("another path was held for %v", took)
		}
		for range 2 {
			if _, err := l.client.User(t.Context(), coder.Me); err != nil {
				t.Fatal(err)
			}
		}
		if len(l.holds) != 1 || l.holds[0].Path != "/api/v2/users/me" || l.holds[0].Method != "GET" || l.holds[0].Wait != time.Since(begun) {
			t.Errorf("holds are %v after %v", l.holds, time.Since(begun))
		}
		// What had been used up is forgotten in time.
		<-time.After(5 * time.Minute)
		begun = time.Now()
		for range 40 {
			if _, err := l.client.User(t.Context(), coder.Me); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begun); took > 0 {
			t.Errorf("40 requests were held for %v", took)
		}
	})
}

// A request that would be held beyond its time limit is sent at once, and one
// that is held ends with its context.
func TestPacing_Context(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimited(t, "")
		for range 60 { // others
			other := coder.NewWithTransport(coder.Config{URL: parse(t, "http://coder.test"), Token: l.Token()}, within(l.Deployment))
			if _, err := other.User(t.Context(), coder.Me); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := l.client.User(t.Context(), coder.Me); coder.KindOf(err) != coder.RateLimited {
			t.Fatalf("error is %v", err)
		}
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if _, err := l.client.User(ctx, coder.Me); coder.KindOf(err) != coder.RateLimited || time.Since(begun) > 0 {
			t.Errorf("after %v: error is %v", time.Since(begun), err)
		}
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, stop)
		if _, err := l.client.User(ctx, coder.Me); !errors.Is(err, context.Canceled) || time.Since(begun) != 5*time.Second {
			t.Errorf("after %v: error is %v", time.Since(begun), err)
		}
	})
}

// Servers and proxies that say nothing of a limit, or nonsense, hold nothing up.
func TestPacing_OddHeaders(t *testing.T) {
	t.Parallel()
	for _, header := range [][]string{
		{"X-RateLimit-Remaining", "0"},
		{"X-RateLimit-Limit", "60"},
		{"X-RateLimit-Limit", "0", "X-RateLimit-Remaining", "0"},
		{"X-RateLimit-Limit", "-5", "X-RateLimit-Remaining", "-6"},
		{"X-RateLimit-Limit", "many", "X-RateLimit-Remaining", "0"},
		{"X-RateLimit-Limit", "60", "X-RateLimit-Remaining", "few"},
	} {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
				return answer(req, 200, `{"id":"`+uuid.NewString()+`"}`, header...), nil
			})
			for range 3 {
				if _, err := client.User(t.Context(), coder.Me); err != nil {
					t.Error(err)
				}
			}
			if took := time.Since(begun); took > 0 {
				t.Errorf("%v: held for %v", header, took)
			}
		})
	}
	// Without a sensible moment of reset a minute is taken for it.
	for _, reset := range []string{"", "soon", "0", "-1", "99999999999"} {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
				return answer(req, 200, `{"id":"`+uuid.NewString()+`"}`, "X-RateLimit-Limit", "60", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset), nil
			})
			for range 3 {
				if _, err := client.User(t.Context(), coder.Me); err != nil {
					t.Error(err)
				}
			}
			if took := time.Since(begun); took > 3*time.Minute {
				t.Errorf("%v: held for %v", reset, took)
			}
		})
	}
}

// While searches are held back, workspaces are read by their ids, which the
// server counts apart.
func TestPacing_Searches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimited(t, "")
		f := &fleet{Deployment: l.Deployment, client: l.client, template: l.AddTemplate(codertest.BasicTemplate())}
		f.add(30)
		for range 59 {
			if _, err := f.client.AllWorkspaces(t.Context(), coder.WorkspaceSearch{}); err != nil {
				t.Fatal(err)
			}
		}
		begun := time.Now()
		f.refresh(t, 10, func(uuid.UUID) coder.ReadHint { return coder.ReadHint{} })
		if took := time.Since(begun); took > 15*time.Second || l.refusals() > 0 {
			t.Errorf("it took %v, with %d refusals", took, l.refusals())
		}
	})
}
