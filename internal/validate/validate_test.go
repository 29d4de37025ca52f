package validate_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/validate"
)

// problems runs a validator over a value and returns what it says, "" when it
// accepts.
func problems(t *testing.T, v validator.String, value types.String) string {
	t.Helper()
	var resp validator.StringResponse
	v.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("x"), ConfigValue: value}, &resp)
	var texts []string
	for _, d := range resp.Diagnostics {
		texts = append(texts, d.Detail())
	}
	return strings.Join(texts, "\n")
}

func TestWorkspaceName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a":                                  "",
		"Dev-1":                              "",
		"9-lives":                            "",
		strings.Repeat("a", 32):              "",
		"":                                   "empty",
		strings.Repeat("a", 33):              "33 characters",
		"a_b":                                "characters other than",
		"a b":                                "characters other than",
		"a.b":                                "characters other than",
		"-a":                                 "characters other than",
		"a-":                                 "characters other than",
		"a--b":                               "characters other than",
		"hällo":                              "characters other than",
		"new":                                "reserved",
		"Create":                             "reserved",
		"newer":                              "",
		"a\n":                                "characters other than",
		"8f5a1d4e-2c3b-4a59-9f0e-6d7c8b9a0f": "34 characters",
	} {
		got := problems(t, validate.WorkspaceName(), types.StringValue(name))
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

// What is wrong with a schedule is said in words that tell what to write.
// Which ones Coder takes is tested with [schedule.ParseAutostart].
func TestAutostartSchedule(t *testing.T) {
	t.Parallel()
	for schedule, want := range map[string]string{
		"30 9 * * 1-5": "",
		"CRON_TZ=Europe/Berlin 0 9,17 * * MON,WED": "",
		"":                                     "set it to null",
		"every day":                            "2 fields",
		"0 9 * *":                              "4 fields",
		"0 0 9 * * 1":                          "6 fields",
		"0 9 1 * *":                            "day of month",
		"0 9 * 6 *":                            "day of month",
		"0 9 ? * 1":                            "day of month",
		"0 9 * * 7":                            "above maximum",
		"0 9 * * 5-1":                          "beyond end of range",
		"TZ=Europe/Berlin 0 9 * * 1":           "6 fields",
		"cron_tz=Europe/Berlin 0 9 * * 1":      "6 fields",
		" CRON_TZ=Europe/Berlin 0 9 * * 1":     "something before CRON_TZ=",
		"CRON_TZ=Europe/Berlin\t0 9 * * 1":     "followed by a space",
		"CRON_TZ=Europe/Berlin\t0\t9\t*\t*\t1": "followed by a space",
		"CRON_TZ=Local 0 9 * * 1":              "named time zone",
		"CRON_TZ=Mars/Base 0 9 * * 1":          "Mars/Base",
		", 9 * * 1":                            "never runs",
	} {
		got := problems(t, validate.AutostartSchedule(), types.StringValue(schedule))
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", schedule, got, want)
		}
		if strings.Contains(got, "Coder would refuse") { // of some it does not
			t.Errorf("%q: %q", schedule, got)
		}
	}
}

func TestWholeMinutes(t *testing.T) {
	t.Parallel()
	for ms, accept := range map[int64]bool{
		0: true, 60_000: true, 120_000: true, 28_800_000: true, 2_592_000_000: true,
		1: false, 59_999: false, 60_001: false, 90_000: false, -60_000: false, 2_592_060_000: false,
	} {
		var resp validator.Int64Response
		validate.WholeMinutes().ValidateInt64(t.Context(), validator.Int64Request{Path: path.Root("ttl_ms"), ConfigValue: types.Int64Value(ms)}, &resp)
		if got := !resp.Diagnostics.HasError(); got != accept {
			t.Errorf("%d ms: accepted %t, want %t", ms, got, accept)
		}
	}
}

// What is not known yet is left for later, never refused.
func TestUnknownIsDeferred(t *testing.T) {
	t.Parallel()
	for _, v := range []validator.String{validate.WorkspaceName(), validate.AutostartSchedule(), validate.NotNull()} {
		if got := problems(t, v, types.StringUnknown()); got != "" {
			t.Errorf("%T refuses an unknown value: %s", v, got)
		}
	}
	if got := problems(t, validate.NotNull(), types.StringNull()); got == "" {
		t.Error("NotNull accepts null")
	}
}
