package schedule

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// NewParseAutostartFunction returns the function parse_autostart, which reads a
// schedule.
func NewParseAutostartFunction() function.Function { return parseAutostartFunction{} }

type parseAutostartFunction struct{}

// parsedAutostart is the function's result.
type parsedAutostart struct {
	Minutes     []int    `tfsdk:"minutes"`
	Hours       []int    `tfsdk:"hours"`
	Days        []string `tfsdk:"days"`
	TimeZone    string   `tfsdk:"time_zone"`
	Description string   `tfsdk:"description"`
	NextRuns    []string `tfsdk:"next_runs"`
}

var parsedAutostartTypes = map[string]attr.Type{
	"minutes":     types.ListType{ElemType: types.Int64Type},
	"hours":       types.ListType{ElemType: types.Int64Type},
	"days":        types.ListType{ElemType: types.StringType},
	"time_zone":   types.StringType,
	"description": types.StringType,
	"next_runs":   types.ListType{ElemType: types.StringType},
}

// nextRuns is how many runs are shown: a working week.
const nextRuns = 5

// Metadata names the function.
func (f parseAutostartFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_autostart"
}

// Definition describes the function.
func (f parseAutostartFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Read an autostart schedule",
		MarkdownDescription: "Reads a cron expression such as that of `coderws_workspace.autostart_schedule`, by the rules of Coder's servers, and says " +
			"what it means:\n\n" +
			"- `minutes`, `hours`: when it runs, as lists of numbers. It runs at each of the minutes of each of the hours.\n" +
			"- `days`: the days of the week, as lower-case English names from `monday` to `sunday`.\n" +
			"- `time_zone`: the time zone, `UTC` where the expression has none.\n" +
			"- `description`: all of that in words, such as `09:30 on Monday to Friday (Europe/Berlin)`.\n" +
			"- `next_runs`: the five next runs after the time given as a second argument, as RFC 3339 texts in the schedule's time zone; null " +
			"without that argument. A function has no clock of its own: `plantimestamp()` is one.\n\nNeeds Terraform 1.8 or OpenTofu 1.7.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "cron", MarkdownDescription: "The cron expression: `\"CRON_TZ=Europe/Berlin 30 9 * * 1-5\"`."},
		},
		VariadicParameter: function.StringParameter{
			Name:                "after",
			MarkdownDescription: "One RFC 3339 time, from which on `next_runs` counts.",
		},
		Return: function.ObjectReturn{AttributeTypes: parsedAutostartTypes},
	}
}

// Run reads the schedule.
func (f parseAutostartFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var (
		cron  string
		after []string
	)
	if resp.Error = req.Arguments.Get(ctx, &cron, &after); resp.Error != nil {
		return
	}
	autostart, err := ParseAutostart(cron)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf("%q is not an autostart schedule: %s", cron, err))
		return
	}
	result := parsedAutostart{
		Minutes: autostart.Minutes(), Hours: autostart.Hours(), TimeZone: autostart.TimeZone(), Description: autostart.Description(),
	}
	for _, day := range autostart.Days() {
		result.Days = append(result.Days, strings.ToLower(day.String()))
	}
	switch len(after) {
	case 0:
	case 1:
		next, err := time.Parse(time.RFC3339, after[0])
		if err != nil {
			resp.Error = function.NewArgumentFuncError(1, fmt.Sprintf("%q is not an RFC 3339 time such as \"2026-01-31T18:00:00Z\"", after[0]))
			return
		}
		for range nextRuns {
			next = autostart.Next(next)
			result.NextRuns = append(result.NextRuns, next.Format(time.RFC3339))
		}
	default:
		resp.Error = function.NewArgumentFuncError(2, "there is one time too many; the next runs are counted from one")
		return
	}
	resp.Error = resp.Result.Set(ctx, result)
}
