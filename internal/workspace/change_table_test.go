package workspace_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
	"github.com/coderws/terraform-provider-coderws/internal/workspace"
)

// change is an attribute before and after a change; nil stands for null.
type change struct {
	before, after any
	builds        string // what the table says of it
	replaces      bool
	refused       bool
}

// changeRow is what the documentation says that a change of an attribute does.
type changeRow struct{ request, builds, replaces string }

// changeTable reads the table in the documentation.
func changeTable(t *testing.T) map[string]changeRow {
	t.Helper()
	page, err := os.ReadFile("../../templates/resources/workspace.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "## What a change does\n")
	section, _, _ = strings.Cut(section, "\n## ")
	table := map[string]changeRow{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (.+) \\| (.+) \\| (.+) \\|$").FindAllStringSubmatch(section, -1) {
		if _, twice := table[row[1]]; twice {
			t.Errorf("%s is there twice", row[1])
		}
		table[row[1]] = changeRow{request: row[2], builds: row[3], replaces: row[4]}
	}
	return table
}

// The table of the documentation says of every attribute what a change of it
// does, and that is what happens.
func TestDocumentation_changes(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	d.Fake.AddUser("carol")
	template, other := d.Fake.AddTemplate(withPresets("1")), withPresets("1")
	other.Name = "other"
	elsewhere := d.Fake.AddTemplate(other)
	next := d.Fake.UploadVersion(template.ID, withPresets("1").Version)
	deadline := d.Fake.Now().Add(6 * time.Hour).UTC().Truncate(time.Second).Format(time.RFC3339)
	parameters := func(region, cpu string) map[string]string { return map[string]string{"region": region, "cpu": cpu} }
	changes := map[string][]change{
		"name":            {{before: "dev", after: "other"}},
		"template_id":     {{before: template.ID.String(), after: elsewhere.ID.String(), replaces: true}},
		"owner_name":      {{before: "admin", after: "carol", replaces: true}, {before: nil, after: "ADMIN"}},
		"organization_id": {{before: nil, after: d.Fake.OrganizationID().String()}, {before: nil, after: d.Fake.AddOrganization("research").String(), refused: true}},
		"template_version_id": {
			{before: template.ActiveVersionID.String(), after: next.String(), builds: "stop, start"},
			{before: nil, after: next.String(), builds: "stop, start"},
		},
		"preset":                       {{before: "Small", after: "Medium", builds: "stop, start"}, {before: "Small", after: "Large", replaces: true}},
		"parameters":                   {{before: parameters("eu-west", "2"), after: parameters("eu-west", "3"), builds: "stop, start"}, {before: parameters("eu-west", "2"), after: parameters("us-east", "2"), replaces: true}},
		"ephemeral_parameters":         {{before: nil, after: map[string]string{"note": "hello"}}},
		"ephemeral_parameters_version": {{before: nil, after: 1, builds: "stop, start"}},
		"desired_status":               {{before: nil, after: "stopped", builds: "stop"}, {before: "stopped", after: "running", builds: "start"}},
		"autostart_schedule":           {{before: nil, after: "0 9 * * 1-5"}, {before: "0 9 * * 1-5", after: nil}},
		"ttl_ms":                       {{before: nil, after: 7200000}, {before: 7200000, after: 0}},
		"automatic_updates":            {{before: nil, after: "always"}},
		"deadline":                     {{before: nil, after: deadline}},
		"dormant":                      {{before: nil, after: true}, {before: true, after: false}, {before: false, after: true}},
		"wait_for_agents":              {{before: nil, after: true}},
		"deletion_protection":          {{before: nil, after: true}},
		"orphan_on_destroy":            {{before: true, after: nil}},
		"timeouts":                     {{before: nil, after: acctest.Values{"create": "1h"}}},
	}
	table := changeTable(t)
	for _, attribute := range configurable(t) {
		if _, in := table[attribute]; !in {
			t.Errorf("the table has no row for %s", attribute)
		}
	}
	for attribute, row := range table { //nolint:paralleltest // they count the requests of one deployment
		t.Run(attribute, func(t *testing.T) {
			if len(changes[attribute]) == 0 {
				t.Fatal("nobody has tried it")
			}
			var builds []string
			replacing := 0
			for i, c := range changes[attribute] {
				if c.replaces {
					replacing++
				}
				if c.builds != "" && !slices.Contains(builds, c.builds) {
					builds = append(builds, c.builds)
				}
				tryChange(t, d, template, attribute, fmt.Sprintf("%s-%d", strings.ReplaceAll(attribute, "_", "-"), i), row, c)
			}
			if said := strings.ReplaceAll(row.builds, "none", ""); strings.Join(builds, ", or ") != said {
				t.Errorf("the table says of builds %q", row.builds)
			}
			switch says, _, _ := strings.Cut(row.replaces, ";"); {
			case says == "no" && replacing == 0, says == "yes" && replacing > 0,
				strings.HasPrefix(says, "if ") && replacing > 0 && replacing < len(changes[attribute]):
			default:
				t.Errorf("the table says of replacements %q", row.replaces)
			}
		})
	}
}

// configurable are the arguments of the resource.
func configurable(t *testing.T) (names []string) {
	t.Helper()
	described := new(resource.SchemaResponse)
	workspace.NewResource().Schema(t.Context(), resource.SchemaRequest{}, described)
	for name, attribute := range described.Schema.Attributes {
		if attribute.IsRequired() || attribute.IsOptional() {
			names = append(names, name)
		}
	}
	for name := range described.Schema.Blocks {
		names = append(names, name)
	}
	return names
}

// tryChange changes an attribute of a new workspace.
func tryChange(t *testing.T, d *acctest.Deployment, template codertest.TemplateInfo, attribute, name string, row changeRow, c change) {
	t.Helper()
	server := d.Server(t)
	config := func(value any) acctest.Values {
		values := acctest.Values{"name": name[:min(len(name), 32)], "template_id": template.ID.String(), "deletion_protection": false, "orphan_on_destroy": false, "wait_for_agents": false}
		if attribute != "preset" {
			values["parameters"] = map[string]string{"region": "eu-west"}
		}
		if attribute == "deadline" {
			values["ttl_ms"] = 3600000
		}
		if value != nil {
			values[attribute] = value
		}
		return values
	}
	instance, diags := server.Apply(t, workspace.ResourceType, nil, config(c.before))
	if diags.HasError() {
		t.Fatal(diags)
	}
	if instance, diags = server.Read(t, workspace.ResourceType, instance); diags.HasError() {
		t.Fatal(diags)
	}
	plan := server.Plan(t, workspace.ResourceType, instance, config(c.after))
	if refused := acctest.Diagnostics(plan.Diagnostics).HasError(); refused != c.refused {
		t.Errorf("%v to %v: %v", c.before, c.after, acctest.Diagnostics(plan.Diagnostics))
	}
	if replaces := len(plan.RequiresReplace) > 0; replaces != c.replaces {
		t.Errorf("%v to %v: replaces %t", c.before, c.after, replaces)
	}
	if c.refused || c.replaces {
		return
	}
	d.Fake.ResetRequests()
	if _, diags = server.Apply(t, workspace.ResourceType, instance, config(c.after)); diags.HasError() {
		t.Fatal(diags)
	}
	requests, builds := written(t, d)
	want := []string{}
	if row.request != "none" {
		want = append(want, strings.Trim(row.request, "`"))
	}
	if diff := cmp.Diff(want, requests); diff != "" {
		t.Errorf("%v to %v: requests (-documented +sent)\n%s", c.before, c.after, diff)
	}
	if got := strings.Join(builds, ", "); got != c.builds {
		t.Errorf("%v to %v: builds %q, want %q", c.before, c.after, got, c.builds)
	}
}

// written are the requests that have changed something, and the builds among
// them.
func written(t *testing.T, d *acctest.Deployment) (requests, builds []string) {
	t.Helper()
	requests = []string{}
	for _, request := range d.Fake.Requests() {
		switch route := request.Method + " " + request.Route; {
		case request.Method == http.MethodGet, strings.HasSuffix(route, "/evaluate"), strings.HasSuffix(route, "/authcheck"):
		case route == "POST /workspaces/{workspace}/builds":
			var build coder.CreateBuildRequest
			if err := json.Unmarshal([]byte(request.Body), &build); err != nil {
				t.Fatal(err)
			}
			builds = append(builds, string(build.Transition))
		default:
			requests = append(requests, route)
		}
	}
	return requests, builds
}
