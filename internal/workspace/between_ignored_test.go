package workspace_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// ignoring is a lifecycle block that leaves attributes to others.
func ignoring(attributes string) string {
	return fmt.Sprintf("lifecycle {\n ignore_changes = [%s]\n }", attributes)
}

// What ignore_changes leaves to others stays as it is when something else
// changes. Terraform sends it to the apply all the same.
func TestBetween_ignoredChanges(t *testing.T) {
	t.Parallel()
	const other = "b0a7f6a4-6c0c-4d0e-9d3e-0d6f3f5b8c11"
	for name, test := range map[string]struct {
		ignored       string
		before, after string // what is configured of it
		change        string // besides, in the second step
		happens       func(t *testing.T, d *acctest.Deployment) func()
		wrote         map[string]int
		holds         map[string]string
		status        string
	}{
		"parameters": {
			ignored: "parameters", before: cpu(2), after: cpu(4), change: "ttl_ms = 7200000",
			wrote: map[string]int{putTTL: 1}, holds: map[string]string{"cpu": "2"},
		},
		"an immutable parameter, and a build": {
			ignored: "parameters", before: region("eu-west"), after: region("us-east"), change: `desired_status = "stopped"`,
			wrote: map[string]int{postBuild: 1}, holds: map[string]string{"region": "eu-west"}, status: "stopped",
		},
		"parameters taken out": {
			ignored: "parameters", before: cpu(2), change: "ttl_ms = 7200000",
			wrote: map[string]int{putTTL: 1}, holds: map[string]string{"cpu": "2"},
		},
		"one parameter": {
			ignored: `parameters["cpu"]`, before: `parameters = { cpu = "2", gpu = "false" }`, after: `parameters = { cpu = "4", gpu = "true" }`,
			wrote: map[string]int{postBuild: 2}, holds: map[string]string{"cpu": "2", "gpu": "true"},
		},
		"another parameter since the plan": {
			ignored: `parameters["cpu"]`, before: `parameters = { cpu = "2", gpu = "false" }`, after: `parameters = { cpu = "4", gpu = "true" }`,
			happens: func(t *testing.T, d *acctest.Deployment) func() {
				return do(person(t, d, "start", codertest.BuildRequest{Parameters: map[string]string{"cpu": "3"}}), d.Fake.ResetRequests)
			},
			wrote: map[string]int{postBuild: 2}, holds: map[string]string{"cpu": "3", "gpu": "true"},
		},
		"owner": {
			ignored: "owner_name", after: `owner_name = "nobody-at-all"`, change: "ttl_ms = 7200000",
			wrote: map[string]int{putTTL: 1},
		},
		"schedule taken out": {
			ignored: "autostart_schedule", before: `autostart_schedule = "0 9 * * *"`, change: "ttl_ms = 7200000",
			wrote: map[string]int{putTTL: 1},
		},
		"settings": {
			ignored: "ttl_ms, automatic_updates, dormant, deadline, template_version_id, wait_for_agents",
			after:   "ttl_ms = 7200000\n automatic_updates = \"always\"\n dormant = true\n wait_for_agents = true\n template_version_id = \"" + other + "\"",
			change:  `autostart_schedule = "0 9 * * *"`, wrote: map[string]int{putAutostart: 1},
		},
		"run state": {
			ignored: "desired_status", before: `desired_status = "running"`, after: `desired_status = "stopped"`, change: cpu(3),
			wrote: map[string]int{postBuild: 2}, holds: map[string]string{"cpu": "3"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onNewest(t, func(t *testing.T, f *flow) {
				d := f.Deployment
				template := d.Template(t, acctest.Basic)
				change := planned(plancheck.ResourceActionUpdate)
				if test.happens != nil {
					change = updateAfter(test.happens(t, d))
				}
				if test.status == "" {
					test.status = "running"
				}
				config := func(lines ...string) string {
					return workspaceConfig(d, "one", template.ID, append(lines, ignoring(test.ignored))...)
				}
				var id uuid.UUID
				acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
					{Config: config(test.before), Check: checks(capture(&id), func(*terraform.State) error { d.Fake.ResetRequests(); return nil })},
					{
						Config: config(test.after, test.change), ConfigPlanChecks: change,
						Check: checks(same(&id), holds(t, d, test.status, test.holds), wrote(t, d, test.wrote)),
					},
					{Config: config(test.after, test.change), ConfigPlanChecks: emptyPlan},
				}})
			})
		})
	}
}

// An ignored run state of a workspace whose build has failed is none to bring
// about.
func TestBetween_ignoredRunStateOfAFailedBuild(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, f *flow) {
		d := f.Deployment
		template := d.Template(t, acctest.Failing)
		config := workspaceConfig(d, "one", template.ID, `desired_status = "running"`, parameters(map[string]string{"fail_at": "never"}), ignoring("desired_status, parameters"))
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config, Check: wrote(t, d, map[string]int{postWorkspace: 1})},
			{
				PreConfig:        do(person(t, d, "start", codertest.BuildRequest{Parameters: map[string]string{"fail_at": "apply"}}), d.Fake.ResetRequests),
				Config:           config,
				ConfigPlanChecks: emptyPlan,
				Check:            wrote(t, d, nothing),
			},
		}})
	})
}
