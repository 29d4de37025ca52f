package faulttest_test

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// The world and the configuration side by side.

// target is the version that is configured for a workspace, or the one it has;
// of none, the active one.
func (h *history) target(config object, ws *codertest.Workspace) uuid.UUID {
	if id, err := uuid.Parse(configuredText(config, "template_version_id")); err == nil {
		return id
	}
	if ws != nil {
		return ws.VersionID
	}
	template, _ := uuid.Parse(configuredText(config, "template_id"))
	return h.active(template)
}

// asked are the values of parameters that are configured, by a preset, too.
// What is not known is left out.
func (h *history) asked(config object, ws *codertest.Workspace) map[string]string {
	values := map[string]string{}
	v := h.versions[h.target(config, ws)]
	maps.Copy(values, presetValues(v, configuredText(config, "preset")))
	for _, attribute := range []string{"ephemeral_parameters", "parameters"} {
		part, _ := config[attribute].(object)
		for name, value := range part {
			if text, isText := value.(string); isText {
				values[name] = text
			}
		}
	}
	return values
}

// owner is the user that is configured: uuid.Nil when it is nobody, ok when one
// is configured and known.
func (h *history) owner(config object) (id uuid.UUID, ok bool) {
	name, ok := config["owner_name"].(string)
	return h.users[strings.ToLower(name)], ok
}

// other says which configured id makes another workspace of it; "" for none.
func (h *history) other(config object, ws *codertest.Workspace) string {
	if template, known := config["template_id"].(string); known && template != ws.TemplateID.String() {
		return "template_id"
	}
	if id, known := h.owner(config); known && id != uuid.Nil && id != ws.OwnerID {
		return "owner_name"
	}
	if _, known := config["template_version_id"].(string); config["template_version_id"] != nil && !known {
		return ""
	}
	asked := h.asked(config, ws)
	for _, p := range h.versions[h.target(config, ws)].Parameters {
		value, configured := asked[p.Name]
		if has, had := ws.Parameters[p.Name]; !p.Mutable && configured && had && has != value {
			return "parameter " + p.Name
		}
	}
	return ""
}

// differences are what is configured and not so.
func (h *history) differences(config object, ws *codertest.Workspace) []string {
	var list []string
	is := func(attribute string, wanted, has any) {
		if wanted != nil && fmt.Sprint(wanted) != fmt.Sprint(has) {
			list = append(list, fmt.Sprintf("%s is configured as %v and is %v", attribute, wanted, has))
		}
	}
	policy := h.policies[ws.TemplateID]
	is("name", config["name"], ws.Name)
	is("template_id", config["template_id"], ws.TemplateID)
	is("template_version_id", config["template_version_id"], ws.VersionID)
	if !policy.ForbidUserAutostop {
		is("ttl_ms", config["ttl_ms"], number(ws.TTLMillis))
	}
	if !policy.ForbidUserAutostart {
		schedule := ""
		if ws.AutostartSchedule != nil {
			schedule = *ws.AutostartSchedule
		}
		is("autostart_schedule", configuredText(config, "autostart_schedule"), schedule)
	}
	is("automatic_updates", config["automatic_updates"], ws.AutomaticUpdates)
	is("desired_status", config["desired_status"], ws.Status)
	if id, configured := h.owner(config); configured {
		is("owner_name", id, ws.OwnerID)
	}
	parameters, _ := config["parameters"].(object)
	for name, value := range parameters {
		is("parameter "+name, value, ws.Parameters[name])
	}
	return list
}

// buildDue tells whether something is configured that takes a build.
func (h *history) buildDue(c *command) bool {
	ws, config := c.mine, c.config
	if h.target(config, ws) != ws.VersionID {
		return true
	}
	for name, value := range h.asked(config, ws) {
		if name != "note" && ws.Parameters[name] != value {
			return true
		}
	}
	if desired := config["desired_status"]; desired != nil && desired != ws.Status {
		return true
	}
	if v := config["ephemeral_parameters_version"]; v != nil && !build(attributes(c.was.value)["ephemeral_parameters_version"].Type(), v).Equal(attributes(c.was.value)["ephemeral_parameters_version"]) {
		return true
	}
	return ws.Status != "running" && ws.Status != "stopped"
}

// obstaclesToSee are what keeps the token from the workspace, be it deleted.
func (h *history) obstaclesToSee(c *command) []string {
	for _, ws := range h.fake.Workspaces() {
		if id := ws.ID.String(); id == c.was.id() && (h.hidden[sighted{c.actor, id}] || c.actor != admin && ws.OwnerID != h.ids[c.actor]) {
			return []string{c.actor + " may not see the workspace"}
		}
	}
	return nil
}

// obstacles are what stands in the way of the configuration.
func (h *history) obstacles(c *command) []string {
	list := h.obstaclesToSee(c)
	if c.mine != nil && c.mayEnd { // planned as a change of what there is at first
		list = append(list, wrongValues(c.config, h.versions[h.target(c.config, c.mine)])...)
	}
	stands := func(is bool, what string) {
		if is {
			list = append(list, what)
		}
	}
	ws, config := c.mine, c.config
	stands(len(h.unknown) > 0 || c.stale, "not all was known")
	stands(h.mayFail(c), "builds may fail")
	stands(c.flags.asIs, "it was not looked at, so it may be otherwise than planned")
	deadline, err := time.Parse(time.RFC3339Nano, configuredText(config, "deadline"))
	stands(err == nil && time.Until(deadline) < time.Hour, "the deadline has passed, or is near")
	owner, ownerConfigured := h.owner(config)
	stands(ownerConfigured && owner == uuid.Nil, "there is no such owner")
	creating := ws == nil || c.mayEnd
	if !ownerConfigured {
		if owner = h.ids[c.actor]; ws != nil && (c.was == nil || !c.was.tainted) {
			owner = ws.OwnerID
		}
	}
	template, _ := uuid.Parse(configuredText(config, "template_id"))
	from := ws
	if creating {
		from = nil
		stands(c.actor == carol && owner != h.ids[carol], "carol may not create for others")
		stands(ws != nil && !ownerConfigured && ws.OwnerID != h.ids[c.actor], "the owner would be another")
		stands(h.policies[template].DeprecationMessage != "", "the template is deprecated")
		stands(ws != nil && protected(c.was), "it is protected")
		stands(!h.newest() && config["template_version_id"] != nil && config["template_version_id"] != h.active(template).String(), "the server cannot create from a version")
	}
	namesake := c.before.named(owner, configuredText(config, "name"))
	stands(namesake != nil && (ws == nil || namesake.ID != ws.ID), "the name is taken")
	target := h.target(config, from)
	if _, of := h.versions[target]; of {
		stands((template == h.spare.ID) != (target == h.spare.ActiveVersionID), "the version is another template's")
	}
	stands(h.policies[template].RequireActiveVersion && c.actor == carol && target != h.active(template), "the active version is required")
	schedule, scheduled := config["autostart_schedule"]
	stands(scheduled && schedule == "", "none is null")
	stands(h.policies[template].ForbidUserAutostop && config["ttl_ms"] != nil, "autostop is the template's")
	stands(h.policies[template].ForbidUserAutostart && scheduled, "autostart is forbidden")
	v := h.versions[target]
	asked := h.asked(config, from)
	for _, p := range v.Parameters {
		_, given := asked[p.Name]
		has := false
		if from != nil {
			_, has = from.Parameters[p.Name]
		}
		stands(p.Required && !given && !has, p.Name+" is missing")
	}
	return append(list, wrongValues(config, v)...)
}

// wrongValues are what no workspace of a version can have.
func wrongValues(config object, v codertest.TemplateVersion) []string {
	var list []string
	stands := func(is bool, format string, arguments ...any) {
		if is {
			list = append(list, fmt.Sprintf(format, arguments...))
		}
	}
	known := map[string]codertest.Parameter{}
	for _, p := range v.Parameters {
		known[p.Name] = p
	}
	parameters, _ := config["parameters"].(object)
	ephemeral, _ := config["ephemeral_parameters"].(object)
	for name := range parameters {
		p, is := known[name]
		stands(!is, "there is no parameter %s", name)
		stands(p.Ephemeral, "%s is ephemeral", name)
	}
	for name := range ephemeral {
		stands(!known[name].Ephemeral, "%s is not ephemeral", name)
	}
	preset := configuredText(config, "preset")
	values := presetValues(v, preset)
	stands(preset != "" && values == nil, "there is no preset %s", preset)
	for name, value := range values {
		stands(parameters[name] != nil && parameters[name] != value, "preset and parameters contradict each other about %s", name)
	}
	return list
}
