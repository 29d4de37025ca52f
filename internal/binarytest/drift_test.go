//go:build unix

package binarytest_test

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// drift is something that happens to a workspace with further arguments.
type drift struct {
	lines   []string
	pinned  bool // to its version
	happens func(t *testing.T, b *between)
}

var drifts = map[string]drift{
	"An agent connects or is lost": {happens: func(t *testing.T, b *between) {
		b.Fake.SetAgents(b.alone(t).ID, "connected", "ready")
	}},
	"Somebody uses the workspace": {happens: func(t *testing.T, b *between) {
		b.Fake.SetLastUsed(b.alone(t).ID, b.Fake.Now().Add(time.Minute))
	}},
	"The template gets a new version": {happens: func(_ *testing.T, b *between) {
		b.Fake.PublishVersion(b.template.ID, codertest.BasicTemplate().Version)
	}},
	"The template is renamed": {happens: func(_ *testing.T, b *between) {
		b.Fake.UpdateTemplate(b.template.ID, func(t *codertest.Template) { t.Name = "renamed" })
	}},
	"Somebody stops or starts the workspace": {happens: stops},
	"The same, with `desired_status` configured": {
		lines: []string{`desired_status = "running"`}, happens: stops,
	},
	"Somebody changes a parameter that is not configured": {happens: changesCPU},
	"Somebody changes a parameter that is configured":     {lines: []string{`parameters = { cpu = "2" }`}, happens: changesCPU},
	"Somebody updates the workspace to another version":   {happens: updates},
	"The same, with `template_version_id` configured":     {pinned: true, happens: updates},
	"Somebody changes the TTL, which is not configured":   {happens: changesTTL},
	"The same, with `ttl_ms` configured":                  {lines: []string{"ttl_ms = 3600000"}, happens: changesTTL},
	"Somebody sets a schedule": {happens: func(t *testing.T, b *between) {
		schedule := "CRON_TZ=Europe/Berlin 0 9 * * 1-5"
		must(t, b.Client.PutAutostart(t.Context(), b.alone(t).ID, &schedule))
	}},
	"Somebody renames the workspace": {happens: func(t *testing.T, b *between) {
		must(t, b.Client.RenameWorkspace(t.Context(), b.alone(t).ID, "renamed"))
	}},
	"The owner is renamed, `owner_name` being configured": {
		lines: []string{`owner_name = "carol"`}, happens: func(_ *testing.T, b *between) { b.Fake.RenameUser("carol", "caroline") },
	},
	"Somebody deletes the workspace": {happens: func(t *testing.T, b *between) { b.builds(t, "delete", codertest.BuildRequest{}) }},
	"The token may not see the workspace any more": {happens: func(t *testing.T, b *between) {
		b.Fake.SetVisible(b.alone(t).ID, "admin", false)
	}},
}

func stops(t *testing.T, b *between) { b.builds(t, "stop", codertest.BuildRequest{}) }

func changesCPU(t *testing.T, b *between) {
	b.builds(t, "start", codertest.BuildRequest{Parameters: map[string]string{"cpu": "3"}})
}

func updates(t *testing.T, b *between) {
	b.builds(t, "start", codertest.BuildRequest{VersionID: b.Fake.PublishVersion(b.template.ID, codertest.BasicTemplate().Version)})
}

func changesTTL(t *testing.T, b *between) {
	ttl := int64(7200000)
	must(t, b.Client.PutTTL(t.Context(), b.alone(t).ID, &ttl))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The guide's table of what is reported is what is reported.
func TestDrift(t *testing.T) {
	t.Parallel()
	rows := regexp.MustCompile(`(?m)^\| (.+) \| (\d) \| (\d) \|$`).FindAllStringSubmatch(readGuide(t, "drift-detection.md"), -1)
	if len(rows) != len(drifts) {
		t.Errorf("the table has %d rows, and %d are tried", len(rows), len(drifts))
	}
	for _, release := range acctest.Versions {
		for _, row := range rows {
			t.Run(release+" "+row[1], func(t *testing.T) {
				t.Parallel()
				d, tried := drifts[row[1]]
				if !tried {
					t.Fatal("nobody tries it")
				}
				b := newBetween(t, codertest.Options{Version: release})
				if d.pinned {
					d.lines = []string{fmt.Sprintf("template_version_id = %q", b.template.ActiveVersionID)}
				}
				b.use(t, d.lines...)
				b.apply(t)
				d.happens(t, b)
				for i, arguments := range [][]string{{"plan"}, {"plan", "-refresh-only"}} {
					if i == 1 && b.isTofu() {
						continue // has no other status for this plan
					}
					want, err := strconv.Atoi(row[2+i])
					must(t, err)
					b.run(t, want, append(arguments, "-detailed-exitcode", "-input=false", "-lock=false")...)
				}
			})
		}
	}
}
