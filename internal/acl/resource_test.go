package acl_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// Each apply sends one request with what changes, and who is in the list may
// enter.
func TestACL(t *testing.T) {
	t.Parallel()
	sharing(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "acl")
		alice, bob := d.User(t, "alice"), d.User(t, "bob")
		var id uuid.UUID
		sees := func(user acctest.User, want bool) resource.TestCheckFunc {
			return func(state *terraform.State) error {
				_, err := user.Client.Workspace(t.Context(), workspaceID(state))
				if want == (coder.KindOf(err) == coder.NotVisible) {
					t.Errorf("%s sees it: %v", user.Username, err)
				}
				return nil
			}
		}
		acctest.Test(t, d, resource.TestCase{
			Steps: []resource.TestStep{
				{
					Config: config(d, template, name, users(alice.Username, "use")),
					Check:  checks(capture(&id), has(t, d, alice.Username+" use"), wrote(t, d, 1), sees(alice, true), sees(bob, false)),
					ConfigStateChecks: []statecheck.StateCheck{
						attribute("users", alice.Username, "use"), attribute("user_ids", alice.Username, alice.ID.String()), attribute("group_ids"),
					},
				},
				{Config: config(d, template, name, users(alice.Username, "use")), ConfigPlanChecks: emptyPlan, Check: wrote(t, d, 0)},
				{
					Config:           config(d, template, name, users(alice.Username, "admin", bob.Username, "use"), groups("Everyone", "use")),
					ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check:            checks(has(t, d, alice.Username+" admin", bob.Username+" use", "Everyone use"), wrote(t, d, 1)),
					ConfigStateChecks: []statecheck.StateCheck{
						attribute("group_ids", "Everyone", template.OrganizationID),
					},
				},
				{
					Config:           config(d, template, name, users(bob.Username, "use")),
					ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check:            checks(has(t, d, bob.Username+" use"), wrote(t, d, 1), sees(alice, false)),
				},
				{ // nobody is written in two ways
					Config:           config(d, template, name),
					ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check:            checks(has(t, d), wrote(t, d, 1)),
				},
				{Config: config(d, template, name, users()), Check: checks(has(t, d), wrote(t, d, 0))},
				{Config: config(d, template, name, users(alice.Username, "use")), Check: wrote(t, d, 1)},
				{
					Config: d.ProviderConfig() + workspaceOnly(template, name),
					Check:  checks(has(t, d), wrote(t, d, 1), sees(alice, false)),
				},
			},
		})
	})
}

func workspaceOnly(template acctest.Template, name string) string {
	return `
resource "coderws_workspace" "test" {
  name        = "` + name + `"
  template_id = "` + template.ID + `"
}
`
}

// What somebody changes in the dashboard is planned, with names.
func TestACL_drift(t *testing.T) {
	t.Parallel()
	sharing(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "acl")
		alice, bob := d.User(t, "alice"), d.User(t, "bob")
		configured := config(d, template, name, users(alice.Username, "use"))
		var id uuid.UUID
		steps := []resource.TestStep{{Config: configured, Check: capture(&id)}}
		for _, change := range []struct {
			by   coder.ACLChange
			then resource.TestCheckFunc
		}{
			{userRole(alice, "admin"), resource.TestCheckResourceAttr(address, "users."+alice.Username, "admin")},
			{userRole(alice, ""), resource.TestCheckResourceAttr(address, "users.%", "0")},
			{userRole(bob, "use"), checks(
				resource.TestCheckResourceAttr(address, "users."+bob.Username, "use"), resource.TestCheckResourceAttr(address, "users.%", "2"),
			)},
			{
				coder.ACLChange{GroupRoles: map[uuid.UUID]string{uuid.MustParse(template.OrganizationID): "use"}},
				resource.TestCheckResourceAttr(address, "groups.Everyone", "use"),
			},
		} {
			steps = append(steps,
				resource.TestStep{
					PreConfig: patch(t, d, &id, change.by), RefreshState: true, ExpectNonEmptyPlan: true, Check: change.then,
				},
				resource.TestStep{
					Config: configured, ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: has(t, d, alice.Username+" use"),
				})
		}
		acctest.Test(t, d, resource.TestCase{Steps: steps})
	})
}

// An apply sends what its plan has shown. What somebody changes in between is
// there to be seen by the next plan.
func TestACL_between(t *testing.T) {
	t.Parallel()
	newest(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "acl")
		alice, bob := d.User(t, "alice"), d.User(t, "bob")
		var id uuid.UUID
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(d, template, name, users(alice.Username, "use")), Check: capture(&id)},
			{
				Config:             config(d, template, name, users(alice.Username, "admin")),
				ConfigPlanChecks:   resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{meanwhile(patch(t, d, &id, userRole(bob, "use")))}},
				Check:              has(t, d, alice.Username+" admin", bob.Username+" use"),
				ExpectNonEmptyPlan: true,
			},
			{Config: config(d, template, name, users(alice.Username, "admin")), Check: has(t, d, alice.Username+" admin")},
		}})
	})
}

// What is not known before the apply is waited for.
func TestACL_unknown(t *testing.T) {
	t.Parallel()
	newest(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "acl")
		alice, bob := d.User(t, "alice"), d.User(t, "bob")
		later := func(value string) string {
			return `
resource "terraform_data" "later" {
  input            = "` + value + `"
  triggers_replace = "` + value + `"
}
`
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{ // a key
				Config: later(alice.Username) + config(d, template, name, `users = { (terraform_data.later.output) = "use" }`),
				Check:  checks(has(t, d, alice.Username+" use"), wrote(t, d, 1)),
			},
			{ // a role
				Config: later("admin") + config(d, template, name, `users = { "`+alice.Username+`" = terraform_data.later.output }`),
				Check:  checks(has(t, d, alice.Username+" admin"), wrote(t, d, 1)),
			},
			{ // all of them
				Config: later(bob.Username) + config(d, template, name, `users = { for name in [terraform_data.later.output] : name => "use" }`),
				Check:  checks(has(t, d, bob.Username+" use"), wrote(t, d, 1)),
			},
			{ // twice, as it turns out
				Config:      later(bob.ID.String()) + config(d, template, name, `users = { "`+bob.Username+`" = "use", (terraform_data.later.output) = "use" }`),
				ExpectError: message("User or group is in the list twice"),
			},
		}})
	})
}

// Nobody of the name may exist yet when it is planned, but has to in the apply.
func TestACL_unknownUser(t *testing.T) {
	t.Parallel()
	newest(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "acl")
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(d, template, name, users(acctest.Name(t, "nobody"), "use")), ExpectError: message("User or group not found")},
			{Config: config(d, template, name, users(uuid.NewString(), "use")), ExpectError: message("does not exist")},
			{Config: config(d, template, name, users("me", "use")), ExpectError: message(`User to share with cannot be "me"`)},
			{Config: config(d, template, name, users("a@b.c", "use")), ExpectError: message("Invalid user to share with")},
			{Config: config(d, template, name, users("bob", "owner")), ExpectError: message("Invalid Attribute Value Match")},
			{Config: config(d, template, name, `users = { bob = null }`), ExpectError: message("Value must not be null")},
			{Config: config(d, template, name)}, // which can be destroyed
		}})
	})
}

// What was shared before is not taken away in silence: it is imported.
func TestACL_import(t *testing.T) {
	t.Parallel()
	sharing(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "acl")
		alice, bob := d.User(t, "alice"), d.User(t, "bob")
		var id uuid.UUID
		ofWorkspace := func(state *terraform.State) (string, error) { return workspaceID(state).String(), nil }
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: d.ProviderConfig() + workspaceOnly(template, name), Check: capture(&id)},
			{
				PreConfig:   patch(t, d, &id, userRole(alice, "admin")),
				Config:      config(d, template, name, users(bob.Username, "use")),
				ExpectError: message("Workspace is shared already"),
			},
			{ // with nothing to take away there is nothing to say
				Config: config(d, template, name, users(alice.Username, "admin", bob.Username, "use")),
				Check:  has(t, d, alice.Username+" admin", bob.Username+" use"),
			},
			{
				ResourceName: address, ImportState: true, ImportStateIdFunc: ofWorkspace,
				ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "workspace_id",
			},
			{ResourceName: address, ImportState: true, ImportStateId: "one", ExpectError: message("Invalid import id of a workspace's ACL")},
		}})
	})
}

func TestACL_importByIdentity(t *testing.T) {
	t.Parallel()
	newest(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "acl")
		alice := d.User(t, "alice")
		acctest.Test(t, d, resource.TestCase{
			TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
			Steps: []resource.TestStep{
				{Config: config(d, template, name, users(alice.Username, "use"))},
				{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
			},
		})
	})
}

// A deleted workspace takes its list along, and is in the way of nothing.
func TestACL_workspaceGone(t *testing.T) {
	t.Parallel()
	sharing(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "acl")
		alice := d.User(t, "alice")
		configured := config(d, template, name, users(alice.Username, "use"))
		var id, second uuid.UUID
		remove := func(id *uuid.UUID) func() {
			return func() {
				if err := d.DeleteWorkspace(t.Context(), *id); err != nil {
					t.Fatal(err)
				}
			}
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: configured, Check: capture(&id)},
			{
				PreConfig: remove(&id), Config: configured, ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
				Check: checks(capture(&second), has(t, d, alice.Username+" use")),
			},
			{PreConfig: remove(&second), Config: configured, Destroy: true},
		}})
	})
}

// Of who lost sight of the workspace nothing is concluded.
func TestACL_notVisible(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	template := d.Template(t, acctest.Basic)
	d.User(t, "alice")
	configured := config(d, template, "one", groups("Everyone", "use"))
	var id uuid.UUID
	visible := func(yes bool) func() { return func() { d.Fake.SetVisible(id, "admin", yes) } }
	acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
		{Config: configured, Check: capture(&id)},
		{PreConfig: visible(false), Config: configured, ExpectError: message("Workspace is not visible")},
		{PreConfig: visible(false), Config: configured, Destroy: true, ExpectError: message("Workspace is not visible")},
		{PreConfig: visible(true), Config: configured, ConfigPlanChecks: emptyPlan},
	}})
}
