package codertest

import (
	"strings"

	"github.com/google/uuid"
)

// The rights of the roles that the deployment knows.

func (d *Deployment) mayRead(u *user, w *workspace) bool {
	return !w.hidden[u] && (w.owner == u || u.managesTemplates() || d.sharedRole(u, w) != "")
}

// mayList: the list has dormant workspaces, too, that are shared with the user, who may not read them by themselves.
func (d *Deployment) mayList(u *user, w *workspace) bool {
	return !w.hidden[u] && (d.mayRead(u, w) || d.grantedRole(u, w) != "")
}

func (d *Deployment) mayWrite(u *user, w *workspace) bool {
	return w.owner == u || u.isOwner() || d.sharedRole(u, w) == roleAdmin
}

// mayShare: nobody may change whom a dormant workspace is shared with.
func (d *Deployment) mayShare(u *user, w *workspace) bool {
	return w.dormantAt.IsZero() && d.mayWrite(u, w)
}

// mayBuild: whoever uses a workspace may start and stop it, and nobody may delete what is only shared.
func (d *Deployment) mayBuild(u *user, w *workspace, transition string) bool {
	return w.owner == u || u.isOwner() || transition != remove && d.sharedRole(u, w) != ""
}

func (d *Deployment) mayReadTemplate(u *user, t *template) bool {
	if u.managesTemplates() {
		return true
	}
	return !t.deleted && !t.hidden[u] && u.in(t.org)
}

// HideTemplate takes away a user's right to read a template, as an administrator of a licensed deployment can.
func (d *Deployment) HideTemplate(template uuid.UUID, username string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.templates[template].hidden[d.usersByName[strings.ToLower(username)]] = true
}

// SetVisible takes a workspace out of a user's sight, whatever the user's role, and gives it back: what a token sees
// becomes less when its user loses a role or a membership. It gives nobody more than the role does.
func (d *Deployment) SetVisible(workspace uuid.UUID, username string, visible bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.workspaces[workspace].hidden[d.usersByName[strings.ToLower(username)]] = !visible
}
