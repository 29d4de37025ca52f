package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// Change is a set of what steps change, and so of what a plan shows.
type Change uint

// What can change.
const (
	ChangeName Change = 1 << iota
	ChangeSchedule
	ChangeTTL
	ChangeAutomaticUpdates
	// ChangeBuild is another latest build, with all that comes with it.
	ChangeBuild
	// ChangeDeadline is another deadline of the same build.
	ChangeDeadline
	ChangeDormant

	ChangeAll = ChangeName | ChangeSchedule | ChangeTTL | ChangeAutomaticUpdates | ChangeBuild | ChangeDeadline | ChangeDormant
)

// Step is one thing to do.
type Step interface {
	// Changes is what the step changes.
	Changes() Change
	// Doing is what the step does, so that it continues "Could not …".
	Doing() string
	// Why is what the server has in place of what is configured.
	Why() string

	do(ctx context.Context, r *Run) error
}

type (
	// Rename gives the workspace another name.
	Rename struct{ From, To string }
	// SetSchedule sets the autostart schedule, or clears it with "".
	SetSchedule struct{ From, To string }
	// SetTTL sets the TTL in milliseconds, or switches autostop off with 0.
	SetTTL struct{ From, To int64 }
	// SetAutomaticUpdates sets "always" or "never".
	SetAutomaticUpdates struct{ From, To string }
	// Await waits for the end of a build, whose success counts if it is ours.
	Await struct {
		Build  uuid.UUID
		OfOurs bool
	}
	// Cancel takes a build out of the queue, whose work would only be undone, where
	// Coder (from 2.25 on) makes sure that it has not begun. It is waited for where
	// that is refused.
	Cancel struct{ Build uuid.UUID }
	// Wake ends the dormancy of the workspace, which Coder before 2.30 wants before
	// a start. It is no change of its own: elsewhere the start does it.
	Wake struct{}
	// SetDormant puts the workspace to sleep, or wakes it, as configured.
	SetDormant struct{ To bool }
	// BuildStep is a start, a stop or a deletion.
	BuildStep struct {
		Request coder.CreateBuildRequest
		// Update is the update that the build belongs to, but for the build's id.
		Update Unfinished

		last bool // it has what is new
		why  string
		// instead is a stop that brings what is new, for where the server refuses to
		// stop with the present values.
		instead *coder.CreateBuildRequest
	}
	// Extend moves the deadline of the running build.
	Extend struct{ From, To time.Time }
)

// Changes implements [Step].
func (Rename) Changes() Change { return ChangeName }

// Changes implements [Step].
func (SetSchedule) Changes() Change { return ChangeSchedule }

// Changes implements [Step]. Coder ≥2.19 drops the running deadline with the
// TTL.
func (s SetTTL) Changes() Change {
	if s.To == 0 {
		return ChangeTTL | ChangeDeadline
	}
	return ChangeTTL
}

// Changes implements [Step].
func (SetAutomaticUpdates) Changes() Change { return ChangeAutomaticUpdates }

// Changes implements [Step]. Waiting alone changes nothing.
func (Await) Changes() Change { return 0 }

// Changes implements [Step].
func (Cancel) Changes() Change { return 0 }

// Changes implements [Step].
func (Wake) Changes() Change { return 0 }

// Changes implements [Step].
func (SetDormant) Changes() Change { return ChangeDormant }

// Changes implements [Step].
func (BuildStep) Changes() Change { return ChangeBuild }

// Changes implements [Step].
func (Extend) Changes() Change { return ChangeDeadline }

// Doing implements [Step].
func (s Rename) Doing() string {
	return fmt.Sprintf("rename the workspace from %q to %q", s.From, s.To)
}

// Doing implements [Step].
func (s SetSchedule) Doing() string { return fmt.Sprintf("set the autostart schedule to %q", s.To) }

// Doing implements [Step].
func (s SetTTL) Doing() string { return fmt.Sprintf("set the TTL to %d ms", s.To) }

// Doing implements [Step].
func (s SetAutomaticUpdates) Doing() string { return fmt.Sprintf("set automatic updates to %q", s.To) }

// Doing implements [Step].
func (s Await) Doing() string { return fmt.Sprintf("wait for build %s", s.Build) }

// Doing implements [Step].
func (s Cancel) Doing() string { return fmt.Sprintf("cancel build %s", s.Build) }

// Doing implements [Step].
func (Wake) Doing() string { return "wake the workspace before starting it" }

// Doing implements [Step].
func (s SetDormant) Doing() string {
	if s.To {
		return "make the workspace dormant"
	}
	return "wake the workspace"
}

// Doing implements [Step].
func (s BuildStep) Doing() string { return fmt.Sprintf("%s the workspace", s.Request.Transition) }

// Doing implements [Step].
func (s Extend) Doing() string { return fmt.Sprintf("move the deadline to %s", rfc3339(s.To)) }

// Why implements [Step].
func (s Rename) Why() string { return fmt.Sprintf("its name is %q", s.From) }

// Why implements [Step].
func (s SetSchedule) Why() string { return fmt.Sprintf("its autostart schedule is %q", s.From) }

// Why implements [Step].
func (s SetTTL) Why() string { return fmt.Sprintf("its TTL is %d ms", s.From) }

// Why implements [Step].
func (s SetAutomaticUpdates) Why() string { return fmt.Sprintf("its automatic updates are %q", s.From) }

// Why implements [Step].
func (Await) Why() string { return "a build of it is under way" }

// Why implements [Step].
func (Cancel) Why() string { return "a build of it is in the queue" }

// Why implements [Step].
func (Wake) Why() string { return "it is dormant" }

// Why implements [Step].
func (s SetDormant) Why() string {
	if s.To {
		return "it is not dormant, or a start would wake it"
	}
	return "it is dormant"
}

// Why implements [Step].
func (s BuildStep) Why() string { return s.why }

// Why implements [Step].
func (s Extend) Why() string {
	return fmt.Sprintf("its running build stops at %s", rfc3339(s.From))
}

func (s Rename) do(ctx context.Context, r *Run) error {
	if err := r.client().RenameWorkspace(ctx, r.Have.ID, s.To); err != nil {
		return err
	}
	r.Have.Name = s.To
	r.edit(func(w *coder.Workspace) { w.Name = s.To })
	return nil
}

func (s SetSchedule) do(ctx context.Context, r *Run) error {
	schedule := &s.To
	if s.To == "" {
		schedule = nil
	}
	if err := r.client().PutAutostart(ctx, r.Have.ID, schedule); err != nil {
		return err
	}
	r.Have.Schedule = s.To
	r.edit(func(w *coder.Workspace) { w.AutostartSchedule = schedule })
	return nil
}

func (s SetTTL) do(ctx context.Context, r *Run) error {
	ttl := &s.To
	if s.To == 0 {
		ttl = nil
	}
	if err := r.client().PutTTL(ctx, r.Have.ID, ttl); err != nil {
		return err
	}
	if s.To == 0 && !r.Have.Build.runningUntil().IsZero() {
		if err := r.look(ctx); err != nil { // for the deadline
			return err
		}
	}
	r.Have.TTL = s.To
	r.edit(func(w *coder.Workspace) { w.TTLMillis = ttl })
	return nil
}

func (s SetAutomaticUpdates) do(ctx context.Context, r *Run) error {
	if err := r.client().PutAutomaticUpdates(ctx, r.Have.ID, s.To); err != nil {
		return err
	}
	r.Have.AutomaticUpdates = s.To
	r.edit(func(w *coder.Workspace) { w.AutomaticUpdates = s.To })
	return nil
}

func (s Await) do(ctx context.Context, r *Run) error {
	build := &r.Have.Fresh.LatestBuild
	if build.ID != s.Build { // somebody has built since
		var err error
		if build, err = r.client().Build(ctx, s.Build); err != nil {
			return err
		}
	}
	finished, err := r.await(ctx, build)
	if err != nil {
		return err
	}
	if err := r.lookAgain(ctx, finished); err != nil || !s.OfOurs {
		return err
	}
	if finished.Build.Job.Status != coder.JobSucceeded {
		return r.explain(ctx, &finished.Build)
	}
	r.Have.Awaited = true
	if r.Want.RunState.Differs(Running) { // it is going to be stopped
		return nil
	}
	return r.awaitAgents(ctx, finished.Build.ID)
}

func (s Cancel) do(ctx context.Context, r *Run) error {
	// A refusal does not matter: it started meanwhile, or the template does not
	// let users cancel.
	_ = r.client().CancelBuild(ctx, s.Build, true)
	finished, err := r.await(ctx, &r.Have.Fresh.LatestBuild)
	if err != nil {
		return err
	}
	return r.lookAgain(ctx, finished)
}

func (Wake) do(ctx context.Context, r *Run) error { return r.setDormant(ctx, false) }

func (s SetDormant) do(ctx context.Context, r *Run) error { return r.setDormant(ctx, s.To) }

func (r *Run) setDormant(ctx context.Context, dormant bool) error {
	if err := r.client().PutDormant(ctx, r.Have.ID, dormant); err != nil {
		return err
	}
	r.Have.Dormant = Value(dormant)
	r.edit(func(w *coder.Workspace) {
		w.DormantAt, w.LockedAt = time.Time{}, time.Time{}
		if dormant {
			w.DormantAt = r.client().ServerNow()
		}
	})
	return nil
}

func (s Extend) do(ctx context.Context, r *Run) error {
	err := r.client().PutExtend(ctx, r.Have.ID, s.To)
	switch kind := coder.KindOf(err); {
	case kind == coder.NotStarted, kind == coder.StillBuilding, kind == coder.NoDeadline, kind == coder.Conflict: // it was stopped or rebuilt a moment ago
		return &collision{err}
	case err != nil:
		return err
	}
	r.Have.Build.Deadline = s.To
	r.edit(func(w *coder.Workspace) { w.LatestBuild.Deadline = s.To })
	return nil
}

// collision is a refusal because somebody else was faster. After another look
// something else may have to be done.
type collision struct{ err error }

func (c *collision) Error() string { return c.err.Error() }

func (c *collision) Unwrap() error { return c.err }

func isCollision(err error) bool {
	var met *collision
	return errors.As(err, &met)
}
