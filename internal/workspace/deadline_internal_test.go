package workspace

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/view"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// buildUntil is a build of the given transition and status that stops at a
// time, given as hours from noon; 0 for none.
func buildUntil(transition, status string, hours, maxHours float64) latestBuildModel {
	at := func(hours float64) types.String {
		if hours == 0 {
			return types.StringNull()
		}
		return view.Time(noon.Add(time.Duration(hours * float64(time.Hour))))
	}
	return latestBuildModel{
		Transition: types.StringValue(transition), Status: types.StringValue(status),
		Deadline: at(hours), MaxDeadline: at(maxHours),
	}
}

func TestExtensionDue(t *testing.T) {
	t.Parallel()
	in := func(hours float64) time.Time { return noon.Add(time.Duration(hours * float64(time.Hour))) }
	for name, test := range map[string]struct {
		build    latestBuildModel
		deadline time.Time
		want     bool
	}{
		"stops earlier":                  {buildUntil("start", "running", 2, 0), in(5), true},
		"stops at that time":             {buildUntil("start", "running", 5, 0), in(5), false},
		"stops later":                    {buildUntil("start", "running", 8, 0), in(5), false},
		"deadline has passed":            {buildUntil("start", "running", 2, 0), in(-1), false},
		"too soon for the server":        {buildUntil("start", "running", 0.2, 0), in(0.45), false},
		"autostop is off":                {buildUntil("start", "running", 0, 0), in(5), false},
		"stopped, shows a deadline":      {buildUntil("stop", "stopped", 2, 0), in(5), false},
		"still starting":                 {buildUntil("start", "starting", 2, 0), in(5), false},
		"failed start":                   {buildUntil("start", "failed", 2, 0), in(5), false},
		"at the template's limit":        {buildUntil("start", "running", 3, 3), in(5), false},
		"below the template's limit":     {buildUntil("start", "running", 2, 3), in(5), true},
		"limit later than the deadline":  {buildUntil("start", "running", 2, 9), in(5), true},
		"no build is known (zero model)": {latestBuildModel{}, in(5), false},
	} {
		if got := extensionDue(test.build, test.deadline, noon); got != test.want {
			t.Errorf("%s: due %t, want %t", name, got, test.want)
		}
	}
}

func TestCheckNewDeadline(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		build latestBuildModel
		ahead time.Duration
		want  string
	}{
		"in two hours":              {latestBuildModel{}, 2 * time.Hour, ""},
		"in 30 minutes":             {latestBuildModel{}, 30 * time.Minute, ""},
		"in 29 minutes":             {latestBuildModel{}, 29 * time.Minute, "Deadline is too soon"},
		"now":                       {latestBuildModel{}, 0, "Deadline is in the past"},
		"yesterday":                 {latestBuildModel{}, -24 * time.Hour, "Deadline is in the past"},
		"beyond the limit":          {buildUntil("start", "running", 2, 3), 4 * time.Hour, "Deadline is beyond the template's limit"},
		"limit of a stopped build":  {buildUntil("stop", "stopped", 2, 3), 4 * time.Hour, ""},
		"running, limit not passed": {buildUntil("start", "running", 2, 5), 4 * time.Hour, ""},
	} {
		diags := checkNewDeadline(path.Root("deadline"), test.build, noon.Add(test.ahead), noon)
		got := ""
		if diags.HasError() {
			got = diags[0].Summary()
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
