package workspace_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// A running workspace is not stopped for a version that cannot be started.
func TestBetween_updateThatCannotComeUp(t *testing.T) {
	t.Parallel()
	onFlows(t, func(t *testing.T, d *flow) {
		template, other := d.add(codertest.BasicTemplate()), d.add(codertest.BasicTemplate())
		upload := func(change func(v *codertest.TemplateVersion)) uuid.UUID {
			version := codertest.BasicTemplate().Version
			change(&version)
			return d.Fake.UploadVersion(template.ID, version)
		}
		config := func(version uuid.UUID) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), pinned(version), cpu(3))
		}
		refused := func(version uuid.UUID, says string) resource.TestStep {
			return resource.TestStep{Config: config(version), ExpectError: message(says)}
		}
		steps := []resource.TestStep{
			{Config: config(template.ActiveVersionID), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			refused(upload(func(v *codertest.TemplateVersion) { v.ImportError = "no such provider" }), "no such provider"),
			refused(upload(func(v *codertest.TemplateVersion) { v.Importing = true }), "is still being imported"),
			refused(other.ActiveVersionID, "belongs to another template"),
			refused(upload(func(v *codertest.TemplateVersion) {
				v.Parameters = append(v.Parameters, codertest.Parameter{Name: "project", Required: true})
			}), "Missing template parameter"),
			refused(upload(func(v *codertest.TemplateVersion) { v.Parameters = v.Parameters[:1] }), "Unknown template parameter"),
			refused(upload(func(v *codertest.TemplateVersion) { two := int32(2); v.Parameters[1].Max = &two }), "Invalid parameter value"),
			refused(upload(func(v *codertest.TemplateVersion) {
				one := int32(1)
				v.Parameters[2].Type, v.Parameters[2].Default, v.Parameters[2].Min = "number", "1", &one
			}), "Set another one in parameters"),
		}
		if d.Fake.Version() == "v2.35.1" { // the seed has neither
			steps = append(steps,
				refused(upload(func(v *codertest.TemplateVersion) { v.Archived = true }), "is archived"),
				refused(upload(func(v *codertest.TemplateVersion) {
					v.ExternalAuth = []codertest.ExternalAuth{{ID: "github", DisplayName: "GitHub"}}
				}), "logged in to: GitHub"))
		}
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: append(steps, resource.TestStep{
			PreConfig: sent(t, d.Deployment, nothing), Config: config(template.ActiveVersionID), ConfigPlanChecks: emptyPlan,
			Check: checks(holds(t, d.Deployment, "running", map[string]string{"cpu": "3"}), wrote(t, d.Deployment, nothing)),
		})})
	})
}

// A failed change of the run state goes back to what the workspace was before,
// when the configuration does.
func TestBetween_failedRunStateGoesBack(t *testing.T) {
	t.Parallel()
	for was, transition := range map[string]string{"stopped": "start", "running": "stop"} {
		t.Run(was, func(t *testing.T) {
			t.Parallel()
			onNewest(t, func(t *testing.T, d *flow) {
				b := newBreakable(d)
				wants, happens := `desired_status = "stopped"`, func() {}
				if was == "stopped" {
					wants, happens = `desired_status = "running"`, person(t, d.Deployment, "stop", codertest.BuildRequest{})
				}
				acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
					{Config: b.config(cpu(2)), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
					{PreConfig: do(happens, b.breaks(transition)), Config: b.config(cpu(3), wants), ExpectError: message("Workspace failed to " + transition)},
					{
						PreConfig: do(sent(t, d.Deployment, map[string]int{postBuild: 1}), b.breaks("")),
						Config:    b.config(cpu(2)), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
						Check: checks(holds(t, d.Deployment, was, map[string]string{"cpu": "2"}), wrote(t, d.Deployment, map[string]int{postBuild: 1})),
					},
				}})
			})
		})
	}
}
