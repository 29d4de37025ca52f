package workspace_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

const listRoute = "/workspaces"

// fill makes so many workspaces of the template, named w000 and so on.
func fill(t *testing.T, d *acctest.Deployment, template acctest.Template, number int) []string {
	t.Helper()
	names := make([]string, number)
	for i := range names {
		names[i] = fmt.Sprintf("admin/w%03d", i)
		d.Fake.CreateWorkspace("admin", strings.TrimPrefix(names[i], "admin/"), uuid.MustParse(template.ID), nil)
	}
	return names
}

// displayNames are the names of results, none of which may have a problem.
func displayNames(t *testing.T, results []acctest.Listed) []string {
	t.Helper()
	names := []string{}
	for _, result := range results {
		if len(result.Diagnostics) > 0 {
			t.Errorf("%q: %v", result.DisplayName, result.Diagnostics)
		}
		names = append(names, result.DisplayName)
	}
	slices.Sort(names)
	return names
}

// Every length around the size of a page, each workspace once and by its id.
func TestWorkspaceList_length(t *testing.T) {
	t.Parallel()
	for _, number := range []int{0, 1, 500, 501} {
		protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
			want := fill(t, d, d.Template(t, acctest.Basic), number)
			results := s.List(t, workspaceType, nil, 1000, false)
			if diff := cmp.Diff(want, displayNames(t, results)); diff != "" {
				t.Errorf("names differ (-want +got):\n%s", diff)
			}
			ids := map[string]bool{}
			for _, result := range results {
				ids[acctest.Text(result.Identity, "id")] = true
				if result.Resource != nil {
					t.Errorf("%s has an object that nobody asked for", result.DisplayName)
				}
			}
			if len(ids) != number {
				t.Errorf("there are %d identities of %d workspaces", len(ids), number)
			}
			if pages := d.RequestCount(http.MethodGet, listRoute); pages != max(1, (number+499)/500) {
				t.Errorf("%d workspaces took %d pages", number, pages)
			}
		})
	}
}

// The list ends at its limit, be it in the middle of a page, and reads no more
// than it takes.
func TestWorkspaceList_limit(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int64]struct {
		pages int
		size  string
	}{
		3:   {1, "10"},
		50:  {1, "50"},
		100: {1, "100"},
		500: {1, "500"},
		505: {2, "500"},
	} {
		protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
			fill(t, d, d.Template(t, acctest.Basic), 510)
			d.Fake.ResetRequests()
			if got := s.List(t, workspaceType, nil, limit, false); len(displayNames(t, got)) != int(limit) {
				t.Errorf("limit %d gives %d", limit, len(got))
			}
			requests := d.Fake.Requests()
			if len(requests) != want.pages || !strings.Contains(requests[0].Query, "limit="+want.size) {
				t.Errorf("limit %d: requests %v", limit, requests)
			}
		})
	}
}

func TestWorkspaceList_filters(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		basic, other := d.Template(t, acctest.Basic), d.Template(t, acctest.Slow)
		fill(t, d, basic, 5)
		d.Fake.AddUser("bob")
		d.Fake.CreateWorkspace("bob", "dev", uuid.MustParse(other.ID), nil)
		for title, test := range map[string]struct {
			values acctest.Values
			want   []string
		}{
			"owner":    {acctest.Values{"owner": "BOB"}, []string{"bob/dev"}},
			"template": {acctest.Values{"template": other.Name}, []string{"bob/dev"}},
			"name":     {acctest.Values{"name": "w00", "owner": "me"}, []string{"admin/w000", "admin/w001", "admin/w002", "admin/w003", "admin/w004"}},
			"status":   {acctest.Values{"status": "stopped"}, []string{}},
			"outdated": {acctest.Values{"outdated": true}, []string{}},
			"query":    {acctest.Values{"query": "bob/dev"}, []string{"bob/dev"}},
		} {
			if diff := cmp.Diff(test.want, displayNames(t, s.List(t, workspaceType, test.values, 0, false))); diff != "" {
				t.Errorf("%s: names differ (-want +got):\n%s", title, diff)
			}
		}
	})
}

func TestWorkspaceList_badFilters(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		d.Fake.ResetRequests()
		for title, values := range map[string]acctest.Values{
			"a double quote": {"name": `a"b`},
			"no date":        {"deleting_by": "soon"},
			"no status":      {"status": "asleep"},
			"two searches":   {"query": "owner:me", "owner": "me"},
		} {
			if results := s.List(t, workspaceType, values, 0, false); len(results) != 1 || !results[0].Diagnostics.HasError() {
				t.Errorf("%s: got %v", title, results)
			}
		}
		if requests := d.Requests(); len(requests) > 0 {
			t.Errorf("requests were made: %v", requests)
		}
		// What only the server knows comes as a result.
		results := s.List(t, workspaceType, acctest.Values{"query": "colour:red"}, 0, false)
		if len(results) != 1 || !results[0].Diagnostics.HasError() || results[0].Diagnostics[0].Summary != "Unable to find workspaces" {
			t.Errorf("an unknown key: got %v", results)
		}
	})
}

// The first page is passed on, then the error of the second, and the list is
// not taken for complete.
func TestWorkspaceList_failingSecondPage(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		fill(t, d, d.Template(t, acctest.Basic), 510)
		d.Fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: listRoute, Skip: 1, Status: http.StatusInternalServerError, Body: `{"message":"The second page is broken."}`})
		results := s.List(t, workspaceType, nil, 1000, false)
		if len(results) != 501 {
			t.Fatalf("got %d results, want a page and an error", len(results))
		}
		if len(displayNames(t, results[:500])) != 500 {
			t.Error("the first page is not complete")
		}
		wantProblem(t, results[500].Diagnostics, "Unable to find workspaces", "The second page is broken.")
	})
}

// A workspace that is stopped between two pages moves to the end of the list,
// where it comes again, and another slips through. Each is listed all the same,
// and once.
func TestWorkspaceList_movingRows(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	want := fill(t, d, d.Template(t, acctest.Basic), 510)
	s := d.Server(t)
	first := d.Fake.Workspaces()[0].ID
	d.Fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: listRoute, Skip: 1, Times: 1, Before: func(*http.Request) {
		d.Fake.ClearFaults()
		build(t, d, first, coder.CreateBuildRequest{Transition: coder.TransitionStop})
	}})
	if diff := cmp.Diff(want, displayNames(t, s.List(t, workspaceType, nil, 1000, false))); diff != "" {
		t.Errorf("names differ (-want +got):\n%s", diff)
	}
}

// The object is what an import would make of it.
func TestWorkspaceList_includeResource(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		fill(t, d, d.Template(t, acctest.Basic), 3)
		results := s.List(t, workspaceType, nil, 0, true)
		if len(displayNames(t, results)) != 3 {
			t.Fatal(results)
		}
		for _, result := range results {
			imported, diags := s.Import(t, workspaceType, acctest.Text(result.Identity, "id"), nil)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			if version := result.Resource["template_version_id"]; !version.IsNull() {
				t.Errorf("the template version is pinned to %s", version)
			}
			delete(result.Resource, "template_version_id")
			delete(imported.State, "template_version_id")
			if diff := cmp.Diff(imported.State, result.Resource, cmp.Comparer(tftypes.Value.Equal)); diff != "" {
				t.Errorf("%s differs (-imported +listed):\n%s", result.DisplayName, diff)
			}
		}
		if lookups := d.RequestCount(http.MethodGet, "/organizations/{organization}"); lookups > 1 {
			t.Errorf("%d look-ups of the organization", lookups)
		}
	})
}

// What Terraform writes for hundreds of workspaces plans empty once they are
// imported, without a request for each.
func TestWorkspaceList_adoptsHundreds(t *testing.T) {
	t.Parallel()
	for version, number := range map[string]int{"seed": 120, "v2.35.1": 500} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			fill(t, d, d.Template(t, acctest.Basic, acctest.DefaultTTL(8*time.Hour)), number)
			schedule := "CRON_TZ=Europe/Berlin 30 8 * * 1-5"
			for _, w := range d.Fake.Workspaces()[:3] {
				if err := d.Client.PutAutostart(t.Context(), w.ID, &schedule); err != nil {
					t.Fatal(err)
				}
			}
			s := d.Server(t)
			d.Fake.ResetRequests()
			listed := s.List(t, workspaceType, nil, int64(number), true)
			if len(displayNames(t, listed)) != number {
				t.Fatalf("%d workspaces are listed", len(listed))
			}
			var adopting sync.WaitGroup
			for worker := range 10 { // as many as Terraform's
				adopting.Go(func() {
					for i := worker; i < number; i += 10 {
						wantAdopted(t, s, listed[i])
					}
				})
			}
			adopting.Wait()
			for request, n := range d.RequestCounts() {
				if !strings.HasPrefix(request, "GET ") || n > number {
					t.Errorf("%d times %s", n, request)
				}
			}
		})
	}
}

// wantAdopted imports what a list has found and plans the configuration that
// Terraform generates for it.
func wantAdopted(t *testing.T, s *acctest.Server, result acctest.Listed) {
	t.Helper()
	imported, diags := s.Import(t, workspaceType, "", acctest.Values{"id": result.Identity["id"]})
	if len(diags) > 0 {
		t.Error(diags)
		return
	}
	config := s.Generate(t, workspaceType, result)
	if changes := s.Changes(t, workspaceType, imported, config); len(changes) > 0 {
		t.Errorf("%s: the plan changes %v; configuration %v", result.DisplayName, changes, config)
	}
}

// Workspaces built in advance are Coder's until somebody claims them.
func TestWorkspaceList_prebuilds(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v2.22.0", "v2.35.1"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			template := d.Template(t, acctest.Basic)
			want := fill(t, d, template, 12)
			for i := range 20 {
				d.Fake.CreatePrebuild(fmt.Sprintf("pre%d", i), uuid.MustParse(template.ID), "")
			}
			s := d.Server(t)
			if diff := cmp.Diff(want, displayNames(t, s.List(t, workspaceType, nil, 0, false))); diff != "" {
				t.Errorf("names differ (-want +got):\n%s", diff)
			}
			if got := displayNames(t, s.List(t, workspaceType, acctest.Values{"owner": "prebuilds"}, 0, false)); len(got) > 0 {
				t.Errorf("prebuilds are listed: %v", got)
			}
			if got := displayNames(t, s.List(t, workspaceType, acctest.Values{"include_prebuilds": true}, 0, false)); len(got) != 32 {
				t.Errorf("got %v", got)
			}
		})
	}
}

// Coder 2.1 to 2.4 lists dormant workspaces only when it is asked for them.
func TestWorkspaceList_dormant(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v2.4.0", "v2.35.1"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			want := fill(t, d, d.Template(t, acctest.Basic), 3)
			makeDormant(t, d, d.Fake.Workspaces()[1].ID)
			s := d.Server(t)
			for range 2 { // before and after the server's version is known
				if diff := cmp.Diff(want, displayNames(t, s.List(t, workspaceType, nil, 0, false))); diff != "" {
					t.Errorf("names differ (-want +got):\n%s", diff)
				}
			}
		})
	}
}
