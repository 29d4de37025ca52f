package validate

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/coderws/terraform-provider-coderws/internal/schedule"
)

// AutostartSchedule refuses what [schedule.ParseAutostart] does, with what to
// write instead.
func AutostartSchedule() validator.String { return autostartScheduleValidator{} }

type autostartScheduleValidator struct{}

func (v autostartScheduleValidator) Description(context.Context) string {
	return "five cron fields with day of month and month \"*\", optionally after CRON_TZ=<time zone>"
}

func (v autostartScheduleValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (v autostartScheduleValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	value := req.ConfigValue.ValueString()
	if value == "" { // Coder takes it for none, and shows none; in the state it would differ for ever
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid autostart schedule",
			"An empty text is not a schedule. For none, leave the attribute out or set it to null, as in autostart_schedule = var.schedule == \"\" ? null : var.schedule.")
		return
	}
	if _, err := schedule.ParseAutostart(value); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid autostart schedule",
			fmt.Sprintf("%q is not a schedule by which Coder starts a workspace: %s.\n\nA schedule looks like \"CRON_TZ=Europe/Berlin 30 8 * * 1-5\": time zone (UTC when left out), minute, hour, \"*\", \"*\", days of the week (0 to 6, Sunday is 0). Leave the attribute out for no schedule.", value, err))
	}
}
