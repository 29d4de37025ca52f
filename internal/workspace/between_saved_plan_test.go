package workspace_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// hasVersion checks the template version of the one workspace.
func hasVersion(t *testing.T, d *acctest.Deployment, version *uuid.UUID) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		if got := present(t, d).VersionID; got != *version {
			return fmt.Errorf("the workspace has version %s, want %s", got, *version)
		}
		return nil
	}
}

// A saved plan takes a workspace back to no version, TTL or schedule that
// nobody has configured.
func TestBetween_savedPlanSendsOnlyWhatIsConfigured(t *testing.T) {
	t.Parallel()
	onReleases(t, func(t *testing.T, d *flow) {
		template := d.add(codertest.BasicTemplate())
		config := func(n int) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), cpu(n))
		}
		var id, version uuid.UUID
		update := func() {
			version = d.Fake.PublishVersion(template.ID, codertest.BasicTemplate().Version)
			person(t, d.Deployment, "stop", codertest.BuildRequest{})()
			person(t, d.Deployment, "start", codertest.BuildRequest{VersionID: version})()
			ttl := int64(5 * time.Hour / time.Millisecond)
			if err := d.Client.PutTTL(t.Context(), id, &ttl); err != nil {
				t.Error(err)
			}
			sent(t, d.Deployment, map[string]int{putTTL: 1})()
		}
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(2), Check: checks(capture(&id), wrote(t, d.Deployment, map[string]int{postWorkspace: 1}))},
			{
				Config:           config(3),
				ConfigPlanChecks: updateAfter(update),
				Check: checks(same(&id), hasVersion(t, d.Deployment, &version), holds(t, d.Deployment, "running", map[string]string{"cpu": "3"}),
					wrote(t, d.Deployment, map[string]int{postBuild: 2})),
			},
			{
				Config: config(3), ConfigPlanChecks: emptyPlan,
				ConfigStateChecks: []statecheck.StateCheck{attribute("ttl_ms", knownvalue.Int64Exact(int64(5*time.Hour/time.Millisecond)))},
			},
		}})
	})
}

// A plan that shows a new TTL only is no leave to start or to rename the
// workspace: the apply stops before its first step and says what has moved.
func TestBetween_savedPlanDoesNoMoreThanItShows(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens func(t *testing.T, d *acctest.Deployment) func()
		says    string
		then    map[string]int
	}{
		"stopped": {func(t *testing.T, d *acctest.Deployment) func() {
			return person(t, d, "stop", codertest.BuildRequest{})
		}, "its latest build is 2 (stop), which is stopped. To have what is configured, this would start the workspace", map[string]int{putTTL: 1, postBuild: 1}},
		"renamed": {func(t *testing.T, d *acctest.Deployment) func() {
			return func() {
				if err := d.Client.RenameWorkspace(t.Context(), present(t, d).ID, "theirs"); err != nil {
					t.Error(err)
				}
			}
		}, `its name is "theirs". To have what is configured, this would rename the workspace from "theirs" to "one"`, map[string]int{putTTL: 1, patchName: 1}},
		"scheduled": {func(t *testing.T, d *acctest.Deployment) func() {
			return func() {
				daily := "0 9 * * *"
				if err := d.Client.PutAutostart(t.Context(), present(t, d).ID, &daily); err != nil {
					t.Error(err)
				}
			}
		}, `its autostart schedule is "0 9 * * *"`, map[string]int{putTTL: 1, putAutostart: 1}},
		"other values": {func(t *testing.T, d *acctest.Deployment) func() {
			return do(person(t, d, "stop", codertest.BuildRequest{}),
				person(t, d, "start", codertest.BuildRequest{Parameters: map[string]string{"cpu": "7"}}))
		}, "its parameters are others", map[string]int{putTTL: 1, postBuild: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onNewest(t, func(t *testing.T, f *flow) {
				d := f.Deployment
				template := d.Template(t, acctest.Basic)
				config := func(ttl int) string {
					return workspaceConfig(d, "one", template.ID, `desired_status = "running"`, cpu(2), fmt.Sprintf("ttl_ms = %d", ttl))
				}
				steps := []resource.TestStep{
					{Config: config(3600000), Check: wrote(t, d, map[string]int{postWorkspace: 1})},
					{
						Config:           config(7200000),
						ConfigPlanChecks: updateAfter(do(test.happens(t, d), d.Fake.ResetRequests)),
						ExpectError:      message(test.says),
					},
					{
						PreConfig:        sent(t, d, nothing),
						Config:           config(7200000),
						ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
						Check:            checks(holds(t, d, "running", map[string]string{"cpu": "2"}), wrote(t, d, test.then)),
					},
				}
				acctest.Test(t, d, resource.TestCase{Steps: steps})
			})
		})
	}
}

// A plan that shows builds goes on whatever run state it then finds, and does
// the builds that are needed.
func TestBetween_savedPlanWithBuildGoesOn(t *testing.T) {
	t.Parallel()
	onReleases(t, func(t *testing.T, d *flow) {
		template := d.add(codertest.BasicTemplate())
		config := func(n int, lines ...string) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), append(lines, cpu(n))...)
		}
		stop := do(person(t, d.Deployment, "stop", codertest.BuildRequest{}), d.Fake.ResetRequests)
		run := `desired_status = "running"`
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(2, run), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{
				Config:           config(3, run),
				ConfigPlanChecks: updateAfter(stop),
				Check:            checks(holds(t, d.Deployment, "running", map[string]string{"cpu": "3"}), wrote(t, d.Deployment, map[string]int{postBuild: 1})),
			},
			{Config: config(3), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate)},
			{ // where nothing is desired, whoever stopped it is respected
				Config:           config(4),
				ConfigPlanChecks: updateAfter(stop),
				Check:            checks(holds(t, d.Deployment, "stopped", map[string]string{"cpu": "4"}), wrote(t, d.Deployment, map[string]int{postBuild: 1})),
			},
		}})
	})
}

// What the plan was to do has been done by somebody meanwhile: nothing is sent.
func TestBetween_savedPlanDoneBySomebody(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, d *flow) {
		template := d.add(codertest.BasicTemplate())
		config := func(n int) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), cpu(n))
		}
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(2), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{
				Config: config(3),
				ConfigPlanChecks: updateAfter(do(
					person(t, d.Deployment, "stop", codertest.BuildRequest{}),
					person(t, d.Deployment, "start", codertest.BuildRequest{Parameters: map[string]string{"cpu": "3"}}))),
				Check: checks(holds(t, d.Deployment, "running", map[string]string{"cpu": "3"}), wrote(t, d.Deployment, nothing)),
			},
		}})
	})
}

// The value could be changed when the plan was made, and cannot any more: the
// apply stops before it takes anything down, and the next plan replaces.
func TestBetween_savedPlanOfAValueThatBecameImmutable(t *testing.T) {
	t.Parallel()
	onFlows(t, func(t *testing.T, d *flow) {
		template := d.add(codertest.BasicTemplate())
		config := func(n int) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), cpu(n))
		}
		fixed := codertest.BasicTemplate().Version
		for i := range fixed.Parameters {
			fixed.Parameters[i].Mutable = false
		}
		update := func() {
			version := d.Fake.PublishVersion(template.ID, fixed)
			person(t, d.Deployment, "stop", codertest.BuildRequest{VersionID: version})()
			person(t, d.Deployment, "start", codertest.BuildRequest{})()
		}
		untouched := func() {
			if err := holds(t, d.Deployment, "running", map[string]string{"cpu": "2"})(nil); err != nil {
				t.Error(err)
			}
		}
		var id uuid.UUID
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(2), Check: checks(capture(&id), wrote(t, d.Deployment, map[string]int{postWorkspace: 1}))},
			{Config: config(3), ConfigPlanChecks: updateAfter(update), ExpectError: message("Workspace would have to be replaced")},
			{
				PreConfig:        do(sent(t, d.Deployment, nothing), untouched),
				Config:           config(3),
				ConfigPlanChecks: planned(plancheck.ResourceActionReplace),
				Check:            checks(another(&id), wrote(t, d.Deployment, map[string]int{postBuild: 1, postWorkspace: 1})),
			},
		}})
	})
}

// The workspace is deleted between plan and apply: an error, and the next plan
// creates it.
func TestBetween_savedPlanOfADeletedWorkspace(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		config := func(n int) string { return workspaceConfig(d, "one", template.ID, cpu(n)) }
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(2), Check: wrote(t, d, map[string]int{postWorkspace: 1})},
			{
				Config:           config(3),
				ConfigPlanChecks: updateAfter(person(t, d, "delete", codertest.BuildRequest{})),
				ExpectError:      message("was deleted"),
			},
			{
				PreConfig:        sent(t, d, nothing),
				Config:           config(3),
				ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
				Check:            wrote(t, d, map[string]int{postWorkspace: 1}),
			},
		}})
	})
}

// A build that somebody begins in the very moment of the apply is waited for,
// and what is still missing then is done.
func TestBetween_somebodyIsFaster(t *testing.T) {
	t.Parallel()
	onReleases(t, func(t *testing.T, d *flow) {
		template := d.add(codertest.BasicTemplate())
		config := func(n int) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), cpu(n))
		}
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(2), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{
				PreConfig: func() {
					d.Fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: "/workspaces/{workspace}/builds", Times: 1, Before: func(*http.Request) {
						if _, err := d.Fake.Build(present(t, d.Deployment).ID, "admin", "stop", codertest.BuildRequest{}); err != nil {
							t.Error(err)
						}
					}})
				},
				Config:           config(3),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				// Theirs was the last word about the run state.
				Check: checks(holds(t, d.Deployment, "stopped", map[string]string{"cpu": "3"}), wrote(t, d.Deployment, map[string]int{postBuild: 2})),
			},
		}})
	})
}
