package lifecycle_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// What a user is owed, by what the documentation of the resource promises.

// preset is the configured preset's values if they are to be built: those of a
// preset that is new, or of another version.
func (s *scene) preset() (values map[string]string, due bool) {
	name, configured := s.want.Preset.Get()
	version, known := s.target()
	if !configured || !known || name == s.memory.preset && version == s.world.workspace.build.version {
		return nil, false
	}
	return presetValues(version, name), true
}

// presetValues are those of a preset by its name or id, nil when there is none.
func presetValues(id uuid.UUID, wanted string) map[string]string {
	if v := versions[id]; v != nil {
		for name, values := range v.presets {
			if name == wanted || presetID(id, name).String() == wanted {
				return values
			}
		}
	}
	return nil
}

// bringsNew tells whether the configuration asks for something of a build that
// the latest one does not have.
func (s *scene) bringsNew() bool {
	version, known := s.target()
	if !known || s.want.Preset.IsUnknown() {
		return false // nobody can tell
	}
	present := s.world.workspace.build.values
	ephemeral, asked := s.want.EphemeralVersion.Get()
	preset, _ := s.preset()
	return version != s.world.workspace.build.version || !contains(present, s.kept()) || !contains(present, preset) ||
		asked && s.onceVersion() != lifecycle.Value(ephemeral)
}

// contains tells whether all values are among others.
func contains(all, some map[string]string) bool {
	for name, value := range some {
		if has, ok := all[name]; !ok || has != value {
			return false
		}
	}
	return true
}

// goal is the run state that is owed, and whether it takes a build. The build
// under way counts as ended.
func (s *scene) goal() (goal lifecycle.RunState, due bool) {
	b := &s.world.workspace.build
	unfinished := s.unfinished()
	desired, configured := s.want.RunState.Get()
	switch {
	case configured:
		return desired, b.leads() != desired
	case s.want.RunState.IsUnknown():
		return b.leads(), false
	case unfinished != nil:
		return unfinished.From, true
	case s.want.Repair && b.leads() == "":
		return map[bool]lifecycle.RunState{true: lifecycle.Running, false: lifecycle.Stopped}[b.transition == coder.TransitionStart], true
	case b.transition == coder.TransitionStart:
		return lifecycle.Running, false
	default:
		return lifecycle.Stopped, false
	}
}

// owed are the builds that lead from what is there to what is configured.
func (s *scene) owed() []coder.Transition {
	e := s.ended()
	goal, due := e.goal()
	if isNew := e.bringsNew(); !due && !isNew {
		return nil
	}
	switch {
	case goal == lifecycle.Stopped:
		return []coder.Transition{coder.TransitionStop}
	case e.world.workspace.build.leads() == lifecycle.Running:
		return []coder.Transition{coder.TransitionStop, coder.TransitionStart}
	default:
		return []coder.Transition{coder.TransitionStart}
	}
}

// finalValues are those of the last build that is owed.
func (s *scene) finalValues() map[string]string {
	id, _ := s.target()
	v := versions[id]
	values := map[string]string{}
	if v == nil {
		return values
	}
	for i := range v.parameters {
		d := &v.parameters[i]
		values[d.name] = d.initial
		if before, had := s.world.workspace.build.values[d.name]; had && !d.ephemeral {
			values[d.name] = before
		}
	}
	preset, _ := s.preset()
	for _, more := range []map[string]string{s.kept(), s.want.Ephemeral.Known, preset} {
		maps.Copy(values, more)
	}
	return values
}

// otherIdentity tells whether another workspace is configured: of another
// template, or of another user.
func (s *scene) otherIdentity() bool {
	owner, configured := s.want.OwnerName.Get()
	user := s.world.user(owner)
	return s.want.TemplateID.Differs(homeTemplate) || configured && user != uuid.Nil && user != ann && !s.wasRenamed()
}

// wasRenamed tells whether the configured owner is what this one was called
// before, while somebody else is called so now: not the configuration has changed.
func (s *scene) wasRenamed() bool {
	owner, _ := s.want.OwnerName.Get()
	return slices.ContainsFunc(s.memory.formerOwners, func(name string) bool { return strings.EqualFold(name, owner) })
}

// otherImmutable tells whether a value is configured, itself or by a preset,
// that only a new workspace can have.
func (s *scene) otherImmutable() bool {
	id, known := s.target()
	v := versions[id]
	if !known || s.want.Preset.IsUnknown() || v == nil {
		return false
	}
	preset, _ := s.preset()
	for _, values := range []map[string]string{s.want.Parameters.Known, s.want.Ephemeral.Known, preset} {
		for name, value := range values {
			before, had := s.world.workspace.build.values[name]
			if d := v.definition(name); d != nil && !d.mutable && had && before != value {
				return true
			}
		}
	}
	return false
}

// causes are what stands against the configuration, as far as it can be known
// before anything is done. Errors without a cause keep people from their work.
func (s *scene) causes() []string {
	var causes []string
	add := func(applies bool, format string, a ...any) {
		if applies {
			causes = append(causes, fmt.Sprintf(format, a...))
		}
	}
	w, want := &s.world, &s.want
	organization, hasOrganization := want.OrganizationID.Get()
	owner, hasOwner := want.OwnerName.Get()
	add(hasOrganization && organization != homeOrganization && !want.TemplateID.Differs(homeTemplate), "another organization than the template's")
	add(hasOwner && w.user(owner) == uuid.Nil, "nobody is called %q", owner)
	add(s.wasRenamed(), "%q is another user by now", owner)
	if s.otherIdentity() {
		add(s.noReplacement() != "", "no replacement: %s", s.noReplacement())
		return append(causes, s.deadlineCauses(time.Time{})...)
	}
	add(want.Name.Differs(w.workspace.name) && w.noRenames && !w.server.Before(2, 6), "renames are forbidden")
	schedule, _ := want.Schedule.Get()
	add(want.Schedule.Differs(w.workspace.schedule) && schedule != "" && w.home.forbidsAutostart, "schedules are forbidden")
	ttl, _ := want.TTL.Get()
	differs := want.TTL.Differs(s.have(inPlan).TTL)
	add(differs && w.home.forbidsAutostop, "TTLs are forbidden")
	add(differs && time.Duration(ttl)*time.Millisecond > 7*24*time.Hour && w.server.Before(0, 27), "the TTL is too long")
	add(!want.AutomaticUpdates.IsAbsent() && w.server.Before(2, 3), "the server has no automatic updates")
	add(!want.Dormant.IsAbsent() && w.server.Before(0, 25), "the server has no dormancy")
	add(want.Dormant == lifecycle.Value(true) && want.RunState == lifecycle.Value(lifecycle.Running), "it is not to sleep and to run")
	causes = append(causes, s.buildCauses()...)
	causes = append(causes, s.deadlineCauses(w.workspace.build.limit)...)
	if s.otherImmutable() {
		add(want.InPlace, "an immutable value")
		add(s.noReplacement() != "", "no replacement: %s", s.noReplacement())
	}
	return causes
}

// noReplacement is what may stand against a workspace in place of this one,
// whatever the unknown values turn out to be.
func (s *scene) noReplacement() string {
	want := s.want
	want.Parameters.Known = maps.Clone(want.Parameters.Known)
	for _, name := range want.Parameters.Unknown {
		want.Parameters.Known[name] = ""
	}
	return s.world.create(&want)
}

// buildCauses are what stands against the builds that are owed.
func (s *scene) buildCauses() []string {
	var causes []string
	w, want := &s.world, &s.want
	id, known := s.target()
	if !known {
		return nil
	}
	if want.Preset.IsUnknown() { // what is new waits until it is known, a start that is due does not
		if slices.Contains(s.owed(), coder.TransitionStart) && w.mustBeActive(&w.home) && id != w.home.active {
			causes = append(causes, "the active version is required")
		}
		return causes
	}
	_, presetDue := s.preset()
	name, _ := want.Preset.Get()
	if (presetDue || s.bringsNew() && !want.Preset.IsAbsent()) && w.server.Before(2, 22) {
		causes = append(causes, "the server has no presets")
	}
	preset := presetValues(id, name)
	if presetDue && preset == nil {
		causes = append(causes, "there is no such preset")
	}
	builds := s.owed()
	if len(builds) == 0 && len(want.Parameters.Unknown) == 0 {
		return causes
	}
	v := versions[id]
	if id == w.workspace.build.version && v.job == "" && !v.archived {
		v = &version{template: homeTemplate, parameters: v.parameters, presets: v.presets} // it has been built
	}
	switch {
	case v == nil, v.template != homeTemplate, v.archived, v.job != "":
		return append(causes, "the version cannot be built")
	case slices.Contains(builds, coder.TransitionStart) && w.mustBeActive(&w.home) && id != w.home.active:
		causes = append(causes, "the active version is required")
	case id != w.workspace.build.version && w.lacksLogin(id, ann):
		causes = append(causes, "ann is not logged in to Git")
	}
	values := s.finalValues()
	if !contains(preset, overlap(want.Parameters.Known, preset)) {
		causes = append(causes, "the preset overrules a value")
	}
	for _, name := range slices.Concat(slices.Collect(maps.Keys(values)), want.Parameters.Unknown) {
		d := v.definition(name)
		_, kept := want.Parameters.Known[name]
		_, once := want.Ephemeral.Known[name]
		switch {
		case d == nil:
			causes = append(causes, "there is no parameter "+name)
		case kept && d.ephemeral, once && !d.ephemeral:
			causes = append(causes, name+" is of the other sort")
		case !d.allows(values[name]) && !slices.Contains(want.Parameters.Unknown, name):
			causes = append(causes, fmt.Sprintf("%s cannot be %q", name, values[name]))
		}
	}
	return causes
}

// overlap are the values whose names others have, too.
func overlap(values, others map[string]string) map[string]string {
	both := maps.Clone(values)
	maps.DeleteFunc(both, func(name, _ string) bool { _, ok := others[name]; return !ok })
	return both
}

// deadlineCauses are what stands against a deadline that was not applied yet.
func (s *scene) deadlineCauses(limit time.Time) []string {
	deadline, configured := s.want.Deadline.Get()
	deadline = deadline.Truncate(time.Microsecond)
	isNew := !deadline.Equal(s.memory.deadline.Truncate(time.Microsecond))
	switch {
	case !configured, !isNew && !s.otherIdentity() && !s.otherImmutable():
		return nil
	case deadline.Sub(noon) < 30*time.Minute:
		return []string{"the deadline has passed, or is too soon"}
	case !limit.IsZero() && deadline.After(limit) && s.world.workspace.build.status == coder.StatusRunning:
		return []string{"the deadline is beyond the template's limit"}
	default:
		return nil
	}
}
