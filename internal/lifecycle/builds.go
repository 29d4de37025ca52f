package lifecycle

import (
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// builds decides about builds: those that bring new values of parameters,
// another template version or preset, those that bring a run state about, and
// those that an unfinished update still owes.
//
// A running workspace is stopped before it starts with something new, as the
// CLI has done since 2.24: templates that ignore changes on a running machine
// would not see them. A stopped one takes what is new by another stop build and
// uses it at its next start.
func (d *decider) builds() {
	d.unknownBuilds()
	d.goBack()
	latest := &d.have.Build
	goal, due := d.goal()
	succeeded := latest.Status == coder.StatusRunning || latest.Status == coder.StatusStopped
	if d.want.Repair && !succeeded && !latest.active() {
		due = true
	}
	request, isNew := d.content(due)
	if !d.mayGoOn() {
		return
	}
	switch {
	case d.want.AwaitBuild != uuid.Nil && !d.have.Awaited:
		d.add(Await{Build: d.want.AwaitBuild, OfOurs: true})
	case latest.active() && (isNew || due || d.want.InPlace || d.have.Applying && !d.want.RunState.IsAbsent()): // it may fail yet
		d.awaitLatest()
	}
	var builds []BuildStep
	switch {
	case !isNew && !due:
	case goal == Stopped:
		request.Transition = coder.TransitionStop
		builds = []BuildStep{{Request: request, last: true}}
	default:
		request.Transition = coder.TransitionStart
		builds = []BuildStep{{Request: request, last: true}}
		if latest.LeadsTo() == Running {
			stop := BuildStep{Request: coder.CreateBuildRequest{Transition: coder.TransitionStop}}
			if isNew {
				withNew := request
				withNew.Transition = coder.TransitionStop
				stop.instead = &withNew
			}
			builds = []BuildStep{stop, builds[0]}
			d.mayStartAgain()
		}
	}
	if len(builds) == 0 {
		d.unrepaired()
		return
	}
	if builds[len(builds)-1].Request.Transition == coder.TransitionStart {
		if !d.want.VersionID.IsUnknown() {
			d.activeVersion(request.TemplateVersionID)
		}
		if d.have.Dormant == Value(true) && d.want.Dormant != Value(false) && !d.have.Server.AtLeast(2, 30) { // else it is woken anyway
			d.add(Wake{})
		}
	}
	why, update := d.why(isNew), d.update(goal)
	for i := range builds {
		builds[i].why, builds[i].Update = why, update
		d.add(builds[i])
	}
}

// awaitLatest waits for the build under way, whoever has begun it. What follows
// is decided when it has ended.
func (d *decider) awaitLatest() { d.add(Await{Build: d.have.Build.ID}) }

// unknownBuilds notes what may take a build once it is known.
func (d *decider) unknownBuilds() {
	w := &d.want
	if w.VersionID.IsUnknown() {
		d.unknownIdentity(Place{Setting: AtVersion}, "The template version")
	}
	if w.Preset.IsUnknown() {
		d.unknownIdentity(Place{Setting: AtPreset}, "The preset")
	}
	if w.Parameters.Incomplete {
		d.unknownIdentity(Place{Setting: AtParameters}, "The set of parameters")
	}
	if w.VersionID.IsUnknown() || w.Preset.IsUnknown() || w.Parameters.areUnknown() || w.RunState.IsUnknown() || w.EphemeralVersion.IsUnknown() {
		d.Uncertain |= ChangeBuild
	}
}

// unrepaired points out a failed build that nothing of this plan will repair.
func (d *decider) unrepaired() {
	latest := &d.have.Build
	if latest.Status != coder.StatusFailed || d.have.Fresh != nil || d.Uncertain&ChangeBuild != 0 {
		return
	}
	d.warn("", "The workspace's latest build failed",
		fmt.Sprintf("Build %d (%s) of workspace %q has failed. Its log: %s/builds/%d. Terraform leaves it so; set desired_status to have it repaired.",
			latest.Number, latest.Transition, d.have.Name, d.have.Page, latest.Number))
}

// goal is the run state that builds are to lead to, and whether the latest
// build has not led there. Where none is configured it is the one from before an
// unfinished update, else the one that the workspace has: what a person did is
// respected.
func (d *decider) goal() (goal RunState, due bool) {
	latest := &d.have.Build
	leads := latest.LeadsTo()
	if wanted, configured := d.want.RunState.Get(); configured {
		return wanted, leads != wanted
	}
	if d.want.RunState.IsUnknown() {
		return leads, false
	}
	return d.ownState(), d.have.unfinished() != nil
}

// goBack takes the version from before an unfinished update where none is
// configured any more. Nobody else has built since.
func (d *decider) goBack() {
	unfinished := d.have.unfinished()
	if unfinished != nil && d.want.VersionID.IsAbsent() && !d.want.ActiveVersion && unfinished.Version != uuid.Nil {
		d.want.VersionID = Value(unfinished.Version)
	}
}

// formerValues are values from before an unfinished update that it has changed
// and that nothing configures any more.
func (d *decider) formerValues(version uuid.UUID) map[string]string {
	unfinished := d.have.unfinished()
	if unfinished == nil || len(unfinished.Values) == 0 || d.want.Parameters.Incomplete {
		return nil
	}
	var ofPreset map[string]string
	if preset := d.keptPreset(version); preset != nil {
		ofPreset = preset.Values()
	}
	present, known := d.present(maps.Keys(unfinished.Values))
	if !known {
		return nil
	}
	former := maps.Clone(unfinished.Values)
	maps.DeleteFunc(former, func(name, value string) bool {
		before, there := present[name] // another version may have dropped it
		_, configured := d.want.Parameters.Known[name]
		_, isPreset := ofPreset[name]
		return configured || isPreset || slices.Contains(d.want.Parameters.Unknown, name) || before == value || !there && version != unfinished.Version
	})
	return former
}

// update is the update that builds now belong to. What was before it, an
// unfinished one remembers.
func (d *decider) update(goal RunState) Unfinished {
	update := Unfinished{From: d.ownState(), To: goal, Version: d.have.Build.VersionID, Values: d.before}
	if unfinished := d.have.unfinished(); unfinished != nil {
		update.Version, update.Values = unfinished.Version, maps.Clone(d.before)
		if update.Values == nil {
			update.Values = map[string]string{}
		}
		maps.Copy(update.Values, unfinished.Values)
	}
	return *update.with(d.want.EphemeralVersion)
}

// ownState is the run state that the workspace has without being told: the one
// from before an unfinished update, else the one that its latest build was for.
func (d *decider) ownState() RunState {
	if unfinished := d.have.unfinished(); unfinished != nil {
		return unfinished.From
	}
	if d.have.Build.Transition == coder.TransitionStart {
		return Running
	}
	return Stopped
}

// why says what the builds are for.
func (d *decider) why(isNew bool) string {
	latest := &d.have.Build
	text := fmt.Sprintf("its latest build is %d (%s), which is %s", latest.Number, latest.Transition, latest.Status)
	if isNew {
		text += fmt.Sprintf(", of template version %s, or its parameters are others", latest.VersionID)
	}
	return text
}

// content is what a build has to bring, and whether there is anything that asks
// for one. One that is due anyway brings the ephemeral values.
func (d *decider) content(due bool) (request coder.CreateBuildRequest, isNew bool) {
	if d.want.VersionID.IsUnknown() || d.want.Preset.IsUnknown() {
		return request, false
	}
	version, answered := d.targetVersion()
	if !answered {
		return request, false
	}
	if version != d.have.Build.VersionID {
		request.TemplateVersionID, isNew = &version, true
		if d.version(version, d.have.TemplateID); d.refused() || len(d.Open) > 0 {
			return request, true
		}
		d.externalAuth(version, d.have.OwnerName)
	}
	changed := d.changedValues()
	preset := d.duePreset(version)
	d.former = d.formerValues(version)
	for name, value := range d.former {
		changed[name] = value
	}
	if preset != nil {
		request.TemplateVersionPresetID = preset.ID
	}
	if version, configured := d.want.EphemeralVersion.Get(); configured && d.have.ephemeralVersion() != Value(version) {
		isNew = true
	}
	isNew = isNew || len(changed) > 0 || preset != nil
	if isNew && preset == nil { // it is kept, and so must its values be
		d.presetClash(d.keptPreset(version))
	}
	d.remember(changed, preset)
	isBuilt := isNew || due && len(d.want.Ephemeral.Known) > 0
	if (isBuilt || len(d.want.Parameters.Unknown) > 0) && d.mayGoOn() && len(d.Open) == 0 {
		d.checkValues(version, preset, isBuilt)
	}
	maps.DeleteFunc(changed, func(name, _ string) bool {
		_, configured := d.want.Parameters.Known[name]
		_, former := d.former[name]
		return !configured && !former
	})
	request.RichParameterValues = append(sorted(changed), sorted(d.want.Ephemeral.Known)...)
	return request, isNew
}

// remember notes the present values of what a build changes.
func (d *decider) remember(changed map[string]string, preset *coder.Preset) {
	names := maps.Clone(changed)
	if preset != nil {
		if names == nil {
			names = map[string]string{}
		}
		maps.Copy(names, preset.Values())
	}
	present, _ := d.present(maps.Keys(names))
	d.before = map[string]string{}
	for name, value := range names {
		if before, had := present[name]; had && before != value {
			d.before[name] = before
		}
	}
}

// targetVersion is the template version that the workspace is to have.
func (d *decider) targetVersion() (uuid.UUID, bool) {
	if version, configured := d.want.VersionID.Get(); configured {
		return version, true
	}
	if !d.want.ActiveVersion {
		return d.have.Build.VersionID, true
	}
	template, answered := learn[*coder.Template](d, ActiveVersionOf{d.have.TemplateID})
	if answered && template == nil {
		d.templateMissing(d.have.TemplateID)
		return uuid.Nil, false
	}
	if !answered {
		return uuid.Nil, false
	}
	return template.ActiveVersionID, true
}

// present are the values of the latest build, as far as they are needed to
// compare the given names.
func (d *decider) present(names func(func(string) bool)) (map[string]string, bool) {
	if d.have.Complete {
		return d.have.Parameters, true
	}
	for name := range names {
		if _, ok := d.have.Parameters[name]; !ok {
			return learn[map[string]string](d, ParametersOf{d.have.Build.ID})
		}
	}
	return d.have.Parameters, true
}

// changedValues are the configured values that differ from the present ones.
// Only these are sent: Coder ≤2.21 refuses an immutable parameter even with its
// present value.
func (d *decider) changedValues() map[string]string {
	present, known := d.present(maps.Keys(d.want.Parameters.Known))
	changed := map[string]string{}
	if !known {
		return changed
	}
	for name, value := range d.want.Parameters.Known {
		if before, ok := present[name]; !ok || before != value {
			changed[name] = value
		}
	}
	return changed
}

// duePreset is the configured preset if the version's values of it are not all
// there; nil when there is nothing to do.
func (d *decider) duePreset(version uuid.UUID) *coder.Preset {
	wanted, configured := d.want.Preset.Get()
	isKept := wanted == d.have.Preset && version == d.have.Build.VersionID
	if !configured || isKept && (d.have.latestUpdate() == nil || d.have.Server.Before(2, 22)) { // which may have left other values
		return nil
	}
	preset := d.preset(version)
	if preset == nil {
		return nil
	}
	values := preset.Values()
	present, known := d.present(maps.Keys(values))
	if !known {
		return nil
	}
	for name, value := range values {
		if before, there := present[name]; (!there || before != value) && d.keeps(version, name, there) {
			return preset
		}
	}
	return nil
}

// keeps tells whether later builds have the value that a preset gives a
// parameter. An ephemeral one they have not, and one that does not exist with
// the other values, or at all, no build gets.
func (d *decider) keeps(version uuid.UUID, name string, there bool) bool {
	if !there {
		return version != d.have.Build.VersionID
	}
	definitions, answered := learn[[]coder.TemplateVersionParameter](d, DefinitionsOf{version})
	isEphemeral := slices.ContainsFunc(definitions, func(def coder.TemplateVersionParameter) bool { return def.Name == name && def.Ephemeral })
	return answered && !isEphemeral
}

func sorted(values map[string]string) []coder.BuildParameter {
	list := make([]coder.BuildParameter, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, coder.BuildParameter{Name: name, Value: values[name]})
	}
	return list
}
