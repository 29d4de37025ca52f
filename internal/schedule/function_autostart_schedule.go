package schedule

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// NewAutostartScheduleFunction returns the function autostart_schedule, which
// writes a schedule.
func NewAutostartScheduleFunction() function.Function { return autostartScheduleFunction{} }

type autostartScheduleFunction struct{}

// Metadata names the function.
func (f autostartScheduleFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "autostart_schedule"
}

// Definition describes the function.
func (f autostartScheduleFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Write an autostart schedule",
		MarkdownDescription: "Writes the cron expression that `coderws_workspace.autostart_schedule` takes: one time of the day, on some days of the " +
			"week, in a time zone. The clock is the one on the wall there: the schedule follows daylight saving time. Needs Terraform 1.8 or OpenTofu 1.7.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "time",
				MarkdownDescription: "Time of the day, with hours from 0 to 23: `\"8:30\"`, `\"17:00\"`.",
			},
			function.ListParameter{
				Name: "days",
				MarkdownDescription: "Days of the week, in any case and order: English names or their first three letters (`\"monday\"`, `\"Mon\"`), and " +
					"ranges of them (`\"mon-fri\"`, `\"sat-mon\"`). `[\"mon-sun\"]` is every day.",
				ElementType: types.StringType,
			},
			function.StringParameter{
				Name:                "time_zone",
				MarkdownDescription: "Name of the time zone in the IANA database: `\"Europe/Berlin\"`, `\"UTC\"`.",
			},
		},
		Return: function.StringReturn{},
	}
}

var clockTime = regexp.MustCompile(`^([01]?[0-9]|2[0-3]):([0-5][0-9])$`)

// Run writes the schedule.
func (f autostartScheduleFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var (
		clock, zone string
		entries     []types.String // an element may be null
	)
	if resp.Error = req.Arguments.Get(ctx, &clock, &entries, &zone); resp.Error != nil {
		return
	}
	match := clockTime.FindStringSubmatch(clock)
	if match == nil {
		resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf("%q is not a time such as \"8:30\" or \"17:00\"", clock))
		return
	}
	hour, _ := strconv.Atoi(match[1]) // the pattern has digits only
	minute, _ := strconv.Atoi(match[2])

	var days []time.Weekday
	for _, entry := range entries {
		more, err := parseDays(entry.ValueString())
		if err != nil {
			resp.Error = function.NewArgumentFuncError(1, err.Error())
			return
		}
		days = append(days, more...)
	}
	if len(days) == 0 {
		resp.Error = function.NewArgumentFuncError(1, "there is no day in the list; for no schedule set autostart_schedule to null")
		return
	}

	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		resp.Error = function.NewArgumentFuncError(2, fmt.Sprintf("%q is not a time zone of the IANA database, such as \"Europe/Berlin\" or \"UTC\"", zone))
		return
	}
	schedule := FormatAutostart(hour, minute, days, zone)
	if _, err := ParseAutostart(schedule); err != nil {
		resp.Error = function.NewFuncError(fmt.Sprintf("Coder would refuse the schedule %q: %s", schedule, err))
		return
	}
	resp.Error = resp.Result.Set(ctx, schedule)
}
