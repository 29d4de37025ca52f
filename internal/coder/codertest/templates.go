package codertest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// template finds the template of the path if the caller may read it.
func (c *call) template() (*template, reply, bool) {
	id, rep, valid := c.id("template")
	if !valid {
		return nil, rep, false
	}
	t := c.d.templates[id]
	if t == nil || t.deleted || !c.d.mayReadTemplate(c.user, t) {
		return nil, notFound(), false
	}
	return t, reply{}, true
}

func (c *call) getTemplate() reply {
	t, rep, found := c.template()
	if !found {
		return rep
	}
	return ok(c.d.templateJSON(t))
}

func (c *call) templateByName() reply {
	org, rep, found := c.organization()
	if !found {
		return rep
	}
	for _, t := range c.d.templateList {
		if t.org == org && !t.deleted && strings.EqualFold(t.Name, c.params["templatename"]) && c.d.mayReadTemplate(c.user, t) {
			return ok(c.d.templateJSON(t))
		}
	}
	return notFound()
}

func (c *call) organizationTemplates() reply {
	org, rep, found := c.organization()
	if !found {
		return rep
	}
	return c.templates(org)
}

func (c *call) listTemplates() reply { return c.templates(nil) }

// templates lists the readable templates by name; deprecated ones only on request (since 2.23).
func (c *call) templates(org *organization) reply {
	d := c.d
	query := ""
	if d.since(2, 14) {
		query = c.r.URL.Query().Get("q")
	}
	f, invalid := d.templateSearch(query)
	if invalid != nil {
		return refuse(http.StatusBadRequest, "Invalid template search query.", invalid...)
	}
	var matches []*template
	for _, t := range d.templateList {
		if t.deleted || org != nil && t.org != org || !d.mayReadTemplate(c.user, t) || !f.matches(t) {
			continue
		}
		matches = append(matches, t)
	}
	slices.SortStableFunc(matches, func(a, b *template) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	list := []any{}
	for _, t := range matches {
		list = append(list, d.templateJSON(t))
	}
	return ok(list)
}

type templateFilter struct {
	organization, exactName, name string
	ids                           []uuid.UUID
	deprecated                    *bool
	any                           bool // deprecated ones included without being asked for
}

func (d *Deployment) templateSearch(query string) (templateFilter, []validation) {
	terms, invalid := d.terms(strings.ToLower(query))
	if invalid != nil {
		return templateFilter{}, invalid
	}
	p := &queryParser{d: d, terms: terms}
	f := templateFilter{
		organization: p.text("organization"), exactName: p.text("exact_name"), name: p.text("name"), ids: p.ids("ids"),
		deprecated: p.boolean("deprecated"), any: !d.since(2, 23),
	}
	p.boolean("deleted")
	p.leftovers()
	return f, p.invalid
}

func (f templateFilter) matches(t *template) bool {
	switch {
	case f.organization != "" && !strings.EqualFold(t.org.name, f.organization) && t.org.id.String() != f.organization,
		f.exactName != "" && !strings.EqualFold(t.Name, f.exactName),
		f.name != "" && !strings.Contains(strings.ToLower(t.Name), f.name),
		len(f.ids) > 0 && !slices.Contains(f.ids, t.id),
		f.deprecated != nil && *f.deprecated != (t.deprecation() != ""),
		f.deprecated == nil && !f.any && t.deprecation() != "":
		return false
	}
	return true
}

func (c *call) deleteTemplate() reply {
	d := c.d
	t, rep, found := c.template()
	if !found {
		return rep
	}
	if !c.user.managesTemplates() {
		return notFound()
	}
	for _, w := range d.workspaceList {
		if w.template == t && !w.deleted {
			return refuse(http.StatusBadRequest, "All workspaces must be deleted before a template can be removed.")
		}
	}
	t.deleted = true
	return ok(problem{Message: "Template has been deleted!"})
}

func (c *call) updateTemplate() reply {
	t, rep, found := c.template()
	if !found {
		return rep
	}
	if !c.user.managesTemplates() {
		return notFound()
	}
	type UpdateTemplateMeta struct {
		Name                         *string `json:"name"`
		DisplayName                  *string `json:"display_name"`
		Description                  *string `json:"description"`
		Icon                         *string `json:"icon"`
		DefaultTTLMillis             *int64  `json:"default_ttl_ms"`
		AllowUserCancelWorkspaceJobs *bool   `json:"allow_user_cancel_workspace_jobs"`
		RequireActiveVersion         *bool   `json:"require_active_version"`
		UseClassicParameterFlow      *bool   `json:"use_classic_parameter_flow"`
	}
	var b UpdateTemplateMeta
	if rep, valid := c.decode(&b); !valid {
		return rep
	}
	if d := c.d; !d.since(2, 34) { // what was left out was set to zero
		if b.AllowUserCancelWorkspaceJobs == nil {
			b.AllowUserCancelWorkspaceJobs = new(bool)
		}
		if b.DefaultTTLMillis == nil {
			b.DefaultTTLMillis = new(int64)
		}
		t.noActivityBump = true
	}
	c.d.updateTemplate(t, func(t *Template) {
		set(&t.Name, b.Name)
		set(&t.DisplayName, b.DisplayName)
		set(&t.Description, b.Description)
		set(&t.Icon, b.Icon)
		set(&t.AllowUserCancel, b.AllowUserCancelWorkspaceJobs)
		set(&t.ClassicParameterFlow, b.UseClassicParameterFlow)
		if b.DefaultTTLMillis != nil {
			t.DefaultTTL = time.Duration(*b.DefaultTTLMillis) * time.Millisecond
		}
	})
	return ok(c.d.templateJSON(t))
}

func set[T any](target *T, value *T) {
	if value != nil {
		*target = *value
	}
}

func (c *call) createTemplate() reply {
	d := c.d
	org, rep, found := c.organization()
	if !found {
		return rep
	}
	if !c.user.managesTemplates() {
		return notFound()
	}
	type CreateTemplateRequest struct {
		Name                         string    `json:"name"`
		DisplayName                  string    `json:"display_name"`
		Description                  string    `json:"description"`
		Icon                         string    `json:"icon"`
		VersionID                    uuid.UUID `json:"template_version_id"`
		DefaultTTLMillis             *int64    `json:"default_ttl_ms"`
		AllowUserCancelWorkspaceJobs *bool     `json:"allow_user_cancel_workspace_jobs"`
		UseClassicParameterFlow      *bool     `json:"template_use_classic_parameter_flow"`
	}
	var b CreateTemplateRequest
	if rep, valid := c.decode(&b); !valid {
		return rep
	}
	if !workspaceName.MatchString(b.Name) || len(b.Name) > 32 {
		return validationFailed(failedTag("name", "template_name", b.Name))
	}
	for _, t := range d.templateList {
		if t.org == org && !t.deleted && strings.EqualFold(t.Name, b.Name) {
			return refuse(http.StatusConflict, fmt.Sprintf("Template with name %q already exists.", b.Name), validation{"name", taken})
		}
	}
	v := d.versions[b.VersionID]
	if v == nil {
		return refuse(http.StatusNotFound, fmt.Sprintf("Template version %q does not exist.", b.VersionID), validation{"template_version_id", "Template version does not exist"})
	}
	if d.since(2, 3) && v.job.status() != succeeded {
		return refuse(http.StatusBadRequest, "Template version import job is not complete.")
	}
	now := d.now()
	t := &template{
		Template: Template{Name: b.Name, DisplayName: b.DisplayName, Description: b.Description, Icon: b.Icon},
		id:       uuid.New(), org: org, active: v, versions: []*version{v}, created: now, updated: now, createdBy: c.user,
		hidden: map[*user]bool{}, durations: map[string][]time.Duration{},
	}
	if b.DefaultTTLMillis != nil {
		t.DefaultTTL = time.Duration(*b.DefaultTTLMillis) * time.Millisecond
	}
	set(&t.AllowUserCancel, b.AllowUserCancelWorkspaceJobs)
	set(&t.ClassicParameterFlow, b.UseClassicParameterFlow)
	v.template = t
	d.templates[t.id] = t
	d.templateList = append(d.templateList, t)
	return created(d.templateJSON(t))
}
