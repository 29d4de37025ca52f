package acl_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
)

// A new name may be nobody's or somebody else's by the time of the apply, and the
// workspace gone: the apply says so, and changes nothing.
func TestACL_betweenNames(t *testing.T) {
	t.Parallel()
	newest(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "acl")
		alice, bob := d.User(t, "alice"), d.User(t, "bob")
		var id uuid.UUID
		happens := func(what func()) resource.ConfigPlanChecks {
			return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{meanwhile(what)}}
		}
		only := config(d, template, name, users(alice.Username, "use"))
		both := config(d, template, name, users(alice.Username, "use", bob.Username, "admin"))
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: only, Check: capture(&id)},
			{
				Config:           both,
				ConfigPlanChecks: happens(func() { d.RenameUser(t, bob, "bobby") }),
				ExpectError:      message("User or group not found"),
			},
			{PreConfig: func() { d.RenameUserTo(t, bob, bob.Username) }, Config: only, ConfigPlanChecks: emptyPlan, Check: has(t, d, alice.Username+" use")},
			{ // whoever has the name then is meant
				Config:           both,
				ConfigPlanChecks: happens(func() { d.SwapNames(t, bob, d.User(t, "mallory")) }),
				Check:            has(t, d, alice.Username+" use", bob.Username+" admin"),
			},
			{
				Config: only,
				ConfigPlanChecks: happens(func() {
					if err := d.DeleteWorkspace(t.Context(), id); err != nil {
						t.Error(err)
					}
				}),
				ExpectError: message("Workspace to share was deleted"),
			},
			{Config: only},
		}})
	})
}

// A user is the same by name, in any case, and by id.
func TestACL_nameOrID(t *testing.T) {
	t.Parallel()
	newest(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "acl")
		alice := d.User(t, "alice")
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{
				Config:      config(d, template, name, users(alice.Username, "use", alice.ID.String(), "use")),
				ExpectError: message("User or group is in the list twice"),
			},
			{Config: config(d, template, name, users(alice.Username, "use")), Check: wrote(t, d, 1)},
			{
				Config: config(d, template, name, users(strings.ToUpper(alice.Username), "use")),
				Check:  checks(has(t, d, alice.Username+" use"), wrote(t, d, 0)),
			},
			{
				Config:            config(d, template, name, users(alice.ID.String(), "use")),
				ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
				Check:             checks(has(t, d, alice.Username+" use"), wrote(t, d, 0)),
				ConfigStateChecks: []statecheck.StateCheck{attribute("users", alice.ID.String(), "use")},
			},
			{ // and renamed without anybody noticing
				PreConfig:        func() { alice.Username = d.RenameUser(t, alice, "alicia") },
				Config:           config(d, template, name, users(alice.ID.String(), "use")),
				ConfigPlanChecks: emptyPlan,
			},
		}})
	})
}

// Users who have swapped names are written with their new ones. With the old ones
// each would get the other's role.
func TestACL_swappedNames(t *testing.T) {
	t.Parallel()
	newest(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "acl")
		alice, bob := d.User(t, "alice"), d.User(t, "bob")
		swap := func() {
			d.SwapNames(t, alice, bob) // who is called as alice was
			d.RenameUserTo(t, alice, bob.Username)
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(d, template, name, users(alice.Username, "use", bob.Username, "admin")), Check: wrote(t, d, 1)},
			{
				PreConfig:   swap,
				Config:      config(d, template, name, users(alice.Username, "use", bob.Username, "admin")),
				ExpectError: message("Name now stands for somebody else"),
			},
			{
				Config:           config(d, template, name, users(bob.Username, "use", alice.Username, "admin")),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            checks(has(t, d, bob.Username+" use", alice.Username+" admin"), wrote(t, d, 0)),
			},
		}})
	})
}

// The access goes by the id that a name stood for: a rename takes it from nobody
// and gives it to nobody.
func TestACL_renamed(t *testing.T) {
	t.Parallel()
	newest(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "acl")
		alice, mallory := d.User(t, "alice"), d.User(t, "mallory")
		configured := config(d, template, name, users(alice.Username, "use"))
		var id uuid.UUID
		still := func() {
			if list, err := d.Client.ACL(t.Context(), id); err != nil || len(list.Users) != 1 || list.Users[0].ID != alice.ID {
				t.Errorf("%v, %v", list, err)
			}
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: configured, Check: checks(capture(&id), wrote(t, d, 1))},
			{ // nobody has the name now
				PreConfig:        func() { d.RenameUser(t, alice, "alicia") },
				Config:           configured,
				ConfigPlanChecks: emptyPlan,
				Check:            wrote(t, d, 0),
			},
			{ // a stranger has it
				PreConfig:   func() { d.SwapNames(t, alice, mallory) },
				Config:      configured,
				ExpectError: message("Name now stands for somebody else"),
			},
			{
				PreConfig:        still,
				Config:           config(d, template, name, users(alice.ID.String(), "use")),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            wrote(t, d, 0),
			},
			{ // who wants the stranger says so
				Config:           configured,
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            checks(has(t, d, alice.Username+" use"), wrote(t, d, 1)),
				ConfigStateChecks: []statecheck.StateCheck{
					attribute("user_ids", alice.Username, mallory.ID.String()),
				},
			},
		}})
	})
}

// Coder keeps deleted users in the list. They can be taken out, and are not in
// the way of others.
func TestACL_deletedUser(t *testing.T) {
	t.Parallel()
	newest(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "acl")
		alice, bob := d.User(t, "alice"), d.User(t, "bob")
		both := config(d, template, name, users(alice.Username, "use", bob.Username, "use"))
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: both},
			{PreConfig: func() { d.DeleteUser(t, alice) }, Config: both, ConfigPlanChecks: emptyPlan},
			{
				Config:      config(d, template, name, users(alice.Username, "admin", bob.Username, "use")),
				ExpectError: message("does not exist"),
			},
			{
				Config:           config(d, template, name, users(alice.Username, "use", bob.Username, "admin")),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            has(t, d, alice.Username+" use", bob.Username+" admin"),
			},
			{
				Config:           config(d, template, name, users(bob.Username, "admin")),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            has(t, d, bob.Username+" admin"),
			},
		}})
	})
}
