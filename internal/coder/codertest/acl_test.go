package codertest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// sharing are a workspace of the administrator and the people that it can be shared with.
type sharing struct {
	*client

	path             string
	alice, stranger  *client
	adminID, aliceID string
}

func (c *client) sharing() *sharing {
	tpl := c.d.AddTemplate(codertest.BasicTemplate())
	id := c.d.CreateWorkspace("admin", "dev", tpl.ID, nil)
	pass(time.Second)
	alice := c.d.AddUser("alice")
	return &sharing{
		client: c, path: "/workspaces/" + id.String(), alice: c.as(alice.Token), aliceID: alice.ID.String(),
		stranger: c.as(c.d.AddUser("mallory").Token), adminID: c.send("GET", "/users/me", "").get("id").(string),
	}
}

// give gives users or groups a role.
func (s *sharing) give(by *client, field, id, role string) int {
	return by.send("PATCH", s.path+"/acl", fmt.Sprintf(`{%q:{%q:%q}}`, field, id, role)).status
}

// build posts a build and waits for its end.
func (s *sharing) build(by *client, transition string) int {
	status := by.send("POST", s.path+"/builds", fmt.Sprintf(`{"transition":%q}`, transition)).status
	pass(time.Second)
	return status
}

func TestSharing(t *testing.T) {
	t.Parallel()
	across(t, codertest.Options{}, []string{"v2.32.0", "v2.35.1"}, func(t *testing.T, c *client) {
		s := c.sharing()
		want(t, "to begin with", s.stranger.list(""), "")
		want(t, "share", s.give(c, "user_roles", s.aliceID, "use"), 204)
		for _, other := range []string{"GET " + s.path, "GET " + s.path + "/acl", "POST " + s.path + "/builds"} {
			method, path, _ := strings.Cut(other, " ")
			want(t, "a stranger's "+other, s.stranger.send(method, path, `{"transition":"stop"}`).status, 404)
		}
		want(t, "a stranger's list", s.stranger.list(""), "")

		want(t, "list", s.alice.list(""), "admin/dev")
		a := s.alice.send("GET", s.path, "")
		want(t, "shared with", a.get("shared_with", 0, "id"), s.aliceID)
		want(t, "as", a.get("shared_with", 0, "roles", 0), "use")
		want(t, "stop", s.build(s.alice, "stop"), 201)
		want(t, "start", s.build(s.alice, "start"), 201)
		a = s.alice.send("PUT", s.path+"/ttl", `{"ttl_ms":3600000}`)
		want(t, "settings", a.status, 500)
		want(t, "share further", s.give(s.alice, "user_roles", s.adminID, "use"), 403)
		want(t, "own role", s.give(s.alice, "user_roles", s.aliceID, "admin"), 400)
		want(t, "clear", s.alice.send("DELETE", s.path+"/acl", "").status, 500)

		want(t, "put to sleep", c.send("PUT", s.path+"/dormant", `{"dormant":true}`).status, 200)
		want(t, "asleep, listed", s.alice.list(""), "admin/dev")
		want(t, "asleep, not to be seen", s.alice.send("GET", s.path, "").status, 404)
		want(t, "asleep, its list", c.send("GET", s.path+"/acl", "").get("users", 0, "role"), "use")
		want(t, "asleep, not to be shared", s.give(c, "user_roles", s.aliceID, "admin"), 403)
		want(t, "asleep, not to be cleared", c.send("DELETE", s.path+"/acl", "").status, 500)
		want(t, "wake", c.send("PUT", s.path+"/dormant", `{"dormant":false}`).status, 200)

		want(t, "more", s.give(c, "user_roles", s.aliceID, "admin"), 204)
		want(t, "settings", s.alice.send("PUT", s.path+"/ttl", `{"ttl_ms":3600000}`).status, 204)
		want(t, "share further", s.give(s.alice, "user_roles", s.adminID, "use"), 204)
		want(t, "delete", s.build(s.alice, "delete"), 403)

		want(t, "take away", s.give(c, "user_roles", s.aliceID, ""), 204)
		want(t, "see it no more", s.alice.send("GET", s.path, "").status, 404)
		want(t, "clear", c.send("DELETE", s.path+"/acl", "").status, 204)
		want(t, "cleared", c.send("GET", s.path+"/acl", "").text, `{"group":[],"users":[]}`+"\n")
	})
}

// TestSharing_people: users and groups come and go.
func TestSharing_people(t *testing.T) {
	t.Parallel()
	across(t, codertest.Options{Licensed: true}, []string{"v2.35.1"}, func(t *testing.T, c *client) {
		s := c.sharing()
		org := c.d.OrganizationID()
		crew := c.d.AddGroup(org, "crew", "alice")
		want(t, "group", c.send("GET", "/organizations/"+org.String()+"/groups/crew", "").get("id"), crew.String())
		want(t, "share with a group", s.give(c, "group_roles", crew.String(), "use"), 204)
		want(t, "member", s.alice.list(""), "admin/dev")
		want(t, "no member", s.stranger.list(""), "")
		want(t, "everybody", s.give(c, "group_roles", org.String(), "use"), 204)
		want(t, "everybody", s.stranger.list(""), "admin/dev")
		want(t, "search by group", c.list("shared_with_group:crew"), "admin/dev")
		want(t, "capitals are not found", c.send("GET", "/workspaces?q=shared_with_group:Everyone", "").status, 400)

		want(t, "share", s.give(c, "user_roles", s.aliceID, "use"), 204)
		want(t, "search by name", c.list("shared_with_user:alice"), "admin/dev")
		want(t, "search by me", s.alice.list("shared_with_user:me"), "admin/dev")
		want(t, "search another", c.list("shared_with_user:mallory"), "")
		want(t, "search for shared", c.list("shared:true"), "admin/dev")
		want(t, "search for not shared", c.list("shared:false"), "")
		want(t, "search by an unknown name", c.send("GET", "/workspaces?q=shared_with_user:nobody", "").status, 400)

		want(t, "who is it", s.stranger.send("GET", "/organizations/"+org.String()+"/members/alice", "").get("user_id"), s.aliceID)
		want(t, "delete the user", c.send("DELETE", "/users/alice", "").status, 200)
		want(t, "still listed", c.send("GET", s.path+"/acl", "").get("users", 0, "username"), "alice")
		want(t, "not to be given anything", s.give(c, "user_roles", s.aliceID, "admin"), 400)
		want(t, "but taken away", s.give(c, "user_roles", s.aliceID, ""), 204)

		want(t, "delete the workspace", s.build(c, "delete"), 201)
		want(t, "its list stays", c.send("GET", s.path+"/acl", "").get("group", 0, "name"), "Everyone")
		c.d.SetSharing(uuid.Nil, false)
		want(t, "forbidden", s.give(c, "user_roles", s.adminID, "use"), 403)
		want(t, "and ended", c.send("GET", s.path+"/acl", "").text, `{"group":[],"users":[]}`+"\n")
	})
}

// TestSharing_releases: what a release lacks.
func TestSharing_releases(t *testing.T) {
	t.Parallel()
	across(t, codertest.Options{}, []string{"seed", "v2.21.1", "v2.31.0"}, func(t *testing.T, c *client) {
		s := c.sharing()
		status := 404
		if c.version == "v2.31.0" {
			status = 403 // it is an experiment
		}
		want(t, "list", c.send("GET", s.path+"/acl", "").status, status)
		want(t, "share", s.give(c, "user_roles", s.aliceID, "use"), status)
		want(t, "a stranger", s.stranger.send("GET", s.path+"/acl", "").status, 404)
	})
	across(t, codertest.Options{Experiments: []string{"workspace-sharing"}}, []string{"v2.29.0"}, func(t *testing.T, c *client) {
		s := c.sharing()
		want(t, "share", s.give(c, "user_roles", s.aliceID, "use"), 204)
		a := s.alice.send("GET", s.path, "")
		want(t, "see", a.status, 200)
		want(t, "not told yet", a.get("shared_with"), nil)
	})
}
