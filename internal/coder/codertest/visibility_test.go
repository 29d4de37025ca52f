package codertest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// looks are all the ways to look at a workspace or to change it.
var looks = []struct{ method, path, body string }{
	{"GET", "/workspaces/ID", ""},
	{"GET", "/workspaces/ID?include_deleted=true", ""},
	{"GET", "/workspaces/ID/builds", ""},
	{"GET", "/workspaces/ID/watch", ""},
	{"GET", "/workspaces/ID/resolve-autostart", ""},
	{"GET", "/workspaces/ID/acl", ""},
	{"PATCH", "/workspaces/ID", `{"name":"mine"}`},
	{"PUT", "/workspaces/ID/ttl", `{"ttl_ms":3600000}`},
	{"PUT", "/workspaces/ID/autostart", `{"schedule":"0 9 * * 1-5"}`},
	{"PUT", "/workspaces/ID/extend", `{"deadline":"2031-01-01T00:00:00Z"}`},
	{"PUT", "/workspaces/ID/dormant", `{"dormant":true}`},
	{"PUT", "/workspaces/ID/autoupdates", `{"automatic_updates":"always"}`},
	{"PUT", "/workspaces/ID/favorite", ""},
	{"POST", "/workspaces/ID/builds", `{"transition":"start"}`},
	{"POST", "/workspaces/ID/builds", `{"transition":"delete"}`},
	{"GET", "/workspacebuilds/BUILD", ""},
	{"GET", "/workspacebuilds/BUILD/parameters", ""},
	{"GET", "/workspacebuilds/BUILD/resources", ""},
	{"GET", "/workspacebuilds/BUILD/logs", ""},
	{"PATCH", "/workspacebuilds/BUILD/cancel", ""},
}

// seesNothing looks at a workspace in all ways and checks that each answers 404, in the words for a workspace that does not exist.
func (c *client) seesNothing(t *testing.T, workspace, build string) {
	t.Helper()
	for _, l := range looks {
		path := strings.NewReplacer("ID", workspace, "BUILD", build).Replace(l.path)
		a := c.send(l.method, path, l.body)
		want(t, l.method+" "+l.path, a.status, 404)
		want(t, l.method+" "+l.path, a.get("message"), "Resource not found or you do not have access to this resource")
	}
	want(t, "list", c.list(""), "")
	want(t, "count", c.send("GET", "/workspaces", "").get("count"), 0)
}

func TestMemberSeesNothing(t *testing.T) {
	t.Parallel()
	across(t, codertest.Options{}, []string{"seed", "v2.8.1", "v2.14.0", "v2.21.1", "v2.35.1"}, func(t *testing.T, c *client) {
		bob := c.as(c.d.AddUser("bob").Token)
		tpl := c.d.AddTemplate(codertest.BasicTemplate())
		id := c.d.CreateWorkspace("admin", "w", tpl.ID, nil).String()
		build := c.send("GET", "/workspaces/"+id, "").get("latest_build", "id").(string)
		bob.seesNothing(t, id, build)
		c.seesNothingUnknown(t)

		byName := map[string]int{"v2.8.1": 400, "v2.14.0": 400, "v2.21.1": 400} // the owner is not visible either
		status := byName[c.version]
		if status == 0 {
			status = 404
		}
		want(t, "by name", bob.send("GET", "/users/admin/workspace/w", "").status, status)
		want(t, "build by number", bob.send("GET", "/users/admin/workspace/w/builds/1", "").status, status)

		body := fmt.Sprintf(`{"name":"x","template_id":%q}`, tpl.ID)
		create := map[string]int{"seed": 404, "v2.8.1": 404, "v2.14.0": 404, "v2.21.1": 403, "v2.35.1": 403}[c.version]
		want(t, "create for another", bob.send("POST", fmt.Sprintf("/organizations/%s/members/admin/workspaces", c.d.OrganizationID()), body).status, create)
		create = map[string]int{"seed": 404, "v2.8.1": 404, "v2.14.0": 400, "v2.21.1": 403, "v2.35.1": 403}[c.version]
		want(t, "create for another, without organization", bob.send("POST", "/users/admin/workspaces", body).status, create)
	})
}

// seesNothingUnknown: what does not exist looks the same to everybody.
func (c *client) seesNothingUnknown(t *testing.T) {
	t.Helper()
	id := uuid.NewString()
	for _, l := range looks {
		a := c.send(l.method, strings.NewReplacer("ID", id, "BUILD", id).Replace(l.path), l.body)
		want(t, "unknown: "+l.method+" "+l.path, a.get("message"), "Resource not found or you do not have access to this resource")
	}
}

func TestSetVisible(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{}, func(t *testing.T, c *client) {
		tpl := c.d.AddTemplate(codertest.BasicTemplate())
		id := c.d.CreateWorkspace("admin", "w", tpl.ID, nil)
		build := c.send("GET", "/workspaces/"+id.String(), "").get("latest_build", "id").(string)
		closeStream := c.stream(id.String())

		c.d.SetVisible(id, "admin", false)
		c.seesNothing(t, id.String(), build)
		want(t, "by name", c.send("GET", "/users/me/workspace/w", "").status, 404)
		a := c.send("POST", fmt.Sprintf("/organizations/%s/members/me/workspaces", c.d.OrganizationID()), fmt.Sprintf(`{"name":"w","template_id":%q}`, tpl.ID))
		want(t, "its name", a.status, 500) // the database knows it
		c.d.SetAgents(id, "connected", "ready")
		if stream := closeStream(); !strings.Contains(stream, "event: error\n") {
			t.Errorf("an open stream goes on: %s", stream)
		}
		want(t, "untouched", c.one(t, id.String()).BuildNumber, 1)

		c.d.SetVisible(id, "admin", true)
		want(t, "back in sight", c.send("GET", "/workspaces/"+id.String(), "").status, 200)
		want(t, "writable as before", c.send("PUT", "/workspaces/"+id.String()+"/ttl", `{"ttl_ms":3600000}`).status, 204)
		bob, tom := c.as(c.d.AddUser("bob").Token), c.as(c.d.AddTemplateAdmin("tom").Token)
		want(t, "a manager", tom.list(""), "admin/w")
		c.d.SetVisible(id, "tom", false)
		want(t, "a manager who sees less", tom.list(""), "")
		want(t, "nobody else does", c.list(""), "admin/w")
		c.d.SetVisible(id, "bob", true)
		want(t, "no more than the role gives", bob.send("GET", "/workspaces/"+id.String(), "").status, 404)
	})
}
