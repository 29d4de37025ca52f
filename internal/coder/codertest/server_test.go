package codertest_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

func TestSurface(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{}, func(t *testing.T, c *client) {
		anonymous := c.as("")
		a := anonymous.send("GET", "/buildinfo", "")
		want(t, "version", a.get("version"), c.d.Version())
		want(t, "version header", a.header.Get("X-Coder-Build-Version"), c.d.Version())
		want(t, "content type", a.header.Get("Content-Type"), "application/json; charset=utf-8")
		if a.header.Get("X-Coder-Request-Id") == "" || a.header.Get("Date") == "" {
			t.Error("request id or date missing")
		}
		want(t, "no session", anonymous.send("GET", "/users/me", "").status, 401)
		want(t, "unknown route", anonymous.send("GET", "/nothing", "").status, 404)
		want(t, "wrong method", c.send("POST", "/workspaces", "{}").status, 405)
		a = c.do(httptest.NewRequestWithContext(t.Context(), "GET", "/workspaces", nil))
		want(t, "outside of the API", a.header.Get("Content-Type"), "text/html; charset=utf-8")

		bob := c.as(c.d.AddUser("bob").Token)
		tpl := c.d.AddTemplate(codertest.BasicTemplate())
		id := c.create(t, "w", tpl, "")
		for method, path := range map[string]string{"GET": "", "PATCH": "", "PUT": "/ttl", "POST": "/builds"} {
			want(t, "a member's "+method, bob.send(method, "/workspaces/"+id+path, "{}").status, 404)
		}
		manager := c.as(c.d.AddTemplateAdmin("tom").Token)
		want(t, "readable", manager.send("GET", "/workspaces/"+id, "").status, 200)
		a = manager.send("PUT", "/workspaces/"+id+"/ttl", `{"ttl_ms":60000}`)
		want(t, "but not writable", a.status, 500)
		if !strings.HasSuffix(fmt.Sprint(a.get("detail")), "unauthorized: rbac: forbidden") {
			t.Errorf("detail %v", a.get("detail"))
		}
	})
}

func TestRequests(t *testing.T) {
	t.Parallel()
	d := codertest.New(codertest.Options{})
	defer d.Close()
	c := &client{ctx: t.Context(), d: d}
	c.send("PUT", "/workspaces/x/ttl?coder_session_token="+d.Token()+"&a=b", `{"ttl_ms":1}`)
	list := d.Requests()
	if len(list) != 1 {
		t.Fatalf("%d requests", len(list))
	}
	r := list[0]
	want(t, "route", r.Route, "/workspaces/{workspace}/ttl")
	want(t, "query without the token", r.Query, "a=b")
	want(t, "body", r.Body, `{"ttl_ms":1}`)
	want(t, "status", r.Status, 400)
	want(t, "user", r.User, "admin")
	d.ResetRequests()
	want(t, "reset", len(d.Requests()), 0)
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{RateLimit: 3}, func(t *testing.T, c *client) {
		for range 3 {
			want(t, "within", c.send("GET", "/users/me", "").status, 200)
		}
		a := c.send("GET", "/users/me", "")
		want(t, "beyond", a.status, 429)
		want(t, "retry after", a.header.Get("Retry-After"), "60")
		want(t, "message", a.get("message"), "You've been rate limited for sending more than 3 requests in 1m0s.")
		want(t, "another path", c.send("GET", "/workspaces", "").status, 200)
		other := c.as(c.d.AddUser("bob").Token)
		want(t, "another user", other.send("GET", "/users/me", "").status, map[bool]int{true: 429, false: 200}[c.seed])
		c.d.Advance(2 * time.Minute)
		want(t, "later", c.send("GET", "/users/me", "").status, 200)
	})
}

// TestFaults uses a real connection: dropping one needs it.
func TestFaults(t *testing.T) {
	t.Parallel()
	d := codertest.New(codertest.Options{})
	defer d.Close()
	tpl := d.AddTemplate(codertest.BasicTemplate())
	id := d.CreateWorkspace("admin", "w", tpl.ID, nil).String()
	server := httptest.NewServer(d)
	defer server.Close()
	send := func(method, path, body string) (int, string, error) {
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/api/v2"+path, strings.NewReader(body))
		if err != nil {
			return 0, "", err
		}
		r.Header.Set("Coder-Session-Token", d.Token())
		a, err := server.Client().Do(r)
		if err != nil {
			return 0, "", err
		}
		defer func() { _ = a.Body.Close() }()
		text, err := io.ReadAll(a.Body)
		return a.StatusCode, string(text), err
	}
	name := func() string { return d.Workspaces()[0].Name }

	d.AddFault(codertest.Fault{Method: "PATCH", Route: "/workspaces/{workspace}", Skip: 1, Times: 1, Status: 502, Body: "<html>", ContentType: "text/html"})
	var statuses []int
	for _, n := range []string{"a", "b", "c"} {
		status, _, err := send("PATCH", "/workspaces/"+id, fmt.Sprintf(`{"name":%q}`, n))
		if err != nil {
			t.Fatal(err)
		}
		statuses = append(statuses, status)
	}
	want(t, "skip one, hit one", statuses, []int{204, 502, 204})

	d.ClearFaults()
	d.AddFault(codertest.Fault{Method: "PATCH", Times: 1, DropBefore: true})
	d.AddFault(codertest.Fault{Method: "PATCH", Skip: 1, Times: 1, DropAfter: true})
	if _, _, err := send("PATCH", "/workspaces/"+id, `{"name":"before"}`); err == nil {
		t.Error("an answer in spite of DropBefore")
	}
	want(t, "after DropBefore", name(), "c")
	if _, _, err := send("PATCH", "/workspaces/"+id, `{"name":"after"}`); !errors.Is(err, io.EOF) {
		t.Errorf("DropAfter: %v", err)
	}
	want(t, "after DropAfter", name(), "after")

	d.ClearFaults()
	d.AddFault(codertest.Fault{Route: "/workspaces/{workspace}", Before: func(*http.Request) { d.RevokeTokens("admin") }})
	status, text, err := send("GET", "/workspaces/"+id, "")
	if err != nil || status != http.StatusUnauthorized || !strings.Contains(text, "API key is invalid.") {
		t.Errorf("revoked in flight: %d %s %v", status, text, err)
	}
}

func TestOtherReleases(t *testing.T) {
	t.Parallel()
	for version, expected := range map[string]map[string]bool{
		"v2.1.0":  {"health": true, "locked_at": true, "dormant_at": false, "automatic_updates": false},
		"v2.8.3":  {"dormant_at": true, "automatic_updates": true, "allow_renames": true, "favorite": true, "organization_name": false},
		"v2.19.0": {"next_start_at": true, "organization_name": true, "is_prebuild": false, "task_id": false},
	} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := codertest.New(codertest.Options{Version: version})
			defer d.Close()
			tpl := d.AddTemplate(codertest.BasicTemplate())
			id := d.CreateWorkspace("admin", "w", tpl.ID, nil)
			c := &client{ctx: t.Context(), d: d, token: d.Token()}
			fields, _ := c.send("GET", "/workspaces/"+id.String(), "").body.(map[string]any)
			for field, there := range expected {
				if _, present := fields[field]; present != there {
					t.Errorf("%s: got %t, want %t", field, present, there)
				}
			}
		})
	}
}
