package codertest_test

import (
	"net/http"
	"strings"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// survey learns what the recording's ids stand for: the organization, users and templates by name, and what there is to know
// about workspaces that were made outside of the recording. A recording that is not this package's own may name users and
// templates that the script does not have; they are made of what the recording tells.
func (p *player) survey() {
	parameters, presets := p.surveyParameters(), p.surveyPresets()
	for _, e := range p.exchanges {
		made := e.Request.Method == http.MethodPost && strings.HasSuffix(e.Request.Path, "/templates")
		if as := e.Request.As; !p.strict && as != "other" && as != "none" {
			p.surveyUser(as, "")
		}
		objects(e.Response.Body, func(o map[string]any) {
			switch {
			case o["latest_build"] != nil:
				p.surveyWorkspace(o)
			case o["username"] != nil:
				p.surveyUser(text(o, "username"), text(o, "id"))
			case o["active_version_id"] != nil && !made:
				active := text(o, "active_version_id")
				if parameters[active] == nil && presets[active] != nil {
					parameters[active] = newestBasicVersion().Parameters // those that the presets are of
				}
				p.surveyTemplate(o, parameters[active], presets[active])
			}
		})
		if made {
			if o, isObject := e.Response.Body.(map[string]any); isObject {
				p.made[text(o, "id")] = true
			}
		}
	}
	for _, w := range p.known {
		p.surveyTemplateOf(w)
	}
	for recorded, name := range p.script.ids {
		p.ids[recorded] = name(p)
	}
}

func text(o map[string]any, key string) string {
	s, _ := o[key].(string)
	return s
}

func (p *player) surveyUser(name, id string) {
	if name == "" {
		return
	}
	u, found := p.members[name]
	for _, other := range p.members {
		if id != "" && p.ids[id] == other.ID.String() { // renamed
			u, found = other, true
		}
	}
	if !found {
		u = p.d.AddUser(name)
	}
	p.members[name] = u
	if id != "" {
		p.ids[id] = u.ID.String()
	}
}

func (p *player) surveyTemplate(o map[string]any, parameters []codertest.Parameter, presets []codertest.Preset) {
	name, id, active := text(o, "name"), text(o, "id"), text(o, "active_version_id")
	if p.made[id] { // by a request of the recording
		return
	}
	info, found := p.script.templates[name]
	if !found && p.strict {
		return
	}
	if !found {
		classic, _ := o["use_classic_parameter_flow"].(bool)
		cancel, _ := o["allow_user_cancel_workspace_jobs"].(bool)
		ttl, _ := o["default_ttl_ms"].(float64)
		t := codertest.BasicTemplate()
		t.Name, t.DisplayName, t.Icon, t.Description = name, text(o, "display_name"), text(o, "icon"), text(o, "description")
		t.ClassicParameterFlow, t.AllowUserCancel, t.DefaultTTL = classic, cancel, time.Duration(ttl)*time.Millisecond
		t.Version.Parameters, t.Version.Presets = parameters, presets
		info = p.script.add(p, t)
	}
	p.ids[id] = info.ID.String()
	p.ids[text(o, "organization_id")] = info.OrganizationID.String()
	if p.ids[active] == "" {
		p.ids[active] = info.ActiveVersionID.String()
	}
}

// surveyParameters collects the recorded parameters by template version.
func (p *player) surveyParameters() map[string][]codertest.Parameter {
	all := map[string][]codertest.Parameter{}
	for _, e := range p.exchanges {
		list, isList := e.Response.Body.([]any)
		id, isParameters := strings.CutSuffix(strings.TrimPrefix(e.Request.Path, "/api/v2/templateversions/"), "/rich-parameters")
		if !isList || !isParameters {
			continue
		}
		all[id] = nil
		for i, entry := range list {
			o, _ := entry.(map[string]any)
			def := codertest.Parameter{
				Name: text(o, "name"), DisplayName: text(o, "display_name"), Description: text(o, "description"), Type: text(o, "type"),
				FormType: text(o, "form_type"), Default: text(o, "default_value"), Regex: text(o, "validation_regex"),
				Error: text(o, "validation_error"), Monotonic: text(o, "validation_monotonic"), Order: i + 1,
			}
			def.Required, _ = o["required"].(bool)
			def.Mutable, _ = o["mutable"].(bool)
			def.Ephemeral, _ = o["ephemeral"].(bool)
			if n, bounded := o["validation_min"].(float64); bounded {
				def.Min = number(int32(n))
			}
			if n, bounded := o["validation_max"].(float64); bounded {
				def.Max = number(int32(n))
			}
			options, _ := o["options"].([]any)
			for _, entry := range options {
				option, _ := entry.(map[string]any)
				def.Options = append(def.Options, codertest.Option{Name: text(option, "name"), Value: text(option, "value")})
			}
			all[id] = append(all[id], def)
		}
	}
	return all
}

// surveyPresets collects the recorded presets by template version.
func (p *player) surveyPresets() map[string][]codertest.Preset {
	all := map[string][]codertest.Preset{}
	for _, e := range p.exchanges {
		list, isList := e.Response.Body.([]any)
		id, arePresets := strings.CutSuffix(strings.TrimPrefix(e.Request.Path, "/api/v2/templateversions/"), "/presets")
		if !isList || !arePresets {
			continue
		}
		for _, entry := range list {
			o, _ := entry.(map[string]any)
			preset := codertest.Preset{Name: text(o, "Name"), Parameters: map[string]string{}}
			preset.Default, _ = o["Default"].(bool)
			objects(o["Parameters"], func(o map[string]any) { preset.Parameters[text(o, "Name")] = text(o, "Value") })
			all[id] = append(all[id], preset)
		}
	}
	return all
}

func (p *player) surveyWorkspace(o map[string]any) {
	id := text(o, "id")
	w, seen := p.known[id]
	if !seen {
		w = recordedWorkspace{
			id: id, name: text(o, "name"), owner: text(o, "owner_name"), template: text(o, "template_name"), ttl: o["ttl_ms"],
			builds: map[string]int{},
		}
	}
	b, _ := o["latest_build"].(map[string]any)
	number, _ := b["build_number"].(float64)
	w.builds[text(b, "id")] = int(number)
	w.templateID = text(o, "template_id")
	p.known[id] = w
	if !p.strict && id != "" {
		p.surveyUser(w.owner, text(o, "owner_id"))
		p.ids[text(o, "organization_id")] = p.d.OrganizationID().String()
	}
}

// surveyTemplateOf makes the template of a workspace, if the recording tells nothing else of it: one without parameters.
func (p *player) surveyTemplateOf(w recordedWorkspace) {
	if w.id == "" || p.ids[w.templateID] != "" || p.made[w.templateID] {
		return
	}
	info, found := p.script.templates[w.template]
	if !found && p.strict {
		return
	}
	if !found {
		info = p.script.add(p, codertest.Template{Name: w.template, AllowUserCancel: true, Version: codertest.TemplateVersion{
			Name: "v1", Resources: []codertest.Resource{{Type: "terraform_data", Name: "main"}},
		}})
	}
	p.ids[w.templateID] = info.ID.String()
}

// sign gives a request the session it was recorded with.
func (p *player) sign(r *http.Request, e *exchange) {
	token := p.d.Token()
	if e.Request.As == "none" {
		token = ""
	}
	if caller := p.caller(e); caller != "admin" {
		token = p.members[caller].Token
	}
	s, special := p.script.sessions[e.Seq]
	if !special && e.Response.Status == http.StatusUnauthorized {
		s, special = p.guessSession(e)
	}
	if special {
		token = s(p, r)
	}
	if token != "" {
		r.Header.Set("Coder-Session-Token", token)
	}
}

// guessSession finds out from the text of a 401 what kind of session was tried.
func (p *player) guessSession(e *exchange) (func(*player, *http.Request) string, bool) {
	body, _ := e.Response.Body.(map[string]any)
	detail := text(body, "detail")
	for part, s := range map[string]func(*player, *http.Request) string{
		"must be provided": func(*player, *http.Request) string { return "" },
		"Invalid API key":  func(*player, *http.Request) string { return "malformed" },
		"key is invalid":   func(*player, *http.Request) string { return "abcdefghij-" + wrongSecret },
		"secret is invalid": func(p *player, _ *http.Request) string {
			id, _, _ := strings.Cut(p.d.Token(), "-")
			return id + "-" + wrongSecret
		},
		"expired at": expired,
	} {
		if strings.Contains(detail, part) {
			return s, true
		}
	}
	return nil, false
}

// caller is the name of the user who sent a request, as far as it was a valid session.
func (p *player) caller(e *exchange) string {
	for prefix, username := range p.script.callers {
		if strings.HasPrefix(e.Seq, prefix) {
			return username
		}
	}
	if e.Request.As == "other" {
		return p.script.other
	}
	if _, found := p.members[e.Request.As]; found {
		return e.Request.As
	}
	return "admin"
}
