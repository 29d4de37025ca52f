package codertest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

func (c *call) listWorkspaces() reply {
	d := c.d
	page, rep, valid := c.page()
	if !valid {
		return rep
	}
	f, invalid := d.search(c.r.URL.Query().Get("q"), c.user)
	if len(invalid) > 0 {
		return refuse(http.StatusBadRequest, "Invalid workspace search query.", invalid...)
	}
	if page.offset < 0 {
		return refuseWith(http.StatusInternalServerError, "Internal error fetching workspaces.", "get authorized workspaces: pq: OFFSET must not be negative")
	}
	var matches []*workspace
	for _, w := range d.workspaceList {
		if !w.deleted && d.mayList(c.user, w) && f.matches(w) {
			matches = append(matches, w)
		}
	}
	d.sortForList(matches, c.user)
	count := len(matches)
	matches = page.cut(matches)
	if len(matches) == 0 && page.offset > 0 && !d.since(2, 9) {
		count = 0 // the count came with the rows
	}
	rows := []any{}
	for _, w := range matches {
		if !d.mayReadTemplate(c.user, w.template) {
			if !d.since(2, 1) {
				return refuseWith(http.StatusInternalServerError, "Internal error converting workspaces.", "template not found for workspace "+w.id.String())
			}
			continue
		}
		if f.deletingBy.IsZero() || d.deletedBy(w, f.deletingBy) {
			rows = append(rows, d.workspaceJSON(w, c.user, full))
		}
	}
	if len(rows) == 0 && !f.deletingBy.IsZero() {
		rows = nil
	}
	return ok(object{"workspaces": rows, "count": count})
}

// deletedBy: a workspace that is going to be deleted on or before the given day.
func (d *Deployment) deletedBy(w *workspace, day time.Time) bool {
	at := d.deletingAt(w)
	return !at.IsZero() && !at.After(day)
}

// sortForList: the caller's favourites (since 2.8), then the running ones, then by owner and name.
func (d *Deployment) sortForList(list []*workspace, caller *user) {
	type key struct {
		w    *workspace
		rank int
		text string
	}
	keys := make([]key, len(list))
	for i, w := range list {
		k := key{w: w, text: strings.ToLower(w.owner.username) + "\x00" + strings.ToLower(w.name)}
		if b := w.latest(); b.transition != start || b.job.status() != succeeded {
			k.rank++
		}
		if d.since(2, 8) && !caller.favorites[w] {
			k.rank += 2
		}
		keys[i] = k
	}
	slices.SortFunc(keys, func(a, b key) int {
		if a.rank != b.rank {
			return a.rank - b.rank
		}
		return strings.Compare(a.text, b.text)
	})
	for i, k := range keys {
		list[i] = k.w
	}
}

func sortByOwnerAndName(list []Workspace) {
	slices.SortStableFunc(list, func(a, b Workspace) int {
		if a.Owner != b.Owner {
			return strings.Compare(strings.ToLower(a.Owner), strings.ToLower(b.Owner))
		}
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
}

// pagination is limit and offset of a list.
type pagination struct{ limit, offset int }

func (p pagination) cut(list []*workspace) []*workspace {
	if p.offset >= len(list) {
		return nil
	}
	list = list[p.offset:]
	if p.limit > 0 && p.limit < len(list) {
		list = list[:p.limit]
	}
	return list
}

func (c *call) page() (pagination, reply, bool) {
	var invalid []validation
	query := c.r.URL.Query()
	if raw := query.Get("after_id"); raw != "" {
		if _, err := uuid.Parse(raw); err != nil {
			invalid = append(invalid, validation{"after_id", `Query param "after_id" must be a valid uuid`})
		}
	}
	number := func(name string) int {
		raw := query.Get(name)
		if raw == "" {
			return 0
		}
		if !c.d.since(2, 9) {
			n, err := strconv.Atoi(raw)
			if err != nil {
				invalid = append(invalid, validation{name, fmt.Sprintf("Query param %q must be a valid integer (%s)", name, err)})
			}
			return n
		}
		n, err := strconv.ParseInt(raw, 10, 32)
		if err == nil && n < 0 {
			err = fmt.Errorf("value is negative")
		}
		if err != nil {
			invalid = append(invalid, validation{name, fmt.Sprintf("Query param %q must be a valid 32-bit positive integer: %s", name, err)})
		}
		return int(n)
	}
	p := pagination{limit: number("limit"), offset: number("offset")}
	if invalid != nil {
		return p, refuse(http.StatusBadRequest, "Query parameters have invalid values.", invalid...), false
	}
	return p, reply{}, true
}
