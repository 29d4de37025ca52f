package codertest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// both runs a test against both ends of the range of servers, in virtual time.
func both(t *testing.T, o codertest.Options, body func(t *testing.T, c *client)) {
	t.Helper()
	across(t, o, []string{"seed", "v2.35.1"}, body)
}

// across runs a test against some releases, in virtual time.
func across(t *testing.T, o codertest.Options, versions []string, body func(t *testing.T, c *client)) {
	t.Helper()
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := o
				o.Version = version
				d := codertest.New(o)
				defer d.Close()
				body(t, &client{ctx: t.Context(), d: d, token: d.Token(), version: version, seed: version == "seed"})
			})
		})
	}
}

// pass lets time go by; inside of a bubble that takes none.
func pass(d time.Duration) { <-time.After(d) }

// client talks to a deployment without a network.
type client struct {
	ctx   context.Context
	d     *codertest.Deployment
	token string
	// version is the release that the test asked for.
	version string
	seed    bool
}

// as is the same client with another token.
func (c *client) as(token string) *client {
	other := *c
	other.token = token
	return &other
}

type answer struct {
	status int
	header http.Header
	text   string
	body   any
}

// get looks into a JSON answer: a path of keys and indices.
func (a answer) get(path ...any) any {
	v := a.body
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

func (c *client) send(method, path, body string) answer {
	var reader io.Reader = http.NoBody
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(c.ctx, method, "/api/v2"+path, reader)
	if c.token != "" {
		r.Header.Set("Coder-Session-Token", c.token)
	}
	return c.do(r)
}

func (c *client) do(r *http.Request) answer {
	w := httptest.NewRecorder()
	c.d.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), text: w.Body.String()}
	_ = json.Unmarshal(w.Body.Bytes(), &a.body)
	return a
}

// create makes a workspace and returns its id.
func (c *client) create(t *testing.T, name string, template codertest.TemplateInfo, more string) string {
	t.Helper()
	a := c.send("POST", fmt.Sprintf("/organizations/%s/members/me/workspaces", c.d.OrganizationID()),
		fmt.Sprintf(`{"name":%q,"template_id":%q%s}`, name, template.ID, more))
	if a.status != http.StatusCreated {
		t.Fatalf("create %s: %d %s", name, a.status, a.text)
	}
	return a.get("id").(string)
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s: got %s, want %s", what, g, w)
	}
}

func TestLifecycle(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{BuildTime: 2 * time.Second}, func(t *testing.T, c *client) {
		tpl := c.d.AddTemplate(codertest.BasicTemplate())
		id := c.create(t, "alpha", tpl, `,"ttl_ms":7200000`)
		status := func() any { return c.send("GET", "/workspaces/"+id, "").get("latest_build", "status") }
		want(t, "at once", status(), "pending")
		pass(time.Second)
		want(t, "picked up", status(), "starting")
		want(t, "second build", c.send("POST", "/workspaces/"+id+"/builds", `{"transition":"stop"}`).status, 409)
		pass(2 * time.Second)
		a := c.send("GET", "/users/admin/workspace/ALPHA", "")
		want(t, "done", a.get("latest_build", "status"), "running")
		want(t, "sensitive metadata", a.get("latest_build", "resources", 0, "metadata", 2, "value"), "hush")
		want(t, "metadata from a parameter", a.get("latest_build", "resources", 0, "metadata", 0, "value"), "eu-west")

		want(t, "rename", c.send("PATCH", "/workspaces/"+id, `{"name":"beta"}`).status, 204)
		want(t, "schedule", c.send("PUT", "/workspaces/"+id+"/autostart", `{"schedule":"0 9 * * 1-5"}`).status, 204)
		want(t, "old name", c.send("GET", "/users/me/workspace/alpha", "").status, 404)

		want(t, "delete", c.send("POST", "/workspaces/"+id+"/builds", `{"transition":"delete"}`).status, 201)
		pass(3 * time.Second)
		want(t, "gone by id", c.send("GET", "/workspaces/"+id, "").status, 410)
		want(t, "gone by name", c.send("GET", "/users/me/workspace/beta", "").status, 404)
		want(t, "still there on request", c.send("GET", "/workspaces/"+id+"?include_deleted=true", "").get("latest_build", "status"), "deleted")
		c.create(t, "beta", tpl, "")
	})
}
