package codertest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

func (c *call) uploadFile() reply {
	d := c.d
	if !c.user.managesTemplates() {
		return forbidden()
	}
	if kind := c.r.Header.Get("Content-Type"); kind != "application/x-tar" && (kind != "application/zip" || !d.since(2, 0)) {
		return refuse(http.StatusBadRequest, fmt.Sprintf("Unsupported content type header %q.", kind))
	}
	content, err := io.ReadAll(c.r.Body)
	if err != nil {
		return refuseWith(http.StatusBadRequest, "Failed to read file from request.", err.Error())
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
		if v.Name == c.params["templateversionname"] {
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
	archived, _ := strconv.ParseBool(c.r.URL.Query().Get("include_archived"))
	list := []any{}
	for _, v := range t.versions {
		if archived || !v.Archived {
			list = append(list, c.d.versionJSON(v, false))
		}
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
	c.d.promote(v)
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
