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
	// staleLimit is how long a stream that lives may bring no news before the
	// build is read, since servers deliver changes as best they can.
	staleLimit = time.Minute

	pollWaitMin = 250 * time.Millisecond
	pollWaitMax = 4 * time.Second

	// A stream that broke is opened again after such a time, twice as long for
	// each further one that does not last.
	reopenWaitMin = 20 * time.Second
	reopenWaitMax = 5 * time.Minute
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
// It listens to the workspace's event stream. While the stream is refused,
// broken or silent, it reads the build again and again instead; those who wait
// so at the same time share their requests (Coder ≥2.9). A stream that was not
// refused is opened again, ever more rarely. A server that cannot be reached for a
// while does not end the wait: only a refusal (401, 403, 404 …) and the context
// do. In the latter case the error wraps the context's.
func (c *Client) WaitForBuild(ctx context.Context, workspace, build uuid.UUID, observe func(*WorkspaceBuild)) (*FinishedBuild, error) {
	w := &buildWait{client: c, workspace: workspace, build: build, observe: observe}
	finished, err := w.run(ctx)
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

	stream *stream // nil while there is none
	// trusted tells that the stream shows all that happens, so that nothing is
	// read: the first one until it breaks, a later one once it has proved to last.
	trusted bool
	breaks  int       // since a stream was trusted last
	reopen  time.Time // when a stream may be opened again; zero: never

	polls   int
	pollAt  <-chan time.Time // nil while the stream is trusted
	failure error            // of the newest reading
}

// run waits until the build has ended.
func (w *buildWait) run(ctx context.Context) (*FinishedBuild, error) {
	w.stream, w.trusted = w.client.listen(ctx, w.workspace), true
	defer func() { _ = w.stream.end() }()
	for {
		finished, err := w.next(ctx)
		switch ended := ctx.Err(); {
		case finished != nil:
			return finished, nil
		case ended != nil:
			return nil, afterError(ended, cmp.Or(w.failure, err))
		case isFinal(err):
			return nil, err
		}
	}
}

// next deals with what happens next. Errors are the end of the wait only if they
// are final.
func (w *buildWait) next(ctx context.Context) (*FinishedBuild, error) {
	select {
	case <-ctx.Done():
		return nil, nil
	case event, open := <-w.stream.next():
		if !open {
			w.lost()
			return nil, nil
		}
		finished, err := w.hear(ctx, event)
		if err != nil { // reading the build will show whether it matters
			w.lost()
		}
		return finished, err
	case <-w.pollAt:
		return w.poll(ctx)
	}
}

// poll reads the build. A stream is opened again once the server has answered
// for a while.
func (w *buildWait) poll(ctx context.Context) (*FinishedBuild, error) {
	finished, err := w.read(ctx)
	if ctx.Err() == nil {
		w.failure = err
	}
	switch {
	case w.stream != nil || w.reopen.IsZero():
	case err != nil:
		w.delayStream()
	case time.Now().After(w.reopen):
		w.stream = w.client.listen(ctx, w.workspace)
	}
	wait := w.client.PollWait(min(pollWaitMin<<min(w.polls, 4), pollWaitMax))
	if e := refusal(err); e != nil {
		wait = max(wait, min(e.RetryAfter, maxRetryAfter))
	}
	w.polls++
	w.pollAt = time.After(wait)
	return finished, err
}

// hear takes an event of the stream.
func (w *buildWait) hear(ctx context.Context, event event) (*FinishedBuild, error) {
	switch event.name {
	case eventPing:
		w.stream.pings++
		if w.stream.pings > 1 { // some proxies let a stream begin, and hold back the rest
			w.trusted, w.breaks, w.pollAt, w.failure = true, 0, nil, nil
		}
		return w.ping(ctx, w.stream.pings == 1)
	case eventData:
		return w.consider(ctx, event.data)
	case eventError:
		return nil, fmt.Errorf("the stream reports %s", event.data)
	default: // none of Coder's, and no news
		return w.ping(ctx, false)
	}
}

// lost is the end of a stream: from now on the build is read, and later the
// stream is opened again, unless it was refused.
func (w *buildWait) lost() {
	if isRefusedStream(w.stream.end()) {
		w.reopen = time.Time{}
	} else {
		w.delayStream()
		w.breaks++
	}
	w.stream = nil
	if w.trusted {
		w.trusted, w.polls, w.pollAt = false, 0, time.After(0)
	}
}

// delayStream lets a time pass before a stream is opened again.
func (w *buildWait) delayStream() {
	w.reopen = time.Now().Add(backoff(reopenWaitMin, reopenWaitMax, w.breaks))
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
	w.client.settle(workspace)
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
	if c.ServerVersion().Before(2, 9) {
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
	workspace, end := w.client.reader.find(ctx, w.workspace)
	defer end()
	if workspace != nil && workspace.LatestBuild.ID == w.build {
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
