package workspace_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
)

// Who renames a user keeps the workspaces: the plan names the new username, and
// once the configuration has it there is nothing to do.
func TestBetween_renamedOwnerIsNotReplaced(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, d *acctest.Deployment) {
		d.Fake.AddUser("carol")
		template := d.Template(t, acctest.Basic)
		config := func(lines ...string) string { return workspaceConfig(d, "one", template.ID, lines...) }
		var id uuid.UUID
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(ownedBy("carol")), Check: checks(capture(&id), wrote(t, d, map[string]int{postWorkspace: 1}))},
			{
				PreConfig:   func() { d.Fake.RenameUser("carol", "caroline") },
				Config:      config(ownedBy("carol")),
				ExpectError: message(`write owner_name = "caroline": the workspace then stays as it is`),
			},
			{
				PreConfig:        sent(t, d, nothing),
				Config:           config(ownedBy("caroline")),
				ConfigPlanChecks: emptyPlan,
				Check:            checks(same(&id), wrote(t, d, nothing)),
			},
			{ // another case is the same user
				Config:           config(ownedBy("CAROLINE")),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            checks(same(&id), wrote(t, d, nothing)),
			},
			{ // left out, the owner stays, though the token is somebody else's
				Config:           config(),
				ConfigPlanChecks: emptyPlan,
				Check:            checks(same(&id), wrote(t, d, nothing)),
			},
		}})
	})
}

// A plan without a refresh knows only the old username. The new one is the same
// user to it, too.
func TestBetween_renamedOwnerWithoutRefresh(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, f *flow) {
		d := f.Deployment
		d.Fake.AddUser("carol")
		d.Fake.AddUser("dave")
		template := d.Template(t, acctest.Basic)
		config := func(owner string) string { return workspaceConfig(d, "one", template.ID, ownedBy(owner)) }
		var id uuid.UUID
		without := resource.TestCase{Steps: []resource.TestStep{
			{Config: config("carol"), Check: checks(capture(&id), wrote(t, d, map[string]int{postWorkspace: 1}))},
			{
				PreConfig:        func() { d.Fake.RenameUser("carol", "caroline") },
				Config:           config("carol"),
				ConfigPlanChecks: emptyPlan,
			},
			{
				Config:           config("caroline"),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            checks(same(&id), wrote(t, d, nothing)),
			},
			{ // such a plan is no base for destroying anything
				Config:      config("dave"),
				ExpectError: message("Workspace would have to be replaced"),
			},
			{PreConfig: sent(t, d, nothing), Config: config("caroline"), ConfigPlanChecks: emptyPlan},
		}}
		without.AdditionalCLIOptions = &resource.AdditionalCLIOptions{Plan: resource.PlanOptions{NoRefresh: true}}
		acctest.Test(t, d, without)
	})
}

// Workspaces that are read together are found under the owner's new name.
func TestBetween_renamedOwnerOfSeveral(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, d *acctest.Deployment) {
		d.Fake.AddUser("carol")
		template := d.Template(t, acctest.Basic)
		config := func(owner string) string {
			return d.ProviderConfig() + fmt.Sprintf(`
resource "coderws_workspace" "test" {
  count       = 5
  name        = "dev-${count.index}"
  template_id = %q
  owner_name  = %q
}
`, template.ID, owner)
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config("carol"), Check: wrote(t, d, map[string]int{postWorkspace: 5})},
			{
				PreConfig:        func() { d.Fake.RenameUser("carol", "caroline") },
				Config:           config("caroline"),
				ConfigPlanChecks: emptyPlan,
				Check:            wrote(t, d, nothing),
			},
			{Config: config("carol"), ExpectError: message(`write owner_name = "caroline"`)},
			{PreConfig: sent(t, d, nothing), Config: config("caroline"), ConfigPlanChecks: emptyPlan},
		}})
	})
}

// Another user is another owner: only that replaces the workspace.
func TestBetween_otherOwnerIsReplaced(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, d *acctest.Deployment) {
		d.Fake.AddUser("carol")
		dave := d.Fake.AddUser("dave")
		template := d.Template(t, acctest.Basic)
		config := func(owner string) string { return workspaceConfig(d, "one", template.ID, ownedBy(owner)) }
		var id uuid.UUID
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config("carol"), Check: checks(capture(&id), wrote(t, d, map[string]int{postWorkspace: 1}))},
			{
				Config: config("dave"), ConfigPlanChecks: planned(plancheck.ResourceActionReplace),
				Check: checks(another(&id), belongsTo(t, d, dave.ID), wrote(t, d, map[string]int{postBuild: 1, postWorkspace: 1})),
			},
		}})
	})
}

// Somebody else has taken the old name of the owner: whether that user is meant
// is asked, and what the error says to do about it works.
func TestBetween_oldNameOfTheOwnerIsTaken(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, d *acctest.Deployment) {
		old := d.Fake.AddUser("carol")
		template := d.Template(t, acctest.Basic)
		config := func(owner string) string { return workspaceConfig(d, "one", template.ID, ownedBy(owner)) }
		var id, taker uuid.UUID
		take := func() {
			d.Fake.RenameUser("carol", "caroline")
			taker = d.Fake.AddUser("carol").ID
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config("carol"), Check: checks(capture(&id), wrote(t, d, map[string]int{postWorkspace: 1}))},
			{PreConfig: take, Config: config("carol"), ExpectError: message(`who was called "carol" and is "caroline" now`)},
			{
				PreConfig: sent(t, d, nothing), Config: config("caroline"), ConfigPlanChecks: emptyPlan,
				Check: checks(same(&id), belongsTo(t, d, old.ID), wrote(t, d, nothing)),
			},
			{
				Config: config("carol"), ConfigPlanChecks: planned(plancheck.ResourceActionReplace),
				Check: checks(another(&id), func(state *terraform.State) error { return belongsTo(t, d, taker)(state) }),
			},
		}})
	})
}

// belongsTo checks whose the one workspace is.
func belongsTo(t *testing.T, d *acctest.Deployment, user uuid.UUID) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		if w := present(t, d); w.OwnerID != user {
			return fmt.Errorf("the workspace belongs to %s", w.Owner)
		}
		return nil
	}
}

// A new workspace has nothing to do with one of the same name that belongs to
// somebody else and is managed beside it.
func TestBetween_sameNameForTwoOwners(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, f *flow) {
		d := f.Deployment
		d.Fake.AddUser("carol")
		template := d.Template(t, acctest.Basic)
		hers := workspaceConfig(d, "dev", template.ID, ownedBy("carol"))
		mine := fmt.Sprintf("\nresource \"coderws_workspace\" \"mine\" {\n  name = \"dev\"\n  template_id = %q\n  depends_on = [coderws_workspace.test]\n}\n", template.ID)
		var id uuid.UUID
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: hers, Check: checks(capture(&id), wrote(t, d, map[string]int{postWorkspace: 1}))},
			{Config: hers + mine, Check: checks(same(&id), wrote(t, d, map[string]int{postWorkspace: 1}))},
		}})
	})
}
