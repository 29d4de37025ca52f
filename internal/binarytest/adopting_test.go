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
	return codeBlock(t, guide, "terraform", text)
}

// codeBlock is the block of code of a language in a guide that has a text in it.
func codeBlock(t *testing.T, guide, language, text string) string {
	t.Helper()
	for _, block := range strings.Split(readGuide(t, guide), "```"+language+"\n")[1:] {
		if block, _, _ := strings.Cut(block, "```"); strings.Contains(block, text) {
			return block
		}
	}
	t.Fatalf("no %s in %s has %q", language, guide, text)
	return ""
}

func readGuide(t *testing.T, guide string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", guide))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
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

// From a query to a module with for_each, people renaming workspaces and
// themselves between the steps.
func TestAdopting_queriedIntoModule(t *testing.T) {
	t.Parallel()
	const number = 100
	d := acctest.NewFake(t, codertest.Options{})
	tf := newestTerraform(t, d)
	template := addKubernetes(d)
	var ids []uuid.UUID
	for i := range number {
		owner := fmt.Sprintf("user%d", i%7)
		if i < 7 {
			d.Fake.AddUser(owner)
		}
		ids = append(ids, d.Fake.CreateWorkspace(owner, fmt.Sprintf("w%03d", i), template, nil))
	}
	rename := func(i int, name string) {
		t.Helper()
		if err := d.Client.RenameWorkspace(t.Context(), ids[i], name); err != nil {
			t.Fatal(err)
		}
	}
	_, resource, _ := strings.Cut(recipe(t, "adopting-existing-workspaces.md", "for_each = local.team"), "resource ")
	write(t, filepath.Join(tf.dir, "team", "main.tf"), requiredProviders+"variable \"members\" {}\nresource "+
		strings.NewReplacer(`"team"`, `"member"`, "local.team", "var.members").Replace(resource))
	list := `list "coderws_workspace" "team" {
  provider         = coderws
  include_resource = true
  limit            = 1000
  config {
    template = "kubernetes"
  }
}`
	write(t, filepath.Join(tf.dir, "workspaces.tfquery.hcl"), list)
	query := func() {
		t.Helper()
		tf.configure(t)
		command := tf.start(t, "query", "-json")
		if _, status := command.wait(t); status != 0 {
			t.Fatalf("the query ended with %d", status)
		}
		write(t, filepath.Join(tf.dir, "found.jsonl"), command.output.String())
		tf.configure(t, codeBlock(t, "adopting-existing-workspaces.md", "hcl", "found.jsonl"))
		tf.run(t, 0, "get") // no init: the provider is not in a registry
	}
	query()
	rename(0, "renamed")
	d.Fake.RenameUser("user3", "somebody")
	stale := tf.run(t, 1, "plan", "-input=false")
	mustContain(t, stale, "Owner does not exist", "somebody")
	query()
	mustContain(t, tf.run(t, 0, "plan", "-input=false"), fmt.Sprintf("Plan: %d to import, 0 to add, %d to change, 0 to destroy.", number, number))
	mustContain(t, tf.run(t, 0, "apply", "-input=false", "-auto-approve"), fmt.Sprintf("%d imported, 0 added, %d changed, 0 destroyed", number, number))
	tf.planEmpty(t)
	rename(1, "renamed")
	query()
	tf.planEmpty(t)
	if n := d.RequestCounts()["POST /workspaces/{workspace}/builds"]; n > 0 {
		t.Errorf("%d builds were sent", n)
	}
}
