package coder_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// newLimited makes a fleet of a server that allows so many requests a minute to
// each path, by default 512.
func newLimited(t *testing.T, n, limit int) *fleet {
	t.Helper()
	d := codertest.New(codertest.Options{Latency: latency, RateLimit: limit})
	t.Cleanup(d.Close)
	f := &fleet{Deployment: d, template: d.AddTemplate(codertest.BasicTemplate())}
	f.add(n)
	f.client = coder.NewWithTransport(coder.Config{URL: parse(t, "http://coder.test"), Token: d.Token(), MaxRetries: 4}, within(d))
	return f
}

// A large run that the server's rate limit refuses in part waits and goes on.
func TestRateLimit_OnePath(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{10, 50} {
		for _, begin := range []time.Duration{0, 30 * time.Second} { // of the server's minute
			t.Run(fmt.Sprintf("%d workers, begun after %v", workers, begin), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newLimited(t, 0, 512)
					f.ids = make([]uuid.UUID, 2000)
					<-time.After(begin)
					begun := time.Now()
					f.each(workers, func(uuid.UUID) {
						if _, err := f.client.User(t.Context(), coder.Me); err != nil {
							t.Error(err)
						}
					})
					if took := time.Since(begun); took > 8*time.Minute {
						t.Errorf("it took %v", took)
					}
				})
			})
		}
	}
}

// Reads whose searches are refused go by the ids, which the server counts apart,
// and nobody waits.
func TestRateLimit_Searches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLimited(t, 300, 60)
		begun := time.Now()
		for range 3 {
			f.refresh(t, 10)
		}
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("it took %v", took)
		}
		if counts := f.counts(); counts["GET /workspaces"] <= 60 {
			t.Errorf("the limit was not reached: %v", counts)
		}
	})
}
