package codertest_test

import (
	"fmt"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

func portShare(agent string, port int, level string) string {
	return fmt.Sprintf(`{"agent_name":%q,"port":%d,"share_level":%q,"protocol":"http"}`, agent, port, level)
}

func TestPortShares(t *testing.T) {
	t.Parallel()
	across(t, codertest.Options{}, []string{"v2.21.1", "v2.35.1"}, func(t *testing.T, c *client) {
		s := c.sharing()
		path := s.path + "/port-share"
		want(t, "none", c.send("GET", path, "").text, `{"shares":[]}`+"\n")
		want(t, "share", c.send("POST", path, portShare("main", 8080, "authenticated")).status, 200)
		want(t, "again, with another level", c.send("POST", path, portShare("main", 8080, "public")).status, 200)
		a := c.send("GET", path, "")
		want(t, "level", a.get("shares", 0, "share_level"), "public")
		want(t, "one share", a.get("shares", 1), nil)
		organization := 400
		if c.version == "v2.35.1" {
			organization = 200
		}
		want(t, "organization", c.send("POST", path, portShare("main", 3000, "organization")).status, organization)
		want(t, "unknown agent", c.send("POST", path, portShare("other", 8080, "public")).get("message"), "Agent not found.")
		want(t, "a stranger", s.stranger.send("GET", path, "").status, 404)

		want(t, "stop", s.build(c, "stop"), 201)
		want(t, "it stays", len(c.d.PortShares(c.d.Workspaces()[0].ID)) > 0, true)
		want(t, "delete", c.send("DELETE", path, portShare("main", 8080, "")).status, 200)
		want(t, "again", c.send("DELETE", path, portShare("main", 8080, "")).get("message"), "Port share not found.")
	})
}

// TestPortShares_maximum: what a template's administrator allows.
func TestPortShares_maximum(t *testing.T) {
	t.Parallel()
	across(t, codertest.Options{}, []string{"v2.35.1"}, func(t *testing.T, c *client) {
		s := c.sharing()
		path, tpl := s.path+"/port-share", c.d.Workspaces()[0].TemplateID
		limit := func(level string) {
			c.d.UpdateTemplate(tpl, func(t *codertest.Template) { t.MaxPortShareLevel = level })
		}
		want(t, "public", c.send("POST", path, portShare("main", 8080, "public")).status, 200)
		limit("authenticated")
		want(t, "lowered", c.d.PortShares(c.d.Workspaces()[0].ID)[0].Level, "authenticated")
		want(t, "refused", c.send("POST", path, portShare("main", 8080, "public")).get("message"),
			`"public" sharing level is not allowed under max level "authenticated"`)
		limit("owner")
		want(t, "taken back", len(c.d.PortShares(c.d.Workspaces()[0].ID)), 0)
	})
}

func TestPortShares_rights(t *testing.T) {
	t.Parallel()
	across(t, codertest.Options{}, []string{"v2.35.1"}, func(t *testing.T, c *client) {
		s := c.sharing()
		path := s.path + "/port-share"
		want(t, "share the workspace", s.give(c, "user_roles", s.aliceID, "use"), 204)
		want(t, "see", s.alice.send("GET", path, "").status, 200)
		want(t, "but not change", s.alice.send("POST", path, portShare("main", 8080, "public")).status, 500)
		want(t, "admin", s.give(c, "user_roles", s.aliceID, "admin"), 204)
		want(t, "change", s.alice.send("POST", path, portShare("main", 8080, "public")).status, 200)
		want(t, "take back", s.alice.send("DELETE", path, portShare("main", 8080, "")).status, 200)
	})
}
