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
	found := map[uuid.UUID]*Workspace{}
	for query, err := range c.queries(ctx, &search) {
		if err != nil {
			return nil, err
		}
		rows, err := c.gather(ctx, query, &search)
		if err != nil {
			return nil, err
		}
		for id, row := range rows {
			if row != nil {
				found[id] = row
			}
		}
	}
	list := make([]Workspace, 0, len(found))
	for _, row := range found {
		list = append(list, *row)
	}
	slices.SortFunc(list, func(a, b Workspace) int {
		return cmp.Or(
			strings.Compare(strings.ToLower(a.OwnerName), strings.ToLower(b.OwnerName)),
			strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)),
			bytes.Compare(a.ID[:], b.ID[:]),
		)
	})
	return list, nil
}

// gatheredRows are the workspaces of a list by id; nil stands for one that the
// server has found but that is not meant, see [WorkspaceSearch.matches].
type gatheredRows map[uuid.UUID]*Workspace

// gather reads a list until nothing can be missing.
//
// Pages are cut from a list that moves: a build that starts or ends gives its
// workspace another place, so a row can come twice and another not at all. The
// rows are therefore compared with the server's count and, when they are too
// few, read again. A row that one reading missed is found by another.
func (c *Client) gather(ctx context.Context, query string, search *WorkspaceSearch) (gatheredRows, error) {
	rows := gatheredRows{}
	var previous *reading
	for pass := 1; ; pass++ {
		known := len(rows)
		current, err := c.readPages(ctx, query, search, rows)
		if err != nil {
			return nil, err
		}
		// Of two readings that agree, what still differs from the count are
		// workspaces whose template the token may not read.
		if current.complete() || current.agrees(previous) {
			maps.DeleteFunc(rows, func(id uuid.UUID, _ *Workspace) bool { return !current.ids[id] })
			return rows, nil
		}
		enough := previous != nil && len(rows) >= current.count
		settled := pass == maxPasses && len(rows) == known // nothing new turns up
		if enough || settled {
			if err := c.confirm(ctx, rows, current.ids, search); err != nil {
				return nil, err
			}
			if settled || len(rows) >= current.count {
				return rows, nil
			}
		}
		if pass == maxPasses {
			return nil, fmt.Errorf("reading the workspaces %d times: %w", maxPasses, ErrListChanging)
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
func (c *Client) readPages(ctx context.Context, query string, search *WorkspaceSearch, rows gatheredRows) (*reading, error) {
	r := &reading{ids: map[uuid.UUID]bool{}}
	for page, err := range c.workspacePages(ctx, query, search.PageSize) {
		if err != nil {
			return nil, err
		}
		r.moved = r.moved || r.pages > 0 && page.Count != r.count
		r.pages++
		r.count = page.Count
		for _, row := range page.Workspaces {
			r.ids[row.ID] = true
			rows.put(row, search)
		}
	}
	return r, nil
}

func (rows gatheredRows) put(row Workspace, search *WorkspaceSearch) {
	if !search.matches(&row) {
		rows[row.ID] = nil
		return
	}
	if search.WithoutResources {
		row.LatestBuild.Resources = nil
	}
	rows[row.ID] = &row
}

// confirm reads the workspaces by id that the newest reading did not see:
// either they moved while it went on, or they are gone.
func (c *Client) confirm(ctx context.Context, rows gatheredRows, seen map[uuid.UUID]bool, search *WorkspaceSearch) error {
	for id := range rows {
		if seen[id] {
			continue
		}
		row, err := c.Workspace(ctx, id)
		if err == nil {
			rows.put(*row, search)
			continue
		}
		switch KindOf(err) {
		case Gone, NotVisible, Forbidden: // forbidden: the template cannot be read any more
			delete(rows, id)
		default:
			return err
		}
	}
	return nil
}
