package coder_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// zoo is a deployment with workspaces of all kinds.
type zoo struct {
	fake   *codertest.Deployment
	client *coder.Client
	// labs is the second organization, stale the time when the stale workspace
	// was last used.
	labs  uuid.UUID
	stale time.Time
}

func newZoo(t *testing.T, version string) *zoo {
	t.Helper()
	z := &zoo{fake: codertest.New(codertest.Options{Version: version})}
	t.Cleanup(z.fake.Close)
	server := httptest.NewServer(z.fake)
	t.Cleanup(server.Close)
	z.client = coder.New(coder.Config{URL: parse(t, server.URL), Token: z.fake.Token()})

	basic := z.fake.AddTemplate(codertest.BasicTemplate())
	z.labs = z.fake.AddOrganization("Labs")
	z.fake.AddMember(z.labs, "admin")
	other := codertest.BasicTemplate()
	other.OrganizationID = z.labs
	foreign := z.fake.AddTemplate(other)

	z.fake.CreateWorkspace("admin", "outdated", basic.ID, map[string]string{"cpu": "4"})
	z.fake.PublishVersion(basic.ID, codertest.BasicTemplate().Version)
	z.fake.CreateWorkspace("admin", "labs", foreign.ID, nil)
	z.fake.CreateWorkspace("admin", "plain", basic.ID, nil)
	stale := z.fake.CreateWorkspace("admin", "stale", basic.ID, nil)
	z.stale = z.fake.Now().Add(-100 * 24 * time.Hour).Truncate(time.Second)
	z.fake.SetLastUsed(stale, z.stale)
	dormant := z.fake.CreateWorkspace("admin", "Dormant", basic.ID, map[string]string{"cpu": "4", "region": "us-east"})
	if coder.ParseVersion(z.fake.Version()).AtLeast(0, 25) { // before, there is no such state
		z.fake.SetDormant(dormant, true)
	}
	z.fake.ResetRequests()
	return z
}

// A search finds the same on every version, however much of it the server
// understands.
func TestSearch_Versions(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"seed", "v0.25.0", "v2.1.0", "v2.2.0", "v2.4.0", "v2.7.0", "v2.9.0", "v2.14.0", "v2.15.0", "v2.35.1"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			z := newZoo(t, version)
			v := coder.ParseVersion(z.fake.Version())
			sleeps, everything := "Dormant", "Dormant labs outdated plain stale"
			if !v.AtLeast(0, 25) {
				sleeps = "" // there is no such state
			}
			yes, no := true, false
			for name, tt := range map[string]struct {
				search coder.WorkspaceSearch
				want   string
			}{
				"everything":            {coder.WorkspaceSearch{}, everything},
				"outdated":              {coder.WorkspaceSearch{Outdated: &yes}, "outdated"},
				"up to date":            {coder.WorkspaceSearch{Outdated: &no}, "Dormant labs plain stale"},
				"dormant":               {coder.WorkspaceSearch{Dormant: &yes}, sleeps},
				"awake":                 {coder.WorkspaceSearch{Dormant: &no, Name: "a"}, strings.TrimPrefix(strings.TrimPrefix("Dormant labs outdated plain stale", sleeps), " ")},
				"used before":           {coder.WorkspaceSearch{LastUsedBefore: z.stale.Add(1)}, "stale"},
				"used before, excluded": {coder.WorkspaceSearch{LastUsedBefore: z.stale}, ""},
				"used after":            {coder.WorkspaceSearch{LastUsedAfter: z.stale}, everything},
				"used after, excluded":  {coder.WorkspaceSearch{LastUsedAfter: z.stale.Add(time.Second)}, "Dormant labs outdated plain"},
				"used between":          {coder.WorkspaceSearch{LastUsedAfter: z.stale, LastUsedBefore: z.stale.Add(time.Hour)}, "stale"},
				"organization":          {coder.WorkspaceSearch{Organization: "LABS"}, "labs"},
				"organization id":       {coder.WorkspaceSearch{Organization: z.labs.String()}, "labs"},
				"unknown organization":  {coder.WorkspaceSearch{Organization: uuid.NewString()}, ""},
				"wildcards":             {coder.WorkspaceSearch{Name: "p_ain"}, ""},
				"two":                   {coder.WorkspaceSearch{Organization: z.labs.String(), Outdated: &no, Owner: "me"}, "labs"},
				"own language":          {coder.WorkspaceSearch{Query: "name:stale"}, "stale"},
			} {
				for _, size := range []int{0, 2} {
					tt.search.PageSize = size
					rows, err := z.client.AllWorkspaces(t.Context(), tt.search)
					if diff := cmp.Diff(tt.want, namesOf(rows)); diff != "" || err != nil {
						t.Errorf("%s, pages of %d: %s error %v", name, size, diff, err)
					}
				}
			}
		})
	}
}

// namesOf are the names of workspaces, in order.
func namesOf(rows []coder.Workspace) string {
	list := make([]string, len(rows))
	for i, row := range rows {
		list[i] = row.Name
	}
	return strings.Join(list, " ")
}

func TestSearch_Parameter(t *testing.T) {
	t.Parallel()
	z := newZoo(t, "v2.10.0")
	for parameter, want := range map[string]string{
		"CPU=4": "Dormant outdated", "cpu=2": "labs plain stale", "gpu": "Dormant labs outdated plain stale", "region=US-east": "Dormant",
		"region=us east": "", "disk": "", "cpu=": "error", "c_u": "Dormant labs outdated plain stale",
	} {
		rows, err := z.client.AllWorkspaces(t.Context(), coder.WorkspaceSearch{Parameter: parameter})
		if want == "error" {
			_ = as[*coder.SearchError](t, err)
			continue
		}
		if diff := cmp.Diff(want, namesOf(rows)); diff != "" || err != nil {
			t.Errorf("%s: %s error %v", parameter, diff, err)
		}
	}
}

// What the server cannot do is said before it is asked for anything but its
// version.
func TestSearch_Impossible(t *testing.T) {
	t.Parallel()
	for field, tt := range map[string]struct {
		search  coder.WorkspaceSearch
		version string
		routes  string
	}{
		"param":        {coder.WorkspaceSearch{Parameter: "cpu"}, "v2.9.0", "/buildinfo"},
		"organization": {coder.WorkspaceSearch{Organization: "nowhere"}, "seed", "/buildinfo /users/{user}/organizations/{organizationname}"},
	} {
		z := newZoo(t, tt.version)
		_, err := z.client.AllWorkspaces(t.Context(), tt.search)
		if e := as[*coder.SearchError](t, err); e.Field != field {
			t.Errorf("%s: error is %v", field, e)
		}
		var routes []string
		for _, request := range z.fake.Requests() {
			routes = append(routes, request.Route)
		}
		if diff := cmp.Diff(tt.routes, strings.Join(routes, " ")); diff != "" {
			t.Errorf("%s: %s", field, diff)
		}
	}
}

// Pages are handed on as they come, without what is not meant.
func TestWorkspaces_FilteredPages(t *testing.T) {
	t.Parallel()
	for version, requests := range map[string]int{"seed": 1 + 3, "v2.2.0": 1 + 2, "v2.35.1": 1 + 1} { // the first asks for the version
		z := newZoo(t, version)
		yes := true
		var rows []coder.Workspace
		for page, err := range z.client.Workspaces(t.Context(), coder.WorkspaceSearch{Outdated: &yes, PageSize: 2}) {
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, page.Workspaces...)
		}
		if got := namesOf(rows); got != "outdated" {
			t.Errorf("%s: found %q", version, got)
		}
		want := requests
		if version == "v2.2.0" {
			want++ // dormant ones are asked for separately
		}
		if got := len(z.fake.Requests()); got != want {
			t.Errorf("%s: %d requests, want %d", version, got, want)
		}
	}
}
