package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// settings is what the example module is asked for: its variable "workspaces".
type settings map[string]setting

type setting struct {
	Name              string `json:"name"`
	AutostartSchedule string `json:"autostart_schedule,omitempty"`
	TTLMillis         int64  `json:"ttl_ms,omitempty"`
	Deadline          string `json:"deadline,omitempty"`
}

// change is settings and how they differ from those before.
type change struct {
	settings
	summary string
	changed int // number of workspaces
}

// newPrefix begins the names of one run's workspaces, so that runs on the same
// deployment do not meet.
func newPrefix() string {
	return "demo-" + strings.ToLower(rand.Text()[:5])
}

func settingsBefore(prefix string, now time.Time) settings {
	return settings{
		"api": {
			Name:      prefix + "-api",
			TTLMillis: (4 * time.Hour).Milliseconds(),
			Deadline:  inHours(now, 10),
		},
		"docs": {
			Name: prefix + "-docs",
		},
		"web": {
			Name:              prefix + "-web",
			AutostartSchedule: "CRON_TZ=Europe/Berlin 30 8 * * 1-5",
			TTLMillis:         (8 * time.Hour).Milliseconds(),
		},
	}
}

// settingsAfter leaves one of the workspaces as it is. Where the deployment
// forbids renames, as those since Coder 2.6 do by default, names stay.
func settingsAfter(prefix string, now time.Time, created []coder.Workspace) change {
	after := change{
		settings: settingsBefore(prefix, now),
		summary:  "name, schedule, TTL and deadline",
		changed:  2,
	}
	after.settings["api"] = setting{
		Name:      prefix + "-api",
		TTLMillis: (6 * time.Hour).Milliseconds(),
		Deadline:  inHours(now, 12),
	}
	web := setting{
		Name:              prefix + "-website",
		AutostartSchedule: "CRON_TZ=Europe/Berlin 0 9 * * 1-5",
		TTLMillis:         (8 * time.Hour).Milliseconds(),
	}
	for _, workspace := range created {
		if !workspace.RenamesAllowed() {
			web.Name = prefix + "-web"
			after.summary = "schedule, TTL and deadline (this deployment forbids renames)"
		}
	}
	after.settings["web"] = web
	return after
}

func inHours(now time.Time, hours int) string {
	return now.Add(time.Duration(hours) * time.Hour).UTC().Truncate(time.Minute).Format(time.RFC3339)
}

// check compares what was asked for with what the deployment holds.
func (s settings) check(workspaces []coder.Workspace) error {
	byName := map[string]coder.Workspace{}
	for _, workspace := range workspaces {
		byName[workspace.Name] = workspace
	}
	var errs []error
	wrong := func(format string, values ...any) {
		errs = append(errs, fmt.Errorf("the deployment does not hold what was asked for: "+format, values...))
	}
	if len(workspaces) != len(s) {
		wrong("%d workspaces instead of %d", len(workspaces), len(s))
	}
	for _, want := range s {
		got, ok := byName[want.Name]
		if !ok {
			wrong("no workspace %s", want.Name)
			continue
		}
		if schedule := text(got.AutostartSchedule); schedule != want.AutostartSchedule {
			wrong("schedule of %s is %q", want.Name, schedule)
		}
		if want.TTLMillis != 0 && (got.TTLMillis == nil || *got.TTLMillis != want.TTLMillis) {
			wrong("TTL of %s is %s", want.Name, duration(got.TTLMillis))
		}
		if deadline, err := time.Parse(time.RFC3339, want.Deadline); err == nil && got.LatestBuild.Deadline.Before(deadline) {
			wrong("deadline of %s is %s", want.Name, moment(got.LatestBuild.Deadline))
		}
	}
	return errors.Join(errs...)
}

// sameBuilds checks that a change replaced and rebuilt nothing.
func sameBuilds(before, after []coder.Workspace) error {
	builds := map[string]string{}
	for _, workspace := range before {
		builds[workspace.ID.String()] = workspace.LatestBuild.ID.String()
	}
	for _, workspace := range after {
		if builds[workspace.ID.String()] != workspace.LatestBuild.ID.String() {
			return fmt.Errorf("%s was replaced or built again", workspace.Name)
		}
	}
	return nil
}
