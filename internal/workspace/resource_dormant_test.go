package workspace_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// sleeps checks the run state of the only workspace, and whether it is dormant.
func sleeps(t *testing.T, d *acctest.Deployment, status string, dormant bool) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		if w := present(t, d); w.Status != status || w.Dormant != dormant {
			return fmt.Errorf("it is %s, dormant %t; want %s, %t", w.Status, w.Dormant, status, dormant)
		}
		return nil
	}
}

// Dormancy is as it is configured: after the first build, whatever people and
// policies do, and through restarts, which end it. Left out, it is theirs.
func TestWorkspaceResource_dormant(t *testing.T) {
	t.Parallel()
	for version, test := range map[string]struct {
		put   string
		wakes int // requests before a start
	}{
		"v2.1.0":  {"PUT /workspaces/{workspace}/lock", 1},
		"v2.21.1": {"PUT /workspaces/{workspace}/dormant", 1},
		"v2.35.1": {"PUT /workspaces/{workspace}/dormant", 0},
	} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			template := d.Template(t, acctest.Basic)
			config := func(lines ...string) string { return workspaceConfig(d, "one", template.ID, lines...) }
			become := func(dormant bool) func() {
				return func() { d.Fake.SetDormant(present(t, d).ID, dormant) }
			}
			requests := func(builds, puts int) map[string]int {
				want := map[string]int{}
				if builds > 0 {
					want[postBuild] = builds
				}
				if puts > 0 {
					want[test.put] = puts
				}
				return want
			}
			const yes, no = "dormant = true", "dormant = false"
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				{Config: config(yes), Check: checks(sleeps(t, d, "running", true), wrote(t, d, map[string]int{postWorkspace: 1, test.put: 1}))},
				{
					PreConfig: become(false), Config: config(yes), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check: checks(sleeps(t, d, "running", true), wrote(t, d, requests(0, 1))),
				},
				{
					Config: config(yes, cpu(3)), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check: checks(sleeps(t, d, "running", true), wrote(t, d, requests(2, test.wakes+1))),
				},
				{Config: config(yes, `desired_status = "running"`), ExpectError: message("Dormant workspace cannot be kept running")},
				{
					PreConfig: sent(t, d, nothing), Config: config(yes, `desired_status = "stopped"`), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check: checks(sleeps(t, d, "stopped", true), wrote(t, d, requests(1, 0))),
				},
				{
					Config: config(`desired_status = "running"`), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check: checks(sleeps(t, d, "running", false), wrote(t, d, requests(1, test.wakes))),
				},
				{PreConfig: become(true), Config: config(`desired_status = "running"`), ConfigPlanChecks: emptyPlan},
				// Configured as it is, there is nothing to do but to remember that.
				{Config: config(yes), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: checks(sleeps(t, d, "running", true), wrote(t, d, requests(0, 0)))},
				{
					Config: config(no), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check: checks(sleeps(t, d, "running", false), wrote(t, d, requests(0, 1))),
				},
				{
					PreConfig: become(true), Config: config(no, cpu(4)), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check: checks(sleeps(t, d, "running", false), wrote(t, d, requests(2, 1))),
				},
			}})
		})
	}
}

// Servers that know no dormancy say so at plan, before anything is made.
func TestWorkspaceResource_dormantOnTheSeed(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{Version: "seed"})
	template := d.Template(t, acctest.Basic)
	config := func(lines ...string) string { return workspaceConfig(d, "one", template.ID, lines...) }
	acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
		{Config: config("dormant = true"), ExpectError: message("need Coder 0.25")},
		{PreConfig: sent(t, d, nothing), Config: config(), Check: wrote(t, d, map[string]int{postWorkspace: 1})},
		{Config: config("dormant = true"), ExpectError: message("Server has no dormancy")},
		{Config: config("dormant = false"), ExpectError: message("Server has no dormancy")},
		{PreConfig: sent(t, d, nothing), Config: config(), ConfigPlanChecks: emptyPlan},
	}})
}

// A dormancy that cannot be had after a create does not taint the workspace: the
// next plan tries again.
func TestWorkspaceResource_dormantLater(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, f *flow) {
		d := f.Deployment
		template := d.Template(t, acctest.Basic)
		config := workspaceConfig(d, "one", template.ID, "dormant = true")
		d.Fake.AddFault(codertest.Fault{Method: "PUT", Route: "/workspaces/{workspace}/dormant", Times: 1, Status: 403, Body: `{"message":"Forbidden."}`})
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config, ExpectNonEmptyPlan: true, Check: sleeps(t, d, "running", false)},
			{Config: config, ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: sleeps(t, d, "running", true)},
		}})
	})
}
