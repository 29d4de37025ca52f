package codertest

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

// view is how much of a build an answer shows: what was just inserted, a build of its own, or one read with its workspace.
type view int

const (
	full view = iota
	single
	inserted
)

func (d *Deployment) workspaceJSON(w *workspace, caller *user, v view) object {
	t, b := w.template, w.latest()
	o := object{
		"id": w.id, "created_at": w.created, "updated_at": w.updated, "owner_id": w.owner.id, "owner_name": w.owner.username,
		"organization_id": w.org.id, "template_id": t.id, "template_name": t.Name, "template_display_name": t.DisplayName,
		"template_icon": t.Icon, "template_allow_user_cancel_workspace_jobs": t.AllowUserCancel,
		"latest_build": d.buildJSON(b, v), "outdated": b.version != t.active, "name": w.name, "last_used_at": w.lastUsed,
		"deleting_at": rawTime{d.deletingAt(w)},
	}
	if w.schedule != "" {
		o["autostart_schedule"] = w.schedule
	}
	switch {
	case t.ForbidUserAutostop && d.since(2, 11):
		o["ttl_ms"] = t.DefaultTTL.Milliseconds()
	case w.ttl > 0:
		o["ttl_ms"] = w.ttl.Milliseconds()
	}
	if d.since(0, 25) && !d.since(2, 2) {
		o["locked_at"] = rawTime{w.dormantAt}
	}
	if d.since(0, 26) {
		failing := d.failingAgents(b)
		o["health"] = object{"healthy": len(failing) == 0, "failing_agents": failing}
	}
	d.field(o, 2, 2, "dormant_at", rawTime{w.dormantAt})
	d.field(o, 2, 2, "template_active_version_id", t.active.id)
	d.field(o, 2, 3, "automatic_updates", w.automaticUpdates)
	d.field(o, 2, 4, "template_require_active_version", t.RequireActiveVersion)
	d.field(o, 2, 6, "allow_renames", !d.options.ForbidRenames)
	d.field(o, 2, 8, "owner_avatar_url", "")
	d.field(o, 2, 8, "favorite", caller == w.owner && caller.favorites[w])
	d.field(o, 2, 14, "organization_name", w.org.name)
	d.field(o, 2, 19, "next_start_at", rawTime{w.nextStart})
	d.field(o, 2, 21, "latest_app_status", nil)
	d.field(o, 2, 23, "template_use_classic_parameter_flow", t.classic(d))
	d.field(o, 2, 25, "is_prebuild", w.isPrebuild())
	d.field(o, 2, 28, "task_id", nil)
	if actors := d.sharedWith(w); actors != nil {
		o["shared_with"] = actors
	}
	return o
}

// deletingAt: the deployment has no policy that deletes unused workspaces, except where SetInactivityTTL made one.
func (d *Deployment) deletingAt(w *workspace) time.Time {
	ttl := d.inactivity[w.template]
	b := w.latest()
	stopped := b.transition == stop && b.job.status() == succeeded || b.job.status() == failed || b.job.status() == canceled
	if ttl == 0 || !stopped || w.deleted {
		return time.Time{}
	}
	if d.since(2, 1) && w.dormantAt.IsZero() {
		return time.Time{}
	}
	if d.since(2, 1) {
		return w.dormantAt.Add(ttl)
	}
	return w.lastUsed.Add(ttl)
}

// SetInactivityTTL lets a template delete workspaces (licensed): on the seed those that are stopped, on newer servers those
// that are dormant. It only shows in deleting_at.
func (d *Deployment) SetInactivityTTL(template uuid.UUID, ttl time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inactivity[d.templates[template]] = ttl
}

// failingAgents: an agent that is not connected, or whose start script failed, makes the workspace unhealthy.
func (d *Deployment) failingAgents(b *build) []uuid.UUID {
	failing := []uuid.UUID{}
	for _, a := range agents(b) {
		if d.health(a) != "" {
			failing = append(failing, a.id)
		}
	}
	return failing
}

// health is the reason why an agent is not healthy, "" when it is. One that has never been connected was healthy until 2.32.
func (d *Deployment) health(a *agent) string {
	switch {
	case a.status == "timeout":
		return "agent is taking too long to connect"
	case a.status == "connecting" && d.since(2, 33):
		return "agent has not yet connected"
	case a.status == "disconnected" && (a.lifecycle == "off" || strings.HasPrefix(a.lifecycle, "shut")):
		return "agent is not running"
	case a.status == "disconnected":
		return "agent has lost connection"
	case a.lifecycle == "start_error":
		return "agent startup script exited with an error"
	case a.lifecycle == "start_timeout":
		return "agent startup script timed out"
	case a.lifecycle == "shutting_down" || a.lifecycle == "off":
		return "agent is shutting down"
	}
	return ""
}
