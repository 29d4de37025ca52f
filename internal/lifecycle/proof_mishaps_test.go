package lifecycle_test

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// tryMishaps looks at what becomes of an apply whose builds do not all succeed:
// that of before, which went well as gone.
func (p *proof) tryMishaps(c *decided, before *scene, went *walk, note func(rule, text string)) {
	allowed := c.shown(&c.plan)
	for build := range went.builds {
		for _, mishap := range []struct {
			name   string
			fate   fate
			cut    bool
			goesOn bool
			again  bool   // something else is applied while it goes on
			later  []fate // how it ends after that
		}{
			{name: "fails", fate: fails},
			{name: "is canceled", fate: isCanceled},
			{name: "is the last of an apply that is cut", cut: true},
			{name: "still goes on when the apply is cut", cut: true, goesOn: true},
			{name: "fails when the apply is cut already", cut: true, goesOn: true, later: []fate{fails}},
			{name: "succeeds when the apply is cut already", cut: true, goesOn: true, later: []fate{succeeds}},
			{name: "fails after another apply", cut: true, goesOn: true, again: true, later: []fate{fails}},
			{name: "succeeds after another apply", cut: true, goesOn: true, again: true, later: []fate{succeeds}},
		} {
			w := before.walk(allowed)
			w.fates = append(make([]fate, build), mishap.fate)
			if mishap.cut {
				w.cutAfter, w.goesOn = build+1, mishap.goesOn
			}
			w.run()
			p.walked++
			if w.end != buildEnded && w.end != cut {
				note("an apply ends with a build that did not succeed", string(w.end))
				continue
			}
			if mishap.again {
				if w = p.appliesElse(w); w == nil {
					continue
				}
			}
			for _, f := range mishap.later {
				w.world.end(f)
			}
			after := func(rule, text string) {
				if text != "" {
					note(rule, fmt.Sprintf("build %d of %v %s: %s", build+1, transitions(went.done), mishap.name, text))
				}
			}
			p.goesOn(before, went, w, after)
			if plan, _ := w.ask(inPlan, lifecycle.Facts{}); build == went.builds-1 && len(mishap.later) > 0 && mishap.later[0] == succeeds && len(transitions(plan.Steps)) > 0 {
				after("what was built is not built again", fmt.Sprintf("%v", transitions(plan.Steps)))
			}
			p.goesBack(before, w, after)
			p.isRespected(w, after)
			if mishap.fate == fails {
				p.failsAgain(before, w, after)
			}
		}
	}
}

// appliesElse applies a setting that takes no build after an apply that was cut;
// nil where that awaits the build under way, or cannot be had.
func (p *proof) appliesElse(after *walk) *walk {
	other := after.clone()
	other.want.TTL = lifecycle.Value(hours(4))
	w := other.walk(lifecycle.ChangeAll).run()
	p.walked++
	if w.want.InPlace || w.end != settled || !isActive(w.world.workspace.build.status) {
		return nil
	}
	return w
}

// goesOn looks at the next apply of the same configuration: it leads where the
// one led that went well.
func (p *proof) goesOn(before *scene, went, after *walk, note func(rule, text string)) {
	const rule = "what failed is repeated until it is done"
	plan, _ := after.ask(inPlan, lifecycle.Facts{})
	if refused(&plan) {
		if len(after.causes()) == 0 {
			note(rule, fmt.Sprintf("refused: %q", errorsOf(&plan)))
		}
		return
	}
	again := after.walk(after.shown(&plan)).run()
	p.walked++
	for _, fault := range again.faults {
		note(rule, fault)
	}
	is, should := &again.world.workspace.build, &went.world.workspace.build
	switch {
	case again.end != settled:
		note(rule, string(again.end))
	case is.leads() != should.leads() || is.version != should.version:
		note(rule, fmt.Sprintf("it is %s (%s), of version %s", is.status, is.transition, is.version))
	case !contains(is.values, withoutEphemeral(should.values)):
		note(rule, fmt.Sprintf("values %v", is.values))
	case before.want.EphemeralVersion != before.onceVersion() && !before.want.EphemeralVersion.IsAbsent() && !contains(is.values, before.want.Ephemeral.Known):
		note(rule, fmt.Sprintf("without its ephemeral values: %v", is.values))
	}
	if d, _ := again.ask(inPlan, lifecycle.Facts{}); len(d.Steps) > 0 {
		note(rule, fmt.Sprintf("and still left to do: %v", stepNames(d.Steps)))
	}
}

func withoutEphemeral(values map[string]string) map[string]string {
	kept := map[string]string{}
	for name, value := range values {
		if name != note.name {
			kept[name] = value
		}
	}
	return kept
}

// goesBack looks at the next apply when the configuration is again what it was
// before: a workspace that ran runs again, as it was, whether what it was is
// configured or was never.
func (p *proof) goesBack(before *scene, after *walk, note func(rule, text string)) {
	const rule = "when the configuration goes back the workspace comes back"
	old := before.ended()
	old.want.RunState = lifecycle.Setting[lifecycle.RunState]{}
	if goal, _ := old.goal(); goal != lifecycle.Running || old.world.workspace.build.leads() != lifecycle.Running || before.want.RunState == lifecycle.Value(lifecycle.Stopped) ||
		before.world.mustBeActive(&before.world.home) && before.world.home.active != v1 {
		return // whatever starts it now starts the old version, which the template forbids
	}
	for _, back := range []*scene{before.wasConfigured(after), before.wasNotConfigured(after)} {
		if back == nil || len(back.causes()) > 0 || back.otherImmutable() {
			continue
		}
		plan, _ := back.ask(inPlan, lifecycle.Facts{})
		if len(plan.Replace) == 0 && back.world.workspace.build.values["region"] != firstValues["region"] {
			continue // a version between has let an immutable value change
		}
		if refused(&plan) || len(plan.Replace) > 0 {
			note(rule, fmt.Sprintf("refused: %q, or replaced for %v", errorsOf(&plan), plan.Replace))
			continue
		}
		w := back.walk(back.shown(&plan)).run()
		p.walked++
		for _, fault := range w.faults {
			note(rule, fault)
		}
		is := &w.world.workspace.build
		name, _ := back.want.Preset.Get()
		version, _ := back.target()
		if preset := presetValues(version, name); !contains(is.values, preset) && !isActive(is.status) {
			note(rule, fmt.Sprintf("values %v, without those of the preset %s", is.values, name))
		}
		if after.unfinished() == nil && back.want.VersionID.IsAbsent() {
			continue // the update has come to its end by now: what is not configured stays
		}
		if w.end != settled || is.leads() != lifecycle.Running || is.version != v1 {
			note(rule, fmt.Sprintf("%s: it is %s (%s), of version %s", w.end, is.status, is.transition, is.version))
		}
		if !contains(is.values, withoutEphemeral(firstValues)) && !isActive(is.status) {
			note(rule, fmt.Sprintf("values %v", is.values))
		}
	}
}

// failsAgain looks at what comes after a second change that fails, too: what was
// before the first is not forgotten.
func (p *proof) failsAgain(before *scene, after *walk, note func(rule, text string)) {
	if _, configured := after.want.Parameters.Known["cpu"]; !configured {
		return
	}
	again := after.clone()
	again.want.Parameters.Known["cpu"] = "5"
	w := again.walk(lifecycle.ChangeAll)
	w.fates = []fate{fails}
	if w.run(); w.end == buildEnded {
		p.goesBack(before, w, func(rule, text string) { note(rule, "after a second failure: "+text) })
	}
}

// wasConfigured is the next case where all that has changed was configured
// before, too.
func (s *scene) wasConfigured(after *walk) *scene {
	back := s.old(after)
	back.want.VersionID = lifecycle.Value(v1)
	for name := range back.want.Parameters.Known {
		if value, had := firstValues[name]; had {
			back.want.Parameters.Known[name] = value
		} else {
			delete(back.want.Parameters.Known, name)
		}
	}
	if preset, _ := s.preset(); len(preset) > 0 {
		return nil // the values from before a preset were not configured
	}
	return back
}

// wasNotConfigured is the next case where nothing was configured before of what
// has changed. An action has no such case.
func (s *scene) wasNotConfigured(after *walk) *scene {
	if s.want.InPlace {
		return nil
	}
	back := s.old(after)
	back.want.VersionID, back.want.RunState = lifecycle.Setting[uuid.UUID]{}, lifecycle.Setting[lifecycle.RunState]{}
	for name := range back.want.Parameters.Known {
		if value, had := firstValues[name]; had && slices.Contains(s.memory.managed, name) {
			back.want.Parameters.Known[name] = value
		} else {
			delete(back.want.Parameters.Known, name)
		}
	}
	return back
}

// old is the next case with the remembered preset and without what is new for
// one build.
func (s *scene) old(after *walk) *scene {
	back := after.clone()
	back.want.Preset, back.want.EphemeralVersion = lifecycle.Setting[string]{}, s.memory.ephemeralVersion
	if s.memory.preset != "" {
		back.want.Preset = lifecycle.Value(s.memory.preset)
	}
	return back
}

// isRespected looks at the next plan when somebody has built since: the update
// is over, and where no run state is configured nothing is started or stopped
// for it.
func (p *proof) isRespected(after *walk, note func(rule, text string)) {
	if !after.want.RunState.IsAbsent() {
		return
	}
	for _, transition := range []coder.Transition{coder.TransitionStart, coder.TransitionStop} {
		theirs := after.somebodyBuilds(transition)
		plan, _ := theirs.ask(inPlan, lifecycle.Facts{})
		if builds := transitions(plan.Steps); len(builds) > 0 && builds[len(builds)-1] != transition && !refused(&plan) {
			note("what a person did after a mishap is respected", fmt.Sprintf("%v after a person's %s", builds, transition))
		}
	}
}
