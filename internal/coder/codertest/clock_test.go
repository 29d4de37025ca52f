package codertest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// one returns the snapshot of a workspace.
func (c *client) one(t *testing.T, id string) codertest.Workspace {
	t.Helper()
	for _, w := range c.d.Workspaces() {
		if w.ID.String() == id {
			return w
		}
	}
	t.Fatalf("no workspace %s", id)
	return codertest.Workspace{}
}

func (c *client) extend(id string, in time.Duration) answer {
	return c.send("PUT", "/workspaces/"+id+"/extend", fmt.Sprintf(`{"deadline":%q}`, c.d.Now().Add(in).Format(time.RFC3339)))
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{BuildTime: time.Second}, func(t *testing.T, c *client) {
		tpl := c.d.AddTemplate(codertest.BasicTemplate())
		id := c.create(t, "w", tpl, `,"ttl_ms":7200000`)
		c.d.Advance(10 * time.Second)
		want(t, "deadline after the build", c.one(t, id).Deadline.Sub(c.d.Now()).Round(time.Minute), "2h0m0s")

		c.send("PUT", "/workspaces/"+id+"/ttl", `{"ttl_ms":10800000}`)
		want(t, "deadline after PUT ttl", c.one(t, id).Deadline.Sub(c.d.Now()).Round(time.Minute), "2h0m0s")
		want(t, "extend", c.extend(id, 4*time.Hour).status, 200)
		want(t, "too soon", c.extend(id, 28*time.Minute).status, 400)
		want(t, "soon enough", c.extend(id, 29*time.Minute+2*time.Second).status, 200)
		want(t, "again later", c.extend(id, 4*time.Hour).status, 200)

		c.d.Advance(3*time.Hour + 50*time.Minute)
		want(t, "before the deadline", c.one(t, id).Status, "running")
		c.d.Advance(20 * time.Minute)
		w := c.one(t, id)
		want(t, "after the deadline", fmt.Sprint(w.Status, w.BuildNumber), "stopped2")
		want(t, "reason", c.send("GET", "/workspaces/"+id, "").get("latest_build", "reason"), "autostop")
		want(t, "extend a stopped one", c.extend(id, 4*time.Hour).get("message"), "Workspace must be started, current status: stop")

		c.send("POST", "/workspaces/"+id+"/builds", `{"transition":"start"}`)
		c.d.Advance(10 * time.Second)
		want(t, "the new ttl", c.one(t, id).Deadline.Sub(c.d.Now()).Round(time.Minute), "3h0m0s")
		want(t, "clear", c.send("PUT", "/workspaces/"+id+"/ttl", `{"ttl_ms":null}`).status, 204)
		want(t, "deadline goes with the ttl", c.one(t, id).Deadline.IsZero(), !c.seed)
	})
}

func TestTTLRules(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{}, func(t *testing.T, c *client) {
		limited := codertest.BasicTemplate()
		limited.DefaultTTL = time.Hour
		tpl := c.d.AddTemplate(limited)
		zero := c.create(t, "zero", tpl, `,"ttl_ms":0`)
		want(t, "0 at create means the template's default", *c.one(t, zero).TTLMillis, 3600000)
		c.send("PUT", "/workspaces/"+zero+"/ttl", `{"ttl_ms":119999}`)
		want(t, "whole minutes", *c.one(t, zero).TTLMillis, 60000)
		c.send("PUT", "/workspaces/"+zero+"/ttl", `{"ttl_ms":0}`)
		want(t, "0 in PUT means none", c.one(t, zero).TTLMillis == nil, true)
		want(t, "8 days", c.send("PUT", "/workspaces/"+zero+"/ttl", `{"ttl_ms":691200000}`).status, map[bool]int{true: 400, false: 204}[c.seed])

		policy := codertest.RequiredTemplate()
		policy.Name, policy.DefaultTTL, policy.ForbidUserAutostop = "policy", 2*time.Hour, true
		tpl = c.d.AddTemplate(policy)
		id := c.create(t, "policy", tpl, `,"ttl_ms":60000,"rich_parameter_values":[{"name":"project","value":"abc"}]`)
		a := c.send("PUT", "/workspaces/"+id+"/ttl", `{"ttl_ms":3600000}`)
		want(t, "refused", a.get("validations", 0, "detail"), "Custom autostop TTL is not allowed for workspaces using this template.")
		pass(time.Second)
		want(t, "the template's TTL counts", c.one(t, id).Deadline.Sub(c.d.Now()).Round(time.Minute), "2h0m0s")
		want(t, "and is reported", c.send("GET", "/workspaces/"+id, "").get("ttl_ms"), map[bool]float64{true: 60000, false: 7.2e6}[c.seed])
	})
}

func TestAutostart(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{BuildTime: time.Second}, func(t *testing.T, c *client) {
		tpl := c.d.AddTemplate(codertest.BasicTemplate())
		id := c.create(t, "w", tpl, `,"autostart_schedule":"CRON_TZ=UTC 0 9 * * *"`)
		c.d.Advance(time.Minute)
		c.send("POST", "/workspaces/"+id+"/builds", `{"transition":"stop"}`)
		c.d.Advance(time.Minute)
		c.d.Advance(time.Date(2000, 1, 1, 8, 59, 0, 0, time.UTC).Sub(c.d.Now()))
		want(t, "before nine", c.one(t, id).Status, "stopped")
		c.d.Advance(2 * time.Minute)
		w := c.one(t, id)
		want(t, "after nine", fmt.Sprint(w.Status, w.BuildNumber), "running3")
		want(t, "reason", c.send("GET", "/workspaces/"+id, "").get("latest_build", "reason"), "autostart")
		if !c.seed {
			want(t, "next", c.send("GET", "/workspaces/"+id, "").get("next_start_at"), "2000-01-02T09:00:00Z")
			c.send("PUT", "/workspaces/"+id+"/ttl", `{"ttl_ms":90000000}`) // 25 h: past the next start
			c.send("POST", "/workspaces/"+id+"/builds", `{"transition":"start"}`)
			c.d.Advance(time.Minute)
			want(t, "deadline counts from the next start", c.one(t, id).Deadline, time.Date(2000, 1, 3, 10, 0, 0, 0, time.UTC))
		}
		c.send("PUT", "/workspaces/"+id+"/autostart", `{}`)
		want(t, "cleared", c.one(t, id).AutostartSchedule == nil, true)
	})
}

func TestCancelAndHold(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{BuildTime: 10 * time.Second}, func(t *testing.T, c *client) {
		tpl := c.d.AddTemplate(codertest.BasicTemplate())
		c.d.HoldBuilds(true)
		id := c.create(t, "w", tpl, "")
		c.d.Advance(time.Hour)
		want(t, "without workers", c.one(t, id).Status, "pending")
		build := func() string {
			return "/workspacebuilds/" + c.send("GET", "/workspaces/"+id, "").get("latest_build", "id").(string)
		}
		want(t, "cancel", c.send("PATCH", build()+"/cancel", "").status, 200)
		want(t, "pending job", c.one(t, id).Status, "canceled")

		c.d.HoldBuilds(false)
		c.send("POST", "/workspaces/"+id+"/builds", `{"transition":"start"}`)
		c.d.Advance(5 * time.Second)
		c.send("PATCH", build()+"/cancel", "")
		want(t, "running job", c.one(t, id).Status, "canceling")
		want(t, "conflict", c.send("POST", "/workspaces/"+id+"/builds", `{"transition":"stop"}`).status, 409)
		c.d.Advance(5 * time.Second)
		want(t, "interrupted", c.one(t, id).Status, "failed")
	})
}

func TestPublishVersion(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{}, func(t *testing.T, c *client) {
		tpl := c.d.AddTemplate(codertest.BasicTemplate())
		id := c.create(t, "w", tpl, "")
		pass(time.Second)
		second := c.d.PublishVersion(tpl.ID, codertest.BasicTemplate().Version)
		want(t, "outdated", c.send("GET", "/workspaces/"+id, "").get("outdated"), true)
		c.send("POST", "/workspaces/"+id+"/builds", `{"transition":"start"}`)
		pass(time.Second)
		want(t, "a plain start keeps the version", c.one(t, id).VersionID, tpl.ActiveVersionID)
		c.send("POST", "/workspaces/"+id+"/builds", fmt.Sprintf(`{"transition":"start","template_version_id":%q}`, second))
		pass(time.Second)
		want(t, "updated", c.send("GET", "/workspaces/"+id, "").get("outdated"), false)
		want(t, "unknown version", c.send("POST", "/workspaces/"+id+"/builds",
			fmt.Sprintf(`{"transition":"start","template_version_id":%q}`, uuid.New())).status, 400)
	})
}
