package workspace_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// withNote is a template with an ephemeral note.
func withNote() codertest.Template {
	template := codertest.BasicTemplate()
	template.Version.Parameters = append(template.Version.Parameters, codertest.Parameter{Name: "note", Mutable: true, Ephemeral: true})
	return template
}

// ephemeral are the arguments for one ephemeral value.
func ephemeral(name, value string, version int) string {
	return fmt.Sprintf("ephemeral_parameters = { %s = %q }\n  ephemeral_parameters_version = %d", name, value, version)
}

// writeOnly is the Terraform that has write-only arguments.
var writeOnly = []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)}

// A kept parameter among the ephemeral ones is refused at plan: Coder would keep
// it, and the state would say otherwise for good.
func TestBetween_keptParameterAmongTheEphemeralOnes(t *testing.T) {
	t.Parallel()
	onNewestFlows(t, func(t *testing.T, d *flow) {
		template := d.add(withNote())
		config := func(lines ...string) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), lines...)
		}
		refused := message(`Parameter "cpu" is not ephemeral`)
		acctest.Test(t, d.Deployment, resource.TestCase{TerraformVersionChecks: writeOnly, Steps: []resource.TestStep{
			{Config: config(ephemeral("cpu", "3", 1)), ExpectError: refused},
			{PreConfig: sent(t, d.Deployment, nothing), Config: config(), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{Config: config(ephemeral("cpu", "3", 1)), ExpectError: refused},
			{Config: config(`parameters = { cpu = "3" }`, ephemeral("cpu", "3", 1)), ExpectError: refused},
			{Config: config(ephemeral("nota", "x", 1)), ExpectError: message("Unknown template parameter")},
			{Config: config(`parameters = { note = "x" }`), ExpectError: message("Set it in ephemeral_parameters")},
			{PreConfig: sent(t, d.Deployment, nothing), Config: config(), ConfigPlanChecks: emptyPlan},
		}})
	})
}

// The actions refuse the same before they stop the workspace.
func TestBetween_keptParameterAmongTheEphemeralOnesOfActions(t *testing.T) {
	t.Parallel()
	onNewestFlows(t, func(t *testing.T, d *flow) {
		template := d.add(withNote())
		id := d.Fake.CreateWorkspace("admin", "one", template.ID, nil)
		d.Fake.PublishVersion(template.ID, withNote().Version)
		s := d.Server(t)
		for _, action := range []string{restartAction, updateAction} {
			_, diags := s.Invoke(t, action, acctest.Values{"workspace_id": id.String(), "ephemeral_parameters": map[string]string{"cpu": "3"}})
			wantProblem(t, diags, "Kept parameter among the ephemeral ones", `Parameter "cpu" is not ephemeral`)
		}
		sent(t, d.Deployment, nothing)()
		if err := holds(t, d.Deployment, "running", map[string]string{"cpu": "2"})(nil); err != nil {
			t.Error(err)
		}
	})
}

// The oldest server has no ephemeral parameters, and would keep everything.
func TestBetween_ephemeralParameterOnTheSeed(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{Version: "seed"})
	template := d.Template(t, acctest.Basic)
	config := func(lines ...string) string { return workspaceConfig(d, "one", template.ID, lines...) }
	refused := message("they need Coder 0.26")
	acctest.Test(t, d, resource.TestCase{TerraformVersionChecks: writeOnly, Steps: []resource.TestStep{
		{Config: config(ephemeral("cpu", "3", 1)), ExpectError: refused},
		{PreConfig: sent(t, d, nothing), Config: config(), Check: wrote(t, d, map[string]int{postWorkspace: 1})},
		{Config: config(ephemeral("cpu", "3", 1)), ExpectError: refused},
		{PreConfig: sent(t, d, nothing), Config: config(), ConfigPlanChecks: emptyPlan},
	}})
}

// Ephemeral parameters and their number can be taken out without a build. Put
// in again, the number is a new one to Terraform, which keeps nothing of it:
// one build, whether it is the same as long ago or not.
func TestBetween_ephemeralVersionComesAndGoes(t *testing.T) {
	t.Parallel()
	for _, again := range []int{1, 2} {
		t.Run(fmt.Sprintf("again %d", again), func(t *testing.T) {
			t.Parallel()
			onNewest(t, func(t *testing.T, d *flow) {
				template := d.add(withNote())
				config := func(lines ...string) string {
					return workspaceConfig(d.Deployment, "one", template.ID.String(), lines...)
				}
				note := func(value string) resource.TestCheckFunc {
					return holds(t, d.Deployment, "running", map[string]string{"note": value})
				}
				acctest.Test(t, d.Deployment, resource.TestCase{TerraformVersionChecks: writeOnly, Steps: []resource.TestStep{
					{Config: config(ephemeral("note", "first", 1)), Check: checks(note("first"), wrote(t, d.Deployment, map[string]int{postWorkspace: 1}))},
					{Config: config(ephemeral("note", "second", 1)), ConfigPlanChecks: emptyPlan},
					{Config: config(), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: checks(note("first"), wrote(t, d.Deployment, nothing))},
					{
						Config: config(ephemeral("note", "third", again)), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
						Check: checks(note("third"), wrote(t, d.Deployment, map[string]int{postBuild: 2})),
					},
					// Without their number they go with builds that are made anyway.
					{Config: config(`ephemeral_parameters = { note = "fourth" }`), Check: checks(note("third"), wrote(t, d.Deployment, nothing))},
					{
						Config: config(`ephemeral_parameters = { note = "fifth" }`, cpu(3)), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
						Check: checks(note("fifth"), wrote(t, d.Deployment, map[string]int{postBuild: 2})),
					},
				}})
			})
		})
	}
}

// A build for a new number that failed is repeated.
func TestBetween_ephemeralVersionOfAFailedBuild(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, d *flow) {
		fails := withNote()
		fails.Version.Fail = func(_ string, values map[string]string) string {
			if values["note"] == "bad" {
				return codertest.ApplyFailed + "\nError: bad note"
			}
			return ""
		}
		template := d.add(fails)
		config := func(note string, version int) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), ephemeral("note", note, version))
		}
		acctest.Test(t, d.Deployment, resource.TestCase{TerraformVersionChecks: writeOnly, Steps: []resource.TestStep{
			{Config: config("good", 1), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{Config: config("bad", 2), ExpectError: message("Workspace failed to start")},
			{
				PreConfig: sent(t, d.Deployment, map[string]int{postBuild: 2}),
				Config:    config("fine", 2), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: checks(holds(t, d.Deployment, "running", map[string]string{"note": "fine"}), wrote(t, d.Deployment, map[string]int{postBuild: 1})),
			},
		}})
	})
}

// A build for a new number that took longer than the time limit and went well in
// the end is not made again.
func TestBetween_timedOutEphemeralVersion(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, d *flow) {
		s := newSlowly(d, withNote())
		acctest.Test(t, d.Deployment, resource.TestCase{TerraformVersionChecks: writeOnly, Steps: []resource.TestStep{
			{Config: s.config(ephemeral("note", "first", 1)), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{PreConfig: s.takesLong("start"), Config: s.config(ephemeral("note", "second", 2)), ExpectError: message("Build did not end in time")},
			{
				PreConfig: do(sent(t, d.Deployment, map[string]int{postBuild: 2}), s.hourLater),
				Config:    s.config(ephemeral("note", "third", 2)), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: checks(holds(t, d.Deployment, "running", map[string]string{"note": "second"}), wrote(t, d.Deployment, nothing)),
			},
			{Config: s.config(ephemeral("note", "fourth", 2)), ConfigPlanChecks: emptyPlan},
			{
				Config: s.config(ephemeral("note", "fifth", 3)), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: checks(holds(t, d.Deployment, "running", map[string]string{"note": "fifth"}), wrote(t, d.Deployment, map[string]int{postBuild: 2})),
			},
		}})
	})
}
