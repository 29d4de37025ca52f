package coder

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	// A read waits for others that come at nearly the same time: for as long as
	// a search takes, within these bounds. Terraform plans a resource, some
	// milliseconds of work, before it reads the next one.
	quietTimeMin = 25 * time.Millisecond
	quietTimeMax = 150 * time.Millisecond
	// firstPeak is how many reads a fresh client expects together: Terraform's
	// default parallelism.
	firstPeak = 10
	// readPatience is how long a read waits for what it shares with others
	// before it goes its own way.
	readPatience = 10 * time.Second
	// searchPause is how long after a failed search reads go their own way.
	searchPause = 30 * time.Second
	// maxSearchIDs keeps the URL of a search below 6 KB; proxies commonly refuse
	// more than 8.
	maxSearchIDs = 150
)

// ReadHint tells what is known beforehand of a workspace to be read. It makes
// reading many faster, and what is wrong in it costs nothing but that.
type ReadHint struct {
	Owner        string // username
	Organization string // name
}

// ReadWorkspace gives what [Client.Workspace] gives, workspace or error. Reads
// that wait at the same time are put to the server together (Coder ≥2.9), and
// when many of one owner or organization are read, others of it are read ahead.
//
// The workspace is as the server had it after the call began, or, read ahead, at
// most 10 seconds before; it never lacks what this client has written. It may be
// shared with other callers and must not be changed.
func (c *Client) ReadWorkspace(ctx context.Context, id uuid.UUID, hint ReadHint) (*Workspace, error) {
	read := c.reader.join(ctx, id, hint)
	defer read.end()
	if row := read.wait(); row != nil {
		return row, nil
	}
	return c.Workspace(ctx, id)
}

// reader coalesces the reads of one client. Reads gather while a search is under
// way. When all that usually come together are there, or no further one comes,
// one search for their ids is sent. A row in its answer is the workspace as GET
// by id would give it. Whatever is not among them, for whatever reason, is asked
// for by id: only that tells a deleted workspace from a forbidden one.
type reader struct {
	client *Client
	made   time.Time

	mu          sync.Mutex
	outstanding int     // reads that have begun and not ended
	peak        int     // the most that were outstanding at once lately
	waiting     []*read // those that gather for the next search
	searching   int     // requests under way for what gathered before
	searchTime  time.Duration
	quiet       *time.Timer
	pausedUntil time.Time

	// The first read goes alone, to learn the server's version.
	probe  *read
	probed bool

	writes writes
	ahead  lookahead
}

// read is one workspace that one caller wants.
type read struct {
	reader *reader
	ctx    context.Context
	id     uuid.UUID
	hint   ReadHint
	// start begins work that does not end with the caller's context.
	start func(work func(context.Context)) context.CancelFunc

	answered chan struct{} // closed when row is what the search found
	row      *Workspace    // nil: to be asked for by id
	left     bool          // the caller waits no longer
	search   *search       // nil before it was sent
}

// search is one request for the workspaces of several reads.
type search struct {
	reads  []*read
	began  uint64             // in the order of [writes]
	left   int                // how many of the reads wait no longer
	cancel context.CancelFunc // for when none does
}

// join lets a read wait with the others. The caller has to end it.
func (r *reader) join(ctx context.Context, id uuid.UUID, hint ReadHint) *read {
	one := &read{reader: r, ctx: ctx, id: id, hint: hint, answered: make(chan struct{})}
	one.start = func(work func(context.Context)) context.CancelFunc {
		ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		go func() {
			defer cancel()
			work(ctx)
		}()
		return cancel
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outstanding++
	r.peak = max(r.peak, r.outstanding)
	r.ahead.note(one)
	if !r.probed && r.probe == nil && !r.client.ServerVersion().Known() {
		r.probe = one
		one.answer(nil)
		return one
	}
	if row := r.ahead.take(id, &r.writes); row != nil {
		one.answer(row)
		return one
	}
	r.waiting = append(r.waiting, one)
	r.advance()
	return one
}

// wait returns the workspace that a search has found; nil when it is to be asked
// for by id.
func (one *read) wait() *Workspace {
	patience := time.NewTimer(readPatience)
	defer patience.Stop()
	select {
	case <-one.answered:
		return one.row
	case <-one.ctx.Done():
		return one.leave(false)
	case <-patience.C:
		return one.leave(true)
	}
}

// leave ends the wait, unless the answer has just come.
func (one *read) leave(impatient bool) *Workspace {
	r := one.reader
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-one.answered:
		return one.row
	default:
	}
	one.left = true
	if s := one.search; s == nil {
		r.waiting = slices.DeleteFunc(r.waiting, func(other *read) bool { return other == one })
	} else if s.left++; s.left == len(s.reads) {
		s.cancel()
	}
	if impatient {
		r.pause()
		r.advance()
	}
	return nil
}

// end says that the caller has its workspace or error.
func (one *read) end() {
	r := one.reader
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outstanding--
	r.ahead.forget(one.id)
	if r.probe == one {
		r.probe, r.probed = nil, true
		r.advance()
	}
}

// answer gives a read the row it waits for. The reader is locked, here and in
// all that follows.
func (one *read) answer(row *Workspace) {
	if one.left {
		return
	}
	one.row = row
	close(one.answered)
}

// advance sends what has gathered when it is time.
func (r *reader) advance() {
	paused := time.Now().Before(r.pausedUntil)
	switch {
	case len(r.waiting) == 0:
	case paused, r.probe == nil && !r.coalesces():
		for _, one := range r.waiting {
			one.answer(nil)
		}
		r.waiting = nil
	case r.probe != nil, r.searching > 0: // what they bring may be followed by more reads
	case len(r.waiting) >= r.peak:
		r.send()
	default:
		quietTime := min(max(r.searchTime, quietTimeMin), quietTimeMax)
		if r.quiet == nil {
			r.quiet = time.AfterFunc(quietTime, r.silence)
		}
		r.quiet.Reset(quietTime)
	}
}

// silence sends what has gathered, since nothing more comes.
func (r *reader) silence() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.waiting) > 0 && r.searching == 0 && r.probe == nil {
		r.peak = r.outstanding
		r.send()
	}
}

// coalesces tells whether the server can search by id. Coder ≤2.8 answers 400.
func (r *reader) coalesces() bool {
	return r.client.ServerVersion().AtLeast(2, 9)
}

// pause lets reads go their own way for a while.
func (r *reader) pause() {
	r.pausedUntil = time.Now().Add(searchPause)
}

// send asks for what has gathered, and for what may come next.
func (r *reader) send() {
	gathered := r.waiting
	r.waiting = nil
	if r.quiet != nil {
		r.quiet.Stop()
	}
	if page := r.ahead.next(gathered, r.client.ServerVersion()); page != nil {
		r.searching++
		began := r.writes.tick()
		gathered[0].start(func(ctx context.Context) { r.fetch(ctx, page, began) })
	}
	if len(gathered) == 1 {
		gathered[0].answer(nil)
		return
	}
	for reads := range slices.Chunk(gathered, maxSearchIDs) {
		s := &search{reads: reads, began: r.writes.tick()}
		for _, one := range reads {
			one.search = s
		}
		r.searching++
		s.cancel = reads[0].start(func(ctx context.Context) { r.run(ctx, s) })
	}
}

// run makes the request of a search and hands out what it brings.
func (r *reader) run(ctx context.Context, s *search) {
	ids := make([]string, len(s.reads))
	for i, one := range s.reads {
		ids[i] = one.id.String()
	}
	slices.Sort(ids)
	sent := time.Now()
	page, err := r.client.searchOnce(ctx, url.Values{"q": {"id:" + strings.Join(slices.Compact(ids), ",")}})

	r.mu.Lock()
	defer r.mu.Unlock()
	r.searching--
	r.searchTime = time.Since(sent)
	rows := map[uuid.UUID]*Workspace{}
	switch {
	case err == nil:
		for i := range page.Workspaces {
			rows[page.Workspaces[i].ID] = &page.Workspaces[i]
		}
	case ctx.Err() == nil:
		r.pause()
	}
	for _, one := range s.reads {
		row := rows[one.id]
		if !r.writes.allow(one.id, s.began) {
			row = nil
		}
		one.answer(row)
	}
	r.advance()
}

// fetch reads a page ahead and hands out what reads have come to wait for.
func (r *reader) fetch(ctx context.Context, page *aheadPage, began uint64) {
	ctx, cancel := context.WithTimeout(ctx, readPatience)
	defer cancel()
	asked := time.Now()
	answer, err := r.client.searchOnce(ctx, page.query())

	r.mu.Lock()
	defer r.mu.Unlock()
	r.searching--
	if err != nil {
		page.scope.done = true
		r.advance()
		return
	}
	r.ahead.keep(page, answer, asked, began)
	time.AfterFunc(aheadAge, r.tidy)
	r.waiting = slices.DeleteFunc(r.waiting, func(one *read) bool {
		row := r.ahead.take(one.id, &r.writes)
		if row != nil {
			one.answer(row)
		}
		return row != nil
	})
	r.advance()
}

// tidy lets go of rows that are too old to be used.
func (r *reader) tidy() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ahead.expire()
}

// searchOnce reads one page of workspaces without repeating the request: when
// it fails, reads go their own way.
func (c *Client) searchOnce(ctx context.Context, query url.Values) (*WorkspacesPage, error) {
	resp, err := c.getOnce(ctx, query, nil, "workspaces") //nolint:bodyclose // closeBody does, after reading it up
	if err != nil {
		return nil, err
	}
	defer closeBody(resp.Body)
	page, err := decodePage(resp, c.limits.list)
	if err != nil {
		return nil, err
	}
	page.Workspaces = slices.DeleteFunc(page.Workspaces, func(w Workspace) bool { return w.identity() == uuid.Nil })
	return page, nil
}
