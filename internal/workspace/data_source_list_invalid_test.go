package workspace_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// refusedAt checks that a search is refused at an attribute, with these words.
func refusedAt(t *testing.T, diags acctest.Diagnostics, attribute, words string) {
	t.Helper()
	if len(diags) == 0 || diags[0].Attribute.String() != fmt.Sprintf("AttributeName(%q)", attribute) || !strings.Contains(diags.String(), words) {
		t.Errorf("want %q at %s, got %v", words, attribute, diags)
	}
}

// Filters that cannot be right fail before anything is asked.
func TestWorkspacesDataSource_InvalidFilters(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	server := d.Server(t)
	for _, test := range []struct {
		values    acctest.Values
		at, words string
	}{
		{acctest.Values{"owner": ""}, "owner", "at least 1"},
		{acctest.Values{"organization": ""}, "organization", "at least 1"},
		{acctest.Values{"template": ""}, "template", "at least 1"},
		{acctest.Values{"name": ""}, "name", "at least 1"},
		{acctest.Values{"parameter": ""}, "parameter", "at least 1"},
		{acctest.Values{"query": ""}, "query", "at least 1"},
		{acctest.Values{"status": ""}, "status", "must be one of"},
		{acctest.Values{"status": "banana"}, "status", "must be one of"},
		{acctest.Values{"has_agent": "ready"}, "has_agent", "must be one of"},
		{acctest.Values{"owner": `a"b`}, "owner", "double quote"},
		{acctest.Values{"organization": `"a"`}, "organization", "double quote"},
		{acctest.Values{"template": `"`}, "template", "double quote"},
		{acctest.Values{"name": `"dev"`}, "name", "double quote"},
		{acctest.Values{"shared_with_user": ""}, "shared_with_user", "at least 1"},
		{acctest.Values{"shared_with_group": ""}, "shared_with_group", "at least 1"},
		{acctest.Values{"shared_with_user": `a"b`}, "shared_with_user", "double quote"},
		{acctest.Values{"shared_with_group": `a"b`}, "shared_with_group", "double quote"},
		{acctest.Values{"parameter": `region="eu"`}, "parameter", "double quote"},
		{acctest.Values{"parameter": "=4"}, "parameter", "names no parameter"},
		{acctest.Values{"parameter": "cpu="}, "parameter", "no value"},
		{acctest.Values{"parameter": "cpu=1,2"}, "parameter", "comma"},
		{acctest.Values{"last_used_after": "yesterday"}, "last_used_after", "neither a date"},
		{acctest.Values{"last_used_before": "2026-02-30"}, "last_used_before", "neither a date"},
		{acctest.Values{"deleting_by": "tomorrow"}, "deleting_by", "neither a date"},
		{acctest.Values{"deleting_by": "2026-02-30"}, "deleting_by", "neither a date"},
		{acctest.Values{"query": "dev", "owner": "me"}, "query", "owner"},
		{acctest.Values{"query": "dev", "has_agent": "connected"}, "query", "has_agent"},
		{acctest.Values{"query": "dev", "outdated": true}, "query", "outdated"},
		{acctest.Values{"query": "dev", "favorite": true}, "query", "favorite"},
		{acctest.Values{"query": "dev", "shared": false}, "query", "shared"},
		{acctest.Values{"query": "dev", "last_used_after": "2026-01-31"}, "query", "last_used_after"},
	} {
		_, diags := server.Look(t, "coderws_workspaces", test.values)
		refusedAt(t, diags, test.at, test.words)
	}
	if requests := d.Fake.Requests(); len(requests) > 0 {
		t.Errorf("%d requests were sent, the first is %+v", len(requests), requests[0])
	}
}

// A filter that is known at apply only defers the reading.
func TestWorkspacesDataSource_UnknownFilters(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		l := createLookalikes(t, d)
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{{
			Config: d.ProviderConfig() + fmt.Sprintf(`
				resource "terraform_data" "late" {
					input = { owner = %q, name = "2", deleting_by = "2026-01-31", query = "name:%s" }
				}
				data "coderws_workspaces" "test" {
					owner = terraform_data.late.output.owner
					name  = terraform_data.late.output.name
				}
				data "coderws_workspaces" "query" {
					query = terraform_data.late.output.query
				}
				data "coderws_workspaces" "deleting" {
					deleting_by = terraform_data.late.output.deleting_by
				}`, l.alice, l.fixtures[1].name),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectUnknownValue("data.coderws_workspaces.test", tfjsonpath.New("total")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				foundAt("test", "workspaces.0.name", knownvalue.StringExact("Dev-2")),
				foundAt("query", "total", knownvalue.Int64Exact(1)),
				foundAt("deleting", "total", knownvalue.Int64Exact(0)),
			},
		}}})
	})
}

// A server that cannot search by parameters or by what is shared is an error at
// that filter, and so is an organization that nobody knows.
func TestWorkspacesDataSource_ImpossibleFilters(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		info, err := d.Client.BuildInfo(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		server, version := d.Server(t), coder.ParseVersion(info.Version)
		if version.Before(2, 10) {
			_, diags := server.Look(t, "coderws_workspaces", acctest.Values{"parameter": "cpu"})
			refusedAt(t, diags, "parameter", info.Version)
		}
		if version.Before(2, 27) {
			for name, value := range map[string]any{"shared": false, "shared_with_user": "me", "shared_with_group": "Everyone"} {
				_, diags := server.Look(t, "coderws_workspaces", acctest.Values{name: value})
				refusedAt(t, diags, name, "it takes Coder 2.27 or later")
			}
		}
		unknown := `organization "nowhere" either does not exist`
		if version.Before(2, 15) {
			unknown = `no organization "nowhere"`
		}
		_, diags := server.Look(t, "coderws_workspaces", acctest.Values{"organization": "nowhere"})
		refusedAt(t, diags, "organization", unknown)
	})
}

// What the server leaves out since the token may not read its template is told.
func TestWorkspacesDataSource_HiddenTemplate(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	seen, hidden := d.Fake.AddTemplate(codertest.BasicTemplate()), d.Fake.AddTemplate(codertest.SlowTemplate())
	d.Token = d.Fake.AddUser("bob").Token
	d.Fake.CreateWorkspace("bob", "one", seen.ID, nil)
	d.Fake.CreateWorkspace("bob", "two", hidden.ID, nil)
	look := func(want int64, warns bool) {
		t.Helper()
		found, diags := d.Server(t).Look(t, "coderws_workspaces", acctest.Values{"owner": "me"})
		if warned := strings.Contains(diags.String(), "Workspaces are left out"); warned != warns || diags.HasError() {
			t.Errorf("it says %v", diags)
		}
		if !found["total"].Equal(tftypes.NewValue(tftypes.Number, want)) {
			t.Errorf("there are %v", found["total"])
		}
	}
	look(2, false)
	d.Fake.HideTemplate(hidden.ID, "bob")
	look(1, true)
}
