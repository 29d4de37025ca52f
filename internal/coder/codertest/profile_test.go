package codertest_test

import (
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

func TestRenameUser(t *testing.T) {
	t.Parallel()
	across(t, codertest.Options{}, []string{"seed", "v2.8.1", "v2.31.0", "v2.35.1"}, func(t *testing.T, c *client) {
		unknown := map[string]int{"seed": 400, "v2.8.1": 400, "v2.31.0": 400, "v2.35.1": 404}[c.version]
		bob, alice := c.d.AddUser("bob"), c.d.AddUser("alice")
		tpl := c.d.AddTemplate(codertest.BasicTemplate())
		id := c.d.CreateWorkspace("bob", "w", tpl.ID, nil).String()
		profile := "/users/" + bob.ID.String() + "/profile"

		pass(time.Minute)
		a := c.send("PUT", profile, `{"username":"bobby","name":""}`)
		want(t, "rename", a.status, 200)
		want(t, "new name", a.get("username"), "bobby")
		want(t, "same user", a.get("id"), bob.ID)
		want(t, "same address", a.get("email"), "bob@example.com")
		a = c.send("GET", "/workspaces/"+id, "")
		want(t, "owner's name", a.get("owner_name"), "bobby")
		want(t, "owner's name in the build", a.get("latest_build", "workspace_owner_name"), "bobby")
		want(t, "initiator's name", a.get("latest_build", "initiator_name"), "bobby")
		want(t, "owner", a.get("owner_id"), bob.ID)
		want(t, "updated", a.get("updated_at"), a.get("created_at"))
		for name, status := range map[string]int{"bob": unknown, "bobby": 200} {
			want(t, "user "+name, c.send("GET", "/users/"+name, "").status, status)
			want(t, "workspace of "+name, c.send("GET", "/users/"+name+"/workspace/w", "").status, status)
		}
		want(t, "search by the old name", c.list("owner:bob"), "")
		want(t, "search by the new one", c.list("owner:bobby"), "bobby/w")
		want(t, "session", c.as(bob.Token).send("GET", "/users/me", "").get("username"), "bobby")

		a = c.send("PUT", profile, `{"username":"alice"}`)
		want(t, "taken", a.status, 409)
		want(t, "taken, field", a.get("validations", 0, "field"), "username")
		for _, bad := range []string{"", "b_ob", "-bob", "way-too-long-for-a-name-of-a-user"} {
			a = c.send("PUT", profile, `{"username":"`+bad+`"}`)
			want(t, "bad name "+bad, a.status, 400)
			want(t, "bad name, field", a.get("validations", 0, "field"), "username")
		}

		itself := map[string]int{"seed": 200, "v2.8.1": 200, "v2.31.0": 404, "v2.35.1": 404}[c.version]
		want(t, "a member renames itself", c.as(alice.Token).send("PUT", "/users/me/profile", `{"username":"alicia"}`).status, itself)
		other := map[string]int{"seed": 500}[c.version]
		if other == 0 {
			other = unknown
		}
		want(t, "a member renames another", c.as(alice.Token).send("PUT", profile, `{"username":"x"}`).status, other)

		c.d.RenameUser("bobby", "bob")
		want(t, "back again", c.list("owner:bob"), "bob/w")
		c.d.RenameUser("bob", "Bob")
		want(t, "only another case", c.send("GET", "/users/bob", "").get("username"), "Bob")
	})
}

// TestRenameUser_apps: the addresses of apps have the owner's name in them.
func TestRenameUser_apps(t *testing.T) {
	t.Parallel()
	d := codertest.New(codertest.Options{})
	defer d.Close()
	c := &client{ctx: t.Context(), d: d, token: d.Token()}
	d.AddUser("bob")
	template := codertest.BasicTemplate()
	template.Version.Resources[0].Agents[0].Apps[0].Subdomain = true
	id := d.CreateWorkspace("bob", "w", d.AddTemplate(template).ID, nil).String()
	name := func() any {
		return c.send("GET", "/workspaces/"+id, "").get("latest_build", "resources", 0, "agents", 0, "apps", 0, "subdomain_name")
	}
	want(t, "before", name(), "web--main--w--bob")
	d.RenameUser("bob", "bobby")
	want(t, "after", name(), "web--main--w--bobby")
}
