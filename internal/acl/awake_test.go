package acl_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// asleep makes the workspace of a configuration dormant.
func asleep(config string) string {
	return strings.Replace(config, "template_id", "dormant = true\n  template_id", 1)
}

func isDormant(t *testing.T, d *acctest.Deployment) resource.TestCheckFunc {
	t.Helper()
	return func(state *terraform.State) error {
		workspace, err := d.Client.Workspace(t.Context(), workspaceID(state))
		if err == nil && !workspace.IsDormant() {
			err = errors.New("the workspace is awake")
		}
		return err
	}
}

// The list of a dormant workspace is made, changed and ended like any other, and
// the workspace stays dormant.
func TestACL_dormant(t *testing.T) {
	t.Parallel()
	sharing(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "acl")
		alice := d.User(t, "alice").Username
		list := func(role string) string { return asleep(config(d, template, name, users(alice, role))) }
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: list("use"), Check: checks(has(t, d, alice+" use"), isDormant(t, d))},
			{Config: list("admin"), Check: checks(has(t, d, alice+" admin"), isDormant(t, d))},
			{Config: d.ProviderConfig() + asleep(workspaceOnly(template, name)), Check: checks(has(t, d), isDormant(t, d))},
			{Config: list("use"), Check: has(t, d, alice+" use")},
			{Config: list("use"), Destroy: true},
		}})
	})
}

// A workspace that could not be put to sleep again has its list all the same, and
// the next plan shows that it is awake.
func TestACL_leftAwake(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	template := d.Template(t, acctest.Basic)
	configured := asleep(config(d, template, "one", groups("Everyone", "use")))
	d.Fake.AddFault(codertest.Fault{ // made dormant, woken, and then
		Method: http.MethodPut, Route: "/workspaces/{workspace}/dormant", Skip: 2, Times: 1, Status: http.StatusInternalServerError, Body: `{"message":"no"}`,
	})
	acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
		{Config: configured, ExpectNonEmptyPlan: true, Check: has(t, d, "Everyone use")},
		{Config: configured, Check: checks(has(t, d, "Everyone use"), isDormant(t, d))},
	}})
}

// The list of a workspace that was deleted while it was dormant is in the way of
// nothing.
func TestACL_deletedDormant(t *testing.T) {
	t.Parallel()
	newest(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		server := d.Server(t)
		workspace, diags := server.Apply(t, "coderws_workspace", nil, acctest.Values{"name": acctest.Name(t, "acl"), "template_id": template.ID, "dormant": true})
		if diags.HasError() {
			t.Fatal(diags)
		}
		id := acctest.Text(workspace.State, "id")
		list, diags := server.Apply(t, "coderws_workspace_acl", nil, acctest.Values{"workspace_id": id, "groups": map[string]string{"Everyone": "use"}})
		if diags.HasError() {
			t.Fatal(diags)
		}
		if err := d.DeleteWorkspace(t.Context(), uuid.MustParse(id)); err != nil {
			t.Fatal(err)
		}
		server.Configure(t)
		if diags := server.Destroy(t, "coderws_workspace_acl", list); diags.HasError() {
			t.Error(diags)
		}
	})
}
