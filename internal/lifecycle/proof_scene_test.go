package lifecycle_test

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// noon is the time of all decisions.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// scene is one case: what is configured, what is there, what is remembered.
type scene struct {
	want   lifecycle.Want
	world  world
	memory memory
	// reveal make known what is not: as what is there already, or as something
	// else.
	reveal []func(want *lifecycle.Want, same bool)
}

// memory is what Terraform remembers beside what its refresh reads.
type memory struct {
	managed          []string // the parameters in the state
	preset           string
	ephemeralVersion lifecycle.Setting[int64]
	deadline         time.Time
	unfinished       *lifecycle.Unfinished
	dormancy         bool     // whether dormancy is in the state, as it was configured
	formerOwners     []string // what ann was called before, if she was renamed
}

// newScene is a running workspace of which no more is configured than has to
// be.
func newScene() *scene {
	return &scene{
		world: newWorld(),
		want: lifecycle.Want{
			Name: lifecycle.Value("one"), TemplateID: lifecycle.Value(homeTemplate), Schedule: lifecycle.Value(""),
			Parameters: lifecycle.Values{Known: map[string]string{}}, Ephemeral: lifecycle.Values{Known: map[string]string{}},
		},
	}
}

// clone is the same case, to be changed.
func (s *scene) clone() *scene {
	c := *s
	c.want.Parameters.Known, c.want.Ephemeral.Known = maps.Clone(s.want.Parameters.Known), maps.Clone(s.want.Ephemeral.Known)
	c.memory.managed = slices.Clone(s.memory.managed)
	return &c
}

// revealed is the case once everything is known.
func (s *scene) revealed(same bool) *scene {
	c := s.clone()
	for _, reveal := range s.reveal {
		reveal(&c.want, same)
	}
	c.reveal = nil
	return c
}

// look is where a decision gets what is there from.
type look string

const (
	inPlan  look = "plan"       // a plan: from the state, as the refresh left it
	atPlan  look = "fresh plan" // the same with a look of its own
	inApply look = "apply"
)

// have is what is there, for a decision.
func (s *scene) have(at look) lifecycle.Have {
	w, m := &s.world, &s.world.workspace
	b := &m.build
	have := lifecycle.Have{
		ID: workspaceID, Name: m.name, OwnerID: ann, OwnerName: "ann", OrganizationID: homeOrganization, TemplateID: homeTemplate,
		Schedule: m.schedule, TTL: m.ttl,
		Build: lifecycle.Build{
			ID: b.id, Number: b.number, Transition: b.transition, Status: b.status, VersionID: b.version,
			Deadline: b.deadline, MaxDeadline: b.limit,
		},
		Parameters: map[string]string{},
		Preset:     s.memory.preset, EphemeralVersion: s.memory.ephemeralVersion, Deadline: s.memory.deadline, Unfinished: s.memory.unfinished,
		FormerOwners: s.memory.formerOwners,
		Now:          w.now, Server: w.server, Applying: at == inApply,
	}
	if w.home.forbidsAutostop && !w.server.Before(2, 11) {
		have.TTL = w.home.defaultTTL
	}
	if !w.server.Before(2, 3) {
		have.AutomaticUpdates = m.updates
	}
	if s.memory.dormancy || at != inPlan {
		have.Dormant = lifecycle.Value(m.dormant)
	}
	for _, name := range s.memory.managed {
		if value, ok := b.values[name]; ok {
			have.Parameters[name] = value
		}
	}
	if at != inPlan {
		have.Fresh = w.read()
	} else if w.silent {
		have.Now = time.Time{}
	}
	return have
}

// read is the workspace as the server sends it.
func (w *world) read() *coder.Workspace {
	m := &w.workspace
	b := &m.build
	read := &coder.Workspace{
		ID: workspaceID, Name: m.name, OwnerID: ann, OwnerName: "ann", OrganizationID: homeOrganization, TemplateID: homeTemplate, TemplateName: "template",
		AutomaticUpdates: m.updates,
		LatestBuild: coder.WorkspaceBuild{
			ID: b.id, BuildNumber: b.number, Transition: b.transition, Status: b.status, TemplateVersionID: b.version, Deadline: b.deadline, MaxDeadline: b.limit,
		},
	}
	if m.dormant {
		read.DormantAt = noon.Add(-time.Hour)
	}
	if !w.server.Before(2, 2) {
		read.TemplateActiveVersionID = w.home.active
	}
	if !w.server.Before(2, 4) {
		read.TemplateRequireActiveVersion = w.home.requireActive
	}
	if allowed := !w.noRenames; !w.server.Before(2, 6) {
		read.AllowRenames = &allowed
	}
	return read
}

// mostRounds is how often a decision may come back with questions.
const mostRounds = 12

// ask decides and answers the questions until there are none. It tells, too,
// what is wrong with the questions, or with how they come.
func (s *scene) ask(at look, facts lifecycle.Facts) (d lifecycle.Decision, faults []string) {
	have := s.have(at)
	for range mostRounds {
		d = lifecycle.Decide(s.want, have, facts)
		if len(d.Open) == 0 {
			return d, faults
		}
		if fault := s.answer(&d, facts); fault != "" {
			return d, append(faults, fault)
		}
	}
	return d, append(faults, "does not come to an end with its questions")
}

// answer puts the answers to a decision's questions into the facts. It tells
// what is wrong with the questions, "" when nothing is.
func (s *scene) answer(d *lifecycle.Decision, facts lifecycle.Facts) (fault string) {
	for _, question := range d.Open {
		if _, known := facts[question]; known {
			return "asks for what the facts have: " + question.String()
		}
	}
	for _, question := range d.Open {
		if of, isOfPresets := question.(lifecycle.PresetsOf); isOfPresets && versions[of.Version] == nil {
			return "asks what has no answer, only an error: " + question.String()
		}
		facts[question] = s.world.answer(question)
	}
	return ""
}

// decidedAlike tells whether the same input gives the same decision, and is
// left as it was.
func (s *scene) decidedAlike(at look, facts lifecycle.Facts, d lifecycle.Decision) bool {
	before, have := s.clone(), s.have(at)
	again := lifecycle.Decide(s.want, have, facts)
	return reflect.DeepEqual(d, again) && reflect.DeepEqual(before.want, s.want) && reflect.DeepEqual(have, s.have(at))
}

// refused tells whether a decision has an error.
func refused(d *lifecycle.Decision) bool {
	return slices.ContainsFunc(d.Problems, func(p lifecycle.Problem) bool { return !p.Warning })
}

// errorsOf are the summaries of a decision's errors.
func errorsOf(d *lifecycle.Decision) []string {
	var list []string
	for i := range d.Problems {
		if !d.Problems[i].Warning {
			list = append(list, d.Problems[i].Summary)
		}
	}
	return list
}

// transitions are those of the builds among steps.
func transitions(steps []lifecycle.Step) []coder.Transition {
	var list []coder.Transition
	for _, step := range steps {
		if step, isBuild := step.(lifecycle.BuildStep); isBuild {
			list = append(list, step.Request.Transition)
		}
	}
	return list
}

// leads is the run state that a build has reached or is on its way to, "" when
// it failed, was canceled, or deletes.
func (b *build) leads() lifecycle.RunState {
	if b.status == coder.StatusFailed || b.status == coder.StatusCanceled || b.status == coder.StatusCanceling {
		return ""
	}
	switch b.transition {
	case coder.TransitionStart:
		return lifecycle.Running
	case coder.TransitionStop:
		return lifecycle.Stopped
	default:
		return ""
	}
}

// ended is the case as it is when the build under way has come to its end. Where
// that is a deletion, something is left to be done only if it fails.
func (s *scene) ended() *scene {
	e := s.clone()
	if e.world.workspace.build.transition == coder.TransitionDelete {
		e.world.end(fails)
	}
	e.world.end(succeeds)
	return e
}

// unfinished is the update of which the latest build is one that has not led
// where it was to; nil without one.
func (s *scene) unfinished() *lifecycle.Unfinished {
	b := &s.world.workspace.build
	if memory := s.memory.unfinished; memory != nil && memory.Build == b.id && memory.To != b.leads() {
		return memory
	}
	return nil
}

// onceVersion is the ephemeral version that was built last: an update that came to
// its end after its apply was cut has built its own.
func (s *scene) onceVersion() lifecycle.Setting[int64] {
	b := &s.world.workspace.build
	update := s.memory.unfinished
	switch {
	case update == nil || update.Build != b.id || update.To != b.leads():
		return s.memory.ephemeralVersion
	case update.EphemeralVersion == nil:
		return lifecycle.Setting[int64]{}
	default:
		return lifecycle.Value(*update.EphemeralVersion)
	}
}

// target is the version that builds are to have; false while nobody knows it.
func (s *scene) target() (uuid.UUID, bool) {
	chosen, configured := s.want.VersionID.Get()
	unfinished := s.unfinished()
	switch {
	case configured:
		return chosen, true
	case s.want.VersionID.IsUnknown():
		return uuid.Nil, false
	case s.want.ActiveVersion:
		return s.world.home.active, true
	case unfinished != nil && unfinished.Version != uuid.Nil:
		return unfinished.Version, true
	default:
		return s.world.workspace.build.version, true
	}
}

// kept are the values that builds are to have and keep: those that are
// configured, and those from before an unfinished update that are no more.
func (s *scene) kept() map[string]string {
	unfinished := s.unfinished()
	if unfinished == nil || len(unfinished.Values) == 0 || s.want.Parameters.Incomplete {
		return s.want.Parameters.Known
	}
	name, _ := s.want.Preset.Get()
	version, _ := s.target()
	preset, v := presetValues(version, name), versions[version]
	if s.want.VersionID.IsUnknown() {
		v = versions[s.world.workspace.build.version]
	}
	values := maps.Clone(s.want.Parameters.Known)
	if v == nil {
		return values
	}
	for name, value := range unfinished.Values {
		_, ofPreset := preset[name]
		_, configured := values[name]
		_, had := s.world.workspace.build.values[name]
		d := v.definition(name)
		if !configured && !ofPreset && !slices.Contains(s.want.Parameters.Unknown, name) && d != nil && (d.mutable || !had) {
			values[name] = value
		}
	}
	return values
}
