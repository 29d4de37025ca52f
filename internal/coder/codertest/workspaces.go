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

// workspace finds the workspace of the path if the caller may read it, deleted or not.
func (c *call) workspace() (*workspace, reply, bool) {
	id, rep, valid := c.id("workspace")
	if !valid {
		return nil, rep, false
	}
	w := c.d.workspaces[id]
	if w == nil || !c.d.mayRead(c.user, w) {
		return nil, notFound(), false
	}
	return w, reply{}, true
}

func (c *call) getWorkspace() reply {
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	deleted, rep, valid := c.includeDeleted("deleted") // sic: the handler's name for it
	if !valid {
		return rep
	}
	if w.deleted && !deleted {
		hint := "deleted"
		if c.d.since(2, 35) {
			hint = "include_deleted"
		}
		return refuse(http.StatusGone, fmt.Sprintf("Workspace %q was deleted, you can view this workspace by specifying '?%s=true' and trying again.", w.id, hint))
	}
	if !c.d.mayReadTemplate(c.user, w.template) {
		if !c.d.since(2, 1) {
			return refuse(http.StatusInternalServerError, "An internal server error occurred.")
		}
		return forbidden()
	}
	return ok(c.d.workspaceJSON(w, c.user, full))
}

func (c *call) workspaceByName() reply {
	w, rep, found := c.namedWorkspace(true)
	if !found {
		return rep
	}
	if !c.d.mayReadTemplate(c.user, w.template) {
		return notFound()
	}
	return ok(c.d.workspaceJSON(w, c.user, full))
}

// namedWorkspace finds a workspace by owner and name; the flag include_deleted is honoured on request.
func (c *call) namedWorkspace(flag bool) (*workspace, reply, bool) {
	owner, rep, found := c.userParam()
	if !found {
		return nil, rep, false
	}
	name := strings.ToLower(c.params["workspacename"])
	w := c.d.live[nameKey{owner.id, name}]
	if flag {
		deleted, rep, valid := c.includeDeleted("include_deleted")
		if !valid {
			return nil, rep, false
		}
		if w == nil && deleted {
			for _, candidate := range c.d.workspaceList { // the newest one of that name
				if candidate.owner == owner && strings.EqualFold(candidate.name, name) {
					w = candidate
				}
			}
		}
	}
	if w == nil || !c.d.mayRead(c.user, w) {
		return nil, notFound(), false
	}
	return w, reply{}, true
}

func (c *call) includeDeleted(field string) (bool, reply, bool) {
	raw := c.r.URL.Query().Get("include_deleted")
	if raw == "" {
		return false, reply{}, true
	}
	value, err := strconv.ParseBool(raw)
	if err != nil {
		return false, refuse(http.StatusBadRequest, fmt.Sprintf("Invalid boolean value %q for \"include_deleted\" query param.", raw),
			validation{field, "Must be a valid boolean"}), false
	}
	return value, reply{}, true
}

func (c *call) renameWorkspace() reply {
	d := c.d
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	type UpdateWorkspaceRequest struct {
		Name string `json:"name"`
	}
	var b UpdateWorkspaceRequest
	if rep, valid := c.decode(&b); !valid {
		return rep
	}
	if !d.validName(b.Name) {
		return validationFailed(failedTag("name", "username", b.Name))
	}
	other := d.live[nameKey{w.owner.id, strings.ToLower(b.Name)}]
	switch {
	case b.Name == w.name:
		return noContent()
	case d.options.ForbidRenames && d.since(2, 6):
		return refuse(http.StatusBadRequest, "Workspace renames are not allowed.")
	case !d.mayWrite(c.user, w):
		return unauthorizedWrite("Internal error updating workspace.")
	case w.deleted:
		return refuse(http.StatusMethodNotAllowed, fmt.Sprintf("Workspace %q is deleted and cannot be updated.", w.name))
	case other != nil && other != w:
		return nameTaken(b.Name)
	}
	delete(d.live, w.key())
	w.name = b.Name
	d.live[w.key()] = w
	d.notify(w)
	return noContent()
}

func (c *call) putAutostart() reply {
	d := c.d
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	type UpdateWorkspaceAutostartRequest struct {
		Schedule *string `json:"schedule"`
	}
	var b UpdateWorkspaceAutostartRequest
	if rep, valid := c.decode(&b); !valid {
		return rep
	}
	schedule := ""
	if b.Schedule != nil {
		schedule = *b.Schedule
	}
	if schedule != "" {
		if err := d.checkSchedule(schedule); err != nil {
			return refuse(http.StatusBadRequest, "Invalid autostart schedule.", validation{"schedule", err.Error()})
		}
	}
	if w.template.ForbidUserAutostart {
		return refuse(http.StatusBadRequest, "Autostart is not allowed for workspaces using this template.",
			validation{"schedule", "Autostart is not allowed for workspaces using this template."})
	}
	if !d.mayWrite(c.user, w) {
		return unauthorizedWrite("Internal error updating workspace autostart schedule.")
	}
	w.schedule = schedule
	d.planNextStart(w)
	return noContent()
}

func (c *call) putTTL() reply {
	const message = "Error updating workspace time until shutdown."
	d := c.d
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	type UpdateWorkspaceTTLRequest struct {
		TTLMillis *int64 `json:"ttl_ms"`
	}
	var b UpdateWorkspaceTTLRequest
	if rep, valid := c.decode(&b); !valid {
		return rep
	}
	if w.template.ForbidUserAutostop {
		return refuse(http.StatusBadRequest, message, validation{"ttl_ms", "Custom autostop TTL is not allowed for workspaces using this template."})
	}
	ttl, err := d.checkTTL(b.TTLMillis)
	if err != nil {
		return refuse(http.StatusBadRequest, message, validation{"ttl_ms", err.Error()})
	}
	if !d.mayWrite(c.user, w) {
		return refuseWith(http.StatusInternalServerError, message, "update workspace time until shutdown: unauthorized: rbac: forbidden")
	}
	w.ttl = ttl
	// A running build keeps its deadline, but since 2.19 it loses it together with the TTL.
	if b := w.latest(); ttl == 0 && b.transition == start && d.since(2, 19) {
		b.deadline = time.Time{}
		if d.since(2, 26) && !b.maxDeadline.IsZero() {
			d.setDeadline(b, b.maxDeadline)
		}
	}
	return noContent()
}

func (c *call) putExtend() reply {
	d := c.d
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	type PutExtendWorkspaceRequest struct {
		Deadline time.Time `json:"deadline"`
	}
	var body PutExtendWorkspaceRequest
	if rep, valid := c.decode(&body); !valid {
		return rep
	}
	if body.Deadline.IsZero() {
		return validationFailed(failedTag("deadline", "required", body.Deadline.String()))
	}
	b := w.latest()
	deadline := body.Deadline.UTC().Truncate(time.Microsecond)
	switch {
	case b.transition != start:
		return refuse(http.StatusConflict, "Workspace must be started, current status: "+b.transition)
	case b.job.active():
		return refuse(http.StatusConflict, "Workspace is still building!")
	case b.deadline.IsZero():
		return refuse(http.StatusConflict, "Workspace shutdown is manual.")
	case w.template.ForbidUserAutostop && d.since(2, 12) && !d.since(2, 19):
		return refuse(http.StatusBadRequest, "Cannot extend workspace: template does not allow user autostop.")
	case deadline.Before(d.now().Add(29 * time.Minute)):
		return refuse(http.StatusBadRequest, "Cannot extend workspace: new deadline must be at least 30 minutes in the future")
	case !b.maxDeadline.IsZero() && deadline.After(b.maxDeadline):
		return refuse(http.StatusBadRequest, "Cannot extend workspace beyond max deadline.")
	case !d.mayWrite(c.user, w):
		return unauthorizedWrite("Failed to extend workspace deadline.")
	}
	d.setDeadline(b, deadline)
	d.notify(w)
	return ok(problem{Message: "Deadline updated to " + deadline.Format(time.RFC3339) + "."})
}

func (c *call) putAutomaticUpdates() reply {
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	if !c.d.mayWrite(c.user, w) {
		return notFound()
	}
	type UpdateWorkspaceAutomaticUpdatesRequest struct {
		AutomaticUpdates string `json:"automatic_updates"`
	}
	var b UpdateWorkspaceAutomaticUpdatesRequest
	if rep, valid := c.decode(&b); !valid {
		return rep
	}
	if b.AutomaticUpdates != "always" && b.AutomaticUpdates != "never" {
		return refuse(http.StatusBadRequest, "Invalid request", validation{"automatic_updates", "must be always or never"})
	}
	w.automaticUpdates = b.AutomaticUpdates
	return noContent()
}

func (c *call) putDormant() reply {
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	if !c.d.mayWrite(c.user, w) {
		return notFound()
	}
	type UpdateWorkspaceDormancy struct {
		Dormant bool `json:"dormant"`
	}
	var b UpdateWorkspaceDormancy
	if rep, valid := c.decode(&b); !valid {
		return rep
	}
	if b.Dormant == !w.dormantAt.IsZero() {
		return reply{status: http.StatusNotModified}
	}
	w.dormantAt = time.Time{}
	if b.Dormant {
		w.dormantAt, w.nextStart = c.d.now(), time.Time{}
	}
	return ok(c.d.workspaceJSON(w, c.user, full))
}

func (c *call) putFavorite() reply { return c.favorite(true) }

func (c *call) deleteFavorite() reply { return c.favorite(false) }

func (c *call) favorite(yes bool) reply {
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	if w.owner != c.user {
		return refuse(http.StatusForbidden, "You can only favorite workspaces that you own.")
	}
	if yes {
		c.user.favorites[w] = true
	} else {
		delete(c.user.favorites, w)
	}
	return noContent()
}

func (c *call) resolveAutostart() reply {
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	mismatch := false
	if w.automaticUpdates == "always" {
		_, refused := c.d.resolve(w, w.template.active, nil, nil)
		mismatch = refused != nil
	}
	return ok(object{"parameter_mismatch": mismatch})
}

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
		if !w.deleted && d.mayRead(c.user, w) && f.matches(w) {
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
