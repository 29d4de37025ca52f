package codertest

import (
	"net/http"
	"time"

	"github.com/google/uuid"
)

// UpdateTemplate changes a template, as its administrator does in the dashboard; the licensed policies are there, too.
// What follows from a policy for workspaces that exist happens at once. Version is not looked at, versions are published
// with PublishVersion. change must not call the deployment.
func (d *Deployment) UpdateTemplate(template uuid.UUID, change func(*Template)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.updateTemplate(d.templates[template], change)
}

func (d *Deployment) updateTemplate(t *template, change func(*Template)) {
	before := t.Template
	change(&t.Template)
	t.updated = d.now()
	autostop := t.ForbidUserAutostop != before.ForbidUserAutostop || t.DefaultTTL != before.DefaultTTL
	if t.portLevel() != before.portLevel() {
		d.limitPortShares(t)
	}
	autostart := t.ForbidUserAutostart != before.ForbidUserAutostart
	for _, w := range d.workspaceList {
		if w.template != t || w.isPrebuild() {
			continue
		}
		if autostop {
			d.applyAutostop(w)
		}
		if autostart && !w.deleted && w.dormantAt.IsZero() {
			d.planNextStart(w)
		}
	}
}

// applyAutostop follows a change of the template's default TTL or of who decides on autostop. A workspace's own TTL does not
// survive that its user has no say (since 2.19), and without any TTL a running build loses its deadline (since 2.26);
// otherwise the deadline stays until the next build.
func (d *Deployment) applyAutostop(w *workspace) {
	t, b := w.template, w.latest()
	if t.ForbidUserAutostop && d.since(2, 19) {
		w.ttl = t.DefaultTTL
	}
	if d.effectiveTTL(w) == 0 && b.transition == start && d.since(2, 26) {
		d.clearDeadline(b)
	}
}

// clearDeadline lets a running build go on for as long as its maximum allows.
func (d *Deployment) clearDeadline(b *build) {
	b.deadline = time.Time{}
	if d.since(2, 26) && !b.maxDeadline.IsZero() {
		d.setDeadline(b, b.maxDeadline)
	}
}

// deprecation is the message of a deprecated template, "" of any other.
func (t *template) deprecation() string {
	if t.Deprecated && t.DeprecationMessage == "" {
		return "This template is deprecated."
	}
	return t.DeprecationMessage
}

// refuseDeprecated refuses a new workspace (since 2.5). Those that exist are built as ever.
func (c *call) refuseDeprecated(t *template) (reply, bool) {
	message := t.deprecation()
	if message == "" || !c.d.since(2, 5) {
		return reply{}, false
	}
	return refuseWith(http.StatusBadRequest, "Template \""+t.Name+"\" has been deprecated, and cannot be used to create a new workspace.", message), true
}

// refuseInactive refuses a version that is not the active one where the template requires that (since 2.4). Servers look at
// the template for a start only: with any version a workspace can be stopped and deleted, by everybody.
func (c *call) refuseInactive(t *template, v *version, transition string) (reply, bool) {
	if transition != start || !t.RequireActiveVersion || v == t.active || c.user.managesTemplates() || !c.d.since(2, 4) {
		return reply{}, false
	}
	return refuseWith(http.StatusForbidden, "insert workspace build", "cannot use non-active version: unauthorized: rbac: forbidden"), true
}
