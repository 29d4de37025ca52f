package coder

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// pageSize is how many workspaces are asked for at once. A running workspace
// takes tens of kilobytes.
const pageSize = 100

// maxPasses is how often [Client.AllWorkspaces] reads a list that moves.
const maxPasses = 3

// ErrListChanging is wrapped by the error of a list that kept changing while
// it was read, so that workspaces may be missing.
var ErrListChanging = errors.New("the list kept changing while it was read")

// WorkspacesPage is one page of a list.
type WorkspacesPage struct {
	Workspaces []Workspace
	// Count is how many workspaces match in all. Coder ≥2.1 also counts those
	// it leaves out because the token may not read their template.
	Count  int
	Offset int // of the page's first workspace
}

// workspacePages reads page after page until the server's count is reached.
// The number of rows in a page says nothing: rows can be left out of it.
func (c *Client) workspacePages(ctx context.Context, search WorkspaceSearch) iter.Seq2[*WorkspacesPage, error] {
	return func(yield func(*WorkspacesPage, error) bool) {
		q, err := search.String()
		if err != nil {
			yield(nil, err)
			return
		}
		for offset := 0; ; offset += pageSize {
			page, err := c.workspacesPage(ctx, q, offset)
			if err != nil {
				yield(nil, err)
				return
			}
			// Coder ≤2.8 counts 0 beyond the end, which ends the list as well.
			if !yield(page, nil) || offset+pageSize >= page.Count {
				return
			}
		}
	}
}

func (c *Client) workspacesPage(ctx context.Context, q string, offset int) (*WorkspacesPage, error) {
	query := url.Values{"limit": {strconv.Itoa(pageSize)}, "offset": {strconv.Itoa(offset)}}
	if q != "" {
		query.Set("q", q)
	}
	var page *WorkspacesPage
	err := c.do(ctx, http.MethodGet, query, nil, func(resp *http.Response) error {
		var err error
		page, err = decodePage(resp, c.limits.list)
		return err
	}, "workspaces")
	if err != nil {
		return nil, err
	}
	page.Offset = offset
	return page, nil
}

// decodePage decodes a page workspace by workspace, so that it is not held as
// text and as values at once.
func decodePage(resp *http.Response, limit int64) (*WorkspacesPage, error) {
	if err := checkContentType(resp, "application/json"); err != nil {
		return nil, err
	}
	b := newBody(resp, limit)
	decoder := json.NewDecoder(b)
	page := new(WorkspacesPage)
	if err := decodeMembers(decoder, func(key string) (err error) {
		switch key {
		case "workspaces":
			page.Workspaces, err = decodeElements[Workspace](decoder)
		case "count":
			err = decoder.Decode(&page.Count)
		default:
			err = decoder.Decode(new(json.RawMessage))
		}
		return err
	}); err != nil {
		return nil, b.fail(err)
	}
	if err := b.finish(decoder); err != nil {
		return nil, err
	}
	return page, nil
}

// decodeMembers walks through a JSON object; value has to consume the value of
// each key.
func decodeMembers(decoder *json.Decoder, value func(key string) error) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('{') {
		return fmt.Errorf("%v where an object should begin", token)
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		if err := value(name); err != nil {
			return err
		}
	}
	_, err = decoder.Token()
	return err
}

// AllWorkspaces reads every workspace that matches the search, each once,
// ordered by owner, name and id.
//
// Pages are cut from a list that moves: a build that starts or ends gives its
// workspace another place, so a row can come twice and another not at all. The
// rows are therefore compared with the server's count and, when a page was cut
// from a moving list, read again. It fails with [ErrListChanging] when several
// readings together still lack rows.
func (c *Client) AllWorkspaces(ctx context.Context, search WorkspaceSearch) ([]Workspace, error) {
	found := map[uuid.UUID]Workspace{}
	var previous, current *reading
	fresh := 0
	for range maxPasses {
		var err error
		if current, err = c.readAllPages(ctx, search); err != nil {
			return nil, err
		}
		// Two readings that agree: what still differs from the count are
		// workspaces whose template the token may not read.
		if current.complete() || current.agrees(previous) {
			return sorted(current.rows), nil
		}
		fresh = 0
		for id, row := range current.rows {
			if _, known := found[id]; !known {
				fresh++
			}
			found[id] = row // the newest reading of a row wins
		}
		previous = current
	}
	// A row that one reading missed was found by another.
	if fresh == 0 || len(found) >= current.count {
		return sorted(found), nil
	}
	return nil, fmt.Errorf("reading the workspaces %d times: %w", maxPasses, ErrListChanging)
}

// reading is one pass over all pages.
type reading struct {
	rows  map[uuid.UUID]Workspace
	pages int
	count int  // of the last page
	moved bool // the count changed or a row came twice
}

// complete tells whether nothing can be missing. A single page is cut from the
// list at one moment, whatever its count.
func (r *reading) complete() bool {
	return r.pages == 1 || !r.moved && len(r.rows) == r.count
}

// agrees tells whether two readings found the same workspaces.
func (r *reading) agrees(other *reading) bool {
	if other == nil || r.moved || other.moved || r.count != other.count || len(r.rows) != len(other.rows) {
		return false
	}
	for id := range r.rows {
		if _, known := other.rows[id]; !known {
			return false
		}
	}
	return true
}

func (c *Client) readAllPages(ctx context.Context, search WorkspaceSearch) (*reading, error) {
	r := &reading{rows: map[uuid.UUID]Workspace{}}
	for page, err := range c.workspacePages(ctx, search) {
		if err != nil {
			return nil, err
		}
		if r.pages > 0 && page.Count != r.count {
			r.moved = true
		}
		r.pages++
		r.count = page.Count
		for _, row := range page.Workspaces {
			if _, known := r.rows[row.ID]; known {
				r.moved = true
			}
			r.rows[row.ID] = row
		}
	}
	return r, nil
}

func sorted(rows map[uuid.UUID]Workspace) []Workspace {
	list := make([]Workspace, 0, len(rows))
	for _, row := range rows {
		list = append(list, row)
	}
	slices.SortFunc(list, func(a, b Workspace) int {
		return cmp.Or(
			strings.Compare(strings.ToLower(a.OwnerName), strings.ToLower(b.OwnerName)),
			strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)),
			bytes.Compare(a.ID[:], b.ID[:]),
		)
	})
	return list
}
