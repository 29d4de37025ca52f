package lifecycle

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// minExtension is how far ahead the server wants a deadline. Its messages say
// 30 minutes, its code lets 29 pass.
const minExtension = 30 * time.Minute

// deadlineGrain is how exactly the server keeps times.
const deadlineGrain = time.Microsecond

// wantedDeadline is the configured deadline, as exactly as the server keeps it;
// zero without one.
func (d *decider) wantedDeadline() time.Time {
	deadline, _ := d.want.Deadline.Get()
	return deadline.Truncate(deadlineGrain)
}

// now is the time by the server's clock; false while that is asked for.
func (d *decider) now() (time.Time, bool) {
	if !d.have.Now.IsZero() {
		return d.have.Now, true
	}
	return learn[time.Time](d, ServerTime{})
}

// deadline decides about moving the deadline of the running build: to a
// configured one that is new, and where the build would stop earlier than
// configured. What cannot be sent now is no error for a workspace to be kept up
// "at least until": it waits for a build that it can be sent to.
func (d *decider) deadline() {
	if d.want.Deadline.IsUnknown() {
		d.Uncertain |= ChangeDeadline
		return
	}
	wanted := d.wantedDeadline()
	if wanted.IsZero() {
		return
	}
	if d.want.DeadlineNow {
		d.deadlineNow(wanted)
		return
	}
	isNew := !wanted.Equal(d.have.Deadline.Truncate(deadlineGrain))
	if isNew && !d.have.Applying {
		if d.checkDeadline(wanted); d.refused() {
			return
		}
	}
	if d.Changes()&ChangeBuild != 0 {
		return // the new build has another deadline
	}
	if isNew && d.have.Build.active() { // its end shows what there is to move
		d.Uncertain |= ChangeDeadline
		if d.want.AwaitBuild == uuid.Nil || d.have.Awaited {
			d.awaitLatest()
		}
		return
	}
	until := d.have.Build.runningUntil()
	if isNew && until.Equal(wanted) || !isNew && !until.Before(d.limited(wanted)) {
		return
	}
	reason := d.unsendable(wanted)
	switch {
	case reason == "":
		d.extend(until, wanted)
	case reason != "" && isNew && d.have.Fresh != nil:
		d.warn(AtDeadline, "Deadline not sent",
			fmt.Sprintf("The deadline %s was not sent to Coder: %s. It is kept in the state; a later plan sends it if the workspace then runs with an earlier deadline.", rfc3339(wanted), reason))
	}
}

func (d *decider) extend(until, wanted time.Time) {
	to := d.limited(wanted)
	if !to.Equal(wanted) {
		d.warn(AtDeadline, "Deadline cut to the template's limit",
			fmt.Sprintf("The template lets the running build go on until %s at most, so that is sent instead of %s.", rfc3339(to), rfc3339(wanted)))
	}
	if !to.Equal(until) {
		d.add(Extend{From: until, To: to})
	}
}

// deadlineNow decides about a deadline that was asked for right now: it is
// never moved to an earlier time, and what stands in the way is an error.
func (d *decider) deadlineNow(wanted time.Time) {
	build := &d.have.Build
	switch {
	case build.active(): // it is waited for, see [decider.builds]
	case build.Status != coder.StatusRunning:
		d.reject("", "Workspace is not running", fmt.Sprintf("Only a running workspace has a deadline to move, and workspace %q %s.", d.have.Name, d.whyNotRunning()))
	case build.runningUntil().IsZero():
		d.warn("", "Workspace has no deadline to extend",
			fmt.Sprintf("Workspace %q runs without autostop: until somebody stops it. Nothing was changed.", d.have.Name))
	case !wanted.After(build.Deadline):
	default:
		if d.checkDeadline(wanted); !d.refused() {
			d.add(Extend{From: build.Deadline, To: wanted})
		}
	}
}

// whyNotRunning ends a sentence about a workspace whose build has ended.
func (d *decider) whyNotRunning() string {
	build := &d.have.Build
	latest := fmt.Sprintf("is not running: its latest build, %d (%s),", build.Number, build.Transition)
	switch build.Status {
	case coder.StatusStopped:
		return "is stopped. Start it first, for instance by the action coderws_workspace_start; its deadline then counts from the start"
	case coder.StatusCanceled:
		return latest + " was canceled"
	case coder.StatusFailed:
		return latest + fmt.Sprintf(" failed (its log: %s/builds/%d)", d.have.Page, build.Number)
	default:
		return fmt.Sprintf("is %q", build.Status)
	}
}

// limited is a deadline, or the latest one that the template allows.
func (d *decider) limited(deadline time.Time) time.Time {
	if limit := d.have.Build.MaxDeadline; !limit.IsZero() && deadline.After(limit) {
		return limit
	}
	return deadline
}

// unsendable is why a deadline cannot be sent, "" when it can.
func (d *decider) unsendable(wanted time.Time) string {
	build := &d.have.Build
	switch {
	case build.Status != coder.StatusRunning:
		return fmt.Sprintf("the workspace is not running (its status is %q), so there is no deadline to move", build.Status)
	case build.runningUntil().IsZero():
		return "the running build has no deadline because autostop is off; it runs until somebody stops it"
	}
	now, known := d.now()
	switch {
	case known && wanted.Sub(now) < minExtension:
		return "it is less than 30 minutes away by now, which Coder refuses"
	case d.have.Server.AtLeast(2, 12) && d.have.Server.Before(2, 19):
		template, answered := learn[*coder.Template](d, TemplateOf{d.have.TemplateID})
		if answered && template != nil && !template.AllowUserAutostop {
			return fmt.Sprintf("the template %q does not let users choose when their workspaces stop, and Coder %s then refuses to move deadlines", template.Name, d.have.Server)
		}
	}
	return ""
}

// newDeadline checks the deadline of a workspace to be created.
func (d *decider) newDeadline() {
	if wanted := d.wantedDeadline(); !wanted.IsZero() {
		none := d.have.Build
		d.have.Build = Build{} // of the one that goes
		d.checkDeadline(wanted)
		d.have.Build = none
	}
}

// checkDeadline refuses a deadline that the server would refuse. It is for one
// that was not applied before: an old one may well have passed.
func (d *decider) checkDeadline(wanted time.Time) {
	limit := d.have.Build.MaxDeadline
	now, known := d.now()
	switch {
	case !known:
	case !wanted.After(now):
		d.reject(AtDeadline, "Deadline is in the past",
			fmt.Sprintf("The deadline %s has passed already (it is %s now). Give a time at least 30 minutes from now.", rfc3339(wanted), rfc3339(now)))
	case wanted.Sub(now) < minExtension:
		d.reject(AtDeadline, "Deadline is too soon",
			fmt.Sprintf("The deadline %s is less than 30 minutes away, which Coder refuses. Give a later time.", rfc3339(wanted)))
	case !d.have.Build.runningUntil().IsZero() && !limit.IsZero() && wanted.After(limit):
		d.reject(AtDeadline, "Deadline is beyond the template's limit",
			fmt.Sprintf("The template lets the running build go on until %s at most; the deadline %s is later. Give a time up to then.", rfc3339(limit), rfc3339(wanted)))
	}
}

func rfc3339(t time.Time) string {
	return t.UTC().Format(time.RFC3339)
}
