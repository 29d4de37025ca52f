package workspace_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/workspace"
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
		config := func(owner string, lines ...string) string {
			return workspaceConfig(d, "one", template.ID, append(lines, ownedBy(owner))...)
		}
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
			{ // nothing tells yet that this is not as it was before
				Config: config("carol"), ExpectError: message(`To give it up for one of the new "carol", destroy it first`),
			},
			{
				PreConfig: sent(t, d, nothing), Config: config("caroline", `autostart_schedule = "30 8 * * 1-5"`),
				Check: checks(same(&id), wrote(t, d, map[string]int{putAutostart: 1})),
			},
			{
				Config: config("carol"), ConfigPlanChecks: planned(plancheck.ResourceActionReplace),
				Check: checks(another(&id), func(state *terraform.State) error { return belongsTo(t, d, taker)(state) }),
			},
		}})
	})
}

// A token that sees another user, but creates workspaces for its own user only,
// deletes none for one that it could not create.
func TestBetween_tokenMayNotCreateForTheOtherOwner(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, d *acctest.Deployment) {
		tom := d.Fake.AddTemplateAdmin("tom")
		d.Fake.AddUser("dave")
		template := d.Template(t, acctest.Basic)
		his := as(d, tom)
		var id uuid.UUID
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: workspaceConfig(his, "one", template.ID, ownedBy("tom")), Check: checks(capture(&id), wrote(t, d, map[string]int{postWorkspace: 1}))},
			{
				Config:      workspaceConfig(his, "one", template.ID, ownedBy("dave")),
				ExpectError: message(`lacks a right to create a new one for "dave"`),
			},
			{PreConfig: sent(t, d, nothing), Config: workspaceConfig(his, "one", template.ID, ownedBy("tom")), ConfigPlanChecks: emptyPlan, Check: same(&id)},
		}})
	})
}

// The state learns the new name by a refresh that is kept and by an apply that
// fails, too. The old name still does not mean whoever has it now.
func TestBetween_oldNameOfTheOwnerIsRemembered(t *testing.T) {
	t.Parallel()
	refresh := func(t *testing.T, d *acctest.Deployment, prior *acctest.Instance, _ acctest.Values) *acctest.Instance {
		t.Helper()
		kept, diags := d.Server(t).Read(t, workspace.ResourceType, prior)
		if diags.HasError() {
			t.Fatal(diags)
		}
		return kept
	}
	for name, happens := range map[string]func(*testing.T, *acctest.Deployment, *acctest.Instance, acctest.Values) *acctest.Instance{
		"refresh only": refresh,
		"renamed twice": func(t *testing.T, d *acctest.Deployment, prior *acctest.Instance, values acctest.Values) *acctest.Instance {
			t.Helper()
			prior = refresh(t, d, prior, values)
			d.Fake.RenameUser("caroline", "carolina")
			return refresh(t, d, prior, values)
		},
		"apply of a saved plan": func(t *testing.T, d *acctest.Deployment, prior *acctest.Instance, values acctest.Values) *acctest.Instance {
			t.Helper()
			values = maps.Clone(values)
			values["autostart_schedule"] = "30 8 * * 1-5"
			kept, diags := d.Server(t).Apply(t, workspace.ResourceType, prior, values)
			if text := diags.String(); !strings.Contains(text, "Owner was renamed") || strings.Contains(text, "have to be replaced") {
				t.Error(text)
			}
			return kept
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onNewest(t, func(t *testing.T, f *flow) {
				d := f.Deployment
				d.Fake.AddUser("carol")
				values := acctest.Values{"name": "one", "owner_name": "carol", "template_id": d.Template(t, acctest.Basic).ID}
				prior, diags := d.Server(t).Apply(t, workspace.ResourceType, nil, values)
				if diags.HasError() {
					t.Fatal(diags)
				}
				d.Fake.RenameUser("carol", "caroline")
				d.Fake.AddUser("carol")
				kept := happens(t, d, prior, values)

				server := d.Server(t)
				kept, diags = server.Read(t, workspace.ResourceType, kept)
				if diags.HasError() {
					t.Fatal(diags)
				}
				for of, instance := range map[string]*acctest.Instance{"the workspace": kept, "one that replaces it, as it is tainted": server.None(t, workspace.ResourceType)} {
					plan := server.Plan(t, workspace.ResourceType, instance, values)
					if text := acctest.Diagnostics(plan.Diagnostics).String(); !strings.Contains(text, "Owner was renamed") || len(plan.RequiresReplace) > 0 {
						t.Errorf("plan of %s: %s; replaces for %v", of, text, plan.RequiresReplace)
					}
				}
			})
		})
	}
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
