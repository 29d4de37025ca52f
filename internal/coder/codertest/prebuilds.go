package codertest

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Prebuilds are workspaces that a licensed server (since 2.22) builds ahead for a preset. They belong to a user of the
// system until somebody creates a workspace from that preset, who then gets one of them.

// prebuildsOwner is the owner of the prebuilds that nobody has claimed, the same on every deployment.
var prebuildsOwner = uuid.MustParse("c42fdf75-3097-471c-8c33-fb52454d81c0")

func (w *workspace) isPrebuild() bool { return w.owner.id == prebuildsOwner }

// prebuildsUser is made when it is first needed.
func (d *Deployment) prebuildsUser() *user {
	if u := d.users[prebuildsOwner]; u != nil {
		return u
	}
	u := d.newUser("prebuilds", "")
	delete(d.users, u.id)
	u.id = prebuildsOwner
	d.users[u.id] = u
	return u
}

// CreatePrebuild makes a running workspace for a preset of the template's active version, with its agents ready, that nobody
// has claimed yet. Without a preset, "", nobody can.
func (d *Deployment) CreatePrebuild(name string, templateID uuid.UUID, preset string) uuid.UUID {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.templates[templateID]
	w := d.placeWorkspace(d.prebuildsUser(), name, t, t.active.presetNamed(preset), nil)
	for _, r := range w.latest().resources {
		for _, a := range r.agents {
			a.set("connected", "ready", d.now())
		}
	}
	return w.id
}

// claimable is a prebuild for a preset; nil when there is none.
func (d *Deployment) claimable(t *template, p *preset) *workspace {
	if p == nil || !d.since(2, 22) {
		return nil
	}
	for _, w := range d.workspaceList {
		b := w.latest()
		if w.isPrebuild() && !w.deleted && b.preset == p && b.version == t.active && b.status() == "running" {
			return w
		}
	}
	return nil
}

// claim hands a prebuild over. Automatic updates stay off whatever the request says; before 2.26 it does not get the
// request's schedule and TTL either.
func (d *Deployment) claim(w *workspace, owner *user, name, schedule string, ttl time.Duration) {
	delete(d.live, w.key())
	w.owner, w.name = owner, name
	d.live[w.key()] = w
	w.updated = d.now()
	if d.since(2, 26) {
		w.lastUsed, w.schedule, w.ttl = w.updated, schedule, ttl
	}
}

// refusePrebuild answers what cannot be set for a prebuild that nobody has claimed (since 2.26).
func (d *Deployment) refusePrebuild(w *workspace, message, detail string) (reply, bool) {
	if w.isPrebuild() && d.since(2, 26) {
		return refuseWith(http.StatusConflict, message, detail), true
	}
	return reply{}, false
}

// placeWorkspace makes a running workspace without a request.
func (d *Deployment) placeWorkspace(owner *user, name string, t *template, p *preset, parameters map[string]string) *workspace {
	var requested []parameterValue
	for _, k := range sortedNames(parameters) {
		requested = append(requested, parameterValue{k, parameters[k]})
	}
	values, refused := d.resolve(nil, t.active, p, requested)
	if refused != nil {
		panic(fmt.Sprintf("codertest: parameters of workspace %s: %v", name, refused.body))
	}
	if d.live[nameKey{owner.id, strings.ToLower(name)}] != nil {
		panic("codertest: workspace " + owner.username + "/" + name + " exists")
	}
	ttl := t.DefaultTTL
	if owner.id == prebuildsOwner {
		ttl = 0
	}
	w := d.insertWorkspace(owner, t, name, "", ttl, "never")
	held, waiting := d.held, d.pending
	d.held = true // completed by hand below
	b := d.newBuild(w, buildOrder{transition: start, reason: "initiator", version: t.active, initiator: owner, preset: p, parameters: values})
	d.held, d.pending = held, waiting
	b.job.started, b.job.worker = d.now(), uuid.New()
	d.completeBuild(b.job, "")
	return w
}
