package codertest

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"
)

func (d *Deployment) buildJSON(b *build, v view) object {
	w := b.workspace
	o := object{
		"id": b.id, "created_at": b.created, "updated_at": b.updated, "workspace_id": w.id, "workspace_name": w.name,
		"workspace_owner_id": w.owner.id, "workspace_owner_name": w.owner.username, "template_version_id": b.version.id,
		"template_version_name": b.version.Name, "build_number": b.number, "transition": b.transition, "reason": b.reason,
		"initiator_id": b.initiator.id, "initiator_name": b.initiator.username, "job": d.jobJSON(b.job, v), "status": b.status(),
		"resources": d.resourcesJSON(b), "deadline": rawTime{b.deadline}, "max_deadline": rawTime{b.maxDeadline}, "daily_cost": b.cost,
	}
	if v == inserted {
		o["template_version_name"] = ""
	}
	if !d.since(2, 23) { // later it is left out when it is empty
		d.field(o, 2, 8, "workspace_owner_avatar_url", "")
	}
	if d.since(2, 19) {
		o["matched_provisioners"] = d.matchedProvisioners(b.job, v)
	}
	if d.since(2, 22) {
		o["template_version_preset_id"] = nil
		if b.preset != nil {
			o["template_version_preset_id"] = b.preset.id
		}
	}
	if b.job.status() == succeeded { // unknown before
		d.field(o, 2, 24, "has_ai_task", false)
		d.field(o, 2, 26, "has_external_agent", false)
	}
	return o
}

// matchedProvisioners counts only for a job that waits, and never when a build is read on its own.
func (d *Deployment) matchedProvisioners(j *job, v view) object {
	if j.status() != pending || v == single {
		return object{"count": 0, "available": 0, "most_recently_seen": nil}
	}
	const daemons = 3
	return object{"count": daemons, "available": daemons, "most_recently_seen": j.created.Add(-time.Second)}
}

func (d *Deployment) jobJSON(j *job, v view) object {
	tags := object{"scope": "organization"}
	d.field(tags, 2, 1, "owner", "")
	o := object{"id": j.id, "created_at": j.created, "file_id": j.file, "status": j.status(), "tags": tags}
	for name, t := range map[string]time.Time{"started_at": j.started, "completed_at": j.completed, "canceled_at": j.canceled} {
		if !t.IsZero() {
			o[name] = t
		}
	}
	if j.worker != uuid.Nil {
		o["worker_id"] = j.worker
	}
	if j.err != "" {
		o["error"] = j.err
		if strings.Contains(j.err, "insufficient quota") {
			d.field(o, 2, 34, "error_code", "INSUFFICIENT_QUOTA")
		}
	}
	position := 0
	if j.status() == pending && v != inserted {
		position = 1
	}
	d.field(o, 0, 25, "queue_position", position)
	d.field(o, 0, 25, "queue_size", position)
	input, kind := object{}, "template_version_import"
	if j.build != nil {
		input["workspace_build_id"], kind = j.build.id, "workspace_build"
	} else {
		input["template_version_id"] = j.version.id
	}
	d.field(o, 2, 19, "organization_id", j.org.id)
	d.field(o, 2, 19, "input", input)
	d.field(o, 2, 19, "type", kind)
	d.field(o, 2, 20, "metadata", object{
		"template_version_name": "", "template_id": uuid.Nil, "template_name": "", "template_display_name": "", "template_icon": "",
	})
	d.field(o, 2, 26, "logs_overflowed", false)
	d.field(o, 2, 28, "initiator_id", j.initiator.id)
	return o
}

// resourcesJSON is by far the largest part of a workspace and seldom changes.
func (d *Deployment) resourcesJSON(b *build) json.RawMessage {
	if b.encoded == nil {
		encoded, err := json.Marshal(d.resourceList(b))
		if err != nil {
			panic(err) // strings and numbers only
		}
		b.encoded = encoded
	}
	return b.encoded
}

func (d *Deployment) resourceList(b *build) []any {
	list := []any{}
	for _, r := range b.resources {
		o := object{
			"id": r.id, "created_at": r.created, "job_id": b.job.id, "workspace_transition": b.transition, "type": r.Type,
			"name": r.Name, "hide": r.Hide, "icon": r.Icon, "daily_cost": r.DailyCost,
		}
		if len(r.agents) > 0 {
			agents := []any{}
			for _, a := range r.agents {
				agents = append(agents, d.agentJSON(a, r, b.workspace))
			}
			o["agents"] = agents
		}
		if len(r.Metadata) > 0 {
			metadata := []any{}
			for _, m := range r.Metadata {
				metadata = append(metadata, object{"key": m.Key, "value": expand(m.Value, r.values), "sensitive": m.Sensitive})
			}
			o["metadata"] = metadata
		}
		list = append(list, o)
	}
	return list
}

// expand puts parameter values into a text.
func expand(text string, values map[string]string) string {
	if !strings.Contains(text, "${") {
		return text
	}
	for name, value := range values {
		text = strings.ReplaceAll(text, "${"+name+"}", value)
	}
	return text
}

func (d *Deployment) agentJSON(a *agent, r *resource, w *workspace) object {
	apps := []any{}
	for i, app := range a.Apps {
		apps = append(apps, d.appJSON(app, a.appIDs[i], a, w))
	}
	var environment any
	if a.Environment != nil {
		environment = a.Environment
	}
	o := object{
		"id": a.id, "created_at": a.created, "updated_at": a.updated, "status": a.status, "lifecycle_state": a.lifecycle, "name": a.Name,
		"resource_id": r.id, "architecture": a.Architecture, "environment_variables": environment, "operating_system": a.OperatingSystem,
		"version": "", "apps": apps, "connection_timeout_seconds": 120, "startup_script_behavior": "non-blocking",
		"troubleshooting_url": "https://coder.com/docs/admin/templates/troubleshooting",
	}
	if a.Directory != "" {
		o["directory"] = a.Directory
	}
	times := map[string]time.Time{
		"first_connected_at": a.firstConnected, "last_connected_at": a.lastConnected, "disconnected_at": a.disconnected,
		"started_at": a.started, "ready_at": a.ready,
	}
	for name, t := range times {
		if !t.IsZero() {
			o[name] = t
		}
	}
	if !a.started.IsZero() { // it has told about itself
		o["version"] = d.version
		if a.Directory != "" {
			o["expanded_directory"] = a.Directory
		}
		if a.status == "connected" {
			o["latency"] = object{"Coder Embedded Relay": object{"latency_ms": 1.5, "preferred": true}}
		}
	}
	d.agentVersionFields(o, a)
	return o
}

// agentVersionFields are what came and went between the releases.
func (d *Deployment) agentVersionFields(o object, a *agent) {
	if !d.since(2, 2) {
		o["login_before_ready"] = true
		o["startup_script_timeout_seconds"] = 300
		o["shutdown_script_timeout_seconds"] = 300
	}
	if !d.since(2, 0) {
		o["startup_logs_length"], o["startup_logs_overflowed"] = 0, false
	}
	if !d.since(2, 1) {
		o["subsystem"] = "none"
	}
	d.field(o, 2, 0, "logs_length", 0)
	d.field(o, 2, 0, "logs_overflowed", false)
	d.field(o, 2, 1, "subsystems", []string{})
	if d.since(0, 26) {
		health := object{"healthy": d.health(a) == ""}
		if reason := d.health(a); reason != "" {
			health["reason"] = reason
		}
		o["health"] = health
	}
	display := a.DisplayApps
	if display == nil {
		display = []string{"ssh_helper", "port_forwarding_helper", "web_terminal"}
	}
	d.field(o, 2, 2, "display_apps", display)
	d.field(o, 2, 2, "log_sources", []any{})
	d.field(o, 2, 2, "scripts", []any{})
	api := ""
	if !a.started.IsZero() {
		api = "2.10"
	}
	d.field(o, 2, 4, "api_version", api)
	d.field(o, 2, 22, "parent_id", nil)
}

func (d *Deployment) appJSON(app App, id uuid.UUID, a *agent, w *workspace) object {
	health, check := "disabled", object{"url": app.HealthcheckURL, "interval": 0, "threshold": 0}
	if app.HealthcheckURL != "" {
		health, check["interval"], check["threshold"] = "initializing", 5, 6
		if a.lifecycle == "ready" {
			health = "healthy"
		}
	}
	o := object{
		"id": id, "external": app.External, "slug": app.Slug, "subdomain": app.Subdomain, "sharing_level": "owner", "health": health, "healthcheck": check,
	}
	optional := map[string]string{"command": app.Command, "icon": app.Icon, "url": app.URL, "display_name": app.DisplayName}
	for name, value := range optional {
		if value != "" || !d.since(2, 0) && (name == "url" || name == "display_name") {
			o[name] = value
		}
	}
	if app.Subdomain {
		d.field(o, 2, 2, "subdomain_name", strings.ToLower(app.Slug+"--"+a.Name+"--"+w.name+"--"+w.owner.username))
	}
	d.field(o, 2, 16, "hidden", false)
	d.field(o, 2, 19, "open_in", "slim-window")
	d.field(o, 2, 21, "statuses", []any{})
	return o
}
