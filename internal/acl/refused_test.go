package acl_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// A server that cannot share says which one can.
func TestACL_oldServers(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"seed", "v2.21.1", "v2.26.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version, Experiments: []string{"workspace-sharing"}})
			template := d.Template(t, acctest.Basic)
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				{Config: d.ProviderConfig() + workspaceOnly(template, "one")},
				{Config: config(d, template, "one", groups("Everyone", "use")), ExpectError: message("Server cannot share workspaces")},
				{ // a plan that knows nothing yet of the server
					Config: config(d, template, "two", users(uuid.NewString(), "use")), ExpectError: message("Sharing takes Coder 2.32"),
				},
				{Config: d.ProviderConfig() + workspaceOnly(template, "one")},
			}})
		})
	}
}

// Where sharing is switched off, the error says who can switch it on.
func TestACL_switchedOff(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v2.31.0", "v2.35.1"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			d.Fake.SetSharing(uuid.Nil, false)
			template := d.Template(t, acctest.Basic)
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				{Config: config(d, template, "one", groups("Everyone", "use")), ExpectError: message("Sharing is switched off")},
			}})
		})
	}
}

// Sharing that is switched off afterwards is drift, and in the way of nothing.
func TestACL_switchedOffLater(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	template := d.Template(t, acctest.Basic)
	configured := config(d, template, "one", groups("Everyone", "use"))
	acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
		{Config: configured},
		{
			PreConfig: func() { d.Fake.SetSharing(uuid.Nil, false) },
			Config:    configured, ExpectError: message("Sharing is switched off"),
		},
		{Config: configured, Destroy: true},
	}})
}

// A role that allows to use a workspace does not allow to share it.
func TestACL_forbidden(t *testing.T) {
	t.Parallel()
	newest(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "acl")
		alice := d.User(t, "alice")
		as := func(token string, lines ...string) string {
			return strings.Replace(config(d, template, name, lines...), fmt.Sprintf("%q", d.Token), fmt.Sprintf("%q", token), 1)
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: as(d.Token, users(alice.Username, "use"))},
			{
				Config:      as(alice.Token, users(alice.Username, "use"), groups("Everyone", "use")),
				ExpectError: message("CODER_DISABLE_WORKSPACE_SHARING"),
			},
			{Config: as(d.Token, users(alice.Username, "use")), ConfigPlanChecks: emptyPlan},
		}})
	})
}

// The answer to a request that shares a workspace is lost: it is sent again.
func TestACL_lostAnswers(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	template := d.Template(t, acctest.Basic)
	lose := func(method string) func() {
		return func() {
			d.Fake.AddFault(codertest.Fault{Method: method, Route: "/workspaces/{workspace}/acl", Times: 1, DropAfter: true})
		}
	}
	acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
		{PreConfig: lose("PATCH"), Config: config(d, template, "one", groups("Everyone", "use")), Check: has(t, d, "Everyone use")},
		{PreConfig: lose("DELETE"), Config: d.ProviderConfig() + workspaceOnly(template, "one"), Check: has(t, d)},
	}})
}

// Groups are found by name on a licensed deployment, and by id everywhere.
func TestACL_groups(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{Licensed: true})
	template := d.Template(t, acctest.Basic)
	crew := d.Fake.AddGroup(uuid.Nil, "crew")
	acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
		{Config: config(d, template, "one", groups("crew", "use")), Check: checks(has(t, d, "crew use"), wrote(t, d, 1))},
		{Config: config(d, template, "one", groups(crew.String(), "use")), Check: wrote(t, d, 0)},
		{Config: config(d, template, "one", groups("crews", "use")), ExpectError: message("User or group not found")},
		{Config: config(d, template, "one", groups("crew", "use", crew.String(), "use")), ExpectError: message("User or group is in the list twice")},
		{Config: config(d, template, "one", groups("Everyone", "use")), Check: checks(has(t, d, "Everyone use"), wrote(t, d, 1))},
	}})
}

// The build of Coder with the licensed features knows the route without a licence,
// too.
func TestACL_unlicensedGroups(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{Licensed: true})
	template := d.Template(t, acctest.Basic)
	d.Fake.AddFault(codertest.Fault{
		Method: http.MethodGet, Route: "/organizations/{organization}/groups/{groupName}",
		Status: http.StatusForbidden, Body: `{"message":"Template RBAC is a Premium feature. Contact sales!"}`,
	})
	acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
		{Config: config(d, template, "one", groups("everyone", "use")), ExpectError: message("Deployment has no groups but Everyone")},
	}})
}

func TestACL_noGroups(t *testing.T) {
	t.Parallel()
	newest(t, func(t *testing.T, d *acctest.Deployment) {
		d.SkipUnlessFake(t, "a real deployment may have a licence, and groups with it")
		template := d.Template(t, acctest.Basic)
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(d, template, "one", groups("crew", "use")), ExpectError: message("Deployment has no groups but Everyone")},
		}})
	})
}

// A member shares an own workspace by name: administrators look others up in one
// way, members in another.
func TestACL_member(t *testing.T) {
	t.Parallel()
	newest(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "acl")
		alice, bob := d.User(t, "alice"), d.User(t, "bob")
		as := func(lines ...string) string {
			return strings.Replace(config(d, template, name, lines...), fmt.Sprintf("%q", d.Token), fmt.Sprintf("%q", alice.Token), 1)
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: as(users(bob.Username, "use")), Check: has(t, d, bob.Username+" use")},
			{Config: as(users(bob.Username, "use")), ConfigPlanChecks: emptyPlan},
			{
				Config:      as(users(bob.Username, "use", alice.Username, "use")),
				ExpectError: message("You cannot change your own workspace sharing role."),
			},
			{Config: as(), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: has(t, d)},
		}})
	})
}

// Who has access by the list cannot take it away from all, and is told who can.
func TestACL_destroyedByOneOfTheList(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	alice := d.User(t, "alice")
	hers := *d
	hers.Token = alice.Token
	workspace, diags := d.Server(t).Apply(t, "coderws_workspace", nil, acctest.Values{"name": "one", "template_id": d.Template(t, acctest.Basic).ID})
	if diags.HasError() {
		t.Fatal(diags)
	}
	list, diags := d.Server(t).Apply(t, "coderws_workspace_acl", nil, acctest.Values{
		"workspace_id": acctest.Text(workspace.State, "id"), "users": map[string]string{alice.Username: "admin"},
	})
	if diags.HasError() {
		t.Fatal(diags)
	}
	if text := hers.Server(t).Destroy(t, "coderws_workspace_acl", list).String(); !strings.Contains(text, "that takes the workspace's owner or an administrator") {
		t.Error(text)
	}
	if diags := d.Server(t).Destroy(t, "coderws_workspace_acl", list); diags.HasError() {
		t.Error(diags)
	}
}

// A workspace that was deleted is not shared, though Coder would.
func TestACL_deletedWorkspace(t *testing.T) {
	t.Parallel()
	newest(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "acl")
		var id uuid.UUID
		alone := func(id uuid.UUID) string {
			return d.ProviderConfig() + fmt.Sprintf("resource \"coderws_workspace_acl\" \"test\" {\n  workspace_id = %q\n}\n", id)
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: d.ProviderConfig() + workspaceOnly(template, name), Check: capture(&id)},
		}})
		// The workspace is gone with the end of the first case.
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: alone(id), ExpectError: message("Workspace to share was deleted")},
			{Config: alone(id), ExpectError: message("terraform destroy -refresh=false")},
			{Config: d.ProviderConfig()},
		}})
	})
}
