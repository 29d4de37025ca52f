package workspace_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// fixture is a workspace of a deployment full of lookalikes.
type fixture struct {
	owner, template, name, status string
	agent                         string // of a fake; nobody runs those of real deployments
	dying                         bool   // it is going to be deleted
}

// lookalikes are users, templates and workspaces whose names contain each
// other, as a deployment has them.
type lookalikes struct {
	me, alice, alice2   string
	docker, gpu, broken acctest.Template
	fixtures            []fixture
}

// matches is what the documented filters mean.
func (l lookalikes) matches(f fixture, filter map[string]string) bool {
	for name, value := range filter {
		ok := false
		switch name {
		case "owner":
			ok = strings.EqualFold(f.owner, value) || strings.EqualFold(value, "me") && f.owner == l.me
		case "template":
			ok = strings.EqualFold(f.template, value)
		case "name":
			ok = strings.Contains(strings.ToLower(f.name), strings.ToLower(value))
		case "status":
			ok = f.status == value
		case "has_agent":
			ok = f.agent == value
		case "deleting_by":
			ok = f.dying && value > time.Now().Format(time.DateOnly)
		}
		if !ok {
			return false
		}
	}
	return true
}

// own leaves out what others have on a real deployment. On a fake there is
// nobody else.
func (l lookalikes) own(d *acctest.Deployment, found []string) []string {
	if d.Fake != nil {
		return found
	}
	return slices.DeleteFunc(found, func(name string) bool {
		return !slices.ContainsFunc(l.fixtures, func(f fixture) bool { return f.owner+"/"+f.name == name })
	})
}

// Every filter alone and every two of them find exactly what they should.
func TestWorkspacesDataSource_Filters(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		l := createLookalikes(t, d)
		docker, alice := l.docker.Name, l.alice

		values := map[string][]string{ // the first two of each are used in pairs
			"owner":    {strings.ToUpper(alice), "me", alice, l.alice2, "ME", acctest.Name(t, "nobody"), alice[:3], "a b", "al:ice", alice + " dev"},
			"template": {docker, strings.ToUpper(l.gpu.Name), l.broken.Name, docker[:4], "two words"},
			"name":     {"DEV", "my", "dev", "ev-", "d v", "d:v", ":", "dev:", " dev", l.me + "/" + l.fixtures[0].name, "_", "d_v", "-dev", "%", "\\", "é", "true", "owner:me"},
			"status":   {"running", "failed", "stopped", "pending", "deleted", "canceled"},
		}
		if d.Fake != nil { // agents of real deployments need machines, deletions a licence
			values["has_agent"] = []string{"connected", "connecting", "disconnected", "timeout"}
			values["deleting_by"] = []string{"2999-12-31", "2001-01-01", "2999-12-31T00:00:00Z"}
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
			for _, f := range l.fixtures {
				if l.matches(f, filter) {
					want = append(want, f.owner+"/"+f.name)
				}
			}
			values := acctest.Values{"include_resources": false}
			for name, value := range filter {
				values[name] = value
			}
			if diff := cmp.Diff(want, l.own(d, lookForWorkspaces(t, server, values))); diff != "" {
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
		basic, alice := d.Template(t, acctest.Basic), d.User(t, "alice").Username
		createWorkspace(t, d, basic, alice, "outdated")
		d.Publish(t, basic, acctest.Basic, "v2")
		sleepy := createWorkspace(t, d, basic, alice, "sleeps")
		sleeps, awake := "sleeps", "labs outdated stale"
		if d.Client.ServerVersion().AtLeast(0, 25) {
			if err := d.Client.PutDormant(t.Context(), sleepy, true); err != nil {
				t.Fatal(err)
			}
		} else { // no such state
			sleeps, awake = "", "labs outdated sleeps stale"
		}
		type test struct {
			values acctest.Values
			want   string
		}
		tests := []test{
			{acctest.Values{"outdated": true}, "outdated"},
			{acctest.Values{"outdated": false}, "labs sleeps stale"},
			{acctest.Values{"dormant": true}, sleeps},
			{acctest.Values{"dormant": false}, awake},
			{acctest.Values{"last_used_before": "2020-02-01"}, "stale"},
			{acctest.Values{"last_used_before": "2020-01-31"}, ""},
			{acctest.Values{"last_used_after": "2020-01-31"}, "labs outdated sleeps stale"},
			{acctest.Values{"last_used_after": "2020-01-31T01:00:00+00:30"}, "labs outdated sleeps"},
			{acctest.Values{"last_used_after": "2020-01-01", "last_used_before": "2021-01-01", "outdated": false}, "stale"},
			{acctest.Values{"organization": basic.OrganizationID}, "outdated sleeps stale"},
			{acctest.Values{"organization": strings.ToUpper(organizationName(t, d, basic)), "outdated": true}, "outdated"},
		}
		onlyFake := strings.NewReplacer("labs", "", "stale", "")
		if d.Fake != nil { // a second organization takes a licence, and old age takes time
			onlyFake = strings.NewReplacer()
			definition := codertest.BasicTemplate()
			definition.OrganizationID = d.Fake.AddOrganization("labs")
			d.Fake.AddMember(definition.OrganizationID, alice)
			labs := d.FakeTemplate(definition)
			createWorkspace(t, d, labs, alice, "labs")
			d.Fake.SetLastUsed(createWorkspace(t, d, basic, alice, "stale"), time.Date(2020, 1, 31, 0, 0, 0, 0, time.UTC))
			tests = append(tests,
				test{acctest.Values{"organization": "LABS"}, "labs"},
				test{acctest.Values{"organization": labs.OrganizationID}, "labs"},
				test{acctest.Values{"organization": "labs", "outdated": true}, ""},
			)
		}

		server := d.Server(t)
		for _, test := range tests {
			got := []string{}
			for _, found := range lookForWorkspaces(t, server, test.values) {
				name, hers := strings.CutPrefix(found, alice+"/")
				if hers || d.Fake != nil { // others have workspaces on a real deployment
					got = append(got, name)
				}
			}
			if diff := cmp.Diff(strings.Fields(onlyFake.Replace(test.want)), got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%v: %s", test.values, diff)
			}
		}
	})
}

func createLookalikes(t *testing.T, d *acctest.Deployment) lookalikes {
	t.Helper()
	l := lookalikes{me: myName(t, d), docker: d.Template(t, acctest.Basic, acctest.Called("docker")), alice: d.User(t, "alice").Username}
	l.gpu = d.Template(t, acctest.Basic, acctest.Called(l.docker.Name+"-gpu"))
	l.broken = d.Template(t, acctest.Failing, acctest.Called(l.docker.Name+"-bad"))
	l.alice2 = d.User(t, l.alice).Username
	l.fixtures = []fixture{
		{owner: l.me, template: l.docker.Name, name: acctest.Name(t, "a") + "-my-dev", status: "running", agent: "disconnected"},
		{owner: l.me, template: l.broken.Name, name: acctest.Name(t, "other"), status: "failed"},
		{owner: l.alice, template: l.docker.Name, name: "dev", status: "running", agent: "connecting"},
		{owner: l.alice, template: l.gpu.Name, name: "Dev-2", status: "stopped", dying: true},
		{owner: l.alice2, template: l.docker.Name, name: "dev", status: "running", agent: "connected"},
	}
	templates := map[string]acctest.Template{l.docker.Name: l.docker, l.gpu.Name: l.gpu, l.broken.Name: l.broken}
	for _, f := range l.fixtures {
		id := createWorkspace(t, d, templates[f.template], f.owner, f.name)
		if f.status == "stopped" {
			build, err := d.Client.CreateBuild(t.Context(), id, coder.CreateBuildRequest{Transition: coder.TransitionStop})
			if err != nil {
				t.Fatal(err)
			}
			waitForBuild(t, d, id, build.ID)
		}
		if d.Fake == nil {
			continue
		}
		if f.agent != "" {
			d.Fake.SetAgents(id, f.agent, "ready")
		}
		if f.dying {
			d.Fake.SetInactivityTTL(uuid.MustParse(l.gpu.ID), 10*24*time.Hour)
			d.Fake.SetDormant(id, d.Fake.Version() == "v2.35.1")
		}
	}
	return l
}

func TestWorkspacesDataSource_Query(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		l := createLookalikes(t, d)
		server := d.Server(t)
		for query, want := range map[string][]string{
			`owner:` + l.alice + ` name:dev status:"stopped"`: {l.alice + "/Dev-2"},
			strings.ToUpper(l.alice2) + `/dev`:                {l.alice2 + "/dev"},
			`name:nothing-like-it`:                            {},
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
		d.SkipUnlessFake(t, "only a licensed deployment deletes by itself, and only after days")
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
		template := d.Template(t, acctest.Basic)
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
