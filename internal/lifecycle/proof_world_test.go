package lifecycle_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// world is a Coder deployment with one workspace, as Coder documents itself. It
// is written without a look at how the package decides, and knows nothing of
// steps that are still to come: it answers questions, and does what it is asked
// for or refuses it. It is copied by value: maps in it are never changed.
type world struct {
	server       coder.Version
	now          time.Time
	silent       bool // no answer has come yet by the time of a plan, which would tell the time
	classic      bool // the template has the classic parameter flow
	noRenames    bool // the deployment forbids renames
	mayUpdate    bool // the token may update templates
	mayNotCreate bool // the token may create no workspaces
	me           uuid.UUID
	home         template // the workspace's
	other        template
	taken        string // owner/name of somebody else's workspace
	workspace    machine
}

// template is a template and the policies that its administrator has set.
type template struct {
	id, organization, active                                     uuid.UUID
	requireActive, deprecated, forbidsAutostart, forbidsAutostop bool
	defaultTTL                                                   int64
}

// machine is the workspace.
type machine struct {
	name, schedule, updates string
	ttl                     int64
	dormant                 bool
	build                   build // the latest
}

// build is a build of the workspace.
type build struct {
	id         uuid.UUID
	number     int64
	transition coder.Transition
	status     coder.Status
	version    uuid.UUID
	values     map[string]string
	deadline   time.Time
	limit      time.Time // the latest deadline that the template lets it have
}

// id makes different ids of different numbers.
func id(n int64) uuid.UUID {
	return uuid.MustParse("10000000-0000-4000-8000-" + strconv.FormatInt(n+1e11, 10))
}

var (
	workspaceID, otherWorkspace      = id(1), id(2)
	ann, bob                         = id(11), id(12) // the owner and somebody else
	homeOrganization, otherOrg       = id(21), id(22)
	homeTemplate, otherTemplate      = id(31), id(32)
	templateNobodyHas                = id(39)
	firstBuild, somebodysBuild       = id(1001), id(999)
	v1, v2, loosened, tightened      = id(101), id(102), id(103), id(104)
	demanding, narrow, linked        = id(105), id(106), id(107)
	archived, broken, importing      = id(111), id(112), id(113)
	versionNobodyHas, foreign, moved = id(114), id(121), id(109)

	foreignDemanding, foreignLinked = id(122), id(123)
)

// definition is a parameter of a template version.
type definition struct {
	name                         string
	mutable, ephemeral, required bool
	initial                      string
	options                      []string
	most                         int64 // of a number; 0 for a text
}

// version is a template version.
type version struct {
	template   uuid.UUID
	parameters []definition
	presets    map[string]map[string]string
	archived   bool
	job        coder.JobStatus
	needsLogin bool // to a service that the token's user is not logged in to
}

var (
	region   = definition{name: "region", initial: "eu", options: []string{"eu", "us"}}
	cpu      = definition{name: "cpu", mutable: true, initial: "2", most: 8}
	note     = definition{name: "note", mutable: true, ephemeral: true}
	zone     = definition{name: "zone", initial: "a", options: []string{"a", "b"}}
	project  = definition{name: "project", required: true, mutable: true}
	fewCPUs  = definition{name: "cpu", mutable: true, initial: "1", most: 1}
	fixedCPU = definition{name: "cpu", initial: "2", most: 8}
	roaming  = definition{name: "region", initial: "eu", options: []string{"eu", "us"}, mutable: true}
)

// firstValues are those of the workspace's build of v1.
var firstValues = map[string]string{"region": "eu", "cpu": "2", "note": ""}

func presets(small string) map[string]map[string]string {
	return map[string]map[string]string{
		"Small": {"cpu": small, "region": "eu"}, "Large": {"cpu": "8", "region": "eu"}, "Abroad": {"cpu": "2", "region": "us"},
	}
}

// versions are all template versions that there are.
var versions = map[uuid.UUID]*version{
	v1:        {template: homeTemplate, parameters: []definition{region, cpu, note}, presets: presets("2")},
	v2:        {template: homeTemplate, parameters: []definition{region, cpu, note, zone}, presets: presets("4")},
	moved:     {template: homeTemplate, parameters: []definition{region, cpu, note}, presets: presets("2")},
	loosened:  {template: homeTemplate, parameters: []definition{roaming, cpu, note}, presets: presets("2")},
	tightened: {template: homeTemplate, parameters: []definition{region, fixedCPU, note}, presets: presets("2")},
	demanding: {template: homeTemplate, parameters: []definition{region, cpu, note, project}, presets: presets("2")},
	narrow:    {template: homeTemplate, parameters: []definition{region, fewCPUs, note}, presets: map[string]map[string]string{"Small": {"cpu": "1"}, "Large": {"cpu": "1"}, "Abroad": {"region": "us"}}},
	linked:    {template: homeTemplate, parameters: []definition{region, cpu, note}, presets: presets("2"), needsLogin: true},
	archived:  {template: homeTemplate, parameters: []definition{region, cpu, note}, presets: presets("2"), archived: true},
	broken:    {template: homeTemplate, job: coder.JobFailed},
	importing: {template: homeTemplate, job: coder.JobRunning},
	foreign:   {template: otherTemplate, parameters: []definition{region, cpu, note}, presets: presets("2")},

	foreignDemanding: {template: otherTemplate, parameters: []definition{region, cpu, note, project}, presets: presets("2")},
	foreignLinked:    {template: otherTemplate, parameters: []definition{region, cpu, note}, presets: presets("2"), needsLogin: true},
}

func (v *version) definition(name string) *definition {
	for i := range v.parameters {
		if v.parameters[i].name == name {
			return &v.parameters[i]
		}
	}
	return nil
}

// allows tells whether a value keeps the template's rules.
func (d *definition) allows(value string) bool {
	switch {
	case len(d.options) > 0:
		return slices.Contains(d.options, value)
	case d.most > 0:
		number, err := strconv.ParseInt(value, 10, 64)
		return err == nil && number >= 1 && number <= d.most
	case d.required:
		return value != ""
	}
	return true
}

var newest = coder.ParseVersion("v2.35.1")

// newWorld is a deployment of the newest release on which the workspace "one"
// of ann, whose token it is, runs with the values of v1.
func newWorld() world {
	return world{
		server: newest, now: noon, me: ann,
		home:  template{id: homeTemplate, organization: homeOrganization, active: v1},
		other: template{id: otherTemplate, organization: homeOrganization, active: foreign},
		workspace: machine{name: "one", updates: "never", build: build{
			id: firstBuild, number: 7, transition: coder.TransitionStart, status: coder.StatusRunning, version: v1, values: firstValues,
		}},
	}
}

func (w *world) template(id uuid.UUID) *template {
	switch id {
	case homeTemplate:
		return &w.home
	case otherTemplate:
		return &w.other
	default:
		return nil
	}
}

// user is who has a username, or [coder.Me].
func (w *world) user(name string) uuid.UUID {
	switch strings.ToLower(name) {
	case coder.Me:
		return w.me
	case "ann":
		return ann
	case "bob":
		return bob
	default:
		return uuid.Nil
	}
}

// answer is what the deployment answers to a question.
func (w *world) answer(question lifecycle.Question) any {
	switch q := question.(type) {
	case lifecycle.ServerTime:
		return w.now
	case lifecycle.TemplateOf:
		return w.coderTemplate(q.ID)
	case lifecycle.ActiveVersionOf:
		return w.coderTemplate(q.Template)
	case lifecycle.VersionOf:
		return w.coderVersion(q.ID)
	case lifecycle.PresetsOf:
		return known(q, func() any { return coderPresets(q.Version) })
	case lifecycle.DefinitionsOf:
		return known(q, func() any { return coderDefinitions(q.Version) })
	case lifecycle.FormOf:
		return known(lifecycle.FormOf{Version: q.Version, Values: q.Values}, func() any { return coderForm(q.Version, q.Values) })
	case lifecycle.ParametersOf:
		return w.workspace.build.values
	case lifecycle.UserNamed:
		if user := w.user(q.Name); user != uuid.Nil {
			return &coder.User{ID: user, Username: map[uuid.UUID]string{ann: "ann", bob: "bob"}[user]}
		}
		return (*coder.User)(nil)
	case lifecycle.WorkspaceNamed:
		switch owner := w.user(q.Owner); {
		case strings.EqualFold(q.Owner+"/"+q.Name, w.taken):
			return &coder.Workspace{ID: otherWorkspace}
		case owner == ann && strings.EqualFold(q.Name, w.workspace.name):
			return &coder.Workspace{ID: workspaceID}
		}
		return (*coder.Workspace)(nil)
	case lifecycle.RenamesAllowed:
		return !w.noRenames || w.server.Before(2, 6)
	case lifecycle.DormancyOf:
		return w.workspace.dormant
	case lifecycle.May:
		return w.may(q.Right)
	case lifecycle.MissingAuthOf:
		if v := versions[q.Version]; v != nil && v.needsLogin {
			return []string{"Git"}
		}
		return []string(nil)
	default:
		return nil
	}
}

// may tells what the token may do.
func (w *world) may(right coder.Right) bool {
	switch right.Type + " " + right.Action {
	case "template update":
		return w.mayUpdate
	case "workspace create":
		return !w.mayNotCreate
	default:
		return true
	}
}

// answers are those that are the same in every world. As those of a client's
// look-ups they must not be changed.
var answers sync.Map

func known(question lifecycle.Question, answer func() any) any {
	if known, ok := answers.Load(question); ok {
		return known
	}
	made := answer()
	answers.Store(question, made)
	return made
}

func (w *world) coderTemplate(id uuid.UUID) *coder.Template {
	t := w.template(id)
	if t == nil {
		return nil
	}
	answer := &coder.Template{
		ID: t.id, Name: "template", OrganizationID: t.organization, ActiveVersionID: t.active, DefaultTTLMillis: t.defaultTTL,
		AllowUserAutostart: !t.forbidsAutostart, AllowUserAutostop: !t.forbidsAutostop,
		RequireActiveVersion: t.requireActive && !w.server.Before(2, 4), Deprecated: t.deprecated && !w.server.Before(2, 5),
	}
	if w.server.AtLeast(2, 24) {
		answer.UseClassicParameterFlow = &w.classic
	}
	return answer
}

func (w *world) coderVersion(id uuid.UUID) *coder.TemplateVersion {
	v := versions[id]
	if v == nil {
		return nil
	}
	answer := &coder.TemplateVersion{ID: id, Name: "version", TemplateID: v.template, Archived: v.archived}
	answer.Job.Status = cmp.Or(v.job, coder.JobSucceeded)
	if v.job == coder.JobFailed {
		answer.Job.CompletedAt, answer.Job.Error = noon, "no"
	}
	return answer
}

func coderPresets(id uuid.UUID) []coder.Preset {
	var list []coder.Preset
	for _, name := range slices.Sorted(maps.Keys(versions[id].presets)) {
		preset := coder.Preset{ID: presetID(id, name), Name: name}
		for parameter, value := range versions[id].presets[name] {
			preset.Parameters = append(preset.Parameters, coder.PresetParameter{Name: parameter, Value: value})
		}
		list = append(list, preset)
	}
	return list
}

func presetID(version uuid.UUID, name string) uuid.UUID { return uuid.NewSHA1(version, []byte(name)) }

// coderDefinitions has none while a version is imported, nor when it failed.
func coderDefinitions(id uuid.UUID) []coder.TemplateVersionParameter {
	v := versions[id]
	if v == nil || v.job != "" {
		return nil
	}
	list := make([]coder.TemplateVersionParameter, 0, len(v.parameters))
	for _, d := range v.parameters {
		parameter := coder.TemplateVersionParameter{Name: d.name, Type: "string", Mutable: d.mutable, Ephemeral: d.ephemeral, Required: d.required, DefaultValue: d.initial}
		for _, option := range d.options {
			parameter.Options = append(parameter.Options, coder.ParameterOption{Name: option, Value: option})
		}
		if d.most > 0 {
			least, most := int64(1), d.most
			parameter.Type, parameter.ValidationMin, parameter.ValidationMax = "number", &least, &most
		}
		list = append(list, parameter)
	}
	return list
}

// coderForm is the form of a version filled in with values.
func coderForm(id uuid.UUID, inputs string) *coder.ParameterForm {
	v := versions[id]
	var given map[string]string
	if v == nil || v.job != "" || json.Unmarshal([]byte(inputs), &given) != nil {
		return nil
	}
	form := &coder.ParameterForm{}
	for i, listed := range coderDefinitions(id) {
		d := &v.parameters[i]
		value, has := given[d.name]
		if !has && !d.required {
			value, has = d.initial, true
		}
		parameter := coder.FormParameter{
			Name: d.name, Type: listed.Type, FormType: "input", Mutable: d.mutable, Ephemeral: d.ephemeral, Required: d.required,
			Value: coder.FormValue{Value: value, Valid: has},
		}
		for _, option := range d.options {
			parameter.Options = append(parameter.Options, coder.FormOption{Name: option, Value: coder.FormValue{Value: option, Valid: true}})
		}
		diagnostic := coder.FormDiagnostic{Severity: coder.SeverityError, Summary: "Invalid parameter value"}
		switch {
		case !has:
			diagnostic.Extra.Code = coder.DiagnosticRequired
			parameter.Diagnostics = append(parameter.Diagnostics, diagnostic)
		case !d.allows(value):
			parameter.Diagnostics = append(parameter.Diagnostics, diagnostic)
		}
		form.Parameters = append(form.Parameters, parameter)
	}
	return form
}
