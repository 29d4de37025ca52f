package workspace_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
)

func TestWorkspaceResource_deletionProtection(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template, other := d.Template(t, acctest.Basic), d.Template(t, acctest.Basic)
		name := acctest.Name(t, "kept")
		config := func(template, protect, region string) string {
			return workspaceConfig(d, name, template, "deletion_protection = "+protect, fmt.Sprintf("parameters = { region = %q }", region))
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(template.ID, "true", "eu-west")},
			{Config: config(template.ID, "true", "eu-west"), Destroy: true, ExpectError: message("Workspace is protected from deletion")},
			{Config: config(other.ID, "true", "eu-west"), ExpectError: message("Workspace is protected from deletion")},
			{Config: config(template.ID, "true", "us-east"), ExpectError: message("Workspace is protected from deletion")},
			{Config: config(other.ID, "false", "eu-west"), ExpectError: message("apply that alone")},
			{Config: config(template.ID, "false", "eu-west"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate)},
			{Config: config(other.ID, "false", "eu-west"), ConfigPlanChecks: planned(plancheck.ResourceActionReplace)},
		}})
	})
}

func TestWorkspaceResource_orphanOnDestroy(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Failing)
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{{
			Config: workspaceConfig(d, acctest.Name(t, "orphan"), template.ID, `parameters = { fail_at = "delete" }`, `orphan_on_destroy = true`),
		}}})
	})
}
