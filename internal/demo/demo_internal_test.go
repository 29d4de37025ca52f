package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// TestTell interrupts the demo while it creates workspaces, and then lets it
// run to its end on the same deployment.
func TestTell(t *testing.T) {
	t.Parallel()
	output := &bytes.Buffer{}
	out := &report{Writer: output}
	deployment, err := startFake(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(deployment.close)
	tf, err := prepare(t.Context(), out, t.TempDir(), deployment)
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}

	if err := tell(interruptible(t, deployment), out, tf, deployment); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted, the demo ended with %v\n%s", err, output)
	}
	left, err := deployment.workspaces(t.Context(), "demo-")
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("interrupted, the demo left %d workspaces\n%s", len(left), output)
	}

	if err := tell(t.Context(), out, tf, deployment); err != nil {
		t.Errorf("the demo failed: %v\n%s", err, output)
	}
}

// interruptible returns a context that ends as soon as the deployment holds a
// workspace of the demo.
func interruptible(t *testing.T, deployment *deployment) context.Context {
	t.Helper()
	ctx, interrupt := context.WithCancel(t.Context())
	go func() {
		defer interrupt()
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for range ticker.C {
			if held, err := deployment.workspaces(ctx, "demo-"); err != nil || len(held) > 0 {
				return
			}
		}
	}()
	return ctx
}

func TestCheck(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 30, 0, time.UTC)
	schedule, ttl := "CRON_TZ=Europe/Berlin 30 8 * * 1-5", (8 * time.Hour).Milliseconds()
	asked := settings{"web": {Name: "web", AutostartSchedule: schedule, TTLMillis: ttl, Deadline: inHours(now, 10)}}

	for name, tt := range map[string]struct {
		mutate func(*coder.Workspace)
		want   string
	}{
		"as asked for":    {func(*coder.Workspace) {}, ""},
		"a later stop":    {func(w *coder.Workspace) { w.LatestBuild.Deadline = now.Add(11 * time.Hour) }, ""},
		"other name":      {func(w *coder.Workspace) { w.Name = "api" }, "no workspace web"},
		"no schedule":     {func(w *coder.Workspace) { w.AutostartSchedule = nil }, `schedule of web is ""`},
		"no TTL":          {func(w *coder.Workspace) { w.TTLMillis = nil }, "TTL of web is –"},
		"an earlier stop": {func(w *coder.Workspace) { w.LatestBuild.Deadline = now.Add(9 * time.Hour) }, "deadline of web is 2026-03-01 21:00 UTC"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workspace := coder.Workspace{Name: "web", AutostartSchedule: new(schedule), TTLMillis: new(ttl)}
			workspace.LatestBuild.Deadline = now.Add(10 * time.Hour)
			tt.mutate(&workspace)
			err := asked.check([]coder.Workspace{workspace})
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}

	if err := asked.check(nil); err == nil {
		t.Error("no error although the deployment holds nothing")
	}
}

func TestSameBuilds(t *testing.T) {
	t.Parallel()
	before := coder.Workspace{ID: uuid.New()}
	before.LatestBuild.ID = uuid.New()
	rebuilt, replaced := before, before
	rebuilt.LatestBuild.ID = uuid.New()
	replaced.ID = uuid.New()

	if err := sameBuilds([]coder.Workspace{before}, []coder.Workspace{before}); err != nil {
		t.Error(err)
	}
	for _, after := range []coder.Workspace{rebuilt, replaced} {
		if err := sameBuilds([]coder.Workspace{before}, []coder.Workspace{after}); err == nil {
			t.Error("no error although a workspace was built again")
		}
	}
}
