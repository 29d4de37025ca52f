package codertest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Workspace sharing: who may use a workspace besides its owner (since 2.26; all of it since 2.27, and until 2.31 an
// experiment that the deployment has to enable).

// The roles that a workspace is shared with.
const (
	roleUse   = "use"   // reads, starts, stops
	roleAdmin = "admin" // may do what the owner may, except deleting
)

// group is a group of users of an organization. Every organization has one of everybody, with the organization's id; others
// exist on licensed deployments only.
type group struct {
	id      uuid.UUID
	org     *organization
	name    string
	members []*user // nil for everybody
}

func (g *group) has(u *user) bool { return g.id == g.org.id && u.in(g.org) || contains(g.members, u) }

// acl is whom a workspace is shared with.
type acl struct {
	users  map[*user]string
	groups map[*group]string
}

func (a *acl) empty() bool { return len(a.users)+len(a.groups) == 0 }

// sharedRole is the role that a user has by sharing, "" for none. A dormant workspace gives none.
func (d *Deployment) sharedRole(u *user, w *workspace) string {
	if !w.dormantAt.IsZero() {
		return ""
	}
	return d.grantedRole(u, w)
}

// grantedRole is the best role that others have given to a user, "" for none. It counts in the workspace's organization only.
func (d *Deployment) grantedRole(u *user, w *workspace) string {
	if !u.in(w.org) || !d.hasSharing() {
		return ""
	}
	role := w.acl.users[u]
	for g, granted := range w.acl.groups {
		if g.has(u) && role != roleAdmin {
			role = granted
		}
	}
	return role
}

func (d *Deployment) hasSharing() bool {
	return d.since(2, 32) || d.since(2, 26) && contains(d.options.Experiments, sharingExperiment)
}

const sharingExperiment = "workspace-sharing"

// SetSharing says whether workspaces of an organization may be shared, as an administrator of a licensed deployment does (since
// 2.30). To forbid it ends what is shared.
func (d *Deployment) SetSharing(organization uuid.UUID, allowed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	org := d.orgByID(organization)
	org.noSharing = !allowed
	for _, w := range d.workspaceList {
		if w.org == org && !allowed {
			w.acl = acl{}
		}
	}
}

// AddGroup adds a group of users to an organization, as on a licensed deployment; see Options.Licensed.
func (d *Deployment) AddGroup(organization uuid.UUID, name string, usernames ...string) uuid.UUID {
	d.mu.Lock()
	defer d.mu.Unlock()
	g := &group{id: uuid.New(), org: d.orgByID(organization), name: name, members: []*user{}}
	for _, username := range usernames {
		g.members = append(g.members, d.usersByName[strings.ToLower(username)])
	}
	d.groups[g.id] = g
	return g.id
}

// Share gives a user a role on a workspace, as somebody does in the dashboard; "" takes it away.
func (d *Deployment) Share(workspace uuid.UUID, username, role string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.workspaces[workspace].acl.setUser(d.usersByName[strings.ToLower(username)], role)
}

func (a *acl) setUser(u *user, role string) { a.users = grant(a.users, u, role) }

func (a *acl) setGroup(g *group, role string) { a.groups = grant(a.groups, g, role) }

func grant[K comparable](all map[K]string, who K, role string) map[K]string {
	if all == nil {
		all = map[K]string{}
	}
	all[who] = role
	if role == "" {
		delete(all, who)
	}
	return all
}

// sorted lists users and groups by name.
func (a *acl) sorted() (users []*user, groups []*group) {
	users = slices.SortedFunc(maps.Keys(a.users), func(a, b *user) int { return strings.Compare(a.username, b.username) })
	groups = slices.SortedFunc(maps.Keys(a.groups), func(a, b *group) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.id.String(), b.id.String()))
	})
	return users, groups
}

// sharing finds the workspace of a route about sharing, deleted or not. To change anything takes more than to look.
func (c *call) sharing(change bool) (*workspace, reply, bool) {
	w, rep, found := c.workspace()
	switch {
	case !found:
		return nil, rep, false
	case !c.d.hasSharing():
		return nil, refuse(http.StatusForbidden, "Workspace Sharing functionality requires enabling the '"+sharingExperiment+"' experiment."), false
	case change && w.org.noSharing && c.d.since(2, 30):
		return nil, refuse(http.StatusForbidden, "Workspace sharing is disabled for this organization."), false
	}
	return w, reply{}, true
}

func (c *call) getACL() reply {
	w, rep, found := c.sharing(false)
	if !found {
		return rep
	}
	sharedUsers, sharedGroups := w.acl.sorted()
	users, groups := []any{}, []any{}
	for _, u := range sharedUsers { // deleted ones, too
		o := object{"id": u.id, "username": u.username, "role": w.acl.users[u]}
		if u.name != "" {
			o["name"] = u.name
		}
		users = append(users, o)
	}
	for _, g := range sharedGroups {
		o := c.d.groupJSON(g)
		o["role"] = w.acl.groups[g]
		groups = append(groups, o)
	}
	return ok(object{"users": users, "group": groups}) // sic: the singular
}

func (d *Deployment) groupJSON(g *group) object {
	count := 0
	for _, u := range d.users {
		if !u.deleted && g.has(u) {
			count++
		}
	}
	return object{
		"id": g.id, "name": g.name, "display_name": "", "avatar_url": "", "members": []any{}, "total_member_count": count,
		"organization_id": g.org.id, "organization_name": g.org.name, "organization_display_name": g.org.displayName,
		"quota_allowance": 0, "source": "user",
	}
}

func (c *call) patchACL() reply {
	d := c.d
	w, rep, found := c.sharing(true)
	if !found {
		return rep
	}
	type UpdateWorkspaceACL struct {
		UserRoles  map[string]string `json:"user_roles"`
		GroupRoles map[string]string `json:"group_roles"`
	}
	var b UpdateWorkspaceACL
	if rep, valid := c.decode(&b); !valid {
		return rep
	}
	if _, own := b.UserRoles[c.user.id.String()]; own && !c.user.isOwner() && d.since(2, 32) {
		return refuse(http.StatusBadRequest, "You cannot change your own workspace sharing role.")
	}
	invalid := checkRoles(b.GroupRoles, "group_roles", "group", func(id uuid.UUID) bool { return d.groups[id] != nil })
	invalid = append(invalid, checkRoles(b.UserRoles, "user_roles", "user", func(id uuid.UUID) bool {
		u := d.users[id]
		return u != nil && !u.deleted
	})...)
	if invalid != nil {
		return refuse(http.StatusBadRequest, "Invalid request to update workspace ACL", invalid...)
	}
	if !d.mayShare(c.user, w) {
		return forbidden()
	}
	for id, role := range b.UserRoles {
		if u := d.users[uuid.MustParse(id)]; u != nil {
			w.acl.setUser(u, role)
		}
	}
	for id, role := range b.GroupRoles {
		if g := d.groups[uuid.MustParse(id)]; g != nil {
			w.acl.setGroup(g, role)
		}
	}
	return noContent()
}

// checkRoles checks what is to be granted. Whoever is to lose a role need not exist any more.
func checkRoles(roles map[string]string, field, kind string, exists func(uuid.UUID) bool) []validation {
	var wrong, missing []validation
	for _, raw := range slices.Sorted(maps.Keys(roles)) {
		role := roles[raw]
		if role != "" && role != roleUse && role != roleAdmin {
			wrong = append(wrong, validation{field, fmt.Sprintf("role %q is not a valid workspace role", role)})
		}
		id, err := uuid.Parse(raw)
		switch {
		case err != nil:
			wrong = append(wrong, validation{field, raw + " is not a valid UUID."})
		case role != "" && !exists(id):
			missing = append(missing, validation{field, fmt.Sprintf("%s with ID %s does not exist", kind, id)})
		}
	}
	return append(wrong, missing...)
}

func (c *call) deleteACL() reply {
	w, rep, found := c.sharing(true)
	if !found {
		return rep
	}
	if !c.d.mayShare(c.user, w) {
		return refuseWith(http.StatusInternalServerError, "An internal server error occurred.",
			"execute transaction: delete workspace by ID: unauthorized: rbac: forbidden")
	}
	before := w.acl
	w.acl = acl{}
	if !c.d.mayWrite(c.user, w) { // the server reads it again, and takes all back
		w.acl = before
		return refuseWith(http.StatusInternalServerError, "An internal server error occurred.",
			"execute transaction: get updated workspace by ID: unauthorized: rbac: forbidden")
	}
	return noContent()
}

// sharedWith is what a workspace tells of whom it is shared with (since 2.30).
func (d *Deployment) sharedWith(w *workspace) []any {
	if !d.hasSharing() || !d.since(2, 30) {
		return nil
	}
	var actors []any
	users, groups := w.acl.sorted()
	for _, u := range users {
		actors = append(actors, object{"id": u.id, "actor_type": "user", "name": u.name, "roles": []string{w.acl.users[u]}})
	}
	for _, g := range groups {
		actors = append(actors, object{"id": g.id, "actor_type": "group", "name": g.name, "roles": []string{w.acl.groups[g]}})
	}
	return actors
}

// getGroup is a route of the licensed build.
func (c *call) getGroup() reply {
	org, rep, found := c.organization()
	if !found {
		return rep
	}
	for _, g := range c.d.groups {
		if g.org == org && g.name == c.params["groupName"] {
			return ok(c.d.groupJSON(g))
		}
	}
	return notFound()
}
