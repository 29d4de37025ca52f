package codertest_test

import (
	"fmt"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

func TestExternalAuth(t *testing.T) {
	t.Parallel()
	across(t, codertest.Options{}, []string{"seed", "v2.3.0", "v2.34.0", "v2.35.1"}, func(t *testing.T, c *client) {
		template := codertest.BasicTemplate()
		template.Version.ExternalAuth = []codertest.ExternalAuth{
			{ID: "github", DisplayName: "GitHub", Icon: "/icon/github.svg"}, {ID: "forge", Type: "gitea"}, {ID: "jfrog", Optional: true},
		}
		tpl := c.d.AddTemplate(template)
		c.d.AddUser("bob")
		route, other := "external-auth", "gitauth"
		if c.seed {
			route, other = other, route
		}
		version := "/templateversions/" + tpl.ActiveVersionID.String() + "/"
		want(t, "the other route", c.send("GET", version+other, "").status, 404)

		c.d.SetExternalAuth("admin", "github", true)
		a := c.send("GET", version+route, "")
		want(t, "caller has linked", a.get(0, "authenticated"), true)
		want(t, "caller has not linked", a.get(1, "authenticated"), false)
		want(t, "type", a.get(1, "type"), "gitea")
		want(t, "address", a.get(0, "authenticate_url"), "http://example.com/"+route+"/github")
		if !c.seed {
			want(t, "name", a.get(0, "display_name"), "GitHub")
		}
		if c.version >= "v2.34" {
			want(t, "optional", fmt.Sprint(a.get(1, "optional"), a.get(2, "optional")), "<nil> true")
		}
		none := c.d.AddTemplate(codertest.RequiredTemplate())
		want(t, "none", c.send("GET", "/templateversions/"+none.ActiveVersionID.String()+"/"+route, "").text, "[]\n")

		// The owner counts, not the caller.
		create := func() answer {
			return c.send("POST", fmt.Sprintf("/organizations/%s/members/bob/workspaces", c.d.OrganizationID()), fmt.Sprintf(`{"name":"w","template_id":%q}`, tpl.ID))
		}
		if c.version == "v2.35.1" {
			a = create()
			want(t, "nothing linked", a.status, 403)
			want(t, "missing", fmt.Sprint(a.get("validations", 0, "field"), a.get("validations", 0, "detail"), a.get("validations", 1, "detail"), a.get("validations", 2)), "external_authgithubforge<nil>")
			want(t, "detail", a.get("detail"), "The workspace owner must authenticate with the following external auth providers: GitHub, forge.")
			c.d.SetExternalAuth("bob", "github", true)
			c.d.SetExternalAuth("bob", "forge", true)
		}
		want(t, "create", create().status, 201)
	})
}
