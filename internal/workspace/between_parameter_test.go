package workspace_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// Somebody updates the workspace to a version that has no parameter of a
// configured name any more: the configuration cannot be met, and the plan says
// so instead of showing the value that was. Without that name it is met.
func TestBetween_parameterThatIsGone(t *testing.T) {
	t.Parallel()
	onFlows(t, func(t *testing.T, d *flow) {
		template := d.add(codertest.BasicTemplate())
		less := codertest.BasicTemplate().Version
		less.Parameters = slices.DeleteFunc(less.Parameters, func(p codertest.Parameter) bool { return p.Name == "gpu" })
		version := d.Fake.UploadVersion(template.ID, less)
		config := func(parameters string) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), "parameters = {"+parameters+"}")
		}
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(`cpu = 4, gpu = true`), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{
				PreConfig: do(
					person(t, d.Deployment, "stop", codertest.BuildRequest{}),
					person(t, d.Deployment, "start", codertest.BuildRequest{VersionID: version}),
				),
				Config:      config(`cpu = 4, gpu = true`),
				ExpectError: regexp.MustCompile(`The template has no parameter "gpu"`),
			},
			{
				PreConfig:        sent(t, d.Deployment, nothing),
				Config:           config(`cpu = 4`),
				ConfigPlanChecks: emptyPlan,
				Check:            checks(wrote(t, d.Deployment, nothing), resource.TestCheckResourceAttr("coderws_workspace.test", "parameters.%", "1")),
			},
		}})
	})
}

// A parameter that only the template's active version has: the workspace has
// another, and the plan says what would help, which does.
func TestBetween_parameterOfTheActiveVersion(t *testing.T) {
	t.Parallel()
	onFlows(t, func(t *testing.T, d *flow) {
		template := d.add(codertest.BasicTemplate())
		more := codertest.BasicTemplate().Version
		more.Parameters = append(more.Parameters, codertest.Parameter{Name: "colour", Default: "red", Mutable: true})
		version := d.Fake.UploadVersion(template.ID, more)
		config := func(lines ...string) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), lines...)
		}
		colour := `parameters = { colour = "blue" }`
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config()},
			{
				PreConfig:   func() { d.Fake.PromoteVersion(version) },
				Config:      config(colour),
				ExpectError: regexp.MustCompile(`has it:\s+set\s+template_version_id`),
			},
			{
				Config: config(colour, fmt.Sprintf("template_version_id = %q", version)),
				Check:  holds(t, d.Deployment, "running", map[string]string{"colour": "blue"}),
			},
		}})
	})
}
