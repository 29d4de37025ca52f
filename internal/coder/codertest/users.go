package codertest

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

func (c *call) root() reply { return ok(problem{Message: "👋"}) }

func (c *call) login() reply {
	return refuse(http.StatusUnauthorized, "Incorrect email or password.")
}

func (c *call) appHost() reply { return ok(object{"host": c.d.options.AppHost}) }

func (c *call) buildInfo() reply {
	d := c.d
	info := object{
		"external_url": "https://github.com/coder/coder", "version": d.version,
		"dashboard_url": cmp.Or(d.options.AccessURL, "http://"+c.r.Host), "workspace_proxy": false,
	}
	d.field(info, 2, 5, "agent_api_version", "1.0")
	d.field(info, 2, 8, "upgrade_message", "")
	d.field(info, 2, 11, "deployment_id", d.id)
	d.field(info, 2, 13, "telemetry", false)
	d.field(info, 2, 15, "provisioner_api_version", "1.18")
	d.field(info, 2, 22, "webpush_public_key", "")
	return ok(info)
}

// field adds a field that exists since a release.
func (d *Deployment) field(o object, major, minor int, name string, value any) {
	if d.since(major, minor) {
		o[name] = value
	}
}

// userParam finds the user of the path: an id, a name, or "me".
func (c *call) userParam() (*user, reply, bool) {
	raw := c.params["user"]
	if raw == "me" {
		return c.user, reply{}, true
	}
	u := c.d.usersByName[strings.ToLower(raw)]
	if id, err := uuid.Parse(raw); err == nil {
		u = c.d.users[id]
	}
	if u == nil {
		return nil, c.unknownUser(), false
	}
	return u, reply{}, true
}

// unknownUser is also the answer to a user whom the caller may not read.
func (c *call) unknownUser() reply {
	const message = `"user" must be an existing uuid or username.`
	switch d := c.d; {
	case d.since(2, 32):
		return notFound()
	case d.since(2, 1):
		return refuseWith(http.StatusBadRequest, message, fmt.Sprintf("queried user=%q", c.params["user"]))
	}
	return refuse(http.StatusBadRequest, message)
}

// readableUser is userParam for the routes about a user: since 2.3 members find themselves only.
func (c *call) readableUser() (*user, reply, bool) {
	u, rep, found := c.userParam()
	if found && u != c.user && !c.user.managesTemplates() && c.d.since(2, 3) {
		return nil, c.unknownUser(), false
	}
	return u, rep, found
}

func (c *call) getUser() reply {
	u, rep, found := c.readableUser()
	if !found {
		return rep
	}
	return ok(c.d.userJSON(u))
}

func (c *call) suspendUser() reply { return c.setUserStatus("suspended") }

func (c *call) activateUser() reply { return c.setUserStatus("active") }

func (c *call) setUserStatus(status string) reply {
	u, rep, found := c.readableUser()
	if !found {
		return rep
	}
	if !c.user.isOwner() {
		return forbidden()
	}
	u.status, u.updated = status, c.d.now()
	return ok(c.d.userJSON(u))
}

func rolesJSON(u *user) []any {
	switch u.role {
	case roleOwner:
		return []any{object{"name": roleOwner, "display_name": "Owner"}}
	case roleTemplateAdmin:
		return []any{object{"name": roleTemplateAdmin, "display_name": "Template Admin"}}
	}
	return []any{}
}

func (d *Deployment) userJSON(u *user) object {
	orgs := make([]uuid.UUID, len(u.orgs))
	for i, o := range u.orgs {
		orgs[i] = o.id
	}
	o := object{
		"id": u.id, "username": u.username, "email": u.email, "created_at": u.created, "last_seen_at": u.lastSeen,
		"status": u.status, "organization_ids": orgs, "roles": rolesJSON(u),
	}
	empty := !d.since(2, 23) // later they are left out when they are empty
	if empty {
		o["avatar_url"] = ""
	}
	if u.name != "" || empty {
		d.field(o, 2, 7, "name", u.name)
	}
	if !d.since(2, 21) {
		d.field(o, 2, 6, "theme_preference", "")
	}
	d.field(o, 0, 25, "login_type", "password")
	d.field(o, 2, 14, "updated_at", u.updated)
	d.field(o, 2, 35, "has_ai_seat", false)
	return o
}

// organization finds the organization of the path: an id, since 2.9 also a name or "default".
func (c *call) organization() (*organization, reply, bool) {
	d, raw := c.d, c.params["organization"]
	id, err := uuid.Parse(raw)
	if err != nil && !d.since(2, 9) {
		return nil, refuseWith(http.StatusBadRequest, `Invalid UUID "`+raw+`".`, err.Error()), false
	}
	for _, o := range d.orgs {
		named := err != nil && (raw == "default" && o.isDefault || strings.EqualFold(raw, o.name))
		if (named || err == nil && o.id == id) && (c.user.in(o) || c.user.isOwner()) {
			return o, reply{}, true
		}
	}
	return nil, notFound(), false
}

func (c *call) getOrganization() reply {
	o, rep, found := c.organization()
	if !found {
		return rep
	}
	return ok(c.d.organizationJSON(o))
}

func (c *call) listOrganizations() reply {
	list := []any{}
	for _, o := range c.d.orgs {
		if c.user.in(o) || c.user.isOwner() {
			list = append(list, c.d.organizationJSON(o))
		}
	}
	return ok(list)
}

func (c *call) userOrganizations() reply {
	u, rep, found := c.readableUser()
	if !found {
		return rep
	}
	list := []any{}
	for _, o := range u.orgs {
		list = append(list, c.d.organizationJSON(o))
	}
	return ok(list)
}

func (c *call) userOrganization() reply {
	u, rep, found := c.readableUser()
	if !found {
		return rep
	}
	for _, o := range u.orgs {
		if strings.EqualFold(o.name, c.params["organizationname"]) {
			return ok(c.d.organizationJSON(o))
		}
	}
	return notFound()
}

func (d *Deployment) organizationJSON(o *organization) object {
	j := object{"id": o.id, "name": o.name, "created_at": o.created, "updated_at": o.created}
	d.field(j, 2, 9, "is_default", o.isDefault)
	d.field(j, 2, 13, "display_name", o.displayName)
	d.field(j, 2, 13, "icon", "")
	d.field(j, 2, 13, "description", o.description)
	d.field(j, 2, 35, "default_org_member_roles", []string{"organization-workspace-access"})
	return j
}

// getMember tells members of an organization who the others are (since 2.32).
func (c *call) getMember() reply {
	org, rep, found := c.organization()
	if !found {
		return rep
	}
	u, rep, found := c.userParam()
	switch {
	case !found:
		return rep
	case !u.in(org):
		return notFound()
	}
	return ok(object{
		"user_id": u.id, "organization_id": org.id, "created_at": u.created, "updated_at": u.created, "roles": []any{},
		"username": u.username, "name": u.name, "email": u.email, "status": u.status, "login_type": "password",
		"last_seen_at": u.lastSeen, "user_created_at": u.created, "user_updated_at": u.updated,
		"global_roles": rolesJSON(u), "has_ai_seat": false,
	})
}

// deleteUser deletes a user who has no workspaces. What refers to the user by id goes on doing so.
func (c *call) deleteUser() reply {
	d := c.d
	u, rep, found := c.readableUser()
	switch {
	case !found:
		return rep
	case u == c.user:
		return refuse(http.StatusForbidden, "You cannot delete yourself!")
	case !c.user.isOwner():
		return forbidden()
	}
	for _, w := range d.workspaceList {
		if w.owner == u && !w.deleted {
			return refuse(http.StatusExpectationFailed, "You cannot delete a user that has workspaces. Delete their workspaces and try again!")
		}
	}
	d.forgetUser(u)
	return ok(problem{Message: "User has been deleted!"})
}

func (d *Deployment) forgetUser(u *user) {
	u.deleted = true
	delete(d.usersByName, strings.ToLower(u.username))
	for token, s := range d.tokens {
		if s.user == u {
			delete(d.tokens, token)
		}
	}
}

func contains[T comparable](list []T, v T) bool {
	for _, e := range list {
		if e == v {
			return true
		}
	}
	return false
}
