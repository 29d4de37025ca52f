package lifecycle_test

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// walk is an apply in the world: it does the first step of a decision and
// decides again, and keeps what Terraform would keep, whatever becomes of it.
type walk struct {
	*scene

	// allowed is what the plan has shown.
	allowed lifecycle.Change
	// fates are those of the builds, one after the other; then all succeed.
	fates []fate
	// cutAfter ends the walk, as a time limit does, after so many builds; 0 does
	// not. The last of them goes on, if goesOn.
	cutAfter int
	goesOn   bool

	done   []lifecycle.Step
	builds int
	warned []string
	end    ending
	faults []string
}

// ending is what became of an apply.
type ending string

const (
	settled    ending = "settled"
	wasRefused ending = "refused"
	buildEnded ending = "a build did not succeed"
	cut        ending = "cut"
	gone       ending = "the workspace is gone"
	endless    ending = "endless"
)

// mostSteps is how many steps an apply may take; none needs half as many.
const mostSteps = 16

func (s *scene) walk(allowed lifecycle.Change) *walk {
	return &walk{scene: s.clone(), allowed: allowed}
}

func (w *walk) fault(format string, a ...any) { w.faults = append(w.faults, fmt.Sprintf(format, a...)) }

// run walks to the end.
func (w *walk) run() *walk {
	facts := lifecycle.Facts{}
	w.end = endless
	for range mostSteps {
		d, faults := w.ask(inApply, facts)
		if w.faults = append(w.faults, faults...); len(faults) > 0 {
			return w
		}
		w.warned = append(w.warned, summaries(d.Problems)...)
		if refused(&d) {
			w.end = wasRefused
			if len(transitions(w.done)) > 0 {
				w.fault("refused after a build was made: %q", errorsOf(&d))
			}
			return w
		}
		if len(d.Steps) == 0 {
			w.end = settled
			w.remember()
			return w
		}
		if more := d.Steps[0].Changes() &^ w.allowed; more != 0 {
			w.fault("an apply right after the plan has more to do than it has shown: %s", d.Steps[0].Doing())
		}
		if w.end = w.take(d.Steps[0]); w.end != "" {
			return w
		}
		w.end = endless
	}
	w.fault("no end after %d steps", mostSteps)
	return w
}

// take does a step. It tells how the walk ends by it, "" when it goes on.
func (w *walk) take(step lifecycle.Step) ending {
	b := &w.world.workspace.build
	f := succeeds
	build, isBuild := step.(lifecycle.BuildStep)
	if isBuild && w.builds < len(w.fates) {
		f = w.fates[w.builds]
	}
	if refusal := w.world.do(step, f); refusal != "" {
		w.fault("the server does not %s: %s", step.Doing(), refusal)
		return wasRefused
	}
	w.done = append(w.done, step)
	if b.status == coder.StatusDeleted {
		return gone
	}
	if !isBuild {
		return ""
	}
	w.builds++
	update := build.Update
	update.Build = b.id
	w.memory.unfinished = &update
	if w.goesOn && w.builds == w.cutAfter {
		b.status = map[coder.Transition]coder.Status{coder.TransitionStart: coder.StatusStarting, coder.TransitionStop: coder.StatusStopping}[b.transition]
	}
	if f == succeeds && b.leads() == build.Update.To && !isActive(b.status) {
		w.memory.preset, _ = w.want.Preset.Get()
		w.memory.ephemeralVersion = w.want.EphemeralVersion
	}
	for name := range w.want.Parameters.Known {
		if !slices.Contains(w.memory.managed, name) {
			w.memory.managed = append(w.memory.managed, name)
		}
	}
	switch {
	case f != succeeds:
		return buildEnded
	case w.builds == w.cutAfter:
		return cut
	default:
		return ""
	}
}

// remember is what a successful apply leaves in the state.
func (w *walk) remember() {
	m, want := &w.memory, &w.want
	m.managed = nil
	if b := &w.world.workspace.build; !isActive(b.status) || m.unfinished == nil || m.unfinished.Build != b.id {
		m.unfinished = nil
	} else { // it may fail yet
		update := *m.unfinished
		update.EphemeralVersion = nil
		if version, configured := want.EphemeralVersion.Get(); configured {
			update.EphemeralVersion = &version
		}
		m.unfinished = &update
	}
	for name := range want.Parameters.Known {
		m.managed = append(m.managed, name)
	}
	m.preset, _ = want.Preset.Get()
	m.ephemeralVersion = want.EphemeralVersion
	m.deadline, _ = want.Deadline.Get()
	m.dormancy = !want.Dormant.IsAbsent()
}

// shown is what a plan shows: the changes of its decision, and all settings
// that are others, or not known yet.
func (s *scene) shown(d *lifecycle.Decision) lifecycle.Change {
	if s.want.InPlace { // an action has no plan
		return lifecycle.ChangeAll
	}
	changes := d.Changes()
	want, m := &s.want, &s.world.workspace
	deadline, _ := want.Deadline.Get()
	for change, isShown := range map[lifecycle.Change]bool{
		lifecycle.ChangeName:             want.Name.IsUnknown() || want.Name.Differs(m.name),
		lifecycle.ChangeSchedule:         want.Schedule.IsUnknown() || want.Schedule.Differs(m.schedule),
		lifecycle.ChangeTTL:              want.TTL.IsUnknown() || want.TTL.Differs(s.have(inPlan).TTL),
		lifecycle.ChangeAutomaticUpdates: want.AutomaticUpdates.IsUnknown() || want.AutomaticUpdates.Differs(m.updates),
		lifecycle.ChangeDormant:          want.Dormant.IsUnknown() || want.Dormant.Differs(m.dormant) || !want.Dormant.IsAbsent() && !s.memory.dormancy,
		lifecycle.ChangeDeadline:         changes&lifecycle.ChangeBuild != 0 || want.Deadline.IsUnknown() || !deadline.Equal(s.memory.deadline),
	} {
		if isShown {
			changes |= change
		}
	}
	return changes
}

// compare finds what is not as the user is owed, where an apply of before has
// settled.
func (w *walk) compare(before *scene) (faults []string) {
	fault := func(wrong bool, format string, a ...any) {
		if wrong {
			faults = append(faults, fmt.Sprintf(format, a...))
		}
	}
	want, was, is := &before.want, &before.world.workspace, &w.world.workspace
	fault(want.Name.Differs(is.name) || want.Name.IsAbsent() && is.name != was.name, "the name is %q", is.name)
	kept := was.schedule != "" && want.Schedule == lifecycle.Value("") && w.world.home.forbidsAutostart // cannot be cleared
	fault((want.Schedule.Differs(is.schedule) || want.Schedule.IsAbsent()) && (is.schedule != was.schedule || !kept && !want.Schedule.IsAbsent()), "the schedule is %q", is.schedule)
	fault(kept && is.schedule != was.schedule, "a schedule that is forbidden was cleared")
	fault(want.TTL.Differs(w.have(inPlan).TTL) || want.TTL.IsAbsent() && is.ttl != was.ttl, "the TTL is %d", is.ttl)
	fault(want.AutomaticUpdates.Differs(is.updates) || want.AutomaticUpdates.IsAbsent() && is.updates != was.updates, "automatic updates are %q", is.updates)

	dormant := was.dormant && !slices.Contains(transitions(w.done), coder.TransitionStart) // which wakes
	if configured, known := want.Dormant.Get(); known {
		dormant = configured
	}
	fault(is.dormant != dormant, "it is dormant: %t", is.dormant)

	owed := before.owed()
	fault(!slices.Equal(transitions(w.done), owed), "builds %v, want %v", transitions(w.done), owed)
	faults = append(faults, w.compareBuild(before, len(owed) > 0)...)
	return append(faults, w.compareDeadline(before)...)
}

// compareBuild looks at what is built.
func (w *walk) compareBuild(before *scene, built bool) (faults []string) {
	is := &w.world.workspace.build
	version, values := before.world.workspace.build.version, before.world.workspace.build.values
	goal := before.ended().world.workspace.build.leads()
	if built {
		version, _ = before.target()
		values = before.finalValues()
		goal, _ = before.ended().goal()
	}
	if is.version != version {
		faults = append(faults, fmt.Sprintf("the version is %s, want %s", is.version, version))
	}
	if len(is.values) != len(values) || !contains(is.values, values) {
		faults = append(faults, fmt.Sprintf("the values are %v, want %v", is.values, values))
	}
	if is.leads() != goal && is.status != coder.StatusCanceling {
		faults = append(faults, fmt.Sprintf("it is %s (%s), want %q", is.status, is.transition, goal))
	}
	return faults
}

// compareDeadline looks at when the running build stops.
func (w *walk) compareDeadline(before *scene) (faults []string) {
	was, is := &before.world.workspace.build, &w.world.workspace.build
	deadline, configured := before.want.Deadline.Get()
	isNew := !deadline.Truncate(1000).Equal(before.memory.deadline.Truncate(1000))
	if configured && isNew && isActive(is.status) && is.transition == coder.TransitionStart {
		faults = append(faults, "the end of the start was not awaited, after which a deadline could be sent")
	}
	if is.id == was.id && !is.deadline.Equal(was.deadline) && !isActive(was.status) && w.allowed&lifecycle.ChangeDeadline == 0 {
		faults = append(faults, "the deadline moved, which the plan has not shown")
	}
	refusing := w.world.home.forbidsAutostop && w.world.server.AtLeast(2, 12) && w.world.server.Before(2, 19)
	sendable := is.status == coder.StatusRunning && !is.deadline.IsZero() && deadline.Sub(noon).Minutes() >= 30 && !refusing
	if !configured || !sendable {
		if is.id == was.id && !is.deadline.Equal(was.deadline) && before.want.TTL != lifecycle.Value(int64(0)) && !isActive(was.status) {
			faults = append(faults, fmt.Sprintf("the deadline moved to %s", is.deadline))
		}
		return faults
	}
	if slices.Contains(w.warned, "Deadline not sent") {
		faults = append(faults, "it was said that the deadline is not sent, and then it was")
	}
	least := deadline.Truncate(1000)
	if !is.limit.IsZero() && least.After(is.limit) {
		least = is.limit
	}
	if is.deadline.Before(least) || isNew && !is.deadline.Equal(least) {
		faults = append(faults, fmt.Sprintf("it runs until %s, want %s", is.deadline, least))
	}
	return faults
}

// somebodyBuilds makes the latest build somebody else's.
func (s *scene) somebodyBuilds(transition coder.Transition) *scene {
	c := s.clone()
	c.world.end(succeeds)
	b := &c.world.workspace.build
	b.id, b.number, b.transition, b.status = uuid.NewSHA1(b.id, []byte(transition)), b.number+1, transition, coder.StatusPending
	c.world.end(succeeds)
	return c
}
