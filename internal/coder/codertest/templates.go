package codertest

import (
	"crypto/sha256"
	"encoding/hex"
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
		f.deprecated != nil && *f.deprecated != t.Deprecated,
		f.deprecated == nil && !f.any && t.Deprecated:
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
	set(&t.Name, b.Name)
	set(&t.DisplayName, b.DisplayName)
	set(&t.Description, b.Description)
	set(&t.Icon, b.Icon)
	set(&t.AllowUserCancel, b.AllowUserCancelWorkspaceJobs)
	set(&t.ClassicParameterFlow, b.UseClassicParameterFlow)
	if b.DefaultTTLMillis != nil {
		t.DefaultTTL = time.Duration(*b.DefaultTTLMillis) * time.Millisecond
	}
	t.updated = c.d.now()
	return ok(c.d.templateJSON(t))
}

func set[T any](target *T, value *T) {
	if value != nil {
		*target = *value
	}
}

func (c *call) uploadFile() reply {
	d := c.d
	if !c.user.managesTemplates() {
		return forbidden()
	}
	if kind := c.r.Header.Get("Content-Type"); kind != "application/x-tar" && (kind != "application/zip" || !d.since(2, 0)) {
		return refuse(http.StatusBadRequest, fmt.Sprintf("Unsupported content type header %q.", kind))
	}
	var content []byte
	buf := make([]byte, 32<<10)
	for {
		n, err := c.r.Body.Read(buf)
		content = append(content, buf[:n]...)
		if err != nil {
			break
		}
	}
	sum := sha256.Sum256(content)
	key := hex.EncodeToString(sum[:])
	if id, known := d.fileIDs[key]; known {
		return ok(object{"hash": id})
	}
	id := uuid.New()
	d.files[id], d.fileIDs[key] = content, id
	return created(object{"hash": id})
}

func (c *call) createVersion() reply {
	d := c.d
	org, rep, found := c.organization()
	if !found {
		return rep
	}
	if !c.user.managesTemplates() {
		return notFound()
	}
	type CreateTemplateVersionRequest struct {
		Name          string    `json:"name"`
		Message       string    `json:"message"`
		TemplateID    uuid.UUID `json:"template_id"`
		StorageMethod string    `json:"storage_method"`
		FileID        uuid.UUID `json:"file_id"`
		Provisioner   string    `json:"provisioner"`
	}
	var b CreateTemplateVersionRequest
	if rep, valid := c.decode(&b); !valid {
		return rep
	}
	content, known := d.files[b.FileID]
	if !known {
		return refuse(http.StatusNotFound, "File not found.")
	}
	var def TemplateVersion
	if d.options.Import != nil {
		def = d.options.Import(content)
	}
	def.Name, def.Message = b.Name, b.Message
	v := d.newVersion(org, c.user, def)
	v.job.file = b.FileID
	if t := d.templates[b.TemplateID]; t != nil {
		v.template = t
		t.versions = append(t.versions, v)
	}
	d.enqueue(v.job)
	return created(d.versionJSON(v, true))
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

// version finds the template version of the path if the caller may read it.
func (c *call) version() (*version, reply, bool) {
	id, rep, valid := c.id("templateversion")
	if !valid {
		return nil, rep, false
	}
	v := c.d.versions[id]
	if v == nil || !c.mayReadVersion(v) {
		return nil, notFound(), false
	}
	return v, reply{}, true
}

func (c *call) mayReadVersion(v *version) bool {
	if v.template == nil {
		return c.user.managesTemplates()
	}
	return c.d.mayReadTemplate(c.user, v.template)
}

func (c *call) getVersion() reply {
	v, rep, found := c.version()
	if !found {
		return rep
	}
	return ok(c.d.versionJSON(v, false))
}

func (c *call) versionByName() reply {
	t, rep, found := c.template()
	if !found {
		return rep
	}
	for _, v := range t.versions {
		if strings.EqualFold(v.Name, c.params["templateversionname"]) {
			return ok(c.d.versionJSON(v, false))
		}
	}
	return refuse(http.StatusNotFound, fmt.Sprintf("No template version found by name %q.", c.params["templateversionname"]))
}

func (c *call) templateVersions() reply {
	t, rep, found := c.template()
	if !found {
		return rep
	}
	list := []any{}
	for _, v := range t.versions {
		list = append(list, c.d.versionJSON(v, false))
	}
	return ok(list)
}

func (c *call) promoteVersion() reply {
	t, rep, found := c.template()
	if !found {
		return rep
	}
	if !c.user.managesTemplates() {
		return notFound()
	}
	var b struct {
		ID uuid.UUID `json:"id"`
	}
	if rep, valid := c.decode(&b); !valid {
		return rep
	}
	v := c.d.versions[b.ID]
	switch {
	case v == nil:
		return refuse(http.StatusNotFound, "Template version not found.")
	case v.template != t:
		return refuse(http.StatusBadRequest, "The provided template version doesn't belong to the specified template.")
	case v.job.status() != succeeded && c.d.since(2, 3):
		return refuseWith(http.StatusBadRequest, "Only versions that have been built successfully can be promoted.", "Attempted to promote a version with a "+v.job.status()+" build")
	}
	t.active, t.updated = v, c.d.now()
	c.d.templateChanged(t)
	return ok(problem{Message: "Updated the active template version!"})
}

// imported refuses what needs a finished import.
func (c *call) imported(v *version) (reply, bool) {
	if !v.job.active() {
		return reply{}, true
	}
	switch {
	case c.d.since(2, 22):
		return refuse(http.StatusTooEarly, "Template version job has not finished"), false
	case c.d.since(2, 3):
		return refuse(http.StatusForbidden, "Template version job has not finished"), false
	}
	return refuse(http.StatusPreconditionFailed, "Job hasn't completed!"), false
}

func (c *call) richParameters() reply {
	v, rep, found := c.version()
	if !found {
		return rep
	}
	if rep, done := c.imported(v); !done {
		return rep
	}
	list := []any{}
	for _, p := range c.d.inOrder(v.Parameters) {
		list = append(list, c.d.richParameterJSON(p))
	}
	return ok(list)
}

// inOrder is the order of the form; the seed did not know one and sorted by name.
func (d *Deployment) inOrder(defs []Parameter) []Parameter {
	defs = slices.Clone(defs)
	slices.SortStableFunc(defs, func(a, b Parameter) int {
		if d.seed() {
			return strings.Compare(a.Name, b.Name)
		}
		return a.Order - b.Order
	})
	return defs
}

func (c *call) versionPresets() reply {
	v, rep, found := c.version()
	if !found {
		return rep
	}
	if len(v.presets) == 0 {
		return reply{status: http.StatusOK, body: nullBody{}}
	}
	list := []any{}
	for _, p := range v.presets {
		list = append(list, c.d.presetJSON(p))
	}
	return ok(list)
}

// nullBody is a JSON null.
type nullBody struct{}

// MarshalJSON implements json.Marshaler.
func (nullBody) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

func (c *call) evaluateParameters() reply {
	v, rep, found := c.version()
	if !found {
		return rep
	}
	if rep, done := c.imported(v); !done {
		return rep
	}
	type DynamicParametersRequest struct {
		ID      int               `json:"id"`
		Inputs  map[string]string `json:"inputs"`
		OwnerID uuid.UUID         `json:"owner_id"`
	}
	var b DynamicParametersRequest
	if rep, valid := c.decode(&b); !valid {
		return rep
	}
	list := []any{}
	for _, p := range c.d.inOrder(v.Parameters) {
		list = append(list, dynamicParameterJSON(p, b.Inputs))
	}
	return ok(object{"id": 0, "diagnostics": []any{}, "parameters": list})
}
