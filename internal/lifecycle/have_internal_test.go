package lifecycle

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// What the server calls a build is not always what it is.
func TestBuildOf(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		status coder.Status
		job    coder.ProvisionerJob
		want   coder.Status
		active bool
	}{
		"in the queue":                     {coder.StatusPending, coder.ProvisionerJob{Status: coder.JobPending}, coder.StatusPending, true},
		"starting":                         {coder.StatusStarting, coder.ProvisionerJob{Status: coder.JobRunning}, coder.StatusStarting, true},
		"running":                          {coder.StatusRunning, coder.ProvisionerJob{Status: coder.JobSucceeded, CompletedAt: at}, coder.StatusRunning, false},
		"failed":                           {coder.StatusFailed, coder.ProvisionerJob{Status: coder.JobFailed, CompletedAt: at}, coder.StatusFailed, false},
		"canceled in the queue":            {coder.StatusCanceled, coder.ProvisionerJob{Status: coder.JobCanceled, CanceledAt: at, CompletedAt: at}, coder.StatusCanceled, false},
		"canceled while it ran":            {coder.StatusFailed, coder.ProvisionerJob{Status: coder.JobFailed, CanceledAt: at, CompletedAt: at}, coder.StatusCanceled, false},
		"being canceled":                   {coder.StatusCanceling, coder.ProvisionerJob{Status: coder.JobCanceling, CanceledAt: at}, coder.StatusCanceling, true},
		"seed: its worker has been silent": {coder.StatusFailed, coder.ProvisionerJob{Status: coder.JobFailed}, coder.StatusPending, true},
		"seed: the same, and it was canceled": {
			coder.StatusFailed, coder.ProvisionerJob{Status: coder.JobFailed, CanceledAt: at}, coder.StatusPending, true,
		},
	} {
		got := buildOf(&coder.WorkspaceBuild{Status: test.status, Job: test.job})
		if got.Status != test.want || got.active() != test.active {
			t.Errorf("%s: %s, active %t", name, got.Status, got.active())
		}
	}
}

// Values of parameters, and with them a preset, belong to one build; all else is
// what was just read, or stays remembered.
func TestHave_see(t *testing.T) {
	t.Parallel()
	ours, theirs := uuid.New(), uuid.New()
	schedule, ttl := "0 8 * * 1-5", int64(3600000)
	for name, test := range map[string]struct {
		build    uuid.UUID
		complete bool
		values   int
		preset   string
	}{
		"the same build": {ours, true, 1, "Small"}, "another build": {theirs, false, 0, ""},
	} {
		have := Have{Build: Build{ID: ours}, Parameters: map[string]string{"cpu": "2"}, Complete: true, Schedule: "old", TTL: 1, Preset: "Small", EphemeralVersion: Value(int64(3))}
		have.see(&coder.Workspace{Name: "one", AutostartSchedule: &schedule, TTLMillis: &ttl, LatestBuild: coder.WorkspaceBuild{ID: test.build}})
		if have.Complete != test.complete || len(have.Parameters) != test.values {
			t.Errorf("%s: complete %t, values %v", name, have.Complete, have.Parameters)
		}
		if have.Name != "one" || have.Schedule != schedule || have.TTL != ttl || have.Preset != test.preset || have.EphemeralVersion != Value(int64(3)) || have.Build.ID != test.build {
			t.Errorf("%s: %+v", name, have)
		}
		have.see(&coder.Workspace{LatestBuild: coder.WorkspaceBuild{ID: test.build}})
		if have.Schedule != "" || have.TTL != 0 {
			t.Errorf("%s: schedule %q and TTL %d, which there are not any more", name, have.Schedule, have.TTL)
		}
	}
}
