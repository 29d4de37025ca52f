package codertest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// list sends a query and returns the names of the workspaces, or the message and the first validation of an error.
func (c *client) list(query string, more ...string) string {
	a := c.send("GET", "/workspaces?q="+url.QueryEscape(query)+strings.Join(more, ""), "")
	if a.status != http.StatusOK {
		return fmt.Sprintf("%d %v: %v", a.status, a.get("validations", 0, "field"), a.get("validations", 0, "detail"))
	}
	var names []string
	for i := 0; a.get("workspaces", i) != nil; i++ {
		names = append(names, fmt.Sprint(a.get("workspaces", i, "owner_name"), "/", a.get("workspaces", i, "name")))
	}
	return strings.Join(names, " ")
}

// zoo makes workspaces with names that look alike.
func zoo(t *testing.T, c *client) map[string]uuid.UUID {
	t.Helper()
	c.d.AddUser("bob")
	basic := c.d.AddTemplate(codertest.BasicTemplate())
	failing := c.d.AddTemplate(codertest.FailingTemplate())
	ids := map[string]uuid.UUID{}
	for _, w := range []struct {
		owner, name string
		template    codertest.TemplateInfo
		parameters  map[string]string
	}{
		{"admin", "alpha", basic, map[string]string{"cpu": "4"}},
		{"admin", "Alphabet", basic, nil},
		{"admin", "beta", failing, map[string]string{"fail_at": "never"}},
		{"bob", "alpha", basic, nil},
		{"bob", "zeta", failing, map[string]string{"fail_at": "never"}},
	} {
		ids[w.owner+"/"+w.name] = c.d.CreateWorkspace(w.owner, w.name, w.template.ID, w.parameters)
	}
	c.send("POST", "/workspaces/"+ids["admin/beta"].String()+"/builds", `{"transition":"stop"}`)
	c.d.SetAgents(ids["admin/alpha"], "connected", "ready")
	c.d.SetAgents(ids["bob/zeta"], "timeout", "created")
	pass(time.Second)
	return ids
}

func TestSearch(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{}, func(t *testing.T, c *client) {
		ids := zoo(t, c)
		const everything = "admin/alpha admin/Alphabet bob/alpha bob/zeta admin/beta" // the running ones first
		type row struct{ query, seed, newest string }
		rows := []row{
			{"", everything, ""},
			{"owner:me", "admin/alpha admin/Alphabet admin/beta", ""},
			{"OWNER:Bob", "bob/alpha bob/zeta", ""},
			{"owner:nobody", "", ""},
			{"name:alpha", "admin/alpha admin/Alphabet bob/alpha", ""},
			{"alphab", "admin/Alphabet", ""},
			{"bob/alpha", "bob/alpha", ""},
			{`name:"alpha"`, "admin/alpha admin/Alphabet bob/alpha", ""},
			{`name:"al pha"`, "", ""},
			{"name:al_ha", "admin/alpha admin/Alphabet bob/alpha", ""},
			{"name:a%b", "admin/Alphabet", ""},
			{`name:al\_ha`, "", ""},
			{"status:deleting", "", ""},
			{"template:failing", "bob/zeta admin/beta", ""},
			{"template:failing owner:bob", "bob/zeta", ""},
			{"status:stopped", "admin/beta", ""},
			{"status:Running owner:bob", "bob/alpha bob/zeta", ""},
			{"status:deleted", "", ""},
			{"has-agent:connected", "admin/alpha", ""},
			{"has-agent:connecting", "admin/Alphabet bob/alpha", ""},
			{"has-agent:banana", "", ""},
			{"has-agent:connected,timeout", "", "admin/alpha bob/zeta"},
			{"status:banana", `400 status: Query param "status" has invalid value: "banana" is not a valid value`, ""},
			{
				"has_agent:connected", `400 has_agent: Query param "has_agent" is not a valid query param`,
				`400 has_agent: "has_agent" is not a valid query param`,
			},
			{"name:", `400 q: Query element "name:" cannot start or end with ':'`, ""},
			{"a:b:c", `400 q: Query element "a:b:c" can only contain 1 ':'`, ""},
			{"a/b/c", `400 q: Query element "a/b/c" can only contain 1 '/'`, ""},
			{
				"name:a name:b", `400 q: Query parameter "name" provided more than once, found 2 times`,
				`400 name: Query param "name" provided more than once, found 2 times. Only provide 1 instance of this query param.`,
			},
		}
		if !c.seed {
			rows = append(rows,
				row{newest: "admin/alpha bob/zeta", query: fmt.Sprintf("id:%s,%s", ids["bob/zeta"], ids["admin/alpha"])},
				row{newest: "admin/alpha", query: "param:cpu=4"},
				row{newest: "admin/alpha admin/Alphabet bob/alpha", query: "param:region"},
				row{newest: "admin/alpha admin/Alphabet bob/alpha", query: `param:"REG_ON=eu%"`},
				row{newest: "", query: `param:"reg\_on"`},
				row{newest: "admin/alpha admin/Alphabet bob/alpha", query: "param:cpu=4 param:cpu=2"},
				row{newest: "admin/alpha", query: "param:region,gpu param:cpu=4"},
				row{newest: `400 param: Query param "param" has invalid values: query element "cpu=" has an empty value. omit the '=' to match just on the parameter name`, query: "param:cpu="},
				row{newest: `400 param: Query param "param" has invalid values: query element "a=b=c" can only contain 1 '='`, query: "param:a=b=c"},
				row{newest: `400 organization: Query param "organization" has invalid value: organization "nowhere" either does not exist, or you are unauthorized to view it`, query: "organization:nowhere"},
				row{newest: everything, query: "outdated:false"},
				row{newest: everything, query: "organization:coder"},
				row{newest: "admin/alpha", query: "healthy:true"},
				row{newest: everything, query: `last_used_after:"1999-01-01T00:00:00Z"`},
				row{newest: "400 id: Query param \"id\" has invalid values: invalid UUID length: 1", query: "id:x"},
			)
		}
		for _, r := range rows {
			expected := r.seed
			if !c.seed && r.newest != "" {
				expected = r.newest
			}
			want(t, r.query, c.list(r.query), expected)
		}
	})
}

func TestListFavoritesFirst(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{Version: "v2.35.1"}, func(t *testing.T, c *client) {
		if c.seed {
			t.Skip("no favourites")
		}
		ids := zoo(t, c)
		want(t, "favourite", c.send("PUT", "/workspaces/"+ids["admin/beta"].String()+"/favorite", "").status, 204)
		want(t, "somebody else's", c.send("PUT", "/workspaces/"+ids["bob/zeta"].String()+"/favorite", "").status, 403)
		want(t, "order", c.list(""), "admin/beta admin/alpha admin/Alphabet bob/alpha bob/zeta")
	})
}

func TestPaging(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{}, func(t *testing.T, c *client) {
		zoo(t, c)
		for _, tt := range []struct{ parameters, names, seedCount, count string }{
			{"", "admin/alpha admin/Alphabet bob/alpha bob/zeta admin/beta", "5", "5"},
			{"&limit=0", "admin/alpha admin/Alphabet bob/alpha bob/zeta admin/beta", "5", "5"},
			{"&limit=2", "admin/alpha admin/Alphabet", "5", "5"},
			{"&limit=2&offset=2", "bob/alpha bob/zeta", "5", "5"},
			{"&limit=2&offset=4", "admin/beta", "5", "5"},
			{"&limit=2&offset=6", "", "0", "5"}, // the count came with the rows
		} {
			count := tt.count
			if c.seed {
				count = tt.seedCount
			}
			want(t, tt.parameters, c.list("", tt.parameters), tt.names)
			want(t, tt.parameters+" count", c.send("GET", "/workspaces?q="+tt.parameters, "").get("count"), count)
		}
		want(t, "negative limit", c.send("GET", "/workspaces?limit=-1", "").status, map[bool]int{true: 200, false: 400}[c.seed])
		want(t, "negative offset", c.send("GET", "/workspaces?offset=-1", "").status, map[bool]int{true: 500, false: 400}[c.seed])
	})
}

func TestHiddenTemplate(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{}, func(t *testing.T, c *client) {
		bob := c.d.AddUser("bob")
		basic := c.d.AddTemplate(codertest.BasicTemplate())
		id := c.d.CreateWorkspace("bob", "w", basic.ID, nil)
		c.d.HideTemplate(basic.ID, "bob")
		member := c.as(bob.Token)
		expected := map[string][2]int{"/workspaces/" + id.String(): {500, 403}, "/users/me/workspace/w": {404, 404}, "/workspaces": {500, 200}}
		for path, statuses := range expected {
			status := statuses[1]
			if c.seed {
				status = statuses[0]
			}
			want(t, path, member.send("GET", path, "").status, status)
		}
		if !c.seed {
			a := member.send("GET", "/workspaces", "")
			want(t, "rows", a.get("workspaces", 0), nil)
			want(t, "count", a.get("count"), 1)
		}
	})
}

func TestDormant(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		version, all, dormant, key string
		start                      int
	}{
		{"v0.25.0", "admin/asleep admin/awake", `400 dormant: Query param "dormant" is not a valid query param`, "dormant:true", 500},
		{"v2.1.0", "admin/awake", "admin/asleep", "locked_at:2000-01-01", 500},
		{"v2.2.0", "admin/awake", "admin/asleep", "dormant_at:2000-01-01", 500},
		{"v2.4.0", "admin/awake", "admin/asleep", "is-dormant:true", 403},
		{"v2.5.0", "admin/asleep admin/awake", "admin/asleep", "dormant:true", 403},
		{"v2.35.1", "admin/asleep admin/awake", "admin/asleep", "dormant:true", 201},
	} {
		t.Run(tt.version, func(t *testing.T) {
			t.Parallel()
			d := codertest.New(codertest.Options{Version: tt.version})
			defer d.Close()
			c := &client{ctx: t.Context(), d: d, token: d.Token()}
			basic := d.AddTemplate(codertest.BasicTemplate())
			d.CreateWorkspace("admin", "awake", basic.ID, nil)
			asleep := "/workspaces/" + d.CreateWorkspace("admin", "asleep", basic.ID, nil).String()
			route, body := "/dormant", `{"dormant":true}`
			if strings.HasPrefix(tt.key, "locked_at") || strings.HasPrefix(tt.version, "v0") {
				route, body = "/lock", `{"lock":true}`
			}
			want(t, "put to sleep", c.send("PUT", asleep+route, body).status, 200)
			want(t, "again", c.send("PUT", asleep+route, body).status, 304)
			want(t, "all", c.list(""), tt.all)
			want(t, tt.key, c.list(tt.key), tt.dormant)
			want(t, "start", c.send("POST", asleep+"/builds", `{"transition":"start"}`).status, tt.start)
		})
	}
}
