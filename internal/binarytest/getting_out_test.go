//go:build unix

package binarytest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

const (
	gettingOut  = "when-you-must-get-out.md"
	undeletable = "A workspace whose delete build fails"
)

// ways are the sections of the guide that have commands, each tried on a
// workspace for which it is meant. They get the section's commands, block by block.
var ways = map[string]func(t *testing.T, b *between, blocks [][]string){
	"In spite of an error in the configuration": func(t *testing.T, b *between, blocks [][]string) {
		b.use(t, "parameters = { cpus = \"2\" }")
		mustContain(t, b.refuse(t, "destroy", "-auto-approve"), "Unknown template parameter", "destroy -refresh=false")
		b.follow(t, blocks[0])
		b.wantGone(t)

		b.use(t)
		b.apply(t)
		b.use(t, `name = "a name that Coder would never take"`)
		b.refuse(t, "destroy", "-auto-approve", "-refresh=false")
		b.configure(t, b.ProviderConfig())
		b.follow(t, blocks[1])
		b.wantGone(t)
	},
	"A protected workspace": func(t *testing.T, b *between, blocks [][]string) {
		b.use(t, "deletion_protection = true")
		b.apply(t)
		b.run(t, 0, "taint", address)
		b.use(t, "deletion_protection = false")
		mustContain(t, b.refuse(t, "apply", "-auto-approve"), "Workspace is protected from deletion", "untaint")
		b.follow(t, blocks[1])
		b.follow(t, blocks[0])
		b.wantGone(t)
	},
	undeletable: func(t *testing.T, b *between, blocks [][]string) {
		mustContain(t, b.run(t, 1, "destroy", "-auto-approve"), "Workspace failed to be deleted")
		b.use(t, "orphan_on_destroy = true")
		b.follow(t, blocks[0])
		b.wantGone(t)
	},
	"Giving a workspace back": func(t *testing.T, b *between, blocks [][]string) {
		b.follow(t, blocks[0])
		b.wantForgotten(t)
		if b.minor(t) < 7 {
			return
		}
		b.configure(t, b.ProviderConfig(), b.workspaceBlock(), b.importBlock(t))
		b.apply(t)
		b.configure(t, b.ProviderConfig(), codeBlock(t, gettingOut, "hcl", "removed {"))
		b.apply(t)
		b.wantForgotten(t)
	},
	"To another state": func(t *testing.T, b *between, blocks [][]string) {
		id := b.alone(t).ID.String()
		mustContain(t, b.run(t, 0, strings.Fields(strings.TrimPrefix(blocks[0][0], "terraform "))...), id)
		b.follow(t, blocks[0][1:])
		other := &between{Deployment: b.Deployment, terraform: newTerraform(t), template: b.template}
		other.configure(t, b.ProviderConfig(), b.workspaceBlock(`deletion_protection = true`), other.importBlock(t))
		mustContain(t, other.run(t, 0, "apply", "-auto-approve"), "1 imported, 0 added, 1 changed, 0 destroyed")
		other.planEmpty(t)
	},
	"To another deployment": func(t *testing.T, b *between, blocks [][]string) {
		other := newBetween(t, codertest.Options{})
		b.configure(t, other.ProviderConfig(), other.workspaceBlock())
		mustContain(t, b.refuse(t, "plan"), "Workspace is not visible")
		b.follow(t, blocks[0])
		b.apply(t)
		if w := b.alone(t); w.Status != "running" || w.Deleted {
			t.Errorf("the old workspace is %+v", w)
		}
		if w := other.alone(t); w.Status != "running" {
			t.Errorf("the new workspace is %+v", w)
		}
	},
}

// Every command of the guide does what it says.
func TestGettingOut(t *testing.T) {
	t.Parallel()
	commands := commandsOf(t, gettingOut)
	for title := range commands {
		if ways[title] == nil {
			t.Errorf("nobody tries the commands of %q", title)
		}
	}
	for title, way := range ways {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			if len(commands[title]) == 0 {
				t.Fatal("the guide has no commands there")
			}
			b := newBetween(t, codertest.Options{}, func(template *codertest.Template) {
				template.Version.Fail = func(transition string, _ map[string]string) string {
					if title == undeletable && transition == "delete" {
						return codertest.ApplyFailed
					}
					return ""
				}
			})
			b.use(t)
			b.apply(t)
			way(t, b, commands[title])
		})
	}
}

// A resource that moves into a module is the same workspace.
func TestGettingOut_moved(t *testing.T) {
	t.Parallel()
	b := newBetween(t, codertest.Options{})
	b.use(t)
	b.apply(t)
	write(t, b.dir+"/team/main.tf", requiredProviders+b.workspaceBlock())
	b.configure(t, b.ProviderConfig(), "module \"team\" {\n source = \"./team\"\n}\n", codeBlock(t, gettingOut, "hcl", "to   = module.team"))
	b.run(t, 0, "get")
	mustContain(t, b.run(t, 0, "apply", "-auto-approve"), "0 added, 0 changed, 0 destroyed")
	b.planEmpty(t)
}

// commandsOf are the commands of a guide by the headings above them, block by
// block.
func commandsOf(t *testing.T, guide string) map[string][][]string {
	t.Helper()
	all, title, inBlock := map[string][][]string{}, "", false
	for line := range strings.Lines(readGuide(t, guide)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "```sh":
			inBlock = true
			all[title] = append(all[title], nil)
		case line == "```":
			inBlock = false
		case inBlock:
			all[title][len(all[title])-1] = append(all[title][len(all[title])-1], line)
		case strings.HasPrefix(line, "#"):
			title = strings.TrimLeft(line, "# ")
		}
	}
	return all
}

// follow runs commands, which must succeed.
func (b *between) follow(t *testing.T, commands []string) {
	t.Helper()
	for _, command := range commands {
		words := strings.Fields(command)[1:]
		if words[0] == "apply" || words[0] == "destroy" {
			words = append(words, "-auto-approve")
		}
		b.run(t, 0, words...)
	}
}

// importBlock imports the workspace of the deployment.
func (b *between) importBlock(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("import {\n to = %s\n id = %q\n}\n", address, b.alone(t).ID)
}

// wantForgotten checks that the state is empty and the workspace runs.
func (b *between) wantForgotten(t *testing.T) {
	t.Helper()
	if stored := b.state(t); len(stored) != 0 {
		t.Errorf("the state still holds %v", stored)
	}
	if w := b.alone(t); w.Status != "running" || w.Deleted {
		t.Errorf("the workspace is %+v", w)
	}
}
