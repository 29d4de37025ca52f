package codertest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
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
	find := c.readableUser
	if c.d.since(2, 23) {
		find = c.userParam // the workspace is looked for whoever the owner is
	}
	owner, rep, found := find()
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
	if rep, refused := d.refusePrebuild(w, "Autostart is not supported for prebuilt workspaces",
		"Prebuilt workspace scheduling is configured per preset at the template level. Workspace-level overrides are not supported."); refused {
		return rep
	}
	schedule := ""
	if b.Schedule != nil {
		schedule = *b.Schedule
	}
	if schedule != "" {
		if err := d.checkSchedule(schedule); err != nil {
			return refuseSchedule("Invalid autostart schedule.", err)
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
	if rep, refused := d.refusePrebuild(w, "TTL updates are not supported for prebuilt workspaces",
		"Prebuilt workspace TTL is configured per preset at the template level. Workspace-level overrides are not supported."); refused {
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
		return refuseWith(http.StatusInternalServerError, message, "execute transaction: update workspace time until shutdown: unauthorized: rbac: forbidden")
	}
	w.ttl = ttl
	// A running build keeps its deadline, but since 2.19 it loses it together with the TTL.
	if b := w.latest(); ttl == 0 && b.transition == start && d.since(2, 19) {
		d.clearDeadline(b)
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
	if rep, refused := d.refusePrebuild(w, "Deadline extension is not supported for prebuilt workspaces",
		"Prebuilt workspaces do not support user deadline modifications. Deadline extension is only applicable to regular workspaces"); refused {
		return rep
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
	type UpdateWorkspaceDormancy struct {
		Dormant bool `json:"dormant"`
	}
	var b UpdateWorkspaceDormancy
	return c.sleep(&b, &b.Dormant)
}

// putLock is putDormant by its first name.
func (c *call) putLock() reply {
	type UpdateWorkspaceLock struct {
		Lock bool `json:"lock"`
	}
	var b UpdateWorkspaceLock
	rep := c.sleep(&b, &b.Lock)
	if rep.status == http.StatusOK && !c.d.since(2, 1) {
		return ok(problem{Message: "Workspace lock updated."})
	}
	return rep
}

// sleep reads a body whose field says whether the workspace is to be dormant.
func (c *call) sleep(body any, dormant *bool) reply {
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	if !c.d.mayWrite(c.user, w) && !c.d.since(2, 20) {
		return notFound()
	}
	if rep, valid := c.decode(body); !valid {
		return rep
	}
	if rep, refused := c.d.refusePrebuild(w, "Dormancy updates are not supported for prebuilt workspaces",
		"Prebuilt workspaces are not subject to dormancy. Dormancy behavior is only applicable to regular workspaces"); refused {
		return rep
	}
	if *dormant == !w.dormantAt.IsZero() {
		return reply{status: http.StatusNotModified}
	}
	if !c.d.mayWrite(c.user, w) {
		return unauthorizedWrite("Internal error updating workspace locked status.")
	}
	w.dormantAt = time.Time{}
	if *dormant {
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

// postUsage notes that the workspace is used.
func (c *call) postUsage() reply {
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	w.lastUsed = c.d.now()
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
