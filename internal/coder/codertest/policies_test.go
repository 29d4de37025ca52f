package codertest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

func TestAutostopPolicy(t *testing.T) {
	t.Parallel()
	across(t, codertest.Options{BuildTime: time.Second}, []string{"seed", "v2.10.0", "v2.15.0", "v2.19.0", "v2.35.1"}, func(t *testing.T, c *client) {
		template := codertest.BasicTemplate()
		template.DefaultTTL = 2 * time.Hour
		tpl := c.d.AddTemplate(template)
		id := c.create(t, "w", tpl, `,"ttl_ms":3600000`)
		pass(time.Minute)
		deadline := c.one(t, id).Deadline

		c.d.UpdateTemplate(tpl.ID, func(t *codertest.Template) { t.ForbidUserAutostop = true })
		want(t, "template", c.send("GET", "/templates/"+tpl.ID.String(), "").get("allow_user_autostop"), false)
		for what, body := range map[string]string{"set": `{"ttl_ms":7200000}`, "clear": `{"ttl_ms":null}`} {
			a := c.send("PUT", "/workspaces/"+id+"/ttl", body)
			want(t, what, a.status, 400)
			want(t, what+", field", a.get("validations", 0, "field"), "ttl_ms")
		}
		reported := map[string]float64{"seed": 3.6e6, "v2.10.0": 3.6e6}[c.version]
		if reported == 0 {
			reported = 7.2e6 // the template's
		}
		want(t, "reported", c.send("GET", "/workspaces/"+id, "").get("ttl_ms"), reported)
		stored := map[string]int64{"v2.19.0": 7.2e6, "v2.35.1": 7.2e6}[c.version]
		if stored == 0 {
			stored = 3.6e6 // its own
		}
		want(t, "stored", *c.one(t, id).TTLMillis, stored)
		want(t, "the running build keeps its deadline", c.one(t, id).Deadline, deadline)
		want(t, "extend", c.extend(id, 4*time.Hour).status, map[bool]int{true: 400, false: 200}[c.version == "v2.15.0"])

		c.d.UpdateTemplate(tpl.ID, func(t *codertest.Template) { t.DefaultTTL = 0 })
		newest := c.version == "v2.35.1"
		want(t, "without any TTL the deadline goes", c.one(t, id).Deadline.IsZero(), newest)
		c.d.UpdateTemplate(tpl.ID, func(t *codertest.Template) { t.ForbidUserAutostop = false })
		want(t, "allowed again", c.send("PUT", "/workspaces/"+id+"/ttl", `{"ttl_ms":null}`).status, 204)
	})
}

func TestAutostartPolicy(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{BuildTime: time.Second}, func(t *testing.T, c *client) {
		tpl := c.d.AddTemplate(codertest.BasicTemplate())
		id := c.create(t, "w", tpl, `,"autostart_schedule":"0 9 * * *"`)
		pass(time.Minute)
		c.send("POST", "/workspaces/"+id+"/builds", `{"transition":"stop"}`)
		pass(time.Minute)
		next := func() bool { return c.send("GET", "/workspaces/"+id, "").get("next_start_at") != nil }
		want(t, "planned", next(), !c.seed)

		c.d.UpdateTemplate(tpl.ID, func(t *codertest.Template) { t.ForbidUserAutostart = true })
		want(t, "not any more", next(), false)
		for what, body := range map[string]string{"set": `{"schedule":"0 8 * * *"}`, "clear": `{"schedule":null}`, "clear by nothing": `{}`} {
			a := c.send("PUT", "/workspaces/"+id+"/autostart", body)
			want(t, what, a.status, 400)
			want(t, what+", field", a.get("validations", 0, "field"), "schedule")
		}
		want(t, "schedule stays", *c.one(t, id).AutostartSchedule, "0 9 * * *")
		pass(24 * time.Hour)
		want(t, "but starts nothing", c.one(t, id).Status, "stopped")

		c.d.UpdateTemplate(tpl.ID, func(t *codertest.Template) { t.ForbidUserAutostart = false })
		pass(24 * time.Hour)
		want(t, "until it is allowed again", c.one(t, id).Status, "running")
	})
}

func TestDeprecated(t *testing.T) {
	t.Parallel()
	across(t, codertest.Options{}, []string{"v2.4.0", "v2.5.0", "v2.35.1"}, func(t *testing.T, c *client) {
		tpl := c.d.AddTemplate(codertest.BasicTemplate())
		id := c.create(t, "w", tpl, "")
		pass(time.Second)
		c.d.UpdateTemplate(tpl.ID, func(t *codertest.Template) { t.DeprecationMessage = "use another" })
		known := c.version != "v2.4.0"
		a := c.send("POST", fmt.Sprintf("/organizations/%s/members/me/workspaces", c.d.OrganizationID()), fmt.Sprintf(`{"name":"x","template_id":%q}`, tpl.ID))
		shown := c.send("GET", "/templates/"+tpl.ID.String(), "")
		if known {
			want(t, "create", a.status, 400)
			want(t, "create, detail", a.get("detail"), "use another")
			want(t, "template", fmt.Sprint(shown.get("deprecated"), " ", shown.get("deprecation_message")), "true use another")
		} else {
			want(t, "create", a.status, 201)
			want(t, "template", shown.get("deprecated"), nil)
		}
		want(t, "existing workspaces", c.send("POST", "/workspaces/"+id+"/builds", `{"transition":"start"}`).status, 201)
		c.d.UpdateTemplate(tpl.ID, func(t *codertest.Template) { t.DeprecationMessage = "" })
		c.create(t, "y", tpl, "")
	})
}

func TestRequireActiveVersion(t *testing.T) {
	t.Parallel()
	across(t, codertest.Options{}, []string{"v2.3.0", "v2.4.0", "v2.35.1"}, func(t *testing.T, c *client) {
		known := c.version != "v2.3.0"
		refused := map[bool]int{true: 403, false: 201}[known]
		bob := c.as(c.d.AddUser("bob").Token)
		tpl := c.d.AddTemplate(codertest.BasicTemplate())
		id := bob.create(t, "w", tpl, "")
		pass(time.Second)
		second := c.d.PublishVersion(tpl.ID, codertest.BasicTemplate().Version)
		c.d.UpdateTemplate(tpl.ID, func(t *codertest.Template) { t.RequireActiveVersion = true })
		if known {
			want(t, "template", c.send("GET", "/templates/"+tpl.ID.String(), "").get("require_active_version"), true)
			want(t, "workspace", c.send("GET", "/workspaces/"+id, "").get("template_require_active_version"), true)
		}
		build := func(c *client, body string) answer {
			a := c.send("POST", "/workspaces/"+id+"/builds", body)
			pass(time.Second)
			return a
		}
		a := build(bob, `{"transition":"start"}`)
		want(t, "start", a.status, refused)
		if known {
			want(t, "start, message", a.get("message"), "insert workspace build")
			want(t, "start, detail", a.get("detail"), "cannot use non-active version: unauthorized: rbac: forbidden")
		}
		want(t, "stop", build(bob, `{"transition":"stop"}`).status, 201)
		want(t, "bad values come first", build(bob, `{"transition":"start","rich_parameter_values":[{"name":"gpu","value":"maybe"}]}`).status, 400)
		want(t, "update to another version", build(bob, fmt.Sprintf(`{"transition":"start","template_version_id":%q}`, tpl.ActiveVersionID)).status, refused)
		create := fmt.Sprintf(`{"name":"x","template_version_id":%q}`, tpl.ActiveVersionID)
		want(t, "create", bob.send("POST", fmt.Sprintf("/organizations/%s/members/me/workspaces", c.d.OrganizationID()), create).status, refused)
		want(t, "a template manager", build(c, `{"transition":"start"}`).status, 201)
		want(t, "update to the active version", build(bob, fmt.Sprintf(`{"transition":"start","template_version_id":%q}`, second)).status, 201)
		want(t, "start of the active version", build(bob, `{"transition":"start"}`).status, 201)
	})
}

func TestParameterFlowOfATemplate(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{}, func(t *testing.T, c *client) {
		tpl := c.d.AddTemplate(codertest.BasicTemplate())
		id := c.create(t, "w", tpl, "")
		pass(time.Second)
		message := func() any {
			return c.send("POST", "/workspaces/"+id+"/builds", `{"transition":"start","rich_parameter_values":[{"name":"gpu","value":"maybe"}]}`).get("message")
		}
		dynamic, classic := "Unable to validate parameters", `Unable to validate parameter "gpu"`
		if c.seed {
			classic = `boolean value can be either "true" or "false"`
			dynamic = classic
		}
		want(t, "dynamic", message(), dynamic)
		c.d.UpdateTemplate(tpl.ID, func(t *codertest.Template) { t.ClassicParameterFlow = true })
		want(t, "classic", message(), classic)
		if !c.seed {
			want(t, "workspace", c.send("GET", "/workspaces/"+id, "").get("template_use_classic_parameter_flow"), true)
		}
	})
}
