//go:build unix

package binarytest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// between is a fake deployment with a template and a user, and a Terraform.
type between struct {
	*acctest.Deployment
	*terraform

	template codertest.TemplateInfo
}

func newBetween(t *testing.T, options codertest.Options, change ...func(*codertest.Template)) *between {
	t.Helper()
	d := acctest.NewFake(t, options)
	d.Fake.AddUser("carol")
	template := codertest.BasicTemplate()
	for _, c := range change {
		c(&template)
	}
	return &between{Deployment: d, terraform: newTerraform(t), template: d.Fake.AddTemplate(template)}
}

// workspaceBlock is a workspace with further arguments, which may repeat the
// name and the template's id.
func (b *between) workspaceBlock(lines ...string) string {
	has := func(argument string) bool {
		return slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, argument+" ") })
	}
	if !has("name") {
		lines = append(lines, `name = "dev"`)
	}
	if !has("template_id") {
		lines = append(lines, fmt.Sprintf("template_id = %q", b.template.ID))
	}
	all := strings.Join(lines, "\n  ")
	return "resource \"coderws_workspace\" \"dev\" {\n  " + all + "\n}\n"
}

// use configures the workspace with further arguments.
func (b *between) use(t *testing.T, lines ...string) {
	t.Helper()
	b.configure(t, b.ProviderConfig(), b.workspaceBlock(lines...))
}

// apply applies and must succeed.
func (b *between) apply(t *testing.T, arguments ...string) {
	t.Helper()
	b.run(t, 0, append([]string{"apply", "-input=false", "-auto-approve"}, arguments...)...)
}

// refuse runs a command that must fail and change nothing, and must not be
// blamed on the provider.
func (b *between) refuse(t *testing.T, arguments ...string) string {
	t.Helper()
	b.Fake.ResetRequests()
	output := b.run(t, 1, arguments...)
	if written := b.RequestCounts()[createRoute] + b.RequestCounts()[buildRoute] + b.RequestCount(http.MethodPut, "") + b.RequestCount(http.MethodPatch, ""); written > 0 {
		t.Errorf("something was sent: %v", b.RequestCounts())
	}
	if strings.Contains(output, "bug in the provider") {
		t.Error("Terraform blames the provider")
	}
	return output
}

// wantGone checks that state and deployment hold no workspace any more.
func (b *between) wantGone(t *testing.T) {
	t.Helper()
	if stored := b.state(t); len(stored) != 0 {
		t.Errorf("the state still holds %v", stored)
	}
	for _, w := range b.Fake.Workspaces() {
		if w.Name == "dev" && !w.Deleted {
			t.Errorf("the workspace is still there: %+v", w)
		}
	}
}

// mistake is a configuration that cannot be planned for the workspace.
type mistake struct {
	options codertest.Options
	first   []string         // arguments that make the workspace
	happens func(b *between) // then this
	lines   []string         // arguments that are refused
	token   func(*between) string
	taint   bool // after that
	says    string
}

var seedOptions = codertest.Options{Version: "seed"}

func mistakes() map[string]mistake {
	change := func(change func(*codertest.Template)) func(b *between) {
		return func(b *between) { b.Fake.UpdateTemplate(b.template.ID, change) }
	}
	return map[string]mistake{
		"wrong parameter":            {lines: []string{`parameters = { cpus = "2" }`}, says: "Unknown template parameter"},
		"wrong parameter on seed":    {options: seedOptions, lines: []string{`parameters = { cpus = "2" }`}, says: "Unknown template parameter"},
		"parameter out of range":     {lines: []string{`parameters = { cpu = "99" }`}, says: "Invalid parameter value"},
		"forbidden rename":           {options: codertest.Options{ForbidRenames: true}, lines: []string{`name = "other"`}, says: "Deployment forbids renaming workspaces"},
		"renamed owner":              {first: []string{`owner_name = "carol"`}, happens: func(b *between) { b.Fake.RenameUser("carol", "caroline") }, lines: []string{`owner_name = "carol"`}, says: "Owner does not exist"},
		"owner who is nobody":        {options: seedOptions, lines: []string{`owner_name = "nobody-at-all"`}, says: "Owner does not exist"},
		"preset that is not there":   {lines: []string{`preset = "Huge"`}, says: "Preset not found"},
		"no presets on seed":         {options: seedOptions, lines: []string{`preset = "Huge"`}, says: "Server has no presets"},
		"version that is not there":  {lines: []string{fmt.Sprintf("template_version_id = %q", uuid.New())}, says: "Template version cannot be used"},
		"template that is not there": {lines: []string{fmt.Sprintf("template_id = %q", uuid.New())}, says: "Template not found"},
		"another organization":       {lines: []string{fmt.Sprintf("organization_id = %q", uuid.New())}, says: "Workspace belongs to another organization"},
		"deadline in the past":       {lines: []string{`deadline = "2020-01-01T00:00:00Z"`}, says: "Deadline is in the past"},
		"deprecated template":        {happens: change(func(t *codertest.Template) { t.Deprecated = true }), lines: []string{`parameters = { region = "us-east" }`}, says: "Template is deprecated"},
		"forbidden TTL":              {happens: change(func(t *codertest.Template) { t.ForbidUserAutostop = true }), lines: []string{`ttl_ms = 3600000`}, says: "Template forbids a TTL of its users' choice"},
		"forbidden schedule":         {happens: change(func(t *codertest.Template) { t.ForbidUserAutostart = true }), lines: []string{`autostart_schedule = "0 9 * * 1"`}, says: "Template forbids autostart schedules"},
		"automatic updates on seed":  {options: seedOptions, lines: []string{`automatic_updates = "always"`}, says: "Server has no automatic updates"},
		"dormancy on seed":           {options: seedOptions, lines: []string{`dormant = true`}, says: "Server has no dormancy"},
		"dormant, kept running":      {lines: []string{`dormant = true`, `desired_status = "running"`}, says: "Dormant workspace cannot be kept running"},
		"tainted, deprecated":        {happens: change(func(t *codertest.Template) { t.Deprecated = true }), taint: true, says: "Template is deprecated"},
		"template cannot be read": {happens: func(b *between) {
			b.Fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: "/templates/{template}", Status: http.StatusInternalServerError, Body: `{"message":"Internal error."}`})
		}, lines: []string{`ttl_ms = 3600000`}, says: "Unable to read the template"},
		"active version required": {
			token: func(b *between) string { return b.Fake.AddToken("carol", b.Fake.Now().AddDate(1, 0, 0)) },
			happens: func(b *between) {
				b.Fake.PublishVersion(b.template.ID, codertest.BasicTemplate().Version)
				b.Fake.UpdateTemplate(b.template.ID, func(t *codertest.Template) { t.RequireActiveVersion = true })
			}, lines: []string{`parameters = { cpu = "3" }`}, says: "Template requires its active version",
		},
	}
}

// Terraform plans the configuration before it plans a destroy, so that a mistake
// in it stands in the way. Whoever meets one is told the command that helps, and
// it helps.
func TestBetween_destroyDespiteAMistake(t *testing.T) {
	t.Parallel()
	for name, m := range mistakes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBetween(t, m.options)
			if m.token != nil {
				b.Token = m.token(b)
			}
			b.use(t, m.first...)
			b.apply(t)
			if m.happens != nil {
				m.happens(b)
			}
			if m.taint {
				b.run(t, 0, "taint", address)
			}
			b.use(t, m.lines...)
			output := b.refuse(t, "destroy", "-input=false", "-auto-approve")
			mustContain(t, output, m.says, "terraform destroy -refresh=false")
			b.run(t, 0, "destroy", "-refresh=false", "-input=false", "-auto-approve")
			b.wantGone(t)
		})
	}
}

// With another resource beside it, one workspace alone can be destroyed in that
// way, too.
func TestBetween_destroyTargetDespiteAMistake(t *testing.T) {
	t.Parallel()
	for name, m := range mistakes() {
		if name != "wrong parameter" && name != "forbidden rename" && name != "deprecated template" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBetween(t, m.options)
			other := fmt.Sprintf("resource \"coderws_workspace\" \"other\" {\n  name = \"other-one\"\n  template_id = %q\n}\n", b.template.ID)
			b.configure(t, b.ProviderConfig(), b.workspaceBlock(m.first...), other)
			b.apply(t)
			if m.happens != nil {
				m.happens(b)
			}
			b.configure(t, b.ProviderConfig(), b.workspaceBlock(m.lines...), other)
			output := b.refuse(t, "destroy", "-input=false", "-auto-approve", "-target="+address)
			mustContain(t, output, m.says, "terraform destroy -refresh=false", "-target=")
			b.run(t, 0, "destroy", "-refresh=false", "-target="+address, "-input=false", "-auto-approve")
			if stored := b.state(t); len(stored) != 1 || stored[0].Address != "coderws_workspace.other" {
				t.Errorf("the state holds %v", stored)
			}
		})
	}
}

// The way out is none around the protection.
func TestBetween_protectedWorkspaceIsNotDestroyed(t *testing.T) {
	t.Parallel()
	b := newBetween(t, codertest.Options{})
	b.use(t, "deletion_protection = true")
	b.apply(t)
	for _, way := range []string{"-refresh=true", "-refresh=false"} {
		mustContain(t, b.refuse(t, "destroy", way, "-input=false", "-auto-approve"), "Workspace is protected from deletion", `workspace "admin/dev"`, "set deletion_protection to false, apply that alone")
	}
	b.use(t, "deletion_protection = false")
	b.apply(t)
	b.run(t, 0, "destroy", "-input=false", "-auto-approve")
	b.wantGone(t)
}

// A tainted workspace that is protected is not replaced, and the plan says so;
// what it says to do about it works.
func TestBetween_protectedWorkspaceThatIsTainted(t *testing.T) {
	t.Parallel()
	b := newBetween(t, codertest.Options{})
	b.use(t, "deletion_protection = true")
	b.apply(t)
	b.run(t, 0, "taint", address)
	mustContain(t, b.refuse(t, "apply", "-input=false", "-auto-approve"), "Workspace is protected from deletion", "terraform untaint")
	b.refuse(t, "plan", "-input=false")
	b.run(t, 0, "untaint", address)
	b.use(t, "deletion_protection = false")
	b.apply(t)
	b.run(t, 0, "destroy", "-input=false", "-auto-approve")
	b.wantGone(t)
}

// A token that does not see the workspace destroys it in no way, and does not
// forget it.
func TestBetween_destroyWithATokenThatSeesLess(t *testing.T) {
	t.Parallel()
	for _, release := range acctest.Versions {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			b := newBetween(t, codertest.Options{Version: release})
			b.use(t)
			b.apply(t)
			all := b.Token
			b.Token = b.Fake.AddUser("dave").Token
			b.use(t)
			for _, way := range []string{"-refresh=true", "-refresh=false"} {
				mustContain(t, b.refuse(t, "destroy", way, "-input=false", "-auto-approve"), "Workspace is not visible")
			}
			if stored := b.state(t); len(stored) != 1 {
				t.Errorf("the state holds %v", stored)
			}
			b.Token = all
			b.use(t)
			b.planEmpty(t)
		})
	}
}

// A mistake in a new workspace, which may be one that somebody has deleted, keeps
// nobody from destroying the others. Where there are none, nobody is told how.
func TestBetween_destroyBesideAMistake(t *testing.T) {
	t.Parallel()
	const says, wayOut = "Deadline is in the past", "terraform destroy -refresh=false"
	for name, isGone := range map[string]bool{"beside others": false, "deleted": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBetween(t, codertest.Options{})
			past := b.workspaceBlock(`deadline = "2020-01-01T00:00:00Z"`)
			other := fmt.Sprintf("resource \"coderws_workspace\" \"other\" {\n  name = \"other\"\n  template_id = %q\n}\n", b.template.ID)
			b.configure(t, b.ProviderConfig(), past)
			if output := b.refuse(t, "plan", "-input=false"); !strings.Contains(output, says) || strings.Contains(output, "To destroy") {
				t.Errorf("it is said: %s", output)
			}
			if isGone {
				b.use(t)
				b.apply(t)
				b.builds(t, "delete", codertest.BuildRequest{})
				b.configure(t, b.ProviderConfig(), past)
			} else {
				b.configure(t, b.ProviderConfig(), other)
				b.apply(t)
				b.configure(t, b.ProviderConfig(), other, b.workspaceBlock(`deadline = "2020-01-01T00:00:00Z"`, "depends_on = [coderws_workspace.other]"))
			}
			mustContain(t, b.refuse(t, "destroy", "-input=false", "-auto-approve"), says, wayOut)
			b.run(t, 0, "destroy", "-input=false", "-auto-approve", "-refresh=false")
			b.wantGone(t)
		})
	}
}
