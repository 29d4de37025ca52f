package lifecycle

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// Lifecycle decides about workspaces of one deployment, and does it.
type Lifecycle struct {
	Client *coder.Client
	// Progress, if not nil, is told how builds go on, in lines for people.
	Progress func(line string)
	// Log, if not nil, takes notes for those who look for a fault. What comes
	// from the server is as it came, but for secrets.
	Log func(ctx context.Context, note string, fields map[string]any)
	// LogBuilds asks for the lines of build logs as notes, which costs requests.
	LogBuilds bool
}

// Decide decides, asking the server what it has to know. Facts gets the
// answers, and have what they say of it. A question without an answer is a
// [LookupError].
func (l *Lifecycle) Decide(ctx context.Context, want Want, have *Have, facts Facts) (Decision, error) {
	return l.decide(ctx, have, facts, func() Decision { return Decide(want, *have, facts) })
}

// DecideCreate is [DecideCreate], asking the server what it has to know.
func (l *Lifecycle) DecideCreate(ctx context.Context, want Want, have *Have, replacing bool) (Decision, error) {
	facts := Facts{}
	return l.decide(ctx, have, facts, func() Decision { return DecideCreate(want, *have, facts, replacing) })
}

func (l *Lifecycle) decide(ctx context.Context, have *Have, facts Facts, decide func() Decision) (Decision, error) {
	for {
		have.Now, have.Server = time.Time{}, l.Client.ServerVersion()
		if l.Client.KnowsClock() {
			have.Now = l.Client.ServerNow()
		}
		have.Page = l.Client.WorkspaceURL(have.OwnerName, have.Name)
		decision := decide()
		if len(decision.Open) == 0 {
			return decision, nil
		}
		for _, question := range decision.Open {
			if _, known := facts[question]; known {
				continue
			}
			answer, err := question.ask(ctx, l.Client)
			if err != nil {
				return Decision{}, &LookupError{question, err}
			}
			facts[question] = answer
			if of, ok := question.(ParametersOf); ok && of.Build == have.Build.ID {
				have.Parameters, _ = answer.(map[string]string)
				have.Complete = true
			}
		}
	}
}

// Run is an apply on its way from what is there to what is wanted.
type Run struct {
	Want Want
	// Have is kept up to date with every step, so that it says what is there
	// also when the run ends early. Its ID is enough to begin with.
	Have Have
	// Allowed is what the plan has shown. A run that has to change more stops.
	Allowed Change
	// Replacement, if not nil, is what a workspace that is Deleted makes room for.
	// It is checked first: much can have happened since the plan.
	Replacement *Want
	// ExtendBy, if not zero, asks for a deadline that much later than the one
	// which the running build has once no build is under way.
	ExtendBy time.Duration
	// Warnings are what the user should know of.
	Warnings []Problem
	// Done are the steps that were done.
	Done []Step

	lifecycle     *Lifecycle
	facts         Facts
	agentsAwaited bool
}

// The ends of a run that is not at its end.
type (
	// Refusal is a run that was not begun, or not gone on with, since problems
	// stand against it.
	Refusal struct{ Problems []Problem }
	// Moved is a run that stopped, since the workspace has changed so that more
	// is to be done than the plan has shown.
	Moved struct{ Steps []Step }
	// StepError is a step that failed.
	StepError struct {
		Step Step
		Err  error
	}
)

// Error implements error.
func (e *Refusal) Error() string { return e.Problems[0].Summary }

// Error implements error.
func (e *Moved) Error() string { return "the workspace has changed since the plan" }

// Error implements error.
func (e *StepError) Error() string { return fmt.Sprintf("%s: %v", e.Step.Doing(), e.Err) }

// Unwrap returns why.
func (e *StepError) Unwrap() error { return e.Err }

// maxSteps ends a run that does not come to its end: none has more than a
// dozen steps.
const maxSteps = 50

// maxCollisions is how often a run goes on after somebody was faster.
const maxCollisions = 10

// Run does what has to be done, one step after the other, and decides anew
// after each. It begins with a look at the workspace unless the run has a fresh
// one. The error is a [Refusal], [Moved], a [LookupError] or a [StepError], in
// which [BuildFailed] and [AgentsFailed] have words of their own; or that of the
// look.
func (l *Lifecycle) Run(ctx context.Context, r *Run) error {
	r.lifecycle, r.facts, r.Have.Applying = l, Facts{}, true
	if r.Have.Fresh == nil {
		if err := r.look(ctx); err != nil {
			return err
		}
	}
	if err := r.checkReplacement(ctx); err != nil {
		return err
	}
	collisions := 0
	for range maxSteps {
		decision, err := l.Decide(ctx, r.Want, &r.Have, r.facts)
		if err != nil {
			return err
		}
		r.warn(decision.Problems)
		if decision.refused() {
			return &Refusal{slices.DeleteFunc(decision.Problems, func(p Problem) bool { return p.Warning })}
		}
		r.Have.Identified = true
		if more := beyond(decision.Steps, r.Allowed); len(more) > 0 {
			if len(more) == len(decision.Steps) || !r.isHalfway() {
				return &Moved{more}
			}
			decision.Steps = slices.DeleteFunc(decision.Steps, func(step Step) bool { return step.Changes()&^r.Allowed != 0 })
		}
		if len(decision.Steps) == 0 && r.ExtendBy != 0 {
			r.Want.Deadline, r.ExtendBy = Value(r.Have.Build.Deadline.Add(r.ExtendBy)), 0
			continue
		}
		if len(decision.Steps) == 0 {
			r.complete()
			return r.agentsOfRunning(ctx)
		}
		step := decision.Steps[0]
		err = step.do(ctx, r)
		if isCollision(err) && collisions < maxCollisions {
			collisions++
			if err = r.afterCollision(ctx, err); err == nil {
				continue
			}
		}
		if err != nil {
			return &StepError{step, err}
		}
		r.Done = append(r.Done, step)
	}
	return fmt.Errorf("workspace %s does not settle: after %d steps there is still more to do", r.Have.ID, maxSteps)
}

// checkReplacement refuses to destroy a workspace for one that cannot come up.
func (r *Run) checkReplacement(ctx context.Context) error {
	if r.Replacement == nil || r.Have.Build.Status == coder.StatusDeleted {
		return nil
	}
	have := r.Have
	decision, err := r.lifecycle.DecideCreate(ctx, *r.Replacement, &have, true)
	if err != nil || !decision.refused() {
		return err
	}
	problems := slices.DeleteFunc(decision.Problems, func(p Problem) bool { return p.Warning })
	for i := range problems {
		problems[i].Detail += fmt.Sprintf("\n\nThis is so since the plan was made, which destroys workspace %q to replace it. Nothing was changed. Run terraform plan again.", r.Have.Name)
	}
	return &Refusal{problems}
}

// beyond are the steps that change more than is allowed.
func beyond(steps []Step, allowed Change) []Step {
	var more []Step
	for _, step := range steps {
		if step.Changes()&^allowed != 0 {
			more = append(more, step)
		}
	}
	return more
}

// isHalfway tells whether the run has begun an update that is not at its end:
// what it has stopped it starts before it stops itself.
func (r *Run) isHalfway() bool {
	return r.Have.unfinished() != nil && slices.ContainsFunc(r.Done, func(step Step) bool {
		_, isBuild := step.(BuildStep)
		return isBuild
	})
}

// complete remembers what was applied. A build that still leads there may fail
// yet, so its update stays remembered until it has ended.
func (r *Run) complete() {
	h, w := &r.Have, &r.Want
	if update := h.latestUpdate(); update != nil && h.Build.active() {
		h.Unfinished = update.with(w.EphemeralVersion)
	} else {
		h.Unfinished = nil
	}
	h.Preset, _ = w.Preset.Get()
	h.EphemeralVersion = w.EphemeralVersion
	h.Deadline, _ = w.Deadline.Get()
}

// agentsOfRunning waits for the agents of a workspace that ran already, where
// that was asked for right now.
func (r *Run) agentsOfRunning(ctx context.Context) error {
	if !r.Want.InPlace || r.agentsAwaited || r.Have.Build.Status != coder.StatusRunning {
		return nil
	}
	return r.awaitAgents(ctx, r.Have.Build.ID)
}

func (r *Run) client() *coder.Client { return r.lifecycle.Client }

// warn keeps the warnings among problems, each once.
func (r *Run) warn(problems []Problem) {
	for _, problem := range problems {
		if problem.Warning && !slices.Contains(r.Warnings, problem) {
			r.Warnings = append(r.Warnings, problem)
		}
	}
}

// edit changes the last reading, which others may share.
func (r *Run) edit(change func(*coder.Workspace)) {
	copied := *r.Have.Fresh
	change(&copied)
	r.Have.Fresh = &copied
}

// look reads the workspace. One that is gone has nothing left to delete.
func (r *Run) look(ctx context.Context) error {
	workspace, err := r.client().ReadWorkspace(ctx, r.Have.ID)
	if coder.KindOf(err) == coder.Gone && r.Want.Deleted {
		r.Have.Build.Status = coder.StatusDeleted
		return nil
	}
	if err != nil {
		return err
	}
	r.Have.see(workspace)
	return nil
}

// lookAgain takes over the workspace as it is after a build, or reads it.
func (r *Run) lookAgain(ctx context.Context, finished *coder.FinishedBuild) error {
	if finished.Workspace != nil && !r.Want.Deleted {
		r.Have.see(finished.Workspace)
		return nil
	}
	return r.look(ctx)
}

// afterCollision waits for whoever was faster.
func (r *Run) afterCollision(ctx context.Context, met error) error {
	before := r.Have
	if err := r.look(ctx); err != nil {
		return err
	}
	if err := r.keepUpdate(ctx, &before); err != nil {
		return err
	}
	if r.Have.Build.active() {
		r.lifecycle.note(ctx, "Waiting for another build to end", map[string]any{"build_number": r.Have.Build.Number})
		finished, err := r.await(ctx, &r.Have.Fresh.LatestBuild)
		if err != nil {
			return err
		}
		return r.lookAgain(ctx, finished)
	}
	if ended := pause(ctx, time.Second); ended != nil { // it ended just now
		return fmt.Errorf("%w (before that: %w)", ended, met)
	}
	return nil
}

// keepUpdate goes on with the update under way after a stop of somebody that
// brings something new. Whoever made that, another apply perhaps, found the
// workspace as our own stop had left it and took it for stopped. A stop that
// brings nothing new is meant as one.
func (r *Run) keepUpdate(ctx context.Context, before *Have) error {
	update, was, is := before.latestUpdate(), &before.Build, &r.Have.Build
	if update == nil || was.ID == is.ID || was.Transition != coder.TransitionStop || is.Transition != coder.TransitionStop {
		return nil
	}
	isNew := was.VersionID != is.VersionID
	if !isNew {
		old, err := r.client().BuildParameters(ctx, was.ID)
		if err != nil {
			return err
		}
		values, err := r.client().BuildParameters(ctx, is.ID)
		if err != nil {
			return err
		}
		isNew = !maps.Equal(valuesByName(old), valuesByName(values))
	}
	if isNew {
		kept := *update
		kept.Build = is.ID
		r.Have.Unfinished = &kept
	}
	return nil
}

func (l *Lifecycle) note(ctx context.Context, note string, fields map[string]any) {
	if l.Log != nil {
		l.Log(ctx, note, fields)
	}
}

// pause waits for a while or for the end of the context.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
