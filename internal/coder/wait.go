package coder

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/google/uuid"
)

const (
	// firstPingLimit is how long the event stream may take to begin. Coder
	// pings at once; a proxy that collects the stream passes nothing on.
	firstPingLimit = 10 * time.Second
	// silenceLimit is how long a running stream may be silent. Coder pings
	// every 15 seconds.
	silenceLimit = 30 * time.Second
	// staleLimit is how long a stream that lives may bring no news before the
	// build is read, since servers deliver changes as best they can.
	staleLimit = time.Minute

	pollWaitMin = 250 * time.Millisecond
	pollWaitMax = 4 * time.Second
)

// FinishedBuild is a build at its end, whether it succeeded or not.
type FinishedBuild struct {
	Build WorkspaceBuild
	// Workspace is the whole workspace at the moment the build ended, when the
	// server sent it along; else nil.
	Workspace *Workspace
}

// WaitForBuild waits until a build has ended, successfully or not. Observe, if
// not nil, is called for the first status that is seen and for every change.
//
// It listens to the workspace's event stream. When the stream is refused,
// broken or silent, it reads the build again and again instead; those who wait
// so at the same time share their requests (Coder ≥2.9). A server that
// cannot be reached for a while does not end the wait: only a refusal (401,
// 403, 404 …) and the context do. In the latter case the error wraps the
// context's.
func (c *Client) WaitForBuild(ctx context.Context, workspace, build uuid.UUID, observe func(*WorkspaceBuild)) (*FinishedBuild, error) {
	w := &buildWait{client: c, workspace: workspace, build: build, observe: observe}
	finished, err := w.watch(ctx)
	if finished == nil && err == nil {
		finished, err = w.poll(ctx)
	}
	c.wrote(workspace)
	if err != nil {
		return nil, w.wrap(err)
	}
	return finished, nil
}

// buildWait is one wait for a build.
type buildWait struct {
	client    *Client
	workspace uuid.UUID
	build     uuid.UUID
	observe   func(*WorkspaceBuild)

	last   WorkspaceBuild // as seen last; zero before that
	newsAt time.Time      // when that was
}

// watch follows the event stream. It returns nothing when the stream is of no
// use, or no longer.
func (w *buildWait) watch(ctx context.Context) (*FinishedBuild, error) {
	streamCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := time.AfterFunc(firstPingLimit, cancel)
	defer silence.Stop()

	subscribed := false
	lastEvent := time.Now()
	alive := func() {
		// A large event may take its time, but not for ever.
		if subscribed && time.Since(lastEvent) < staleLimit {
			silence.Reset(silenceLimit)
		}
	}
	for event, err := range w.client.watchWorkspace(streamCtx, w.workspace, alive) {
		if err != nil {
			break // reading the build will show whether it matters
		}
		lastEvent = time.Now()
		var finished *FinishedBuild
		switch event.name {
		case eventPing:
			first := !subscribed
			subscribed = true
			silence.Reset(silenceLimit)
			finished, err = w.ping(ctx, first)
		case eventData:
			finished, err = w.consider(ctx, event.data)
		case eventError:
			err = fmt.Errorf("the stream reports %s", event.data)
		default: // none of Coder's, and no news
			finished, err = w.ping(ctx, false)
		}
		if finished != nil || isFinal(err) {
			return finished, err
		}
		if err != nil {
			break
		}
	}
	return nil, nil
}

// ping reads the build when the stream alone would not show its state.
func (w *buildWait) ping(ctx context.Context, first bool) (*FinishedBuild, error) {
	if first {
		w.newsAt = time.Now()
	}
	// Coder ≥2.2 sends the present state by itself. Older servers do not, and
	// what changed before the subscription would be missed.
	if first && !w.client.ServerVersion().AtLeast(2, 2) || time.Since(w.newsAt) >= staleLimit {
		return w.read(ctx)
	}
	return nil, nil
}

// consider looks for the build in a workspace that the stream has sent.
func (w *buildWait) consider(ctx context.Context, data string) (*FinishedBuild, error) {
	workspace := new(Workspace)
	if err := json.Unmarshal([]byte(data), workspace); err != nil {
		return nil, fmt.Errorf("reading an event of workspace %s: %w", w.workspace, err)
	}
	latest := &workspace.LatestBuild
	switch {
	case latest.ID == w.build:
		if w.see(latest) {
			return &FinishedBuild{Build: *latest, Workspace: workspace}, nil
		}
		return nil, nil
	case w.last.BuildNumber == 0 || latest.BuildNumber > w.last.BuildNumber:
		// A newer build is there, so ours has ended.
		return w.read(ctx)
	default:
		return nil, nil
	}
}

// poll reads the build until it has ended.
func (w *buildWait) poll(ctx context.Context) (*FinishedBuild, error) {
	var last error
	for attempt := 0; ; attempt++ {
		finished, err := w.read(ctx)
		if finished != nil {
			return finished, nil
		}
		if ended := ctx.Err(); ended != nil {
			return nil, afterError(ended, cmp.Or(last, err))
		}
		last = err
		wait := w.client.PollWait(min(pollWaitMin<<min(attempt, 4), pollWaitMax))
		if err != nil {
			if isFinal(err) {
				return nil, err
			}
			if e := refusal(err); e != nil {
				wait = max(wait, min(e.RetryAfter, maxRetryAfter))
			}
		}
		if ended := pause(ctx, wait); ended != nil {
			return nil, afterError(ended, last)
		}
	}
}

// afterError is the end of a context, with what had gone wrong until then.
func afterError(ended, before error) error {
	if before == nil || errors.Is(before, ended) {
		return cmp.Or(before, ended)
	}
	return fmt.Errorf("%w (before that: %s)", ended, before.Error())
}

// PollWait is how long to wait before looking again at something that changes
// by itself: the given time, half of it more or less. All who wait so look at the
// same moments, so that [Client.ReadWorkspace] can put it to the server in one
// request; a server that does not know that gets them scattered.
func (c *Client) PollWait(about time.Duration) time.Duration {
	if !c.reader.coalesces() {
		return about - rand.N(about/2)
	}
	wait := about - time.Since(c.reader.made)%about
	if wait < about/2 {
		wait += about
	}
	return wait
}

// read reads the build once, as part of its workspace if others are being read
// as well.
func (w *buildWait) read(ctx context.Context) (*FinishedBuild, error) {
	read := w.client.reader.join(ctx, w.workspace, ReadHint{})
	defer read.end()
	if workspace := read.wait(); workspace != nil && workspace.LatestBuild.ID == w.build {
		if w.see(&workspace.LatestBuild) {
			return &FinishedBuild{Build: workspace.LatestBuild, Workspace: workspace}, nil
		}
		return nil, nil
	}
	build, err := w.client.Build(ctx, w.build)
	if err != nil {
		return nil, err
	}
	if w.see(build) {
		return &FinishedBuild{Build: *build}, nil
	}
	return nil, nil
}

// see takes note of the build, reports a new status, and tells whether the
// build has ended.
func (w *buildWait) see(build *WorkspaceBuild) bool {
	changed := build.Status != w.last.Status
	w.last = *build
	w.newsAt = time.Now()
	if changed && w.observe != nil {
		w.observe(build)
	}
	return build.Done()
}

// wrap adds to an error what the wait was for.
func (w *buildWait) wrap(err error) error {
	status := ""
	if w.last.Status != "" {
		status = fmt.Sprintf(" (last seen %s)", w.last.Status)
	}
	return fmt.Errorf("waiting for build %s%s: %w", w.build, status, err)
}

// isFinal tells whether asking again cannot help: the server refuses, or the
// two sides disagree about TLS.
func isFinal(err error) bool {
	if isTLSError(err) || KindOf(err) == Forbidden {
		return true
	}
	e := refusal(err)
	if e == nil || e.Status < 400 || e.Status > 499 {
		return false
	}
	switch e.Status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	default:
		return true
	}
}
