package workspace_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// runsUntil checks when the deployment itself will stop the workspace; the zero
// time stands for never.
func runsUntil(t *testing.T, d *acctest.Deployment, want time.Time) resource.TestCheckFunc {
	t.Helper()
	return onServer(t, d, func(w *coder.Workspace) error {
		if !w.LatestBuild.Deadline.Equal(want) {
			return fmt.Errorf("the build stops at %v, want %v", w.LatestBuild.Deadline, want)
		}
		return nil
	})
}

func TestWorkspaceResource_deadline(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "deadline")
		first := time.Now().Add(5 * time.Hour).Truncate(time.Second)
		later, sooner := first.Add(3*time.Hour), first.Add(-2*time.Hour)
		config := func(deadline time.Time, lines ...string) string {
			return workspaceConfig(d, name, template.ID, append(lines, `ttl_ms = 3600000`, fmt.Sprintf("deadline = %q", deadline.Format(time.RFC3339)))...)
		}
		var id uuid.UUID
		outside := func(deadline time.Time) func() {
			return func() {
				if err := d.Client.PutExtend(t.Context(), id, deadline); err != nil {
					t.Error(err)
				}
			}
		}

		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: workspaceConfig(d, name, template.ID, `ttl_ms = 3600000`), Check: capture(&id)},
			{
				Config:           config(first),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            runsUntil(t, d, first),
			},
			{ // the same instant in another zone
				Config:           config(first.In(time.FixedZone("", -5*3600))),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            runsUntil(t, d, first),
			},
			{
				Config:           config(later),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            runsUntil(t, d, later),
			},
			{ // somebody cut it: the build would stop too early
				PreConfig:        outside(sooner),
				Config:           config(later),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            runsUntil(t, d, later),
			},
			{ // somebody extended it: at least until then is still true
				PreConfig:        outside(later.Add(time.Hour)),
				Config:           config(later),
				ConfigPlanChecks: emptyPlan,
			},
			{ // a new value is sent, even an earlier one
				Config:           config(sooner),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            runsUntil(t, d, sooner),
			},
			{ // stopped: no drift, whatever deadline the stop build shows
				PreConfig:        func() { build(t, d, id, coder.CreateBuildRequest{Transition: coder.TransitionStop}) },
				Config:           config(sooner),
				ConfigPlanChecks: emptyPlan,
			},
			{ // a new value while stopped waits for the next start …
				Config:           config(later),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			},
			{ // … when the new build would stop too early
				PreConfig:        func() { build(t, d, id, coder.CreateBuildRequest{Transition: coder.TransitionStart}) },
				Config:           config(later),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            runsUntil(t, d, later),
			},
			{ // no longer configured: the build keeps what it has
				Config:           workspaceConfig(d, name, template.ID, `ttl_ms = 3600000`),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            runsUntil(t, d, later),
			},
		}})
	})
}

// A deadline that was fine when it was applied is no trouble once it has
// passed; the workspace has been stopped by then.
func TestWorkspaceResource_deadlinePassed(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		d.SkipUnlessFake(t, "only a fake's clock can be moved")
		template := d.Template(t, acctest.Basic)
		deadline := time.Now().Add(2 * time.Hour).UTC().Truncate(time.Second).Format(time.RFC3339)
		config := workspaceConfig(d, "passed", template.ID, `ttl_ms = 3600000`, fmt.Sprintf("deadline = %q", deadline))
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{
				Config:            config,
				ConfigStateChecks: []statecheck.StateCheck{buildAttribute("deadline", knownvalue.StringExact(deadline))},
			},
			{
				PreConfig: func() {
					d.Fake.Advance(3 * time.Hour)
					waitForStatus(t, d, "passed", coder.StatusStopped)
				},
				Config:           config,
				ConfigPlanChecks: emptyPlan,
			},
			{ // another change is not held up by it
				Config:           config + "\n# same\n",
				ConfigPlanChecks: emptyPlan,
			},
			{
				Config:           workspaceConfig(d, "passed", template.ID, `ttl_ms = 7200000`, fmt.Sprintf("deadline = %q", deadline)),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			},
		}})
		if n := d.RequestCount("PUT", "/workspaces/{workspace}/extend"); n != 1 {
			t.Errorf("the deadline was sent %d times, want once", n)
		}
	})
}

// waitForStatus waits for a build that the fake started by itself.
func waitForStatus(t *testing.T, d *acctest.Deployment, name string, status coder.Status) {
	t.Helper()
	workspace, err := d.Client.WorkspaceByOwnerAndName(t.Context(), coder.Me, name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Client.WaitForBuild(t.Context(), workspace.ID, workspace.LatestBuild.ID, nil); err != nil {
		t.Fatal(err)
	}
	if workspace, err = d.Client.Workspace(t.Context(), workspace.ID); err != nil || workspace.LatestBuild.Status != status {
		t.Fatalf("workspace %q is %v (%v), want %s", name, workspace.LatestBuild.Status, err, status)
	}
}
