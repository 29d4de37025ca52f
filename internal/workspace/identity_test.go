package workspace_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

const workspaceType = "coderws_workspace"

// protocol runs a test body against the provider server itself, which needs no
// Terraform, on a fake of every version.
func protocol(t *testing.T, body func(t *testing.T, d *acctest.Deployment, s *acctest.Server)) {
	t.Helper()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			body(t, d, d.Server(t))
		})
	}
}

// newWorkspace makes the workspace "one" beside Terraform and waits for its first build.
func newWorkspace(t *testing.T, d *acctest.Deployment, template acctest.Template, parameters ...coder.BuildParameter) *coder.Workspace {
	t.Helper()
	workspace, err := d.Client.CreateWorkspace(t.Context(), uuid.MustParse(template.OrganizationID), coder.Me,
		coder.CreateWorkspaceRequest{Name: "one", TemplateID: uuid.MustParse(template.ID), RichParameterValues: parameters})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Client.WaitForBuild(t.Context(), workspace.ID, workspace.LatestBuild.ID, nil); err != nil {
		t.Fatal(err)
	}
	return workspace
}

func TestIdentity_createAndUpdate(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		template := d.Template(t, acctest.Basic)
		config := acctest.Values{"name": "one", "template_id": template.ID, "deletion_protection": false, "orphan_on_destroy": false, "wait_for_agents": false}
		created, diags := s.Apply(t, workspaceType, nil, config)
		if diags.HasError() {
			t.Fatal(diags)
		}
		wantIdentity(t, created)

		// As a state that Terraform before 1.12 has written.
		config["autostart_schedule"] = "30 8 * * 1-5"
		updated, diags := s.Apply(t, workspaceType, created.WithoutIdentity(), config)
		if diags.HasError() {
			t.Fatal(diags)
		}
		wantIdentity(t, updated)
		read, diags := s.Read(t, workspaceType, created.WithoutIdentity())
		if diags.HasError() {
			t.Fatal(diags)
		}
		wantIdentity(t, read)
	})
}

// A build that fails leaves the workspace in the state, and its identity too.
func TestIdentity_failedCreate(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		template := d.Template(t, acctest.Failing)
		created, diags := s.Apply(t, workspaceType, nil, acctest.Values{
			"name": "one", "template_id": template.ID,
			"deletion_protection": false, "orphan_on_destroy": false, "wait_for_agents": false, "parameters": map[string]string{"fail_at": "apply"},
		})
		if !diags.HasError() {
			t.Error("the create did not fail")
		}
		wantIdentity(t, created)
	})
}

func wantIdentity(t *testing.T, instance *acctest.Instance) {
	t.Helper()
	id := acctest.Text(instance.State, "id")
	if got := acctest.Text(instance.Identity, "id"); id == "" || got != id || len(instance.Identity) != 1 {
		t.Errorf("the id is %q, the identity %v", id, instance.Identity)
	}
}

func TestIdentity_import(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		workspace := newWorkspace(t, d, d.Template(t, acctest.Basic))
		id := workspace.ID.String()
		for title, test := range map[string]struct {
			id       string
			identity acctest.Values
		}{
			"identity":                 {identity: acctest.Values{"id": id}},
			"identity in upper case":   {identity: acctest.Values{"id": strings.ToUpper(id)}},
			"id":                       {id: id},
			"owner and name":           {id: workspace.OwnerName + "/one"},
			"address of the dashboard": {id: d.URL + "/@" + workspace.OwnerName + "/one"},
		} {
			imported, diags := s.Import(t, workspaceType, test.id, test.identity)
			if diags.HasError() {
				t.Fatalf("%s: %v", title, diags)
			}
			if got := acctest.Text(imported.State, "id"); got != id || acctest.Text(imported.State, "name") != "one" {
				t.Errorf("by %s: got workspace %q", title, got)
			}
			wantIdentity(t, imported)
		}
	})
}

func TestIdentity_importProblems(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, _ *acctest.Deployment, s *acctest.Server) {
		_, diags := s.Import(t, workspaceType, "", acctest.Values{"id": "admin/one"})
		if len(diags) != 1 || diags[0].Summary != "Invalid UUID" || !strings.Contains(diags[0].Detail, `"admin/one"`) {
			t.Errorf("a name as identity: got %v", diags)
		}
		// Terraform words the missing object itself; the provider has to say
		// nothing but that there is none.
		imported, diags := s.Import(t, workspaceType, "", acctest.Values{"id": uuid.NewString()})
		if diags.HasError() || imported.State != nil {
			t.Errorf("an unknown workspace: got %v, %v", imported.State, diags)
		}
	})
}

// What Terraform ≥1.12 makes of it: the identity in the state, import by it,
// and a generated configuration whose plan is empty.
func TestWorkspaceResource_identity(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		config := workspaceConfig(d, acctest.Name(t, "identity"), d.Template(t, acctest.Basic).ID)
		same := statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("id"))
		acctest.Test(t, d, resource.TestCase{
			TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
			Steps: []resource.TestStep{
				{Config: config, ConfigStateChecks: []statecheck.StateCheck{same}},
				{Config: strings.Replace(config, "resource", "\nresource", 1), ConfigPlanChecks: emptyPlan, ConfigStateChecks: []statecheck.StateCheck{same}},
				{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
				{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithID},
			},
		})
	})
}
