package codertest

import (
	"encoding/json"
	"maps"
	"strings"
	"time"

	"github.com/google/uuid"
)

// The records behind the API. All of them are guarded by Deployment.mu.

type user struct {
	id        uuid.UUID
	username  string
	email     string // stays when the username changes
	name      string
	status    string
	role      string // "owner", "template-admin" or "" for a plain member
	created   time.Time
	updated   time.Time
	lastSeen  time.Time
	orgs      []*organization
	deleted   bool
	favorites map[*workspace]bool
	linked    map[string]bool // providers of external authentication
}

func (u *user) isOwner() bool           { return u.role == roleOwner }
func (u *user) managesTemplates() bool  { return u.role == roleOwner || u.role == roleTemplateAdmin }
func (u *user) in(o *organization) bool { return contains(u.orgs, o) }

const (
	roleOwner         = "owner"
	roleTemplateAdmin = "template-admin"
)

type session struct {
	user     *user
	id       string // the part of the key before the hyphen
	created  time.Time
	lastUsed time.Time
	expired  time.Time // zero: never
	// Of a token made by its user:
	name     string
	scopes   []string
	lifetime time.Duration
}

type organization struct {
	id          uuid.UUID
	name        string
	displayName string
	description string
	isDefault   bool
	noSharing   bool // see SetSharing
	created     time.Time
}

type template struct {
	Template

	id        uuid.UUID
	org       *organization
	active    *version
	versions  []*version
	deleted   bool
	created   time.Time
	updated   time.Time
	createdBy *user
	hidden    map[*user]bool
	durations map[string][]time.Duration // of builds, by transition
	// noActivityBump: use does not move the deadline.
	noActivityBump bool
}

func (t *template) classic(d *Deployment) bool { return t.ClassicParameterFlow || !d.since(2, 24) }

type version struct {
	TemplateVersion

	id        uuid.UUID
	template  *template // nil until a template is made of it
	org       *organization
	job       *job
	presets   []*preset
	created   time.Time
	updated   time.Time
	createdBy *user
}

type preset struct {
	Preset

	id uuid.UUID
}

type workspace struct {
	id               uuid.UUID
	owner            *user
	org              *organization
	template         *template
	name             string
	schedule         string // "" = none
	ttl              time.Duration
	created          time.Time
	updated          time.Time // moves when a prebuild is claimed
	lastUsed         time.Time
	deleted          bool
	dormantAt        time.Time
	automaticUpdates string
	nextStart        time.Time
	builds           []*build
	inserted         int64 // when, in terms of Deployment.tickSequence
	hasState         bool  // Terraform has applied something
	watchers         map[*watcher]bool
	hidden           map[*user]bool // who lost sight of it; see SetVisible
	acl              acl
	portShares       []*portShare
}

func (w *workspace) latest() *build { return w.builds[len(w.builds)-1] }

type build struct {
	id          uuid.UUID
	workspace   *workspace
	number      int
	inserted    int64 // when, in terms of Deployment.tickSequence
	transition  string
	reason      string
	version     *version
	initiator   *user
	preset      *preset
	parameters  []parameterValue
	orphan      bool
	job         *job
	deadline    time.Time
	maxDeadline time.Time
	cost        int
	resources   []*resource
	encoded     json.RawMessage // the resources as JSON; nil when they have changed
	created     time.Time
	updated     time.Time
}

func (b *build) values() map[string]string {
	values := make(map[string]string, len(b.parameters))
	for _, p := range b.parameters {
		values[p.Name] = p.Value
	}
	return values
}

// The transitions of a build.
const (
	start  = "start"
	stop   = "stop"
	remove = "delete"
)

type resource struct {
	Resource

	id      uuid.UUID
	created time.Time
	values  map[string]string
	agents  []*agent
}

type agent struct {
	Agent

	id             uuid.UUID
	appIDs         []uuid.UUID
	status         string
	lifecycle      string
	created        time.Time
	updated        time.Time
	firstConnected time.Time
	lastConnected  time.Time
	disconnected   time.Time
	started        time.Time
	ready          time.Time
}

// AddUser adds a member of the default organization.
func (d *Deployment) AddUser(username string) User {
	return d.addUser(username, "")
}

// AddTemplateAdmin adds a user who may read every workspace and manage templates, but not change other people's workspaces.
func (d *Deployment) AddTemplateAdmin(username string) User {
	return d.addUser(username, roleTemplateAdmin)
}

func (d *Deployment) addUser(username, role string) User {
	d.mu.Lock()
	defer d.mu.Unlock()
	u := d.newUser(username, role)
	return User{ID: u.id, Username: u.username, Token: d.newToken(u, "")}
}

func (d *Deployment) newUser(username, role string) *user {
	now := d.now()
	u := &user{
		id: uuid.New(), username: username, email: username + "@example.com", role: role, status: "active", created: now, updated: now,
		orgs: []*organization{d.defaultOrg}, favorites: map[*workspace]bool{}, linked: map[string]bool{},
	}
	d.users[u.id] = u
	d.usersByName[strings.ToLower(username)] = u
	return u
}

// AddOrganization adds an organization. Owners of the deployment are members of it, other users become so by AddMember.
func (d *Deployment) AddOrganization(name string) uuid.UUID {
	d.mu.Lock()
	defer d.mu.Unlock()
	org := &organization{id: uuid.New(), name: name, displayName: name, created: d.now()}
	d.addOrganization(org)
	for _, u := range d.users {
		if u.isOwner() {
			u.orgs = append(u.orgs, org)
		}
	}
	return org.id
}

func (d *Deployment) addOrganization(org *organization) {
	d.orgs = append(d.orgs, org)
	d.groups[org.id] = &group{id: org.id, org: org, name: "Everyone"}
}

// AddMember makes a user a member of an organization.
func (d *Deployment) AddMember(organization uuid.UUID, username string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	org, u := d.orgByID(organization), d.usersByName[strings.ToLower(username)]
	if !u.in(org) {
		u.orgs = append(u.orgs, org)
	}
}

func (d *Deployment) orgByID(id uuid.UUID) *organization {
	if id == uuid.Nil {
		return d.defaultOrg
	}
	for _, o := range d.orgs {
		if o.id == id {
			return o
		}
	}
	return nil
}

// OrganizationID is the default organization's id.
func (d *Deployment) OrganizationID() uuid.UUID { return d.defaultOrg.id }

// AddTemplate adds a template with its first version, imported at once unless the version says otherwise.
func (d *Deployment) AddTemplate(t Template) TemplateInfo {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	tpl := &template{
		Template: t, id: uuid.New(), org: d.orgByID(t.OrganizationID), created: now, updated: now,
		createdBy: d.admin, hidden: map[*user]bool{}, durations: map[string][]time.Duration{},
	}
	d.templates[tpl.id] = tpl
	d.templateList = append(d.templateList, tpl)
	tpl.active = d.addVersion(tpl, t.Version)
	return TemplateInfo{ID: tpl.id, ActiveVersionID: tpl.active.id, OrganizationID: tpl.org.id, Name: t.Name}
}

// PublishVersion adds a version to a template and makes it the active one.
func (d *Deployment) PublishVersion(template uuid.UUID, v TemplateVersion) uuid.UUID {
	d.mu.Lock()
	defer d.mu.Unlock()
	added := d.addVersion(d.templates[template], v)
	d.promote(added)
	return added.id
}

// PromoteVersion makes a version that UploadVersion added the active one of its template.
func (d *Deployment) PromoteVersion(version uuid.UUID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.promote(d.versions[version])
}

// UploadVersion adds a version to a template without making it the active one.
func (d *Deployment) UploadVersion(template uuid.UUID, v TemplateVersion) uuid.UUID {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.addVersion(d.templates[template], v).id
}

func (d *Deployment) addVersion(t *template, def TemplateVersion) *version {
	v := d.newVersion(t.org, d.admin, def)
	v.template = t
	t.versions = append(t.versions, v)
	now := d.now()
	v.job.started, v.job.worker = now, uuid.New()
	switch {
	case def.Importing:
	case def.ImportError != "":
		v.job.finish(now, def.ImportError)
	default:
		v.job.finish(now, "")
	}
	return v
}

func (d *Deployment) newVersion(org *organization, by *user, def TemplateVersion) *version {
	now := d.now()
	v := &version{TemplateVersion: def, id: uuid.New(), org: org, created: now, updated: now, createdBy: by}
	if v.Name == "" {
		v.Name = "v" + strings.SplitN(uuid.NewString(), "-", 2)[0]
	}
	for _, p := range def.Presets {
		v.presets = append(v.presets, &preset{Preset: p, id: uuid.New()})
	}
	v.job = &job{id: uuid.New(), created: now, file: uuid.New(), initiator: by, org: org, version: v}
	d.versions[v.id] = v
	return v
}

// promote makes a version the active one and tells the watchers of the template's workspaces.
func (d *Deployment) promote(v *version) {
	t := v.template
	t.active, t.updated = v, d.now()
	for _, w := range d.workspaceList {
		if w.template == t && len(w.watchers) > 0 {
			d.notify(w)
		}
	}
}

// SetMaxDeadline sets the latest deadline of a workspace's current build, which real servers derive from licensed policies.
func (d *Deployment) SetMaxDeadline(workspace uuid.UUID, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	b := d.workspaces[workspace].latest()
	b.maxDeadline = at
	if b.deadline.IsZero() || b.deadline.After(at) {
		d.setDeadline(b, at)
	}
}

// SetAgents sets status (connecting, connected, disconnected, timeout) and lifecycle state (created, starting, ready, …) of
// all agents of a workspace's current build.
func (d *Deployment) SetAgents(workspace uuid.UUID, status, lifecycle string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w, now := d.workspaces[workspace], d.now()
	for _, r := range w.latest().resources {
		for _, a := range r.agents {
			a.set(status, lifecycle, now)
		}
	}
	d.notify(w)
}

func (a *agent) set(status, lifecycle string, now time.Time) {
	a.status, a.lifecycle, a.updated = status, lifecycle, now
	switch status {
	case "connected":
		if a.firstConnected.IsZero() {
			a.firstConnected = now
		}
		a.lastConnected, a.disconnected = now, time.Time{}
	case "disconnected":
		a.disconnected = now
	}
	if lifecycle != "created" && a.started.IsZero() {
		a.started = now
	}
	if lifecycle == "ready" && a.ready.IsZero() {
		a.ready = now
	}
}

// Workspaces lists all workspaces, deleted ones included, by owner and name.
func (d *Deployment) Workspaces() []Workspace {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]Workspace, 0, len(d.workspaceList))
	for _, w := range d.workspaceList {
		b := w.latest()
		s := Workspace{
			ID: w.id, OwnerID: w.owner.id, TemplateID: w.template.id, Owner: w.owner.username, Name: w.name,
			TemplateName: w.template.Name, Status: b.status(), Deleted: w.deleted, Deadline: b.deadline, BuildNumber: b.number,
			VersionID: b.version.id, AutomaticUpdates: w.automaticUpdates, Dormant: !w.dormantAt.IsZero(),
			Parameters: maps.Clone(b.values()),
		}
		if w.schedule != "" {
			s.AutostartSchedule = &w.schedule
			schedule := w.schedule
			s.AutostartSchedule = &schedule
		}
		if w.ttl > 0 {
			ms := w.ttl.Milliseconds()
			s.TTLMillis = &ms
		}
		list = append(list, s)
	}
	sortByOwnerAndName(list)
	return list
}
