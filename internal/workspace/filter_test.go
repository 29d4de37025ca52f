package workspace_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// fixture is a workspace of a deployment full of lookalikes. That of the
// template docker-gpu is going to be deleted.
type fixture struct{ owner, template, name, status, agent string }

var fixtures = []fixture{
	{"admin", "docker", "my-dev", "running", "disconnected"},
	{"admin", "docker-bad", "other", "failed", ""},
	{"alice", "docker", "dev", "running", "connecting"},
	{"alice", "docker-gpu", "Dev-2", "stopped", ""},
	{"alice2", "docker", "dev", "running", "connected"},
}

// matches is what the documented filters mean.
func (f fixture) matches(filter map[string]string) bool {
	for name, value := range filter {
		ok := false
		switch name {
		case "owner":
			ok = strings.EqualFold(f.owner, value) || strings.EqualFold(value, "me") && f.owner == "admin"
		case "template":
			ok = strings.EqualFold(f.template, value)
		case "name":
			ok = strings.Contains(strings.ToLower(f.name), strings.ToLower(value))
		case "status":
			ok = f.status == value
		case "has_agent":
			ok = f.agent == value
		case "deleting_by":
			ok = f.template == "docker-gpu" && value > time.Now().Format(time.DateOnly)
		}
		if !ok {
			return false
		}
	}
	return true
}

// Every filter alone and every two of them find exactly what they should.
func TestWorkspacesDataSource_Filters(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		d.SkipUnlessFake(t, "needs several users and agents in every state")
		createFixtures(t, d)

		values := map[string][]string{ // the first two of each are used in pairs
			"owner":     {"ALICE", "me", "alice", "alice2", "ME", "nobody", "ali", "a b", "al:ice", "alice dev"},
			"template":  {"docker", "Docker-GPU", "docker-bad", "dock", "two words"},
			"name":      {"DEV", "my", "dev", "ev-", "d v", "d:v", ":", "dev:", " dev", "admin/my-dev", "_", "d_v", "-dev", "%", "\\", "é", "true", "owner:me"},
			"status":    {"running", "failed", "stopped", "pending", "deleted", "canceled"},
			"has_agent": {"connected", "connecting", "disconnected", "timeout"},

			"deleting_by": {"2999-12-31", "2001-01-01", "2999-12-31T00:00:00Z"},
		}
		filters := []map[string]string{{}}
		for name, list := range values {
			for i, value := range list {
				filters = append(filters, map[string]string{name: value})
				for other, others := range values {
					if i < 2 && name < other {
						for _, second := range others[:2] {
							filters = append(filters, map[string]string{name: value, other: second})
						}
					}
				}
			}
		}

		server := d.Server(t)
		for _, filter := range filters {
			want := []string{}
			for _, f := range fixtures {
				if f.matches(filter) {
					want = append(want, f.owner+"/"+f.name)
				}
			}
			values := acctest.Values{"include_resources": false}
			for name, value := range filter {
				values[name] = value
			}
			if diff := cmp.Diff(want, lookForWorkspaces(t, server, values)); diff != "" {
				t.Errorf("%v: %s", filter, diff)
			}
		}
	})
}

// lookForWorkspaces reads the list and names what is found as owner/name.
func lookForWorkspaces(t *testing.T, server *acctest.Server, values acctest.Values) []string {
	t.Helper()
	found, diags := server.Look(t, "coderws_workspaces", values)
	if len(diags) > 0 {
		t.Errorf("%v: %v", values, diags)
		return nil
	}
	names := []string{}
	for _, workspace := range objects(t, found["workspaces"]) {
		names = append(names, workspace["owner_name"]+"/"+workspace["name"])
	}
	if total := tftypes.NewValue(tftypes.Number, len(names)); !total.Equal(found["total"]) {
		t.Errorf("%v: total is %v of %d workspaces", values, found["total"], len(names))
	}
	return names
}

// The filters that only newer servers know find the same on old ones.
func TestWorkspacesDataSource_NewerFilters(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		d.SkipUnlessFake(t, "needs workspaces of every age")
		basic := d.Fake.AddTemplate(codertest.BasicTemplate())
		createWorkspace(t, d, basic, coder.Me, "outdated")
		d.Fake.PublishVersion(basic.ID, codertest.BasicTemplate().Version)
		labs := codertest.BasicTemplate()
		labs.OrganizationID = d.Fake.AddOrganization("labs")
		createWorkspace(t, d, d.Fake.AddTemplate(labs), coder.Me, "labs")
		d.Fake.SetLastUsed(createWorkspace(t, d, basic, coder.Me, "stale"), time.Date(2020, 1, 31, 0, 0, 0, 0, time.UTC))
		sleeps, awake := "sleeps", "labs outdated stale"
		d.Fake.SetDormant(createWorkspace(t, d, basic, coder.Me, "sleeps"), d.Fake.Version() == "v2.35.1")
		if d.Fake.Version() != "v2.35.1" { // no such state
			sleeps, awake = "", "labs outdated sleeps stale"
		}

		server := d.Server(t)
		for _, test := range []struct {
			values acctest.Values
			want   string
		}{
			{acctest.Values{"outdated": true}, "outdated"},
			{acctest.Values{"outdated": false}, "labs sleeps stale"},
			{acctest.Values{"dormant": true}, sleeps},
			{acctest.Values{"dormant": false}, awake},
			{acctest.Values{"last_used_before": "2020-02-01"}, "stale"},
			{acctest.Values{"last_used_before": "2020-01-31"}, ""},
			{acctest.Values{"last_used_after": "2020-01-31"}, "labs outdated sleeps stale"},
			{acctest.Values{"last_used_after": "2020-01-31T01:00:00+00:30"}, "labs outdated sleeps"},
			{acctest.Values{"last_used_after": "2020-01-01", "last_used_before": "2021-01-01", "outdated": false}, "stale"},
			{acctest.Values{"organization": "LABS"}, "labs"},
			{acctest.Values{"organization": labs.OrganizationID.String()}, "labs"},
			{acctest.Values{"organization": "labs", "outdated": true}, ""},
		} {
			got := strings.ReplaceAll(strings.Join(lookForWorkspaces(t, server, test.values), " "), "admin/", "")
			if got != test.want {
				t.Errorf("%v: found %q, want %q", test.values, got, test.want)
			}
		}
	})
}

func createFixtures(t *testing.T, d *acctest.Deployment) {
	t.Helper()
	d.Fake.AddUser("alice")
	d.Fake.AddUser("alice2")
	templates := map[string]codertest.TemplateInfo{}
	for _, name := range []string{"docker", "docker-gpu", "docker-bad"} {
		template := codertest.BasicTemplate()
		template.Name = name
		if name == "docker-bad" {
			template.Version.Fail = func(string, map[string]string) string { return codertest.ApplyFailed }
		}
		templates[name] = d.Fake.AddTemplate(template)
	}
	for _, f := range fixtures {
		id := createWorkspace(t, d, templates[f.template], f.owner, f.name)
		if f.status == "stopped" {
			build, err := d.Client.CreateBuild(t.Context(), id, coder.CreateBuildRequest{Transition: coder.TransitionStop})
			if err != nil {
				t.Fatal(err)
			}
			waitForBuild(t, d, id, build.ID)
		}
		if f.agent != "" {
			d.Fake.SetAgents(id, f.agent, "ready")
		}
		if f.template == "docker-gpu" {
			d.Fake.SetInactivityTTL(templates[f.template].ID, 10*24*time.Hour)
			d.Fake.SetDormant(id, d.Fake.Version() == "v2.35.1")
		}
	}
	d.Fake.ResetRequests()
}

func TestWorkspacesDataSource_Query(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		d.SkipUnlessFake(t, "needs several users")
		createFixtures(t, d)
		server := d.Server(t)
		for query, want := range map[string][]string{
			`owner:alice name:dev status:"stopped"`: {"alice/Dev-2"},
			`ALICE2/dev`:                            {"alice2/dev"},
			`name:nothing-like-it`:                  {},
		} {
			if diff := cmp.Diff(want, lookForWorkspaces(t, server, acctest.Values{"query": query})); diff != "" {
				t.Errorf("%s: %s", query, diff)
			}
		}
		for query, want := range map[string]string{
			"colour:red":    `"colour" is not a valid query param`,
			"status:banana": `"banana" is not a valid value`,
		} {
			_, diags := server.Look(t, "coderws_workspaces", acctest.Values{"query": query})
			refusedAt(t, diags, "query", want)
		}
	})
}

// deleting_by is applied on our side: only some old servers knew it, and
// badly.
func TestWorkspacesDataSource_DeletingBy(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		d.SkipUnlessFake(t, "needs a workspace that is about to be deleted")
		recorded, err := os.ReadFile("testdata/workspace-deleting-v0.24.json") // at 2026-11-24T08:08:57.539716Z
		if err != nil {
			t.Fatal(err)
		}
		d.Fake.AddFault(codertest.Fault{
			Method: http.MethodGet, Route: "/workspaces", Status: http.StatusOK, ContentType: "application/json",
			Body: fmt.Sprintf(`{"count": 1, "workspaces": [%s]}`, recorded),
		})
		server := d.Server(t)
		for _, test := range []struct {
			values acctest.Values
			want   int
		}{
			{acctest.Values{"deleting_by": "2026-11-23"}, 0},
			{acctest.Values{"deleting_by": "2026-11-24"}, 1},
			{acctest.Values{"deleting_by": "2026-11-24T08:08:57Z"}, 0},
			{acctest.Values{"deleting_by": "2026-11-24T08:08:57.539716Z"}, 1},
			{acctest.Values{"deleting_by": "2026-11-24T10:08:58+02:00"}, 1},
			{acctest.Values{"deleting_by": "2026-11-24", "owner": "me", "status": "stopped"}, 1},
			{acctest.Values{"deleting_by": "2026-11-24", "query": "owner:me"}, 1},
		} {
			if got := lookForWorkspaces(t, server, test.values); len(got) != test.want {
				t.Errorf("%v: found %v", test.values, got)
			}
		}
		for _, request := range d.Fake.Requests() {
			if strings.Contains(request.Query, "deleting") {
				t.Errorf("the server was asked for %s", request.Query)
			}
		}
	})
}

// Favourites are those of the token's user; before Coder 2.8 there are none.
func TestFilters_Favorite(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"seed": "", "v2.7.0": "", "v2.8.0": "liked", "v2.35.1": "liked"} {
		d := acctest.NewFake(t, codertest.Options{Version: version})
		template := d.Fake.AddTemplate(codertest.BasicTemplate())
		createWorkspace(t, d, template, coder.Me, "other")
		id := createWorkspace(t, d, template, coder.Me, "liked")
		if want != "" {
			d.Fake.SetFavorite(id)
		}
		server := d.Server(t)
		got := strings.ReplaceAll(strings.Join(lookForWorkspaces(t, server, acctest.Values{"favorite": true}), " "), "admin/", "")
		others := lookForWorkspaces(t, server, acctest.Values{"favorite": false})
		if got != want || len(others)+len(strings.Fields(got)) != 2 {
			t.Errorf("%s: found %q, and %v as no favourites", version, got, others)
		}
	}
}
