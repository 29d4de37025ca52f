package codertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// build finds the build of the path if the caller may read its workspace.
func (c *call) build() (*build, reply, bool) {
	id, rep, valid := c.id("workspacebuild")
	if !valid {
		return nil, rep, false
	}
	b := c.d.builds[id]
	if b == nil || !c.d.mayRead(c.user, b.workspace) {
		return nil, notFound(), false
	}
	return b, reply{}, true
}

type buildBody struct {
	transition, logLevel, reason string
	versionID, presetID          uuid.UUID
	parameters                   []parameterValue
	orphan                       bool
	state                        []byte
}

func (c *call) decodeBuild() (buildBody, reply, bool) {
	type CreateWorkspaceBuildRequest struct {
		TemplateVersionID       uuid.UUID        `json:"template_version_id"`
		Transition              string           `json:"transition"`
		ProvisionerState        []byte           `json:"state"`
		Orphan                  bool             `json:"orphan"`
		RichParameterValues     []parameterValue `json:"rich_parameter_values"`
		LogLevel                string           `json:"log_level"`
		TemplateVersionPresetID uuid.UUID        `json:"template_version_preset_id"`
		Reason                  string           `json:"reason"`
	}
	var r CreateWorkspaceBuildRequest
	if rep, valid := c.decode(&r); !valid {
		return buildBody{}, rep, false
	}
	d := c.d
	var invalid []validation
	transitions := []string{start, stop, remove}
	if !d.since(2, 18) {
		transitions = append(transitions, "create")
	}
	if !slices.Contains(transitions, r.Transition) {
		invalid = append(invalid, failedTag("transition", "oneof", r.Transition))
	}
	if r.LogLevel != "" && r.LogLevel != "debug" {
		invalid = append(invalid, failedTag("log_level", "oneof", r.LogLevel))
	}
	if d.since(2, 25) && r.Reason != "" {
		reasons := []string{"dashboard", "cli", "ssh_connection", "vscode_connection", "jetbrains_connection"}
		if d.since(2, 32) {
			reasons = append(reasons, "task_manual_pause")
		}
		if !slices.Contains(reasons, r.Reason) {
			invalid = append(invalid, failedTag("reason", "oneof", r.Reason))
		}
	}
	if invalid != nil {
		return buildBody{}, validationFailed(invalid...), false
	}
	b := buildBody{r.Transition, r.LogLevel, r.Reason, r.TemplateVersionID, r.TemplateVersionPresetID, r.RichParameterValues, r.Orphan, r.ProvisionerState}
	if !d.since(2, 22) {
		b.presetID = uuid.Nil
	}
	if !d.since(2, 25) || b.reason == "" {
		b.reason = "initiator"
	}
	return b, reply{}, true
}

func (c *call) createBuild() reply {
	d := c.d
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	b, rep, valid := c.decodeBuild()
	if !valid {
		return rep
	}
	if rep, allowed := c.mayBuild(w, b); !allowed {
		return rep
	}
	last := w.latest()
	v := last.version
	if b.versionID != uuid.Nil {
		v = d.versions[b.versionID]
	}
	switch {
	case v == nil:
		return refuseWith(http.StatusBadRequest, "template version does not exist", fmt.Sprintf("get template version %s: sql: no rows in result set", b.versionID))
	case v.template != w.template:
		id := uuid.NullUUID{}
		if v.template != nil {
			id = uuid.NullUUID{UUID: v.template.id, Valid: true}
		}
		return refuseWith(http.StatusBadRequest, "template version doesn't match template",
			fmt.Sprintf("templateVersion.TemplateID = {UUID:%s Valid:%t}, template.ID = %s", id.UUID, id.Valid, w.template.id))
	}
	if rep, usable := c.usableVersion(v); !usable {
		return rep
	}
	if rep, active := c.activeVersion(w.template, v); !active && b.transition == start {
		return rep
	}
	if last.inserted > c.arrival && !d.since(2, 19) { // two builds at the same instant
		return refuseWith(http.StatusInternalServerError, "insert workspace build",
			`pq: duplicate key value violates unique constraint "workspace_builds_workspace_id_build_number_key"`)
	}
	if last.job.active() {
		return c.buildRefusal(http.StatusConflict, "A workspace build is already active.")
	}
	p, rep, found := v.findPreset(b.presetID)
	if !found {
		return rep
	}
	parameters, refused := d.resolve(w, v, p, b.parameters)
	if refused != nil {
		return *refused
	}
	if b.transition == start && !w.dormantAt.IsZero() {
		if !d.since(2, 30) {
			status := http.StatusForbidden
			if !d.since(2, 4) {
				status = http.StatusInternalServerError
			}
			return refuseWith(status, "insert workspace build", "unauthorized: rbac: forbidden")
		}
		w.dormantAt = time.Time{}
	}
	n := d.newBuild(w, buildOrder{
		transition: b.transition, reason: b.reason, version: v, initiator: c.user, preset: p, parameters: parameters, orphan: b.orphan,
	})
	return created(d.buildJSON(n, inserted))
}

// mayBuild checks what does not depend on the version: rights, and fields that exclude each other.
func (c *call) mayBuild(w *workspace, b buildBody) (reply, bool) {
	d := c.d
	switch {
	case b.transition == "create":
		return refuse(http.StatusBadRequest, `Transition "create" not supported.`), false
	case w.deleted && b.transition != remove && d.since(2, 28):
		return refuseWith(http.StatusConflict, "Cannot "+b.transition+" a deleted workspace!", "This workspace has been deleted and cannot be modified."), false
	case b.orphan && b.transition != remove:
		return refuse(http.StatusBadRequest, "Orphan is only permitted when deleting a workspace."), false
	case b.orphan && len(b.state) > 0:
		return refuse(http.StatusBadRequest, "ProvisionerState cannot be set alongside Orphan since state intent is unclear."), false
	case !d.mayWrite(c.user, w) && !d.since(2, 20):
		return notFound(), false
	case !d.mayWrite(c.user, w):
		action := map[string]string{start: "start", stop: "stop", remove: "delete"}[b.transition]
		return refuse(http.StatusForbidden, "You do not have permission to "+action+" this workspace."), false
	case (b.orphan || len(b.state) > 0) && !c.user.managesTemplates():
		return c.buildRefusal(http.StatusForbidden, "Only template managers may provide custom state"), false
	case b.logLevel != "" && d.since(0, 25) && (!d.options.TerraformDebugMode || !c.user.isOwner()):
		return c.buildRefusal(http.StatusBadRequest, "Terraform debug mode is disabled in the deployment configuration."), false
	case b.logLevel != "" && !c.user.managesTemplates():
		return c.buildRefusal(http.StatusBadRequest, "Workspace builds with a custom log level are restricted to template authors only."), false
	}
	return reply{}, true
}

func (c *call) getBuild() reply {
	b, rep, found := c.build()
	if !found {
		return rep
	}
	return ok(c.d.buildJSON(b, single))
}

func (c *call) buildByNumber() reply {
	w, rep, found := c.namedWorkspace(false)
	if !found {
		return rep
	}
	raw := c.params["buildnumber"]
	n, err := strconv.ParseInt(raw, 10, 32)
	if err != nil {
		return refuseWith(http.StatusBadRequest, "Failed to parse build number as integer.", err.Error())
	}
	if n < 1 || int(n) > len(w.builds) {
		return refuse(http.StatusNotFound, fmt.Sprintf("Workspace %q Build %d does not exist.", w.name, n))
	}
	return ok(c.d.buildJSON(w.builds[n-1], full))
}

func (c *call) listBuilds() reply {
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	page, rep, valid := c.page()
	if !valid {
		return rep
	}
	query := c.r.URL.Query()
	var since time.Time
	if raw := query.Get("since"); raw != "" {
		t, err := time.Parse(time.RFC3339, raw)
		if err != nil {
			return refuseWith(http.StatusBadRequest, "bad `since` format, must be RFC3339", err.Error())
		}
		since = t
	}
	after := 0
	if raw := query.Get("after_id"); raw != "" {
		id, _ := uuid.Parse(raw)
		b := c.d.builds[id]
		if b == nil || b.workspace != w {
			return refuse(http.StatusBadRequest, fmt.Sprintf(`Record at "after_id" (%q) does not exist.`, raw))
		}
		after = b.number
	}
	list := []any{}
	skipped := 0
	for _, b := range slices.Backward(w.builds) {
		if b.number <= after || b.created.Before(since) {
			continue
		}
		if skipped < page.offset {
			skipped++
			continue
		}
		if page.limit > 0 && len(list) == page.limit {
			break
		}
		list = append(list, c.d.buildJSON(b, full))
	}
	return ok(list)
}

func (c *call) buildParameters() reply {
	b, rep, found := c.build()
	if !found {
		return rep
	}
	list := make([]parameterValue, len(b.parameters))
	copy(list, b.parameters)
	return ok(list)
}

func (c *call) buildResources() reply {
	b, rep, found := c.build()
	if !found {
		return rep
	}
	if b.job.active() {
		return refuse(http.StatusBadRequest, "Job hasn't completed!")
	}
	return ok(c.d.resourcesJSON(b))
}

func (c *call) buildLogs() reply {
	b, rep, found := c.build()
	if !found {
		return rep
	}
	query := c.r.URL.Query()
	if query.Has("follow") { // its mere presence asks for a WebSocket
		return reply{status: http.StatusUpgradeRequired, text: "WebSocket protocol violation: Connection header \"\" does not contain Upgrade\n"}
	}
	after := int64(0)
	if raw := query.Get("after"); raw != "" {
		n, err := strconv.ParseInt(raw, 10, 64)
		if err != nil {
			return refuse(http.StatusBadRequest, "Query param \"after\" must be an integer.", validation{"after", "Must be an integer"})
		}
		after = n
	}
	lines := []any{}
	for _, l := range b.job.logs {
		if l.id > after {
			lines = append(lines, object{
				"id": l.id, "created_at": l.created, "log_source": l.source, "log_level": l.level, "stage": l.stage, "output": l.output,
			})
		}
	}
	return ok(lines)
}

// buildTimings tells how long the stages of a finished build took.
func (c *call) buildTimings() reply {
	b, rep, found := c.build()
	if !found {
		return rep
	}
	stages := []any{}
	if j := b.job; !j.active() && !j.started.IsZero() {
		third := j.completed.Sub(j.started) / 3
		for i, stage := range []string{"init", "plan", "apply"} {
			stages = append(stages, object{
				"action": "terraform", "job_id": j.id, "resource": "coder_stage_" + stage, "source": "coder", "stage": stage,
				"started_at": j.started.Add(time.Duration(i) * third), "ended_at": j.started.Add(time.Duration(i+1) * third),
			})
		}
	}
	return ok(object{"provisioner_timings": stages, "agent_script_timings": []any{}, "agent_connection_timings": []any{}})
}

func (c *call) cancelBuild() reply {
	d := c.d
	b, rep, found := c.build()
	if !found {
		return rep
	}
	w, j := b.workspace, b.job
	if !d.mayWrite(c.user, w) {
		return notFound()
	}
	expect := c.r.URL.Query().Get("expect_status")
	if d.since(2, 25) && expect != "" {
		if expect != running && expect != pending {
			return refuse(http.StatusBadRequest, fmt.Sprintf("Invalid expect_status %q. Only 'running' or 'pending' are allowed.", expect))
		}
	}
	switch {
	case !w.template.AllowUserCancel && !c.user.isOwner():
		return refuse(http.StatusForbidden, "User is not allowed to cancel workspace builds. Owner role is required.")
	case !j.completed.IsZero():
		return refuse(http.StatusBadRequest, "Job has already completed!")
	case !j.canceled.IsZero():
		return refuse(http.StatusBadRequest, "Job has already been marked as canceled!")
	case d.since(2, 25) && expect != "" && expect != j.status():
		return refuse(http.StatusPreconditionFailed, "Job is not in the expected state.")
	}
	j.canceled = d.now()
	if j.started.IsZero() {
		j.completed = j.canceled
		d.planNextStart(w)
	} else {
		// Terraform is interrupted and ends as failed a moment later.
		d.after(min(d.options.BuildTime/10, time.Second), func() {
			if j.active() {
				d.completeBuild(j, ApplyFailed+"\nError: execution halted")
			}
		})
	}
	d.notify(w)
	return ok(problem{Message: "Job has been marked as canceled..."})
}

var _ json.Marshaler = rawTime{}

// rawTime is written with the time's own precision, null when it is zero.
type rawTime struct{ time.Time }

func (t rawTime) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return t.Time.MarshalJSON()
}
