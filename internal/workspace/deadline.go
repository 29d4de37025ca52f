package workspace

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// minExtension is how far ahead the server wants a deadline. Its messages say
// 30 minutes, its code lets 29 pass.
const minExtension = 30 * time.Minute

// runningUntil is when the server will stop the build; zero when the build is
// no running one or nothing will stop it.
func (b latestBuildModel) runningUntil() time.Time {
	if b.Transition.ValueString() != string(coder.TransitionStart) || b.Status.ValueString() != string(coder.StatusRunning) {
		return time.Time{}
	}
	return parseTime(b.Deadline.ValueString())
}

// extensionDue tells whether the running build would stop before the deadline
// that Terraform keeps, and the server would still accept a later one.
func extensionDue(build latestBuildModel, deadline, now time.Time) bool {
	until := build.runningUntil()
	if until.IsZero() || deadline.Sub(now) <= minExtension {
		return false
	}
	if limit := parseTime(build.MaxDeadline.ValueString()); !limit.IsZero() && deadline.After(limit) {
		deadline = limit // as late as the template allows is all there is
	}
	return until.Before(deadline)
}

// checkNewDeadline refuses a deadline that the server would refuse. It is for
// a value that was not applied before: an old one may well have passed.
func checkNewDeadline(at path.Path, build latestBuildModel, deadline, now time.Time) diag.Diagnostics {
	var diags diag.Diagnostics
	limit := parseTime(build.MaxDeadline.ValueString())
	switch {
	case !deadline.After(now):
		diags.AddAttributeError(at, "Deadline is in the past",
			fmt.Sprintf("The deadline %s has passed already (it is %s now). Give a time at least 30 minutes from now.", rfc3339(deadline), rfc3339(now)))
	case deadline.Sub(now) < minExtension:
		diags.AddAttributeError(at, "Deadline is too soon",
			fmt.Sprintf("The deadline %s is less than 30 minutes away, which Coder refuses. Give a later time.", rfc3339(deadline)))
	case !build.runningUntil().IsZero() && !limit.IsZero() && deadline.After(limit):
		diags.AddAttributeError(at, "Deadline is beyond the template's limit",
			fmt.Sprintf("The template lets the running build go on until %s at most; the deadline %s is later. Give a time up to then.", rfc3339(limit), rfc3339(deadline)))
	}
	return diags
}

// extend moves the deadline of a running build. Where there is nothing to move
// it warns instead of failing: the next plan extends what is running then.
func (r *workspaceResource) extend(ctx context.Context, workspace uuid.UUID, build latestBuildModel, deadline time.Time) (sent bool, diags diag.Diagnostics) {
	unsent := func(reason string) (bool, diag.Diagnostics) {
		diags.AddAttributeWarning(path.Root("deadline"), "Deadline not sent",
			fmt.Sprintf("The deadline %s was not sent to Coder: %s. It is kept in the state; a later plan sends it if the workspace then runs with an earlier deadline.", rfc3339(deadline), reason))
		return false, diags
	}

	switch {
	case build.Status.ValueString() != string(coder.StatusRunning):
		return unsent(fmt.Sprintf("the workspace is not running (its status is %q), so there is no deadline to move", build.Status.ValueString()))
	case build.runningUntil().IsZero():
		return unsent("the running build has no deadline because autostop is off; it runs until somebody stops it")
	case deadline.Sub(r.client.ServerNow()) < minExtension:
		return unsent("it is less than 30 minutes away by now, which Coder refuses")
	}

	if limit := parseTime(build.MaxDeadline.ValueString()); !limit.IsZero() && deadline.After(limit) {
		diags.AddAttributeWarning(path.Root("deadline"), "Deadline cut to the template's limit",
			fmt.Sprintf("The template lets the running build go on until %s at most, so that was sent instead of %s.", rfc3339(limit), rfc3339(deadline)))
		deadline = limit
	}
	err := r.client.PutExtend(ctx, workspace, deadline)
	if coder.IsConflict(err) { // it was stopped or rebuilt a moment ago
		return unsent("the server answered: " + diagnose.Clean(err.Error()))
	}
	if err != nil {
		diags.Append(diagnose.Error("Unable to extend the workspace", fmt.Sprintf("move the deadline to %s", rfc3339(deadline)), err,
			diagnose.WorkspaceFields().AtRefused(path.Root("deadline")))...)
		return false, diags
	}
	return true, diags
}

// knownTime is the time of an attribute; zero while it is null or unknown.
func knownTime(value timetypes.RFC3339) time.Time {
	if value.IsNull() || value.IsUnknown() {
		return time.Time{}
	}
	t, diags := value.ValueRFC3339Time()
	if diags.HasError() {
		return time.Time{}
	}
	return t
}

func parseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

func rfc3339(t time.Time) string {
	return t.UTC().Format(time.RFC3339)
}
