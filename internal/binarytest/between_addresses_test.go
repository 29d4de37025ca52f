//go:build unix

package binarytest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

const (
	nameLeaves  = "Workspace would be destroyed and its name given to another"
	leavesStays = "Workspace would be destroyed at one address and kept at another"
)

// at configures workspaces by addresses, which may have keys.
func (b *between) at(t *testing.T, resource, forEach, name string, more ...string) {
	t.Helper()
	block := fmt.Sprintf("resource \"coderws_workspace\" %q {\n  for_each = %s\n  name = %s\n  template_id = %q\n}\n", resource, forEach, name, b.template.ID)
	if strings.HasPrefix(name, "count:") {
		block = fmt.Sprintf("resource \"coderws_workspace\" %q {\n  count = length(%s)\n  name = %s[count.index]\n  template_id = %q\n}\n", resource, forEach, forEach, b.template.ID)
	}
	b.configure(t, append([]string{b.ProviderConfig(), block}, more...)...)
}

// A workspace that would come back under another key, resource or place in a
// list is not destroyed first. A moved block says what is meant.
func TestBetween_workspaceAtAnotherAddress(t *testing.T) {
	t.Parallel()
	for _, release := range acctest.Versions {
		for name, test := range map[string]struct {
			resource, forEach, name string
			moved                   string // the address it had and the one that it has now
		}{
			"key":      {"dev", `{ new = "dev", two = "two" }`, "each.value", `dev["one"] dev["new"]`},
			"resource": {"new", `{ one = "dev" }`, "each.value", `dev["one"] new["one"]`},
			"name":     {"dev", `{ new = "DEV", two = "two" }`, "each.value", ""},
			"list":     {"dev", `["dev", "three"]`, "count:", `dev["one"] dev[0]`},
		} {
			t.Run(release+" "+name, func(t *testing.T) {
				t.Parallel()
				b := newBetween(t, codertest.Options{Version: release})
				b.at(t, "dev", `{ one = "dev" }`, "each.value")
				b.apply(t)
				b.at(t, test.resource, test.forEach, test.name)
				mustContain(t, b.refuse(t, "plan", "-input=false"), nameLeaves, "write a moved block")
				b.refuse(t, "apply", "-input=false", "-auto-approve")
				mustContain(t, b.refuse(t, "destroy", "-input=false", "-auto-approve"), "terraform destroy -refresh=false")
				if from, to, is := strings.Cut(test.moved, " "); is {
					b.at(t, test.resource, test.forEach, test.name, fmt.Sprintf("moved {\n from = coderws_workspace.%s\n to = coderws_workspace.%s\n}\n", from, to))
					mustContain(t, b.run(t, 0, "plan", "-input=false"), "has moved to", "0 to destroy")
				}
				b.at(t, test.resource, test.forEach, test.name)
				b.apply(t, `-target=coderws_workspace.dev["one"]`)
				b.apply(t)
				b.planEmpty(t)
			})
		}
	}
}

// A list that has lost its first workspace gives all others another name.
func TestBetween_shiftedList(t *testing.T) {
	t.Parallel()
	b := newBetween(t, codertest.Options{})
	b.at(t, "dev", `["one", "two", "three"]`, "count:")
	b.apply(t)
	b.at(t, "dev", `["two", "three"]`, "count:")
	mustContain(t, b.refuse(t, "plan", "-input=false"), nameLeaves, `"admin/three"`)
	b.run(t, 0, "destroy", "-input=false", "-auto-approve", "-refresh=false")
	b.wantGone(t)
}

// The same under the name that somebody has given it in the dashboard, which is in
// the state after a refresh only.
func TestBetween_renamedAtAnotherAddress(t *testing.T) {
	t.Parallel()
	b := newBetween(t, codertest.Options{})
	b.at(t, "dev", `{ dev = "dev" }`, "each.value")
	b.apply(t)
	if err := b.Client.RenameWorkspace(t.Context(), b.alone(t).ID, "prod"); err != nil {
		t.Fatal(err)
	}
	b.at(t, "dev", `{ prod = "prod" }`, "each.value")
	mustContain(t, b.refuse(t, "plan", "-input=false"), nameLeaves, `"admin/prod"`)
}

// The same when the owner, who is the key, was renamed.
func TestBetween_keyedByTheOwner(t *testing.T) {
	t.Parallel()
	for _, release := range acctest.Versions {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			b := newBetween(t, codertest.Options{Version: release})
			b.Fake.AddUser("dave")
			b.at(t, "dev", `toset(["carol"])`, "\"dev\"\n  owner_name = each.key")
			b.apply(t)
			b.Fake.RenameUser("carol", "caroline")
			mustContain(t, b.refuse(t, "plan", "-input=false"), `owner_name = "caroline"`, "key of for_each", "moved block")
			b.at(t, "dev", `toset(["caroline", "dave"])`, "\"dev\"\n  owner_name = each.key")
			mustContain(t, b.refuse(t, "plan", "-input=false"), nameLeaves)
			mustContain(t, b.refuse(t, "plan", "-input=false", "-refresh=false"), nameLeaves)
			b.at(t, "dev", `toset(["dave"])`, "\"dev\"\n  owner_name = each.key")
			b.apply(t)
		})
	}
}

// A workspace that is imported to where it goes is not destroyed where it was.
// Nor is it where it was imported twice and one is taken out, but with both.
func TestBetween_workspaceAtTwoAddresses(t *testing.T) {
	t.Parallel()
	b := newBetween(t, codertest.Options{})
	b.at(t, "dev", `{ one = "dev" }`, "each.value")
	b.apply(t)
	imported := fmt.Sprintf("import {\n to = coderws_workspace.new[\"one\"]\n id = %q\n}\n", b.alone(t).ID)
	b.at(t, "new", `{ one = "dev" }`, "each.value", imported)
	if b.minor(t) >= 7 {
		mustContain(t, b.refuse(t, "plan", "-input=false"), leavesStays, "in place of an import")
		b.refuse(t, "apply", "-input=false", "-auto-approve")
	}

	b.run(t, 0, "import", "-input=false", `coderws_workspace.new["one"]`, "admin/dev")
	b.at(t, "new", `{ one = "dev" }`, "each.value")
	mustContain(t, b.refuse(t, "plan", "-input=false"), leavesStays)
	b.at(t, "new", `{ one = "other" }`, "each.value")
	mustContain(t, b.refuse(t, "plan", "-input=false"), leavesStays)
	b.run(t, 0, "state", "rm", `coderws_workspace.dev["one"]`)
	b.at(t, "new", `{ one = "dev" }`, "each.value")
	b.planEmpty(t)

	b.at(t, "new", `{ one = "dev", two = "dev" }`, "each.value")
	b.run(t, 0, "import", "-input=false", `coderws_workspace.new["two"]`, "admin/dev")
	mustContain(t, b.run(t, 0, "plan", "-input=false"), "Workspace is at two addresses", "No changes")
	b.configure(t, b.ProviderConfig())
	b.apply(t)
	b.wantGone(t)
}

// A workspace that somebody has deleted leaves its name.
func TestBetween_anotherAddressOfADeletedWorkspace(t *testing.T) {
	t.Parallel()
	b := newBetween(t, codertest.Options{})
	b.at(t, "dev", `{ one = "dev" }`, "each.value")
	b.apply(t)
	b.builds(t, "delete", codertest.BuildRequest{})
	b.at(t, "dev", `{ new = "dev" }`, "each.value")
	b.run(t, 0, "plan", "-input=false", "-refresh=false")
	b.apply(t)
	b.planEmpty(t)
}

// A fleet whose members are told apart by nothing is refused before one of them
// is made and all others find its name taken.
func TestBetween_newWorkspacesOfOneName(t *testing.T) {
	t.Parallel()
	b := newBetween(t, codertest.Options{})
	b.Fake.AddUser("dave")
	b.at(t, "dev", `toset(["carol", "dave"])`, `"dev"`)
	mustContain(t, b.refuse(t, "plan", "-input=false"), "Two new workspaces would have one name", "each.key")
	b.at(t, "dev", `{ one = "dev", two = "Dev" }`, "each.value")
	b.refuse(t, "plan", "-input=false")
	b.at(t, "dev", `toset(["carol", "dave"])`, "\"dev\"\n  owner_name = each.key")
	b.apply(t)
	b.planEmpty(t)
	// Replaced under another name, it is no second one.
	b.at(t, "dev", `toset(["carol", "dave"])`, "\"other\"\n  owner_name = each.key\n  parameters = { region = \"us-east\" }")
	b.apply(t, `-replace=coderws_workspace.dev["carol"]`)
	b.planEmpty(t)
}
