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
	// Reads wait for as many as usually come together, but no longer than this for
	// each of them. Terraform plans a resource, some milliseconds of work, before
	// it reads the next one.
	gatherTime    = 10 * time.Millisecond
	gatherTimeMax = 250 * time.Millisecond
	// searchLimit is how long a search may take before its reads go their own way.
	searchLimit = 10 * time.Second
	// searchPause is how long after a failed search reads go their own way.
	searchPause = 30 * time.Second
	// maxSearchIDs keeps the URL of a search below 6 KB; proxies commonly refuse
	// more than 8.
	maxSearchIDs = 150
)

// ReadWorkspace gives what [Client.Workspace] gives, workspace or error, as the
// server had it after the call began. Reads that wait at the same time are put
// to the server together (Coder ≥2.9). The workspace may be shared with other
// callers and must not be changed.
func (c *Client) ReadWorkspace(ctx context.Context, id uuid.UUID) (*Workspace, error) {
	row, end := c.reader.find(ctx, id)
	defer end()
	if row != nil {
		return row, nil
	}
	return c.Workspace(ctx, id)
}

// reader coalesces the reads of one client. Reads gather while a search is under
// way. When as many are there as usually come together, or they have waited long
// enough for those, one search for their ids is sent. None of them can get a row
// that is older than itself. A row is the workspace as GET by id would give it. Whatever is
// not among the rows, for whatever reason, is asked for by id: only that tells a
// deleted workspace from a forbidden one.
type reader struct {
	client *Client
	made   time.Time

	mu          sync.Mutex
	outstanding int     // reads that have begun and not ended
	usual       int     // the most that were outstanding at once lately
	waiting     []*read // those that gather for the next search
	searching   bool
	gathering   *time.Timer // nil while nobody waits for more reads
	pausedUntil time.Time
}

// read is one workspace that one caller wants.
type read struct {
	ctx context.Context
	id  uuid.UUID
	row chan *Workspace // takes one; nil is to be asked for by id
}

// find looks for a workspace together with others. There is no row where it is
// to be asked for by id. The caller calls end when it has done that.
func (r *reader) find(ctx context.Context, id uuid.UUID) (row *Workspace, end func()) {
	one := &read{ctx: ctx, id: id, row: make(chan *Workspace, 1)}
	r.mu.Lock()
	r.outstanding++
	r.usual = max(r.usual, r.outstanding)
	r.waiting = append(r.waiting, one)
	r.advance() //nolint:contextcheck // what it sends is not for this caller alone
	r.mu.Unlock()
	select {
	case row = <-one.row:
	case <-ctx.Done():
	}
	return row, r.end
}

// end is the end of a read.
func (r *reader) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outstanding--
	r.advance()
}

// advance sends what has gathered when it is time. The reader is locked, here
// and in send.
func (r *reader) advance() {
	switch {
	case len(r.waiting) == 0, r.searching:
	case r.client.ServerVersion().Before(2, 9), time.Now().Before(r.pausedUntil): // old servers do not know such a search
		answer(r.waiting, nil)
		r.waiting = nil
	case len(r.waiting) >= min(r.usual, maxSearchIDs):
		r.send()
	case r.gathering == nil:
		r.gathering = time.AfterFunc(min(time.Duration(r.usual)*gatherTime, gatherTimeMax), r.gathered)
	}
}

// gathered sends what is there, since no more come in time.
func (r *reader) gathered() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gathering = nil
	if len(r.waiting) > 0 && !r.searching {
		r.usual = r.outstanding
		r.send()
	}
}

// send asks for what has gathered.
func (r *reader) send() {
	if r.gathering != nil {
		r.gathering.Stop()
		r.gathering = nil
	}
	reads := r.waiting[:min(len(r.waiting), maxSearchIDs)]
	r.waiting = slices.Clone(r.waiting[len(reads):])
	if len(reads) == 1 {
		answer(reads, nil)
		return
	}
	r.searching = true
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(reads[0].ctx), searchLimit)
		defer cancel()
		rows, err := r.client.search(ctx, reads)

		r.mu.Lock()
		defer r.mu.Unlock()
		r.searching = false
		if err != nil {
			r.pausedUntil = time.Now().Add(searchPause)
		}
		answer(reads, rows)
		r.advance()
	}()
}

// answer gives reads the rows that they wait for.
func answer(reads []*read, rows map[uuid.UUID]*Workspace) {
	for _, one := range reads {
		one.row <- rows[one.id]
	}
}

// search finds workspaces by their ids. It does not repeat the request: when it
// fails, reads have another way.
func (c *Client) search(ctx context.Context, reads []*read) (map[uuid.UUID]*Workspace, error) {
	ids := make([]string, len(reads))
	for i, one := range reads {
		ids[i] = one.id.String()
	}
	slices.Sort(ids)
	resp, err := c.getOnce(ctx, url.Values{"q": {"id:" + strings.Join(slices.Compact(ids), ",")}}, nil, "workspaces") //nolint:bodyclose // closeBody does, after reading it up
	if err != nil {
		return nil, err
	}
	defer closeBody(resp.Body)
	page, err := decodePage(resp, c.limits.list)
	if err != nil {
		return nil, err
	}
	c.learnVersionOnce(ctx)
	rows := map[uuid.UUID]*Workspace{}
	for i := range page.Workspaces {
		row := &page.Workspaces[i]
		if row.identity() != uuid.Nil {
			c.settle(row)
			rows[row.ID] = row
		}
	}
	return rows, nil
}
