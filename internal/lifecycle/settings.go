package lifecycle

import (
	"fmt"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// name decides about a rename. The server tells with a workspace whether it
// allows that, and allows another spelling of the same name no more than others.
func (d *decider) name() {
	wanted, _ := d.want.Name.Get()
	if !d.want.Name.Differs(d.have.Name) {
		return
	}
	allowed, answered := true, true
	if d.have.Fresh == nil {
		allowed, answered = learn[bool](d, RenamesAllowed{d.have.ID})
	}
	switch {
	case !answered:
	case !allowed, d.have.Fresh != nil && !d.have.Fresh.RenamesAllowed():
		d.reject(AtName, "Deployment forbids renaming workspaces",
			fmt.Sprintf("The workspace is called %q and cannot become %q: this deployment does not allow renames, because a template that uses the name could lose data at the next build.\n\n"+
				"Either keep the name %q, or let an administrator start the Coder server with --allow-workspace-renames (CODER_ALLOW_WORKSPACE_RENAMES=true). "+
				"To give up the workspace and everything in it for a new one, destroy it first, in the way below, then apply.",
				d.have.Name, wanted, d.have.Name))
	default:
		d.add(Rename{From: d.have.Name, To: wanted})
	}
}

// schedule decides about the autostart schedule. A template that forbids
// schedules (a licensed policy) refuses changes and even the removal of one that
// was there before, which has no effect.
func (d *decider) schedule() {
	wanted, _ := d.want.Schedule.Get()
	if !d.want.Schedule.Differs(d.have.Schedule) {
		return
	}
	template, answered := learn[*coder.Template](d, TemplateOf{d.have.TemplateID})
	switch {
	case !answered:
	case template != nil && !template.AllowUserAutostart && wanted == "":
		d.warn(AtSchedule, "Autostart schedule cannot be removed",
			fmt.Sprintf("The template %q does not let users choose when their workspaces start, and so refuses to remove the schedule %q as well. It has no effect and is left on the server.", template.Name, d.have.Schedule))
	case d.schedulePolicy(template):
	default:
		d.add(SetSchedule{From: d.have.Schedule, To: wanted})
	}
}

// schedulePolicy refuses a schedule that the template forbids. The server would
// take it at create, and never act on it.
func (d *decider) schedulePolicy(template *coder.Template) (refused bool) {
	wanted, _ := d.want.Schedule.Get()
	if template == nil || template.AllowUserAutostart || wanted == "" {
		return false
	}
	d.reject(AtSchedule, "Template forbids autostart schedules",
		fmt.Sprintf("The template %q does not let users choose when their workspaces start. Remove autostart_schedule, or let an administrator allow it in the template's schedule settings.", template.Name))
	return true
}

// ttl decides about the TTL.
func (d *decider) ttl() {
	wanted, _ := d.want.TTL.Get()
	if !d.want.TTL.Differs(d.have.TTL) {
		if d.want.TTL.IsUnknown() {
			d.Uncertain |= ChangeDeadline // clearing it clears the deadline
		}
		return
	}
	template, answered := learn[*coder.Template](d, TemplateOf{d.have.TemplateID})
	if !answered || d.ttlTooLong() {
		return
	}
	if template != nil && !template.AllowUserAutostop {
		d.forbiddenTTL(template)
		return
	}
	d.add(SetTTL{From: d.have.TTL, To: wanted})
}

// ttlPolicy refuses a TTL at create that the server would refuse, or replace by
// the template's: where that forbids others, Coder ≥2.11 reports its own.
func (d *decider) ttlPolicy(template *coder.Template) {
	wanted, configured := d.want.TTL.Get()
	if !configured || d.ttlTooLong() {
		return
	}
	if template != nil && !template.AllowUserAutostop && wanted != template.DefaultTTLMillis {
		d.forbiddenTTL(template)
	}
}

func (d *decider) forbiddenTTL(template *coder.Template) {
	d.reject(AtTTL, "Template forbids a TTL of its users' choice",
		fmt.Sprintf("The template %q sets the time until autostop for all its workspaces (%d ms). Remove ttl_ms, or let an administrator allow it in the template's schedule settings.", template.Name, template.DefaultTTLMillis))
}

func (d *decider) ttlTooLong() bool {
	wanted, _ := d.want.TTL.Get()
	if !d.have.Server.Before(0, 27) || wanted <= maxTTLBefore027.Milliseconds() {
		return false
	}
	d.reject(AtTTL, "TTL is too long for this server",
		fmt.Sprintf("The deployment runs Coder %s, which accepts at most %d ms (7 days); 30 days need Coder 0.27.", d.have.Server, maxTTLBefore027.Milliseconds()))
	return true
}

// maxTTLBefore027 is the longest TTL that Coder accepts before 0.27. It really
// refuses 7 days and a minute, and takes 7 days.
const maxTTLBefore027 = 7 * 24 * time.Hour

// automaticUpdates decides about automatic updates.
func (d *decider) automaticUpdates() {
	wanted, _ := d.want.AutomaticUpdates.Get()
	if d.want.AutomaticUpdates.Differs(d.have.AutomaticUpdates) && !d.automaticUpdatesTooNew() {
		d.add(SetAutomaticUpdates{From: d.have.AutomaticUpdates, To: wanted})
	}
}

// automaticUpdatesTooNew refuses the setting on servers that do not know it.
func (d *decider) automaticUpdatesTooNew() bool {
	if d.want.AutomaticUpdates.IsAbsent() || !d.have.Server.Before(2, 3) {
		return false
	}
	d.reject(AtAutomaticUpdates, "Server has no automatic updates",
		fmt.Sprintf("The deployment runs Coder %s; automatic updates need Coder 2.3. Remove automatic_updates.", d.have.Server))
	return true
}
