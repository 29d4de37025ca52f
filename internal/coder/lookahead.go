package coder

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	// aheadAfter is how many workspaces of an owner or organization are read
	// before others of it are read ahead.
	aheadAfter = 40
	// aheadFactor is how many rows a page has for every workspace read, so that
	// what is read in vain stays in proportion to what was wanted.
	aheadFactor  = 4
	aheadPageMin = 100
	aheadPageMax = 500
	// aheadShare is how many times larger than the number of workspaces read so
	// far a list may be. In a larger one too few rows of a page would be wanted.
	aheadShare = 20
	// aheadHeld is how many unused rows are enough.
	aheadHeld = 1000
	// aheadAge is how long a row can be used after it was asked for.
	aheadAge = 10 * time.Second
)

// lookahead reads lists of workspaces page by page, in the hope that their rows
// are wanted next. It is only another source of rows: what it does not have is
// searched for by id.
type lookahead struct {
	scopes map[string]*aheadScope // by search
	read   map[uuid.UUID]bool     // workspaces that were wanted before
	rows   map[uuid.UUID]aheadRow
	late   map[uuid.UUID]bool // workspaces whose rows became too old before they were wanted
}

// aheadScope is a list that workspaces are read from: those of one owner or of
// one organization.
type aheadScope struct {
	search string
	reads  int  // how many of its workspaces were wanted
	offset int  // of the next page
	count  int  // of the whole list; 0 before the first page
	done   bool // there is no next page, or no use in it
}

// aheadRow is a workspace that may be wanted soon.
type aheadRow struct {
	workspace *Workspace
	asked     time.Time // when the page was
	began     uint64    // the same, in the order of [writes]
}

func (r aheadRow) old() bool { return time.Since(r.asked) >= aheadAge }

// aheadPage is the next page of a scope.
type aheadPage struct {
	scope         *aheadScope
	offset, limit int
}

func (p *aheadPage) query() url.Values {
	return url.Values{"q": {p.scope.search}, "offset": {strconv.Itoa(p.offset)}, "limit": {strconv.Itoa(p.limit)}}
}

// note counts a read in the scopes it belongs to.
func (l *lookahead) note(one *read) {
	if l.read[one.id] {
		return
	}
	for _, scope := range []*aheadScope{l.scope("owner", one.hint.Owner), l.scope("organization", one.hint.Organization)} {
		if scope != nil {
			scope.reads++
		}
	}
}

// scope is the list that a search key narrows to a name; nil without a name.
func (l *lookahead) scope(key, name string) *aheadScope {
	term := searchTerm{key, strings.ToLower(name)}
	if name == "" || term.problem() != "" {
		return nil
	}
	search := term.String()
	if l.scopes == nil {
		l.scopes = map[string]*aheadScope{}
	}
	if l.scopes[search] == nil {
		l.scopes[search] = &aheadScope{search: search}
	}
	return l.scopes[search]
}

// next is the page to be read ahead when these reads are searched for; nil when
// none is worth it.
func (l *lookahead) next(missed []*read, version Version) *aheadPage {
	if len(l.rows) >= aheadHeld {
		return nil
	}
	l.expire()
	misses, late := map[*aheadScope]int{}, map[*aheadScope]int{}
	var scopes []*aheadScope // in the order of the reads
	for _, one := range missed {
		scope := l.scope("owner", one.hint.Owner)
		if (scope == nil || scope.reads < aheadAfter) && version.AtLeast(2, 15) {
			scope = l.scope("organization", one.hint.Organization)
		}
		if scope == nil || scope.reads < aheadAfter || scope.count > aheadShare*scope.reads {
			continue
		}
		if misses[scope]++; misses[scope] == 1 {
			scopes = append(scopes, scope)
		}
		if l.late[one.id] {
			late[scope]++
		}
	}
	var most *aheadScope
	for _, scope := range scopes {
		// A list that was read to its end is worth reading again when most of
		// what is missed had been in it, and much of it came too late.
		again := 2*late[scope] >= misses[scope] && aheadFactor*len(l.late) >= scope.count
		if (!scope.done || again) && (most == nil || misses[scope] > misses[most]) {
			most = scope
		}
	}
	if most == nil {
		return nil
	}
	if most.done {
		most.done, most.offset, l.late = false, 0, nil
	}
	return &aheadPage{scope: most, offset: most.offset, limit: min(max(aheadFactor*most.reads, aheadPageMin), aheadPageMax)}
}

// keep takes in the rows of a page that were not wanted before.
func (l *lookahead) keep(page *aheadPage, answer *WorkspacesPage, asked time.Time, began uint64) {
	scope := page.scope
	scope.offset, scope.count = page.offset+page.limit, answer.Count
	scope.done = scope.offset >= answer.Count
	if l.rows == nil {
		l.rows = map[uuid.UUID]aheadRow{}
	}
	for _, row := range answer.Workspaces {
		if !l.read[row.ID] {
			l.rows[row.ID] = aheadRow{workspace: &row, asked: asked, began: began}
		}
	}
}

// take gives a row away, once, if it is still good.
func (l *lookahead) take(id uuid.UUID, writes *writes) *Workspace {
	row, ok := l.rows[id]
	if ok && row.old() {
		l.expire()
		return nil
	}
	delete(l.rows, id)
	if !ok || !writes.allow(id, row.began) {
		return nil
	}
	return row.workspace
}

// forget drops the row of a workspace that was read otherwise, which can be
// newer.
func (l *lookahead) forget(id uuid.UUID) {
	if l.read == nil {
		l.read = map[uuid.UUID]bool{}
	}
	l.read[id] = true
	delete(l.rows, id)
	delete(l.late, id)
}

// expire drops the rows that are too old.
func (l *lookahead) expire() {
	for id, row := range l.rows {
		if !row.old() {
			continue
		}
		delete(l.rows, id)
		if l.late == nil {
			l.late = map[uuid.UUID]bool{}
		}
		l.late[id] = true
	}
}
