package workspace_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// What is found of workspaces that the resource made, on real deployments too.
func TestWorkspacesDataSource_OwnWorkspaces(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		names := []string{acctest.Name(t, "list-b"), acctest.Name(t, "list-a")}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{{
			Config: d.ProviderConfig() + fmt.Sprintf(`
				resource "coderws_workspace" "test" {
					count              = 2
					name               = [%[1]q, %[2]q][count.index]
					template_id        = %[3]q
					ttl_ms             = 7200000
					autostart_schedule = "CRON_TZ=Europe/Berlin 30 9 * * 1-5"
				}
				data "coderws_workspaces" "all" {
					owner      = "me"
					template   = %[4]q
					status     = "running"
					depends_on = [coderws_workspace.test]
				}
				data "coderws_workspaces" "one" {
					name       = upper(%[1]q)
					depends_on = [coderws_workspace.test]
				}
				data "coderws_workspaces" "stopped" {
					template   = %[4]q
					status     = "stopped"
					depends_on = [coderws_workspace.test]
				}
				output "same" {
					value = [for i, found in reverse(data.coderws_workspaces.all.workspaces) :
						coderws_workspace.test[i].id == found.id && coderws_workspace.test[i].latest_build.id == found.latest_build.id
					]
				}`, names[0], names[1], template.ID, template.Name),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownOutputValue("same", knownvalue.ListExact([]knownvalue.Check{knownvalue.Bool(true), knownvalue.Bool(true)})),
				foundAt("all", "total", knownvalue.Int64Exact(2)),
				foundAt("all", "workspaces.0.name", knownvalue.StringExact(names[1])),
				foundAt("all", "workspaces.1.name", knownvalue.StringExact(names[0])),
				foundAt("all", "workspaces.0.ttl_ms", knownvalue.Int64Exact(7_200_000)),
				foundAt("all", "workspaces.0.autostart_schedule", knownvalue.StringExact("CRON_TZ=Europe/Berlin 30 9 * * 1-5")),
				foundAt("all", "workspaces.0.template_id", knownvalue.StringExact(template.ID)),
				foundAt("all", "workspaces.0.latest_build.resources.0.agents.0.apps", knownvalue.NotNull()),
				foundAt("one", "total", knownvalue.Int64Exact(1)),
				foundAt("stopped", "total", knownvalue.Int64Exact(0)),
			},
		}}})
	})
}

// foundAt checks one value of the data source with a name, at a path such as
// workspaces.0.name.
func foundAt(name, at string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data.coderws_workspaces."+name, jsonPath(at), want)
}

func jsonPath(at string) tfjsonpath.Path {
	var result tfjsonpath.Path
	for i, step := range strings.Split(at, ".") {
		index, err := strconv.Atoi(step)
		switch {
		case i == 0:
			result = tfjsonpath.New(step)
		case err == nil:
			result = result.AtSliceIndex(index)
		default:
			result = result.AtMapKey(step)
		}
	}
	return result
}

// createWorkspace creates a workspace and waits for its build, however it ends.
func createWorkspace(t *testing.T, d *acctest.Deployment, template acctest.Template, owner, name string) uuid.UUID {
	t.Helper()
	w, err := d.Client.CreateWorkspace(t.Context(), uuid.MustParse(template.OrganizationID), owner,
		coder.CreateWorkspaceRequest{Name: name, TemplateID: uuid.MustParse(template.ID)})
	if err != nil {
		t.Fatal(err)
	}
	waitForBuild(t, d, w.ID, w.LatestBuild.ID)
	return w.ID
}

func waitForBuild(t *testing.T, d *acctest.Deployment, workspace, build uuid.UUID) {
	t.Helper()
	if _, err := d.Client.WaitForBuild(t.Context(), workspace, build, nil); err != nil {
		t.Fatal(err)
	}
}

// The nested document arrives in the state, and secrets are marked.
func TestWorkspacesDataSource_Document(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		d.SkipUnlessFake(t, "only a fake's agent connects without a machine to run it on")
		template := codertest.BasicTemplate()
		template.Version.Resources = []codertest.Resource{{
			Type: "docker_container", Name: "main", DailyCost: 3,
			Metadata: []codertest.Metadata{{Key: "region", Value: "eu"}, {Key: "password", Value: "hush", Sensitive: true}},
			Agents: []codertest.Agent{{
				Name: "main", OperatingSystem: "linux", Architecture: "amd64", Environment: map[string]string{"TOKEN": "HUSH"},
				Apps: []codertest.App{{Slug: "web", DisplayName: "Web", URL: "http://localhost:8080"}},
			}},
		}}
		id := createWorkspace(t, d, d.FakeTemplate(template), coder.Me, "dev")
		d.Fake.SetAgents(id, "connected", "ready")

		const resourceAt = "workspaces.0.latest_build.resources.0."
		const agentAt = resourceAt + "agents.0."
		checks := []statecheck.StateCheck{
			foundAt("test", "workspaces.0.id", knownvalue.StringExact(id.String())),
			foundAt("test", "workspaces.0.owner_name", knownvalue.StringExact("admin")),
			foundAt("test", "workspaces.0.latest_build.status", knownvalue.StringExact("running")),
			foundAt("test", "workspaces.0.latest_build.build_number", knownvalue.Int64Exact(1)),
			foundAt("test", "workspaces.0.latest_build.job.status", knownvalue.StringExact("succeeded")),
			foundAt("test", "workspaces.0.latest_build.job.error", knownvalue.Null()),
			foundAt("test", resourceAt+"daily_cost", knownvalue.Int64Exact(3)),
			foundAt("test", resourceAt+"metadata.0.value", knownvalue.StringExact("eu")),
			foundAt("test", resourceAt+"metadata.1.value", knownvalue.Null()),
			foundAt("test", agentAt+"status", knownvalue.StringExact("connected")),
			foundAt("test", agentAt+"environment_variables.0", knownvalue.StringExact("TOKEN")),
			foundAt("test", agentAt+"apps.0.slug", knownvalue.StringExact("web")),
			foundAt("test", agentAt+"apps.0.healthcheck.interval", knownvalue.Int64Exact(0)),
			statecheck.ExpectSensitiveValue("data.coderws_workspaces.test", jsonPath("sensitive_values")),
			statecheck.ExpectKnownOutputValue("all", knownvalue.ListSizeExact(1)), // not refused for being sensitive
			statecheck.ExpectKnownOutputValue("secrets", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("hush"), knownvalue.StringExact("HUSH")})),
		}

		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{
				Config: d.ProviderConfig() + `
					data "coderws_workspaces" "test" {}
					output "all" { value = data.coderws_workspaces.test.workspaces }
					output "secrets" {
						value = [for r in data.coderws_workspaces.test.workspaces[0].latest_build.resources : [
							data.coderws_workspaces.test.sensitive_values["${r.id}/metadata/password"],
							data.coderws_workspaces.test.sensitive_values["${r.agents[0].id}/environment_variables/TOKEN"],
						]][0]
						sensitive = true
					}`,
				ConfigStateChecks: checks,
			},
			{
				Config: d.ProviderConfig() + `
					data "coderws_workspaces" "test" { include_resources = false }
					output "all" { value = data.coderws_workspaces.test.workspaces }`,
				ConfigStateChecks: []statecheck.StateCheck{
					foundAt("test", "workspaces.0.latest_build.resources", knownvalue.Null()),
					foundAt("test", "sensitive_values", knownvalue.Null()),
				},
			},
		}})
	})
}

// Several pages are read to the end, in order, each workspace once.
func TestWorkspacesDataSource_Pages(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		d.SkipUnlessFake(t, "a real deployment takes far too long for 501 builds")
		template := d.Fake.AddTemplate(codertest.BasicTemplate())
		var want []string
		for i := range 501 { // the second page holds one
			want = append(want, fmt.Sprintf("ws-%03d", i))
			d.Fake.CreateWorkspace("admin", want[i], template.ID, nil)
		}
		found, diags := d.Server(t).Look(t, "coderws_workspaces", acctest.Values{"include_resources": false})
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		var got []string
		for _, workspace := range objects(t, found["workspaces"]) {
			got = append(got, workspace["name"])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if total := tftypes.NewValue(tftypes.Number, 501); !total.Equal(found["total"]) {
			t.Errorf("total is %v", found["total"])
		}
		if diff := cmp.Diff(map[string]int{"GET /workspaces": 2}, d.RequestCounts()); diff != "" {
			t.Error(diff)
		}
	})
}
