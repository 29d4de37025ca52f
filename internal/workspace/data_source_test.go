package workspace_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// appsTemplate has an agent with an app of every kind.
func appsTemplate() codertest.Template {
	template := codertest.BasicTemplate()
	template.Version.Resources = []codertest.Resource{{
		Type: "docker_container", Name: "main",
		Agents: []codertest.Agent{{
			Name: "dev", OperatingSystem: "linux", Architecture: "amd64", Directory: "/work", Environment: map[string]string{"TOKEN": "hush"},
			Apps: []codertest.App{
				{Slug: "code", DisplayName: "Code", URL: "http://localhost:8080"},
				{Slug: "docs", URL: "https://docs.example.com/?a=b", External: true},
				{Slug: "htop", Command: "htop -d 5"},
				{Slug: "site", URL: "http://localhost:3000", Subdomain: true},
			},
		}},
	}}
	return template
}

// objects are the elements of a list, each as its strings by attribute.
func objects(t *testing.T, list tftypes.Value) []map[string]string {
	t.Helper()
	var elements []tftypes.Value
	if err := list.As(&elements); err != nil {
		t.Fatal(err)
	}
	var result []map[string]string
	for _, element := range elements {
		var object map[string]tftypes.Value
		if err := element.As(&object); err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{}
		for name := range object {
			texts[name] = acctest.Text(object, name)
		}
		result = append(result, texts)
	}
	return result
}

// A workspace is found by id, by owner and name, and by its address, always
// the same.
func TestWorkspaceDataSource_Names(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		me, alice, named := myName(t, d), d.User(t, "alice").Username, acctest.Name(t, "Dev")
		lower, upper := strings.ToLower(named), strings.ToUpper(named)
		mine := createWorkspace(t, d, template, coder.Me, named).String()
		hers := createWorkspace(t, d, template, alice, lower).String()
		server := d.Server(t)
		for _, test := range []struct {
			values acctest.Values
			want   string
		}{
			{acctest.Values{"id": mine}, mine},
			{acctest.Values{"id": strings.ToUpper(hers)}, hers},
			{acctest.Values{"name": lower}, mine},
			{acctest.Values{"name": upper, "owner_name": "me"}, mine},
			{acctest.Values{"name": lower, "owner_name": strings.ToUpper(alice[:1]) + alice[1:]}, hers},
			{acctest.Values{"url": d.URL + "/@" + alice + "/" + lower}, hers},
			{acctest.Values{"url": d.URL + "/sub/@" + strings.ToUpper(alice) + "/" + named + ".main/apps/code/?folder=/x"}, hers},
			{acctest.Values{"url": d.URL + "/@me/" + lower + "/builds/1"}, mine},
		} {
			found, diags := server.Look(t, "coderws_workspace", test.values)
			if got := acctest.Text(found, "id"); !strings.EqualFold(got, test.want) || len(diags) > 0 { // case as configured
				t.Errorf("%v: found %q, want %q: %v", test.values, got, test.want, diags)
			}
			owner, name := me, named
			if test.want == hers {
				owner, name = alice, lower
			}
			got := []string{acctest.Text(found, "owner_name"), acctest.Text(found, "name"), acctest.Text(found, "url"), acctest.Text(found, "organization_name")}
			want := []string{owner, name, d.URL + "/@" + owner + "/" + name, organizationName(t, d, template)}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%v: %s", test.values, diff)
			}
		}
	})
}

// myName is the username of the token's user.
func myName(t *testing.T, d *acctest.Deployment) string {
	t.Helper()
	me, err := d.Client.User(t.Context(), coder.Me)
	if err != nil {
		t.Fatal(err)
	}
	return me.Username
}

// organizationName is the name of a template's organization.
func organizationName(t *testing.T, d *acctest.Deployment, template acctest.Template) string {
	t.Helper()
	organization, err := d.Client.Organization(t.Context(), uuid.MustParse(template.OrganizationID))
	if err != nil {
		t.Fatal(err)
	}
	return organization.Name
}

func TestWorkspaceDataSource_Errors(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		gone, never, nobody := acctest.Name(t, "gone"), acctest.Name(t, "never"), acctest.Name(t, "nobody")
		id := createWorkspace(t, d, d.Template(t, acctest.Basic), coder.Me, gone)
		build, err := d.Client.CreateBuild(t.Context(), id, coder.CreateBuildRequest{Transition: coder.TransitionDelete})
		if err != nil {
			t.Fatal(err)
		}
		waitForBuild(t, d, id, build.ID)
		server := d.Server(t)
		const noID = "8f5a1d4e-2c3b-4a59-9f0e-6d7c8b9a0f1e"
		for _, test := range []struct {
			values   acctest.Values
			at, want string
		}{
			{acctest.Values{}, "", "Missing Attribute Configuration"},
			{acctest.Values{"id": noID, "name": "dev"}, "", "Invalid Attribute Combination"},
			{acctest.Values{"url": "https://x/@a/b", "name": "dev"}, "", "Invalid Attribute Combination"},
			{acctest.Values{"id": noID, "owner_name": "me"}, "owner_name", "must be specified"},
			{acctest.Values{"id": "dev"}, "id", "Invalid UUID"},
			{acctest.Values{"name": ""}, "name", "at least 1"},
			{acctest.Values{"url": "admin/dev"}, "url", "Invalid workspace address"},
			{acctest.Values{"url": "https://coder.example.com/templates"}, "url", "Invalid workspace address"},
			{acctest.Values{"id": noID}, "id", "Workspace id not found"},
			{acctest.Values{"id": id.String()}, "id", "include_deleted = true"},
			{acctest.Values{"name": gone}, "name", "include_deleted = true"},
			{acctest.Values{"name": never, "include_deleted": true}, "name", "No deleted one"},
			{acctest.Values{"name": "dev/main"}, "name", "Workspace name not found"},
			{acctest.Values{"name": "dev", "owner_name": nobody}, "name", `User "` + nobody + `" has no workspace "dev"`},
			{acctest.Values{"url": d.URL + "/@" + nobody + "/dev"}, "url", `User "` + nobody + `" has no workspace "dev"`},
		} {
			_, diags := server.Look(t, "coderws_workspace", test.values)
			if !diags.HasError() || !strings.Contains(diags.String(), test.want) || test.at != "" && diags[0].Attribute.String() != fmt.Sprintf("AttributeName(%q)", test.at) {
				t.Errorf("%v: want %q at %s, got %v", test.values, test.want, test.at, diags)
			}
		}
		for _, values := range []acctest.Values{{"id": id.String(), "include_deleted": true}, {"name": gone, "include_deleted": true}} {
			found, diags := server.Look(t, "coderws_workspace", values)
			if got := acctest.Text(found, "id"); got != id.String() || len(diags) > 0 {
				t.Errorf("%v: found %q: %v", values, got, diags)
			}
			var latest map[string]tftypes.Value
			if err := found["latest_build"].As(&latest); err != nil || acctest.Text(latest, "status") != "deleted" {
				t.Errorf("%v: its latest build is %v, error %v", values, latest, err)
			}
		}
	})
}

// Agents and apps have addresses that open them.
func TestWorkspaceDataSource_Links(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		for host, site := range map[string]string{"": "", "*--apps.example.com:8443": "http://site--dev--links--admin--apps.example.com:8443/"} {
			t.Run(version+" "+host, func(t *testing.T) {
				t.Parallel()
				d := acctest.NewFake(t, codertest.Options{Version: version, AppHost: host})
				id := createWorkspace(t, d, d.FakeTemplate(appsTemplate()), coder.Me, "links")
				found, diags := d.Server(t).Look(t, "coderws_workspace", acctest.Values{"id": id.String()})
				if len(diags) > 0 {
					t.Fatal(diags)
				}
				agents := objects(t, found["agents"])
				if len(agents) != 1 || agents[0]["name"] != "dev" || agents[0]["directory"] != "/work" ||
					agents[0]["terminal_url"] != d.URL+"/@admin/links.dev/terminal" || agents[0]["ssh_command"] != "coder ssh admin/links.dev" {
					t.Errorf("agents are %v", agents)
				}
				urls := map[string]string{}
				for _, app := range objects(t, found["apps"]) {
					urls[app["agent_name"]+" "+app["slug"]] = app["url"]
				}
				if diff := cmp.Diff(map[string]string{
					"dev code": d.URL + "/@admin/links.dev/apps/code/",
					"dev docs": "https://docs.example.com/?a=b",
					"dev htop": d.URL + "/@admin/links.dev/terminal?command=htop+-d+5",
					"dev site": site,
				}, urls); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// What the data source shows is what the list shows, and more.
func TestWorkspaceDataSource_Terraform(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "single")
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{{
			Config: d.ProviderConfig() + fmt.Sprintf(`
				resource "coderws_workspace" "test" {
					name        = %q
					template_id = %q
					parameters  = { cpu = 4 }
				}
				data "coderws_workspace" "id" {
					id = coderws_workspace.test.id
				}
				data "coderws_workspace" "name" {
					name       = upper(coderws_workspace.test.name)
					owner_name = coderws_workspace.test.owner_name
				}
				data "coderws_workspace" "url" {
					url = data.coderws_workspace.name.url
				}
				data "coderws_workspaces" "list" {
					name       = coderws_workspace.test.name
					depends_on = [coderws_workspace.test]
				}
				locals {
					shown = { for name, value in data.coderws_workspace.id : name => jsonencode(value) if name != "sensitive_values" }
					list  = { for name, value in data.coderws_workspaces.list.workspaces[0] : name => jsonencode(value) }
				}
				output "differ" {
					value = [for name, value in local.list : name if value != local.shown[name] &&
						!contains(["last_used_at", "latest_build", "organization_name"], name)] # the last is looked up before Coder 2.14
				}
				output "ids" { value = distinct([data.coderws_workspace.id.id, data.coderws_workspace.name.id, data.coderws_workspace.url.id]) }
				output "cpu" { value = data.coderws_workspace.url.parameters.cpu }`, name, template.ID),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownOutputValue("differ", knownvalue.ListExact(nil)),
				statecheck.ExpectKnownOutputValue("ids", knownvalue.ListSizeExact(1)),
				statecheck.ExpectKnownOutputValue("cpu", knownvalue.StringExact("4")),
				statecheck.ExpectKnownValue("data.coderws_workspace.id", jsonPath("name"), knownvalue.StringExact(name)),
				statecheck.ExpectSensitiveValue("data.coderws_workspace.id", jsonPath("sensitive_values")),
			},
		}, {
			Config:      d.ProviderConfig() + `data "coderws_workspace" "none" { name = "there-is-none" }`,
			ExpectError: regexp.MustCompile(`(?s)Workspace name not found.*name = "there-is-none"`),
		}}})
	})
}
