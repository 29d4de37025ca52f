//go:build unix

package binarytest_test

import (
	"strings"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

const replaceIt = "-replace=" + address

// A replacement on demand is refused at plan like any other that would destroy
// a workspace for one that cannot be made.
func TestBetween_replaceOnDemandIsRefused(t *testing.T) {
	t.Parallel()
	needsGitHub := func(t *codertest.Template) {
		t.Version.ExternalAuth = []codertest.ExternalAuth{{ID: "github", DisplayName: "GitHub"}}
	}
	for name, test := range map[string]struct {
		template func(*codertest.Template)
		lines    []string
		happens  func(b *between)
		says     string
	}{
		"deprecated template": {
			happens: func(b *between) {
				b.Fake.UpdateTemplate(b.template.ID, func(t *codertest.Template) { t.DeprecationMessage = "use the new one" })
			},
			says: "use the new one",
		},
		"external authentication": {
			template: needsGitHub,
			happens:  func(b *between) { b.Fake.SetExternalAuth("admin", "github", false) },
			says:     "logged in to: GitHub",
		},
		"renamed owner": {
			lines:   []string{`owner_name = "carol"`},
			happens: func(b *between) { b.Fake.RenameUser("carol", "caroline") },
			says:    "caroline",
		},
		"protected": {lines: []string{"deletion_protection = true"}, happens: func(*between) {}, says: "Workspace is protected from deletion"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBetween(t, codertest.Options{}, func(t *codertest.Template) {
				if test.template != nil {
					test.template(t)
				}
			})
			b.Fake.SetExternalAuth("admin", "github", true)
			b.use(t, test.lines...)
			b.apply(t)
			test.happens(b)
			mustContain(t, b.refuse(t, "plan", "-input=false", replaceIt), test.says)
			mustContain(t, b.refuse(t, "apply", "-input=false", "-auto-approve", replaceIt), test.says)
			if stored := b.state(t); len(stored) != 1 || stored[0].Tainted {
				t.Errorf("the state holds %v", stored)
			}
		})
	}
}

// Where nothing stands against it, it is done, and the next plan is empty.
func TestBetween_replaceOnDemand(t *testing.T) {
	t.Parallel()
	for _, release := range acctest.Versions {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			b := newBetween(t, codertest.Options{Version: release})
			b.use(t, `owner_name = "carol"`, `parameters = { cpu = "3" }`)
			b.apply(t)
			b.Fake.ResetRequests()
			b.apply(t, replaceIt)
			if counts := b.RequestCounts(); counts[createRoute] != 1 || counts[buildRoute] != 1 {
				t.Errorf("sent %v", counts)
			}
			b.planEmpty(t)
		})
	}
}

// One of somebody else is replaced by one of theirs, also where nothing else
// changes and without a refresh.
func TestBetween_replaceOnDemandKeepsTheOwner(t *testing.T) {
	t.Parallel()
	for _, refresh := range []string{"-refresh=true", "-refresh=false"} {
		t.Run(refresh, func(t *testing.T) {
			t.Parallel()
			b := newBetween(t, codertest.Options{})
			admin := b.Token
			b.Token = b.Fake.AddToken("carol", b.Fake.Now().AddDate(1, 0, 0))
			b.use(t)
			b.apply(t)
			b.Token = admin
			b.use(t)
			mustContain(t, b.refuse(t, "apply", "-input=false", "-auto-approve", replaceIt, refresh), "Replacement would have another owner", `owner_name = "carol"`)
			b.use(t, `owner_name = "carol"`)
			b.apply(t, replaceIt, refresh)
			for _, w := range b.Fake.Workspaces() {
				if w.Owner != "carol" {
					t.Errorf("a workspace of %s was made", w.Owner)
				}
			}
		})
	}
}

// A tainted workspace of somebody else is replaced by one of theirs, or the plan
// says that it would not be.
func TestBetween_taintedWorkspaceOfSomebodyElse(t *testing.T) {
	t.Parallel()
	b := newBetween(t, codertest.Options{})
	admin := b.Token
	b.Token = b.Fake.AddToken("carol", b.Fake.Now().AddDate(1, 0, 0))
	b.use(t)
	b.apply(t)
	b.run(t, 0, "taint", address)
	b.Token = admin
	b.use(t)
	output, _ := b.start(t, "plan", "-input=false").wait(t)
	mustContain(t, output, "would belong to", "carol")
	b.use(t, `owner_name = "carol"`)
	b.apply(t)
	b.planEmpty(t)
	for _, w := range b.Fake.Workspaces() {
		if w.Owner != "carol" {
			t.Errorf("a workspace of %s was made", w.Owner)
		}
	}
}

// A tainted workspace and an owner who does not exist: Terraform plans a plain
// create, so that the plan can only warn that it is in vain.
func TestBetween_taintedForNobody(t *testing.T) {
	t.Parallel()
	for _, release := range acctest.Versions {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			b := newBetween(t, codertest.Options{Version: release})
			b.use(t)
			b.apply(t)
			b.run(t, 0, "taint", address)
			b.use(t, `owner_name = "nobody-at-all"`)
			output, _ := b.start(t, "plan", "-input=false").wait(t)
			mustContain(t, output, "New workspace may have no owner", `There is a workspace "dev" of "admin"`, "terraform untaint")
			b.use(t, `owner_name = "carol"`)
			if output, _ := b.start(t, "plan", "-input=false").wait(t); strings.Contains(output, "New workspace may have no owner") {
				t.Error("it is said of a user who exists")
			}
		})
	}
}

// An owner whom nobody can see may be made by the same apply, so that a plan
// warns, once for all of them, and creates.
func TestBetween_newForNobody(t *testing.T) {
	t.Parallel()
	for _, release := range acctest.Versions {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			b := newBetween(t, codertest.Options{Version: release})
			b.use(t, `owner_name = "nobody-at-all"`)
			output, status := b.start(t, "plan", "-input=false").wait(t)
			if status != 0 {
				t.Errorf("the plan ends with %d", status)
			}
			mustContain(t, output, "New workspace may have no owner", "Unless this apply makes that user")
			if strings.Contains(output, "untaint") {
				t.Errorf("nothing is tainted, and yet: %s", output)
			}
			b.use(t, `owner_name = "carol"`)
			if output, _ := b.start(t, "plan", "-input=false").wait(t); strings.Contains(output, "New workspace may have no owner") {
				t.Error("it is said of a user who exists")
			}
		})
	}
}
