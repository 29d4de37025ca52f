package schedule_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
	"github.com/coderws/terraform-provider-coderws/internal/schedule"
)

// call runs a function as the framework does.
func call(t *testing.T, f function.Function, arguments ...attr.Value) (attr.Value, *function.FuncError) {
	t.Helper()
	var defined function.DefinitionResponse
	f.Definition(t.Context(), function.DefinitionRequest{}, &defined)
	result, err := defined.Definition.Return.NewResultData(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	resp := function.RunResponse{Result: result}
	f.Run(t.Context(), function.RunRequest{Arguments: function.NewArgumentsData(arguments)}, &resp)
	return resp.Result.Value(), resp.Error
}

// refused checks that an error is about one argument.
func refused(t *testing.T, err *function.FuncError, argument int64, words string) {
	t.Helper()
	if err == nil || err.FunctionArgument == nil || *err.FunctionArgument != argument || !strings.Contains(err.Text, words) {
		t.Errorf("got %+v, want argument %d and %q", err, argument, words)
	}
}

func days(entries ...string) attr.Value {
	values := make([]attr.Value, len(entries))
	for i, entry := range entries {
		values[i] = types.StringValue(entry)
	}
	return types.ListValueMust(types.StringType, values)
}

func TestAutostartScheduleFunction(t *testing.T) {
	t.Parallel()
	f := schedule.NewAutostartScheduleFunction()
	for _, tt := range []struct {
		clock string
		days  attr.Value
		zone  string
		want  string
	}{
		{"09:30", days("mon-fri"), "Europe/Berlin", "CRON_TZ=Europe/Berlin 30 9 * * 1-5"},
		{"9:05", days("Monday", "WED"), "UTC", "CRON_TZ=UTC 5 9 * * 1,3"},
		{"0:00", days("mon-sun"), "America/New_York", "CRON_TZ=America/New_York 0 0 * * *"},
		{"23:59", days("sat-mon", "sunday"), "UTC", "CRON_TZ=UTC 59 23 * * 0,1,6"},
		{"12:00", days("tue-tue"), "UTC", "CRON_TZ=UTC 0 12 * * 2"},
		{"12:00", days("Friday-monday", "wed"), "UTC", "CRON_TZ=UTC 0 12 * * 0,1,3,5,6"},
	} {
		got, err := call(t, f, types.StringValue(tt.clock), tt.days, types.StringValue(tt.zone))
		if err != nil || !got.Equal(types.StringValue(tt.want)) {
			t.Errorf("%s %s %s: got %s, %v, want %s", tt.clock, tt.days, tt.zone, got, err, tt.want)
		}
	}
	for _, tt := range []struct {
		clock    string
		days     attr.Value
		zone     string
		argument int64
		words    string
	}{
		{"24:00", days("mon"), "UTC", 0, `"24:00" is not a time`},
		{"9", days("mon"), "UTC", 0, `"9" is not a time`},
		{"9:5", days("mon"), "UTC", 0, "is not a time"},
		{"", days("mon"), "UTC", 0, "is not a time"},
		{"9:30pm", days("mon"), "UTC", 0, "is not a time"},
		{"9:30", days(), "UTC", 1, "no day"},
		{"9:30", days("mon", "someday"), "UTC", 1, `"someday" is not a day`},
		{"9:30", days("mon-"), "UTC", 1, `"" is not a day`},
		{"9:30", days("mon-tue-wed"), "UTC", 1, `"tue-wed" is not a day`},
		{"9:30", days("1-5"), "UTC", 1, `"1" is not a day`},
		{"9:30", types.ListValueMust(types.StringType, []attr.Value{types.StringNull()}), "UTC", 1, "is not a day"},
		{"9:30", days("mon"), "", 2, "is not a time zone"},
		{"9:30", days("mon"), "Local", 2, "is not a time zone"},
		{"9:30", days("mon"), "Mars/Base", 2, `"Mars/Base" is not a time zone`},
		{"9:30", days("mon"), "UTC 1 1", 2, "is not a time zone"},
	} {
		_, err := call(t, f, types.StringValue(tt.clock), tt.days, types.StringValue(tt.zone))
		refused(t, err, tt.argument, tt.words)
	}
}

func TestParseAutostartFunction(t *testing.T) {
	t.Parallel()
	f := schedule.NewParseAutostartFunction()
	after := func(times ...string) attr.Value {
		elements, kinds := make([]attr.Value, len(times)), make([]attr.Type, len(times))
		for i, at := range times {
			elements[i], kinds[i] = types.StringValue(at), types.StringType
		}
		return types.TupleValueMust(kinds, elements)
	}
	got, err := call(t, f, types.StringValue("CRON_TZ=Europe/Berlin 30 9 * * 0,3-5"), after("2026-03-27T12:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"days":["wednesday","thursday","friday","sunday"],"description":"09:30 on Wednesday to Friday and Sunday (Europe/Berlin)",` +
		`"hours":[9],"minutes":[30],"next_runs":["2026-03-29T09:30:00+02:00","2026-04-01T09:30:00+02:00","2026-04-02T09:30:00+02:00",` +
		`"2026-04-03T09:30:00+02:00","2026-04-05T09:30:00+02:00"],"time_zone":"Europe/Berlin"}`
	if got.String() != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	got, err = call(t, f, types.StringValue("30 9 * * 1-5"), after())
	if err != nil || !got.(types.Object).Attributes()["next_runs"].IsNull() {
		t.Errorf("without a time: %s, %v", got, err)
	}

	_, err = call(t, f, types.StringValue("@daily"), after())
	refused(t, err, 0, `"@daily" is not an autostart schedule: it has 1 fields`)
	_, err = call(t, f, types.StringValue("0 9 * * 1"), after("tomorrow"))
	refused(t, err, 1, `"tomorrow" is not an RFC 3339 time`)
	_, err = call(t, f, types.StringValue("0 9 * * 1"), after("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"))
	refused(t, err, 2, "one time too many")
}

func TestDurationMillisFunction(t *testing.T) {
	t.Parallel()
	f := schedule.NewDurationMillisFunction()
	got, err := call(t, f, types.StringValue("8h30m"))
	if err != nil || !got.Equal(types.Int64Value(30_600_000)) {
		t.Errorf("got %s, %v", got, err)
	}
	_, err = call(t, f, types.StringValue("8 hours"))
	refused(t, err, 0, `"8 hours" is not a duration such as "8h30m": " hours" is not a unit`)
}

// Terraform calls them without any configuration of the provider, and names
// the argument at fault.
func TestFunctions_terraform(t *testing.T) {
	t.Parallel()
	failing := func(expression, words string) resource.TestStep {
		return resource.TestStep{
			Config:      "output \"test\" { value = " + expression + " }",
			PlanOnly:    true,
			ExpectError: regexp.MustCompile(`(?s)Invalid\s+value\s+for\s+"` + strings.ReplaceAll(words, " ", `\s+`)),
		}
	}
	acctest.Test(t, acctest.NewFake(t, codertest.Options{}), resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		Steps: []resource.TestStep{
			failing(`provider::coderws::autostart_schedule("9:30", ["weekend"], "UTC")`, `days" parameter: "weekend" is not`),
			failing(`provider::coderws::parse_autostart("0 9 * * 1", "now")`, `after" parameter: "now" is not`),
			failing(`provider::coderws::duration_ms("-1h")`, `duration" parameter: "-1h" is not`),
			{
				Config: `
					resource "terraform_data" "late" { input = "tue" }
					output "schedule" { value = provider::coderws::autostart_schedule("9:30", ["mon-fri"], "Europe/Berlin") }
					output "late"     { value = provider::coderws::autostart_schedule("9:30", [terraform_data.late.output], "UTC") }
					output "parsed"   { value = provider::coderws::parse_autostart("30 9 * * 1-5").description }
					output "next"     { value = provider::coderws::parse_autostart("30 9 * * 1-5", "2026-01-02T12:00:00Z").next_runs[0] }
					output "ttl"      { value = provider::coderws::duration_ms("8h30m") }`,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("schedule", knownvalue.StringExact("CRON_TZ=Europe/Berlin 30 9 * * 1-5")),
					statecheck.ExpectKnownOutputValue("late", knownvalue.StringExact("CRON_TZ=UTC 30 9 * * 2")),
					statecheck.ExpectKnownOutputValue("parsed", knownvalue.StringExact("09:30 on Monday to Friday (UTC)")),
					statecheck.ExpectKnownOutputValue("next", knownvalue.StringExact("2026-01-05T09:30:00Z")),
					statecheck.ExpectKnownOutputValue("ttl", knownvalue.Int64Exact(30_600_000)),
				},
			},
		},
	})
}
