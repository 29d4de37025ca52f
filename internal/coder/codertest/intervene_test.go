package codertest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

func TestBuildOfAnother(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{BuildTime: time.Second}, func(t *testing.T, c *client) {
		c.d.AddUser("bob")
		c.d.AddUser("carol")
		template := codertest.BasicTemplate()
		template.Version = presetVersion()
		tpl := c.d.AddTemplate(template)
		id := c.d.CreateWorkspace("bob", "w", tpl.ID, nil)
		second := c.d.UploadVersion(tpl.ID, codertest.BasicTemplate().Version)
		build := func(username, transition string, r codertest.BuildRequest) {
			t.Helper()
			n, err := c.d.Build(id, username, transition, r)
			if err != nil {
				t.Fatal(err)
			}
			want(t, transition, c.send("GET", "/workspacebuilds/"+n.String(), "").get("initiator_name"), username)
			pass(time.Minute)
		}
		build("bob", "stop", codertest.BuildRequest{})
		want(t, "stopped", c.one(t, id.String()).Status, "stopped")
		if !c.seed {
			want(t, "reason", c.send("GET", "/workspaces/"+id.String(), "").get("latest_build", "reason"), "dashboard")
		}
		build("admin", "start", codertest.BuildRequest{VersionID: second, Parameters: map[string]string{"cpu": "4"}})
		w := c.one(t, id.String())
		want(t, "updated", fmt.Sprint(w.Status, w.VersionID, w.Parameters["cpu"]), fmt.Sprint("running", second, "4"))
		if !c.seed {
			build("bob", "start", codertest.BuildRequest{VersionID: tpl.ActiveVersionID, Preset: "Small"})
			want(t, "preset", c.one(t, id.String()).Parameters["cpu"], "1")
		}

		for what, tt := range map[string]struct {
			username, part string
			r              codertest.BuildRequest
		}{
			"a stranger":      {"carol", "404", codertest.BuildRequest{}},
			"a bad value":     {"bob", "400", codertest.BuildRequest{Parameters: map[string]string{"gpu": "maybe"}}},
			"unknown version": {"bob", "template version does not exist", codertest.BuildRequest{VersionID: uuid.New()}},
		} {
			if _, err := c.d.Build(id, tt.username, "start", tt.r); err == nil || !strings.Contains(err.Error(), tt.part) {
				t.Errorf("%s: %v", what, err)
			}
		}
		build("bob", "delete", codertest.BuildRequest{})
		want(t, "gone", c.send("GET", "/workspaces/"+id.String(), "").status, 410)
	})
}

// TestBuildInBetween: somebody is a moment faster.
func TestBuildInBetween(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{BuildTime: time.Second}, func(t *testing.T, c *client) {
		id := c.d.CreateWorkspace("admin", "w", c.d.AddTemplate(codertest.BasicTemplate()).ID, nil)
		c.d.AddFault(codertest.Fault{Route: "/workspaces/{workspace}/builds", Times: 1, Before: func(*http.Request) {
			if _, err := c.d.Build(id, "admin", "stop", codertest.BuildRequest{}); err != nil {
				t.Error(err)
			}
		}})
		a := c.send("POST", "/workspaces/"+id.String()+"/builds", `{"transition":"start"}`)
		want(t, "start", a.status, map[bool]int{true: 500, false: 409}[c.seed])
		_, err := c.d.Build(id, "admin", "start", codertest.BuildRequest{})
		want(t, "start outside of HTTP", err, "codertest: 409 A workspace build is already active."+map[bool]string{false: ": A workspace build is already active."}[c.seed])
	})
}

func TestCancelActiveBuild(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{BuildTime: 10 * time.Second}, func(t *testing.T, c *client) {
		id := uuid.MustParse(c.create(t, "w", c.d.AddTemplate(codertest.BasicTemplate()), ""))
		job := func(field string) any {
			return c.send("GET", "/workspaces/"+id.String(), "").get("latest_build", "job", field)
		}
		pass(5 * time.Second)
		c.d.CancelActiveBuild(id)
		want(t, "at once", job("status"), "canceling")
		c.d.CancelActiveBuild(id)
		pass(5 * time.Second)
		want(t, "interrupted", job("status"), "failed")
		want(t, "marked", job("canceled_at") != nil, true)
		want(t, "error", job("error"), codertest.ApplyFailed)
		c.d.CancelActiveBuild(id)
		want(t, "none is active", job("status"), "failed")

		c.d.HoldBuilds(true)
		c.send("POST", "/workspaces/"+id.String()+"/builds", `{"transition":"start"}`)
		c.d.CancelActiveBuild(id)
		want(t, "pending", job("status"), "canceled")
	})
}

func TestPromoteVersion(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{BuildTime: time.Second}, func(t *testing.T, c *client) {
		tpl := c.d.AddTemplate(codertest.BasicTemplate())
		id := c.d.CreateWorkspace("admin", "w", tpl.ID, nil).String()
		second := c.d.UploadVersion(tpl.ID, codertest.BasicTemplate().Version)
		outdated := func() any { return c.send("GET", "/workspaces/"+id, "").get("outdated") }
		want(t, "uploaded", outdated(), false)
		c.d.PromoteVersion(second)
		want(t, "promoted", outdated(), true)
		want(t, "active", c.send("GET", "/templates/"+tpl.ID.String(), "").get("active_version_id"), second)
		c.d.PromoteVersion(tpl.ActiveVersionID)
		want(t, "back again", outdated(), false)
	})
}
