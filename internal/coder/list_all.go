package coder

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// AllWorkspaces reads every workspace that matches the search, each once,
// ordered by owner, name and id. It fails with [ErrListChanging] when several
// readings together still lack rows, otherwise like [Client.Workspaces].
func (c *Client) AllWorkspaces(ctx context.Context, search WorkspaceSearch) ([]Workspace, error) {
	all, err := CollectWorkspaces(ctx, c, search, func(w *Workspace) (Workspace, error) { return *w, nil })
	if err != nil {
		return nil, err
	}
	return all.Kept, nil
}

// Collected is what was kept of the workspaces of a list.
type Collected[T any] struct {
	Kept []T
	// Hidden are how many more the server counts than it shows: it leaves out
	// those whose template the token may not read.
	Hidden int
}

// CollectWorkspaces is [Client.AllWorkspaces] for lists that are too long to be
// held: of each workspace only what keep makes of it stays. Keep is asked again
// for a workspace that is read again.
func CollectWorkspaces[T any](ctx context.Context, c *Client, search WorkspaceSearch, keep func(*Workspace) (T, error)) (*Collected[T], error) {
	collected, found := new(Collected[T]), gatheredRows[T]{}
	for query, err := range c.queries(ctx, &search) {
		if err != nil {
			return nil, err
		}
		list := gathering[T]{client: c, search: &search, keep: keep, rows: gatheredRows[T]{}}
		hidden, err := list.gather(ctx, query)
		if err != nil {
			return nil, err
		}
		collected.Hidden += hidden
		for id, row := range list.rows {
			if row != nil {
				found[id] = row
			}
		}
	}
	rows := slices.SortedFunc(maps.Values(found), (*gatheredRow[T]).compare)
	collected.Kept = make([]T, len(rows))
	for i, row := range rows {
		collected.Kept[i] = row.kept
	}
	return collected, nil
}

// gatheredRow is what is kept of a workspace, and its place in the list.
type gatheredRow[T any] struct {
	owner, name string // in lower case
	id          uuid.UUID
	kept        T
}

func (r *gatheredRow[T]) compare(other *gatheredRow[T]) int {
	return cmp.Or(strings.Compare(r.owner, other.owner), strings.Compare(r.name, other.name), bytes.Compare(r.id[:], other.id[:]))
}

// gatheredRows are the workspaces of a list by id; nil stands for one that the
// server has found but that is not meant, see [WorkspaceSearch.matches].
type gatheredRows[T any] map[uuid.UUID]*gatheredRow[T]

// gathering is the reading of one list.
type gathering[T any] struct {
	client *Client
	search *WorkspaceSearch
	keep   func(*Workspace) (T, error)
	rows   gatheredRows[T]
}

// gather reads a list until nothing can be missing, and returns how many are
// hidden; see [Collected].
//
// Pages are cut from a list that moves: a build that starts or ends gives its
// workspace another place, so a row can come twice and another not at all. The
// rows are therefore compared with the server's count and, when they are too
// few, read again. A row that one reading missed is found by another.
func (g *gathering[T]) gather(ctx context.Context, query string) (hidden int, err error) {
	var previous *reading
	for pass := 1; ; pass++ {
		known := len(g.rows)
		current, err := g.readPages(ctx, query)
		if err != nil {
			return 0, err
		}
		// Of two readings that agree, what still differs from the count are
		// workspaces whose template the token may not read.
		if current.complete() || current.agrees(previous) {
			maps.DeleteFunc(g.rows, func(id uuid.UUID, _ *gatheredRow[T]) bool { return !current.ids[id] })
			return max(0, current.count-len(current.ids)), nil
		}
		enough := previous != nil && len(g.rows) >= current.count
		settled := pass == maxPasses && len(g.rows) == known // nothing new turns up
		if enough || settled {
			if err := g.confirm(ctx, current.ids); err != nil {
				return 0, err
			}
			if settled || len(g.rows) >= current.count {
				return 0, nil
			}
		}
		if pass == maxPasses {
			return 0, fmt.Errorf("reading the workspaces %d times: %w", maxPasses, ErrListChanging)
		}
		previous = current
	}
}

// reading is one pass over all pages.
type reading struct {
	ids   map[uuid.UUID]bool
	pages int
	count int  // of the last page
	moved bool // the count changed
}

// complete tells whether nothing can be missing. A single page is cut from the
// list at one moment, whatever its count.
func (r *reading) complete() bool {
	return r.pages == 1 || !r.moved && len(r.ids) == r.count
}

// agrees tells whether two readings found the same workspaces.
func (r *reading) agrees(other *reading) bool {
	if other == nil || r.moved || other.moved || r.count != other.count || len(r.ids) != len(other.ids) {
		return false
	}
	for id := range r.ids {
		if !other.ids[id] {
			return false
		}
	}
	return true
}

// readPages reads all pages and puts their workspaces among the rows, where
// the newest reading of one wins.
func (g *gathering[T]) readPages(ctx context.Context, query string) (*reading, error) {
	r := &reading{ids: map[uuid.UUID]bool{}}
	for page, err := range g.client.workspacePages(ctx, query, g.search.PageSize) {
		if err != nil {
			return nil, err
		}
		r.moved = r.moved || r.pages > 0 && page.Count != r.count
		r.pages++
		r.count = page.Count
		for i := range page.Workspaces {
			r.ids[page.Workspaces[i].ID] = true
			if err := g.put(&page.Workspaces[i]); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

func (g *gathering[T]) put(w *Workspace) error {
	if !g.search.matches(w) {
		g.rows[w.ID] = nil
		return nil
	}
	if g.search.WithoutResources {
		w.LatestBuild.Resources = nil
	}
	kept, err := g.keep(w)
	g.rows[w.ID] = &gatheredRow[T]{owner: strings.ToLower(w.OwnerName), name: strings.ToLower(w.Name), id: w.ID, kept: kept}
	return err
}

// confirm reads the workspaces by id that the newest reading did not see:
// either they moved while it went on, or they are gone.
func (g *gathering[T]) confirm(ctx context.Context, seen map[uuid.UUID]bool) error {
	for id := range g.rows {
		if seen[id] {
			continue
		}
		row, err := g.client.Workspace(ctx, id)
		if err == nil {
			err = g.put(row)
		}
		switch kind := KindOf(err); {
		case kind == Gone, kind == NotVisible, kind == Forbidden: // forbidden: the template cannot be read any more
			delete(g.rows, id)
		case err != nil:
			return err
		}
	}
	return nil
}
