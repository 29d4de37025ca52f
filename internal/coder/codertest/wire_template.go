package codertest

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

func (d *Deployment) templateJSON(t *template) object {
	stats := object{}
	for _, transition := range []string{start, stop, remove} {
		stats[transition] = percentiles(t.durations[transition])
	}
	users := map[*user]bool{}
	o := object{
		"id": t.id, "created_at": t.created, "updated_at": t.updated, "organization_id": t.org.id, "name": t.Name,
		"display_name": t.DisplayName, "provisioner": "terraform", "active_version_id": t.active.id, "active_user_count": len(users),
		"build_time_stats": stats, "description": t.Description, "icon": t.Icon, "default_ttl_ms": t.DefaultTTL.Milliseconds(),
		"created_by_id": t.createdBy.id, "created_by_name": t.createdBy.username, "allow_user_autostart": !t.ForbidUserAutostart,
		"allow_user_autostop": !t.ForbidUserAutostop, "allow_user_cancel_workspace_jobs": t.AllowUserCancel, "failure_ttl_ms": 0,
	}
	if !d.since(2, 1) {
		o["inactivity_ttl_ms"], o["locked_ttl_ms"] = d.inactivity[t].Milliseconds(), 0
	}
	if !d.since(2, 10) {
		o["max_ttl_ms"] = 0
	}
	d.field(o, 2, 1, "time_til_dormant_ms", 0)
	d.field(o, 2, 1, "time_til_dormant_autodelete_ms", d.inactivity[t].Milliseconds())
	d.field(o, 2, 2, "autostop_requirement", object{"days_of_week": []string{}, "weeks": 1})
	d.field(o, 2, 4, "autostart_requirement", object{
		"days_of_week": []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"},
	})
	d.field(o, 2, 4, "require_active_version", t.RequireActiveVersion)
	d.field(o, 2, 5, "deprecated", t.deprecation() != "")
	d.field(o, 2, 5, "deprecation_message", t.deprecation())
	bump := time.Hour
	if t.noActivityBump {
		bump = 0
	}
	d.field(o, 2, 9, "activity_bump_ms", bump.Milliseconds())
	if !d.since(2, 10) {
		d.field(o, 2, 6, "use_max_ttl", false)
	}
	d.field(o, 2, 9, "max_port_share_level", t.portLevel())
	d.field(o, 2, 14, "organization_name", t.org.name)
	d.field(o, 2, 14, "organization_display_name", t.org.displayName)
	d.field(o, 2, 14, "organization_icon", "")
	d.field(o, 2, 23, "use_classic_parameter_flow", t.classic(d))
	d.field(o, 2, 25, "cors_behavior", "simple")
	d.field(o, 2, 30, "disable_module_cache", false)
	d.field(o, 2, 30, "deleted", t.deleted)
	d.field(o, 2, 30, "time_til_autostop_notify_ms", 0)
	return o
}

// percentiles of build times in milliseconds; null until there was a build.
func percentiles(durations []time.Duration) object {
	if len(durations) == 0 {
		return object{"P50": nil, "P95": nil}
	}
	sorted := slices.Sorted(slices.Values(durations))
	at := func(p int) int64 { return sorted[(len(sorted)-1)*p/100].Milliseconds() }
	return object{"P50": at(50), "P95": at(95)}
}

func (d *Deployment) versionJSON(v *version, isNew bool) object {
	by := object{"id": v.createdBy.id, "username": v.createdBy.username}
	if d.since(2, 0) {
		if v.createdBy.name != "" {
			d.field(by, 2, 6, "name", v.createdBy.name)
		}
	} else {
		by["avatar_url"], by["created_at"], by["email"] = "", v.createdBy.created, v.createdBy.email
		by["last_seen_at"], by["organization_ids"], by["roles"], by["status"] = time.Time{}, nil, []any{}, v.createdBy.status
	}
	o := object{
		"id": v.id, "organization_id": v.org.id, "created_at": v.created, "updated_at": v.updated, "name": v.Name,
		"job": d.jobJSON(v.job, full), "readme": "", "created_by": by, "template_id": uuid.Nil,
	}
	if v.template != nil {
		o["template_id"] = v.template.id
	}
	d.field(o, 0, 27, "message", v.Message)
	d.field(o, 2, 3, "archived", v.Archived)
	d.field(o, 2, 26, "has_external_agent", false)
	if isNew || v.job.status() == pending {
		if d.since(2, 19) {
			o["matched_provisioners"] = d.matchedProvisioners(v.job, full)
		}
	}
	return o
}

func (d *Deployment) richParameterJSON(p Parameter) object {
	options := []any{}
	for _, opt := range p.Options {
		options = append(options, object{"name": opt.Name, "value": opt.Value, "description": "", "icon": ""})
	}
	o := object{
		"name": p.Name, "description": p.Description, "description_plaintext": p.Description, "type": p.kind(), "mutable": p.Mutable,
		"default_value": p.Default, "icon": "", "options": options, "required": p.Required,
	}
	optional := map[string]string{
		"display_name": p.DisplayName, "validation_error": p.Error, "validation_regex": p.Regex, "validation_monotonic": p.Monotonic,
	}
	for name, value := range optional {
		if value != "" {
			o[name] = value
		}
	}
	if p.Min != nil {
		o["validation_min"] = *p.Min
	}
	if p.Max != nil {
		o["validation_max"] = *p.Max
	}
	d.field(o, 0, 26, "ephemeral", p.Ephemeral)
	d.field(o, 2, 24, "form_type", p.form())
	return o
}

func (p Parameter) kind() string {
	if p.Type == "" {
		return "string"
	}
	return p.Type
}

func (p Parameter) form() string {
	switch {
	case p.FormType != "":
		return p.FormType
	case len(p.Options) > 0 && p.Type != "list(string)":
		return "radio"
	case p.Type == "bool":
		return "checkbox"
	case p.Type == "list(string)":
		return "tag-select"
	}
	return "input"
}

func (d *Deployment) presetJSON(p *preset) object {
	var parameters []any
	for _, name := range sortedNames(p.Parameters) {
		parameters = append(parameters, object{"Name": name, "Value": p.Parameters[name]})
	}
	o := object{"ID": p.id, "Name": p.Name, "Parameters": parameters}
	d.field(o, 2, 24, "Default", p.Default)
	d.field(o, 2, 25, "DesiredPrebuildInstances", 0)
	d.field(o, 2, 25, "Description", p.Description)
	d.field(o, 2, 25, "Icon", "")
	return o
}

func sortedNames(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// dynamicParameterJSON is one parameter of an evaluated form.
func dynamicParameterJSON(p Parameter, inputs map[string]string) object {
	nullable := func(value string, valid bool) object { return object{"value": value, "valid": valid} }
	options := []any{}
	for _, opt := range p.Options {
		options = append(options, object{"name": opt.Name, "description": "", "icon": "", "value": nullable(opt.Value, true)})
	}
	validations := []any{}
	if p.Min != nil || p.Max != nil || p.Regex != "" || p.Monotonic != "" {
		validations = append(validations, object{
			"validation_error": p.Error, "validation_min": p.Min, "validation_max": p.Max,
			"validation_regex": orNull(p.Regex), "validation_monotonic": orNull(p.Monotonic),
		})
	}
	diagnostics := []any{}
	diagnose := func(problem parameterProblem, code string) {
		diagnostics = append(diagnostics, object{
			"severity": "error", "summary": problem.summary, "detail": problem.detail, "extra": object{"code": code},
		})
	}
	value, given := inputs[p.Name]
	current := nullable(value, true)
	switch {
	case !given && p.Required:
		current = nullable("data.coder_parameter."+p.Name+".value", false)
		diagnose(parameterProblem{summary: "Required parameter not provided", detail: "parameter value is null"}, "required")
	case !given:
		value = p.Default
		current = nullable(value, true)
		fallthrough
	default:
		if problem := checkDynamic(p, value); problem != nil {
			diagnose(*problem, "")
		}
	}
	return object{
		"name": p.Name, "display_name": p.DisplayName, "description": p.Description, "type": p.kind(), "form_type": p.form(),
		"styling": object{}, "mutable": p.Mutable, "default_value": nullable(p.Default, !p.Required), "icon": "", "options": options,
		"validations": validations, "required": p.Required, "order": p.Order, "ephemeral": p.Ephemeral, "value": current,
		"diagnostics": diagnostics,
	}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
