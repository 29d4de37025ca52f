package workspace_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// To configure what is there already sends nothing, for a workspace that
// Terraform has made as for one that it takes over; nor does taking it out.
func TestBetween_configuringWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, imported := range []bool{false, true} {
		t.Run(fmt.Sprintf("imported %t", imported), func(t *testing.T) {
			t.Parallel()
			onReleases(t, func(t *testing.T, d *flow) {
				template := d.add(codertest.BasicTemplate())
				config := func(lines ...string) string {
					return workspaceConfig(d.Deployment, "one", template.ID.String(), lines...)
				}
				there := []string{
					`parameters = { cpu = "2", gpu = "false", region = "eu-west" }`, pinned(template.ActiveVersionID),
					`ttl_ms = 0`, `desired_status = "running"`, ownedBy("admin"), fmt.Sprintf("organization_id = %q", template.OrganizationID),
				}
				if d.Fake.Version() == "v2.35.1" {
					there = append(there, `automatic_updates = "never"`)
				}
				first := resource.TestStep{Config: config(), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})}
				if imported {
					d.Fake.CreateWorkspace("admin", "one", template.ID, nil)
					first = resource.TestStep{Config: config(there...) + importBlock, Check: wrote(t, d.Deployment, nothing)}
				}
				acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
					first,
					{Config: config(there...), Check: wrote(t, d.Deployment, nothing)},
					{Config: config(), Check: wrote(t, d.Deployment, nothing)},
				}})
			})
		})
	}
}

// A stopped workspace on an older version is taken over as it is, too.
func TestBetween_configuringWhatIsThereOfAStoppedOne(t *testing.T) {
	t.Parallel()
	onReleases(t, func(t *testing.T, d *flow) {
		template := d.add(codertest.BasicTemplate())
		d.Fake.CreateWorkspace("admin", "one", template.ID, map[string]string{"cpu": "5"})
		person(t, d.Deployment, "stop", codertest.BuildRequest{})()
		d.Fake.PublishVersion(template.ID, codertest.BasicTemplate().Version)
		config := workspaceConfig(d.Deployment, "one", template.ID.String(), cpu(5), pinned(template.ActiveVersionID), `desired_status = "stopped"`)
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config + importBlock, Check: checks(holds(t, d.Deployment, "stopped", map[string]string{"cpu": "5"}), wrote(t, d.Deployment, nothing))},
		}})
	})
}

// A TTL that is taken out keeps its value and is nobody's but the dashboard's
// from then on, also where it was the template's default, and after an import.
func TestBetween_ttlTakenOut(t *testing.T) {
	t.Parallel()
	for ttl, imported := range map[int64]bool{3 * 3600_000: false, 7200_000: true} {
		t.Run(fmt.Sprintf("%d imported %t", ttl, imported), func(t *testing.T) {
			t.Parallel()
			onFakes(t, func(t *testing.T, d *acctest.Deployment) {
				template := d.Template(t, acctest.Basic, acctest.DefaultTTL(3*time.Hour))
				config := func(lines ...string) string { return workspaceConfig(d, "one", template.ID, lines...) }
				set := func(ttl int64) func() {
					return func() {
						if err := d.Client.PutTTL(t.Context(), present(t, d).ID, &ttl); err != nil {
							t.Error(err)
						}
						d.Fake.ResetRequests()
					}
				}
				with := fmt.Sprintf("ttl_ms = %d", ttl)
				first := resource.TestStep{Config: config(with), Check: wrote(t, d, map[string]int{postWorkspace: 1})}
				if imported {
					newWorkspace(t, d, template)
					set(ttl)()
					first = resource.TestStep{Config: config(with) + importBlock, Check: wrote(t, d, nothing)}
				}
				is := func(ttl int64) []statecheck.StateCheck {
					return []statecheck.StateCheck{attribute("ttl_ms", knownvalue.Int64Exact(ttl))}
				}
				acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
					first,
					{Config: config(), ConfigPlanChecks: emptyPlan, ConfigStateChecks: is(ttl)},
					{PreConfig: set(3600_000), Config: config(), ConfigPlanChecks: emptyPlan, ConfigStateChecks: is(3600_000)},
					{PreConfig: set(ttl), Config: config(), ConfigPlanChecks: emptyPlan, Check: wrote(t, d, nothing), ConfigStateChecks: is(ttl)},
				}})
			})
		})
	}
}

// A deadline with more digits than Coder keeps settles, and is sent once.
func TestBetween_deadlineOfNanoseconds(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		deadline := fmt.Sprintf("deadline = %q", time.Now().Add(7*time.Hour).UTC().Format("2006-01-02T15:04:05")+".999999999Z")
		config := func(lines ...string) string {
			return workspaceConfig(d, "one", template.ID, append(lines, `ttl_ms = 3600000`, deadline)...)
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(), Check: wrote(t, d, map[string]int{postWorkspace: 1, putExtend: 1})},
			{ // nor does it come again with another change
				Config: config(`autostart_schedule = "0 9 * * 1"`), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: wrote(t, d, map[string]int{putAutostart: 1}),
			},
		}})
	})
}
