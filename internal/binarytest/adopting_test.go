//go:build unix

package binarytest_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// recipe is the configuration in a guide that has a text in it.
func recipe(t *testing.T, guide, text string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", guide))
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(content), "```terraform\n")[1:] {
		if block, _, _ := strings.Cut(block, "```"); strings.Contains(block, text) {
			return block
		}
	}
	t.Fatalf("no configuration in %s has %q", guide, text)
	return ""
}

// adopted are workspaces that were taken under Terraform by the recipe.
type adopted struct {
	*acctest.Deployment
	*terraform
	ids []uuid.UUID
}

func adoptTeam(t *testing.T) *adopted {
	t.Helper()
	d := acctest.NewFake(t, codertest.Options{})
	a := &adopted{Deployment: d, terraform: newTerraform(t, "CODER_URL="+d.URL, "CODER_SESSION_TOKEN="+d.Token)}
	if a.minor(t) < 7 {
		t.Skip("imports of many need Terraform or OpenTofu 1.7")
	}
	docker := codertest.BasicTemplate()
	docker.Name = "docker"
	template := d.Fake.AddTemplate(docker)
	for _, owner := range []string{"alice", "bob"} {
		d.Fake.AddUser(owner)
		a.ids = append(a.ids, d.Fake.CreateWorkspace(owner, "dev", template.ID, nil))
	}
	a.configure(t, recipe(t, "adopting-existing-workspaces.md", "for_each = local.team"))
	mustContain(t, a.run(t, 0, "apply", "-input=false", "-auto-approve"), "2 imported, 0 added, 2 changed, 0 destroyed")
	a.planEmpty(t)
	return a
}

// own is the recipe with a map of one's own.
func (a *adopted) own(t *testing.T, keys []string, name string, blocks ...string) {
	t.Helper()
	_, resource, _ := strings.Cut(recipe(t, "adopting-existing-workspaces.md", "for_each = local.team"), "resource ")
	var team strings.Builder
	for i, id := range a.ids {
		w, err := a.Client.Workspace(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			name = "dev"
		}
		fmt.Fprintf(&team, "%q = { name = %q, owner_name = %q, template_id = %q, autostart_schedule = null }\n", keys[i], name, w.OwnerName, w.TemplateID)
	}
	a.configure(t, append(blocks, "locals {\n team = {\n"+team.String()+"}\n}", "resource "+resource)...)
}

func (a *adopted) keys() []string { return []string{a.ids[0].String(), a.ids[1].String()} }

// mustLive fails the test unless the workspaces are as they were, without a build
// since they were made.
func (a *adopted) mustLive(t *testing.T) {
	t.Helper()
	for _, request := range a.Fake.Requests() {
		if request.Method == http.MethodPost && request.Route == "/workspaces/{workspace}/builds" {
			t.Error("a build was sent")
		}
	}
	for _, id := range a.ids {
		if w, err := a.Client.Workspace(t.Context(), id); err != nil || w.LatestBuild.Status != coder.StatusRunning {
			t.Errorf("workspace %s: %v", id, err)
		}
	}
	if n := len(a.Fake.Workspaces()); n != len(a.ids) {
		t.Errorf("there are %d workspaces", n)
	}
}

// The recipe keyed by id survives every way of renaming.
func TestAdopting_renamed(t *testing.T) {
	t.Parallel()
	a := adoptTeam(t)
	rename := func(name string) {
		t.Helper()
		if err := a.Client.RenameWorkspace(t.Context(), a.ids[0], name); err != nil {
			t.Fatal(err)
		}
	}
	rename("workbench") // in the dashboard, the data source being there
	a.planEmpty(t)
	a.Fake.RenameUser("alice", "alicia")
	a.planEmpty(t)

	a.own(t, a.keys(), "workbench")
	a.planEmpty(t)
	rename("bench") // in the dashboard
	mustContain(t, a.run(t, 2, "plan", "-input=false", "-detailed-exitcode"), `name = "bench" -> "workbench"`, "0 to add, 1 to change, 0 to destroy")
	a.own(t, a.keys(), "bench")
	a.planEmpty(t)
	a.own(t, a.keys(), "dev") // in the configuration
	mustContain(t, a.run(t, 0, "apply", "-input=false", "-auto-approve"), "0 added, 1 changed, 0 destroyed")

	elsewhere := []string{"alice", a.ids[1].String()} // another key
	a.own(t, elsewhere, "dev")
	mustContain(t, a.run(t, 1, "plan", "-input=false"), "Workspace is protected from deletion")
	a.own(t, elsewhere, "dev", fmt.Sprintf("moved {\n from = coderws_workspace.team[%q]\n to = coderws_workspace.team[\"alice\"]\n}", a.ids[0]))
	mustContain(t, a.run(t, 0, "apply", "-input=false", "-auto-approve"), "0 added, 0 changed, 0 destroyed")
	a.planEmpty(t)
	a.mustLive(t)
}

// A workspace that leaves the map, for what reason ever, stays; one that was
// deleted in the dashboard leaves the state.
func TestAdopting_gone(t *testing.T) {
	t.Parallel()
	a := adoptTeam(t)
	mustContain(t, a.run(t, 1, "plan", "-input=false", "-destroy"), "Workspace is protected from deletion")
	a.mustLive(t)
	if _, err := a.Fake.Build(a.ids[0], "admin", "delete", codertest.BuildRequest{}); err != nil {
		t.Fatal(err)
	}
	a.Fake.Advance(1e9)
	a.run(t, 0, "apply", "-input=false", "-auto-approve")
	if left := a.state(t); len(left) != 2 { // one is the data source
		t.Errorf("the state has %d objects", len(left))
	}
	a.planEmpty(t)
}
