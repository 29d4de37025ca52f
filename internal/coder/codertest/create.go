package codertest

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
)

var workspaceName = regexp.MustCompile(`^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$`)

// validName is Coder's rule for the names of workspaces.
func (d *Deployment) validName(name string) bool {
	if len(name) < 1 || len(name) > 32 || !workspaceName.MatchString(name) {
		return false
	}
	return !d.since(2, 13) || name != "new" && name != "create"
}

// createWorkspaceInOrganization is the route that all releases have.
func (c *call) createWorkspaceInOrganization() reply {
	org, rep, found := c.organization()
	if !found {
		return rep
	}
	owner, rep, found := c.userParam()
	if !found {
		return rep
	}
	if !owner.in(org) {
		return notFound()
	}
	if !c.d.since(2, 15) && owner != c.user && !c.user.isOwner() {
		return notFound()
	}
	return c.createWorkspace(org, owner)
}

// createWorkspaceForUser is the route of 2.14 and later; the template decides the organization.
func (c *call) createWorkspaceForUser() reply {
	find := c.readableUser
	if c.d.since(2, 21) {
		find = c.userParam // being a member of the organization is enough
	}
	owner, rep, found := find()
	if !found {
		return rep
	}
	return c.createWorkspace(nil, owner)
}

// The name of this type and its fields are part of Coder's error texts.
type createWorkspaceBody struct {
	TemplateID        uuid.UUID
	TemplateVersionID uuid.UUID
	Name              string
	Schedule          *string
	TTL               *int64
	Parameters        []parameterValue
	AutomaticUpdates  string
	PresetID          uuid.UUID
}

func (c *call) decodeCreate() (createWorkspaceBody, reply, bool) {
	type CreateWorkspaceRequest struct {
		TemplateID              uuid.UUID        `json:"template_id"`
		TemplateVersionID       uuid.UUID        `json:"template_version_id"`
		Name                    string           `json:"name"`
		AutostartSchedule       *string          `json:"autostart_schedule"`
		TTLMillis               *int64           `json:"ttl_ms"`
		RichParameterValues     []parameterValue `json:"rich_parameter_values"`
		AutomaticUpdates        string           `json:"automatic_updates"`
		TemplateVersionPresetID uuid.UUID        `json:"template_version_preset_id"`
	}
	var r CreateWorkspaceRequest
	if rep, decoded := c.decode(&r); !decoded {
		return createWorkspaceBody{}, rep, false
	}
	b := createWorkspaceBody{
		r.TemplateID, r.TemplateVersionID, r.Name, r.AutostartSchedule, r.TTLMillis, r.RichParameterValues,
		r.AutomaticUpdates, r.TemplateVersionPresetID,
	}
	d := c.d
	if !d.since(2, 2) {
		b.TemplateVersionID = uuid.Nil
	}
	if !d.since(2, 3) {
		b.AutomaticUpdates = ""
	}
	if !d.since(2, 22) {
		b.PresetID = uuid.Nil
	}
	var invalid []validation
	none, both := b.TemplateID == uuid.Nil && b.TemplateVersionID == uuid.Nil, b.TemplateID != uuid.Nil && b.TemplateVersionID != uuid.Nil
	switch {
	case none && !d.since(2, 2):
		invalid = append(invalid, failedTag("template_id", "required", uuid.Nil.String()))
	case none:
		invalid = append(invalid, failedTag("template_id", "required_without", uuid.Nil.String()),
			failedTag("template_version_id", "required_without", uuid.Nil.String()))
	case both:
		invalid = append(invalid, failedTag("template_id", "excluded_with", b.TemplateID.String()),
			failedTag("template_version_id", "excluded_with", b.TemplateVersionID.String()))
	}
	if !d.validName(b.Name) {
		invalid = append(invalid, failedTag("name", "workspace_name", b.Name))
	}
	if invalid != nil {
		return b, validationFailed(invalid...), false
	}
	return b, reply{}, true
}

func (c *call) createWorkspace(org *organization, owner *user) reply {
	d := c.d
	b, rep, valid := c.decodeCreate()
	if !valid {
		return rep
	}
	t, v, rep, found := c.chooseTemplate(b)
	if !found {
		return rep
	}
	if t.deleted {
		return refuse(http.StatusNotFound, fmt.Sprintf("Template %q has been deleted!", t.Name))
	}
	if rep, allowed := c.mayCreate(org, owner, t); !allowed {
		return rep
	}
	if rep, refused := c.refuseDeprecated(t); refused {
		return rep
	}
	if rep, refused := c.refuseUnlinked(v, owner); refused {
		return rep
	}
	schedule := ""
	if b.Schedule != nil && *b.Schedule != "" {
		if err := d.checkSchedule(*b.Schedule); err != nil {
			return refuseSchedule("Invalid Autostart Schedule.", err)
		}
		schedule = *b.Schedule
	}
	ttl, err := d.checkTTL(b.TTL)
	if err != nil {
		return refuse(http.StatusBadRequest, "Invalid Workspace Time to Shutdown.", validation{"ttl_ms", err.Error()})
	}
	if ttl == 0 {
		ttl = t.DefaultTTL
	}
	switch b.AutomaticUpdates {
	case "":
		b.AutomaticUpdates = "never"
	case "always", "never":
	default:
		return refuse(http.StatusBadRequest, "Invalid Workspace Automatic Updates setting.",
			validation{"automatic_updates", "Automatic updates must be always or never"})
	}
	key := nameKey{owner.id, strings.ToLower(b.Name)}
	if other := d.live[key]; other != nil && (other.inserted > c.arrival || !d.mayRead(c.user, other)) {
		// The check for the name did not see it: both requests came at once, or the caller may not read it.
		return refuseWith(http.StatusInternalServerError, "Internal error creating workspace.",
			`execute transaction: insert workspace: pq: duplicate key value violates unique constraint "workspaces_owner_id_lower_idx"`)
	} else if other != nil {
		return nameTaken(b.Name)
	}
	p, rep, found := c.findPreset(b.PresetID)
	if !found {
		return rep
	}
	if rep, usable := c.usableVersion(v); !usable {
		return rep
	}
	if p == nil {
		p = d.matchingPreset(v, requestedValues(b.Parameters, t.classic(d)))
	}
	prebuild := d.claimable(t, p)
	parameters, invalid := d.resolve(prebuild, v, p, b.Parameters)
	if invalid != nil {
		return *invalid
	}
	if rep, refused := c.refuseInactive(t, v, start); refused {
		return rep
	}
	w := prebuild
	if w != nil {
		d.claim(w, owner, b.Name, schedule, ttl)
	} else {
		w = d.insertWorkspace(owner, t, b.Name, schedule, ttl, b.AutomaticUpdates)
	}
	d.newBuild(w, buildOrder{transition: start, reason: "initiator", version: v, initiator: c.user, preset: p, parameters: parameters})
	d.planNextStart(w)
	return created(d.workspaceJSON(w, c.user, inserted))
}

// insertWorkspace adds a workspace that has no build yet.
func (d *Deployment) insertWorkspace(owner *user, t *template, name, schedule string, ttl time.Duration, automaticUpdates string) *workspace {
	now := d.now()
	w := &workspace{
		id: uuid.New(), owner: owner, org: t.org, template: t, name: name, schedule: schedule, ttl: ttl, created: now, updated: now, lastUsed: now,
		automaticUpdates: automaticUpdates, inserted: d.tickSequence(), watchers: map[*watcher]bool{}, hidden: map[*user]bool{},
	}
	d.workspaces[w.id] = w
	d.workspaceList = append(d.workspaceList, w)
	d.live[w.key()] = w
	return w
}

func nameTaken(name string) reply {
	return refuse(http.StatusConflict, fmt.Sprintf("Workspace %q already exists.", name), validation{"name", taken})
}

// chooseTemplate finds the template and the version that a create request means.
func (c *call) chooseTemplate(b createWorkspaceBody) (*template, *version, reply, bool) {
	d := c.d
	if b.TemplateVersionID != uuid.Nil {
		v := d.versions[b.TemplateVersionID]
		if v == nil || v.template == nil || !d.mayReadTemplate(c.user, v.template) && !v.template.deleted {
			return nil, nil, refuse(http.StatusBadRequest, fmt.Sprintf("Template version %q doesn't exist.", b.TemplateVersionID),
				validation{"template_version_id", "template not found"}), false
		}
		return v.template, v, reply{}, true
	}
	t := d.templates[b.TemplateID]
	switch {
	case t != nil && (t.deleted || d.mayReadTemplate(c.user, t)):
		return t, t.active, reply{}, true
	case t != nil && !d.since(2, 14):
		return nil, nil, refuseWith(http.StatusInternalServerError, "Internal error fetching template.", "unauthorized: rbac: forbidden"), false
	}
	return nil, nil, refuse(http.StatusBadRequest, fmt.Sprintf("Template %q doesn't exist.", b.TemplateID),
		validation{"template_id", "template not found"}), false
}

// mayCreate checks organization and caller.
func (c *call) mayCreate(org *organization, owner *user, t *template) (reply, bool) {
	d := c.d
	if org != nil && org != t.org && !d.since(2, 14) {
		status := http.StatusForbidden
		if !d.since(2, 2) {
			status = http.StatusUnauthorized
		}
		return refuse(status, fmt.Sprintf("Template is not in organization %q.", org.name)), false
	}
	if owner != c.user && !c.user.isOwner() || !owner.in(t.org) && !c.user.isOwner() {
		return refuseWith(http.StatusForbidden, "Unauthorized to create workspace.",
			"You are unable to create a workspace in this organization. It is possible to have access to the template, but not be able to create a workspace. Please contact an administrator about your permissions if you feel this is an error."), false
	}
	return reply{}, true
}

// usableVersion refuses versions whose import is not done.
func (c *call) usableVersion(v *version) (reply, bool) {
	status, text := 0, ""
	switch state := v.job.status(); state {
	case pending, running:
		status, text = http.StatusNotAcceptable, fmt.Sprintf("The provided template version is %s. Wait for it to complete importing!", state)
	case failed:
		status, text = http.StatusBadRequest, fmt.Sprintf("The provided template version %q has failed to import: %q. You cannot build workspaces with it!", v.Name, v.job.err)
	case canceled, canceling:
		status, text = http.StatusBadRequest, "The provided template version was canceled during import. You cannot create workspaces using it!"
	}
	if status != 0 {
		return c.buildRefusal(status, text), false
	}
	return reply{}, true
}

// buildRefusal is an error of the part of the server that queues builds; newer servers repeat the text in detail.
func (c *call) buildRefusal(status int, text string) reply {
	if c.d.since(2, 0) {
		return refuseWith(status, text, text)
	}
	return refuse(status, text)
}

// CreateWorkspace makes a workspace without a request, as if its owner had asked for it with the template's defaults, with
// the build already done, so that it is running when this returns.
func (d *Deployment) CreateWorkspace(owner, name string, templateID uuid.UUID, parameters map[string]string) uuid.UUID {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.placeWorkspace(d.usersByName[strings.ToLower(owner)], name, d.templates[templateID], nil, parameters).id
}

// SetLastUsed changes when a workspace was last used, which list filters and dormancy look at.
func (d *Deployment) SetLastUsed(workspace uuid.UUID, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.workspaces[workspace].lastUsed = at
}

// SetDormant puts a workspace to sleep or wakes it, as the server's own policy does (since 0.25).
func (d *Deployment) SetDormant(workspace uuid.UUID, dormant bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.workspaces[workspace]
	w.dormantAt = time.Time{}
	if dormant {
		w.dormantAt, w.nextStart = d.now(), time.Time{}
	}
}

// SetFavorite makes a workspace a favourite of its owner, as they do in the dashboard (since 2.8).
func (d *Deployment) SetFavorite(workspace uuid.UUID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.workspaces[workspace]
	w.owner.favorites[w] = true
}
