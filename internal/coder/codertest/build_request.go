package codertest

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
)

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
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	b, rep, valid := c.decodeBuild()
	if !valid {
		return rep
	}
	n, rep, queued := c.requestBuild(w, b)
	if !queued {
		return rep
	}
	return created(c.d.buildJSON(n, inserted))
}

// requestBuild queues a build if nothing speaks against it.
func (c *call) requestBuild(w *workspace, b buildBody) (*build, reply, bool) {
	d := c.d
	if rep, allowed := c.mayBuild(w, b); !allowed {
		return nil, rep, false
	}
	v, rep, usable := c.versionToBuild(w, b.versionID)
	if !usable {
		return nil, rep, false
	}
	last := w.latest()
	if last.inserted > c.arrival && !d.since(2, 19) { // two builds at the same instant
		return nil, refuseWith(http.StatusInternalServerError, "insert workspace build",
			`pq: duplicate key value violates unique constraint "workspace_builds_workspace_id_build_number_key"`), false
	}
	if last.job.active() {
		return nil, c.buildRefusal(http.StatusConflict, "A workspace build is already active."), false
	}
	p, rep, found := c.findPreset(b.presetID)
	if !found {
		return nil, rep, false
	}
	parameters, invalid := d.resolve(w, v, p, b.parameters)
	if invalid != nil {
		return nil, *invalid, false
	}
	if rep, refused := c.refuseDormant(w, b.transition); refused {
		return nil, rep, false
	}
	if rep, refused := c.refuseInactive(w.template, v, b.transition); refused {
		return nil, rep, false
	}
	if b.transition == start {
		w.dormantAt = time.Time{}
	}
	return d.newBuild(w, buildOrder{
		transition: b.transition, reason: b.reason, version: v, initiator: c.user, preset: p, parameters: parameters, orphan: b.orphan,
	}), reply{}, true
}

// versionToBuild is the previous build's version unless a request names another one of the same template.
func (c *call) versionToBuild(w *workspace, id uuid.UUID) (*version, reply, bool) {
	v := w.latest().version
	if id != uuid.Nil {
		v = c.d.versions[id]
	}
	switch {
	case v == nil:
		return nil, refuseWith(http.StatusBadRequest, "template version does not exist", fmt.Sprintf("get template version %s: sql: no rows in result set", id)), false
	case v.template != w.template:
		other := uuid.NullUUID{}
		if v.template != nil {
			other = uuid.NullUUID{UUID: v.template.id, Valid: true}
		}
		return nil, refuseWith(http.StatusBadRequest, "template version doesn't match template",
			fmt.Sprintf("templateVersion.TemplateID = {UUID:%s Valid:%t}, template.ID = %s", other.UUID, other.Valid, w.template.id)), false
	}
	rep, usable := c.usableVersion(v)
	return v, rep, usable
}

// refuseDormant: a dormant workspace had to be woken before its start until 2.30; since then the start wakes it.
func (c *call) refuseDormant(w *workspace, transition string) (reply, bool) {
	if transition != start || w.dormantAt.IsZero() || c.d.since(2, 30) {
		return reply{}, false
	}
	status := http.StatusForbidden
	if !c.d.since(2, 4) {
		status = http.StatusInternalServerError
	}
	return refuseWith(status, "insert workspace build", "unauthorized: rbac: forbidden"), true
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
	case !d.mayBuild(c.user, w, b.transition) && !d.since(2, 20):
		return notFound(), false
	case !d.mayBuild(c.user, w, b.transition):
		action := map[string]string{start: "start", stop: "stop", remove: "delete"}[b.transition]
		return refuseWith(http.StatusForbidden, "You do not have permission to "+action+" this workspace.", forbiddenDetail), false
	case (b.orphan || len(b.state) > 0) && !c.user.managesTemplates():
		return c.buildRefusal(http.StatusForbidden, "Only template managers may provide custom state"), false
	case b.logLevel != "" && d.since(0, 25) && (!d.options.TerraformDebugMode || !c.user.isOwner()):
		return c.buildRefusal(http.StatusBadRequest, "Terraform debug mode is disabled in the deployment configuration."), false
	case b.logLevel != "" && !c.user.managesTemplates():
		return c.buildRefusal(http.StatusBadRequest, "Workspace builds with a custom log level are restricted to template authors only."), false
	}
	return reply{}, true
}
