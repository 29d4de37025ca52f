package validate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	_ "time/tzdata" // time zones are checked on machines without a database too

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/robfig/cron/v3"
)

// AutostartSchedule refuses schedules that Coder refuses: see
// [ParseAutostartSchedule].
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
	schedule := req.ConfigValue.ValueString()
	if _, err := ParseAutostartSchedule(schedule); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid autostart schedule",
			fmt.Sprintf("Coder would refuse the schedule %q: %s.\n\nA schedule looks like \"CRON_TZ=Europe/Berlin 30 8 * * 1-5\": time zone (UTC when left out), minute, hour, \"*\", \"*\", days of the week (0 to 6, Sunday is 0). Leave the attribute out for no schedule.", schedule, err))
	}
}

const timeZonePrefix = "CRON_TZ="

// scheduleParser is the dialect Coder's servers use.
var scheduleParser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// ParseAutostartSchedule reads an autostart schedule by the rules all Coder
// servers share: five fields, day of month and month must be "*", an optional
// CRON_TZ= in front with any zone but Local, UTC without it.
func ParseAutostartSchedule(schedule string) (*cron.SpecSchedule, error) {
	if schedule == "" {
		return nil, errors.New("it is empty")
	}
	fields := strings.Fields(schedule)
	zone, hasZone := "", false
	if len(fields) > 0 {
		zone, hasZone = strings.CutPrefix(fields[0], timeZonePrefix)
	}
	if hasZone {
		fields = fields[1:]
	}
	switch {
	case hasZone && !strings.HasPrefix(schedule, timeZonePrefix):
		return nil, errors.New("there is a blank before " + timeZonePrefix)
	case len(fields) != 5:
		return nil, fmt.Errorf("it has %d fields, not 5", len(fields))
	case fields[2] != "*" || fields[3] != "*":
		return nil, errors.New("day of month and month must be \"*\"")
	case hasZone && (zone == "" || zone == "Local"):
		return nil, errors.New("it needs a named time zone")
	case !hasZone:
		zone = "UTC"
	}
	parsed, err := scheduleParser.Parse(timeZonePrefix + zone + " " + strings.Join(fields, " "))
	if err != nil {
		return nil, err
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, errors.New("it is not a weekly schedule")
	}
	return spec, nil
}
