package workspace_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// refusal is a replacement that must be refused at plan, and what helps.
type refusal struct {
	first  string // configuration that makes the workspace
	wrong  func() // happens then
	config string // configuration that would replace it
	taint  bool
	says   string
	right  func() // happens then
	mended string // configuration that replaces it; "" for the same
}

// mustBeRefused proves that nothing is destroyed for what cannot be made.
func mustBeRefused(t *testing.T, d *acctest.Deployment, r refusal) {
	t.Helper()
	var id uuid.UUID
	steps := []resource.TestStep{
		{Config: r.first, Check: checks(capture(&id), wrote(t, d, map[string]int{postWorkspace: 1}))},
		{PreConfig: r.wrong, Config: r.config, ExpectError: message(r.says)},
	}
	replace := planned(plancheck.ResourceActionReplace)
	if r.taint {
		steps[1].Taint = []string{address}
		replace = planned(plancheck.ResourceActionDestroyBeforeCreate)
	}
	if r.mended == "" {
		r.mended = r.config
	}
	if r.right == nil {
		r.right = func() {}
	}
	last := resource.TestStep{
		PreConfig:        do(sent(t, d, nothing), r.right),
		Config:           r.mended,
		ConfigPlanChecks: replace,
		Check:            checks(another(&id), wrote(t, d, map[string]int{postBuild: 1, postWorkspace: 1})),
	}
	acctest.Test(t, d, resource.TestCase{Steps: append(steps, last)})
}

// A replacement for nobody is refused while the workspace is still there.
func TestBetween_replacementForNobody(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, d *acctest.Deployment) {
		d.Fake.AddUser("carol")
		d.Fake.AddUser("dave")
		template := d.Template(t, acctest.Basic)
		config := func(owner string) string { return workspaceConfig(d, "one", template.ID, ownedBy(owner)) }
		mustBeRefused(t, d, refusal{first: config("carol"), config: config("nobody-at-all"), says: `There is no user "nobody-at-all"`, mended: config("dave")})
	})
}

// So is one for an owner who has a workspace of that name, also if it only
// comes to that since the name changes as well.
func TestBetween_replacementOfATakenName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"one", "other"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onNewest(t, func(t *testing.T, f *flow) {
				d := f.Deployment
				d.Fake.AddUser("carol")
				d.Fake.AddUser("dave")
				template := d.Template(t, acctest.Basic)
				config := func(name, owner string) string { return workspaceConfig(d, name, template.ID, ownedBy(owner)) }
				mustBeRefused(t, d, refusal{
					first:  config("one", "carol"),
					wrong:  func() { d.Fake.CreateWorkspace("dave", "ONE", uuid.MustParse(template.ID), nil) },
					config: config("one", "dave"), says: "Name of the replacement is taken", mended: config("free", "dave"),
				})
			})
		})
	}
}

// A new name with a new value of an immutable parameter is one replacement,
// refused where the owner has a workspace of the new name.
func TestBetween_replacementUnderANewName(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, d *flow) {
		template := d.add(codertest.BasicTemplate())
		config := func(name, at string) string {
			return workspaceConfig(d.Deployment, name, template.ID.String(), region(at))
		}
		mustBeRefused(t, d.Deployment, refusal{
			first:  config("one", "eu-west"),
			wrong:  func() { d.Fake.CreateWorkspace("admin", "two", template.ID, nil) },
			config: config("two", "us-east"), says: "Name of the replacement is taken", mended: config("three", "us-east"),
		})
	})
}

// A deprecated template gets no new workspaces, and so no replacement, however
// that comes about.
func TestBetween_replacementFromADeprecatedTemplate(t *testing.T) {
	t.Parallel()
	for _, taint := range []bool{false, true} {
		t.Run(fmt.Sprintf("taint %t", taint), func(t *testing.T) {
			t.Parallel()
			onNewest(t, func(t *testing.T, d *flow) {
				template := d.add(codertest.BasicTemplate())
				config := func(at string) string {
					return workspaceConfig(d.Deployment, "one", template.ID.String(), region(at))
				}
				deprecate := func(message string) func() {
					return func() {
						d.Fake.UpdateTemplate(template.ID, func(t *codertest.Template) { t.DeprecationMessage = message })
					}
				}
				wanted := "us-east"
				if taint {
					wanted = "eu-west"
				}
				mustBeRefused(t, d.Deployment, refusal{
					first: config("eu-west"), wrong: deprecate("use the new one"), config: config(wanted), taint: taint,
					says: "Template is deprecated", right: deprecate(""),
				})
			})
		})
	}
}

// What a workspace of a deprecated template can have in place it still gets.
func TestBetween_deprecatedTemplateStillBuilds(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, d *flow) {
		template := d.add(codertest.BasicTemplate())
		config := func(n int) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), cpu(n))
		}
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(2), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{
				PreConfig: func() {
					d.Fake.UpdateTemplate(template.ID, func(t *codertest.Template) { t.Deprecated = true })
				},
				Config:           config(3),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            wrote(t, d.Deployment, map[string]int{postBuild: 2}),
			},
		}})
	})
}

// Neither is a workspace destroyed for one of a version that cannot be built,
// or of values that the template refuses.
func TestBetween_replacementThatCannotBeBuilt(t *testing.T) {
	t.Parallel()
	onFlows(t, func(t *testing.T, d *flow) {
		template := d.add(codertest.BasicTemplate())
		unfinished, archived, needy := codertest.BasicTemplate().Version, codertest.BasicTemplate().Version, codertest.BasicTemplate().Version
		unfinished.ImportError, archived.Archived = "no such provider", true
		needy.Parameters = append(needy.Parameters, codertest.Parameter{Name: "project", Required: true})
		failed, away, wants := d.Fake.UploadVersion(template.ID, unfinished), d.Fake.UploadVersion(template.ID, archived), d.Fake.UploadVersion(template.ID, needy)
		config := func(at string, lines ...string) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), append(lines, region(at))...)
		}
		lacks := "Missing template parameter"
		if d.Fake.Version() != "v2.35.1" {
			lacks = "Server cannot create from a chosen version"
		}
		steps := []resource.TestStep{
			{Config: config("eu-west"), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{Config: config("us-east", pinned(failed)), ExpectError: message("no such provider")},
			{Config: config("us-east", pinned(uuid.New())), ExpectError: message("There is no template version")},
			{Config: config("mars"), ExpectError: message("Invalid parameter value")},
			{Config: config("us-east", pinned(wants)), ExpectError: message(lacks)},
			{Config: config("eu-west", pinned(wants)), ExpectError: message("Missing template parameter")},
			{Config: config("us-east", `ttl_ms = 600000000`, `deadline = "2020-01-01T00:00:00Z"`), ExpectError: message("Deadline is in the past")},
		}
		if d.Fake.Version() == "v2.35.1" { // the seed has no archive
			steps = append(steps, resource.TestStep{Config: config("us-east", pinned(away)), ExpectError: message("is archived")})
		}
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: append(steps, resource.TestStep{
			PreConfig:        sent(t, d.Deployment, nothing),
			Config:           config("eu-west"),
			ConfigPlanChecks: emptyPlan,
			Check:            wrote(t, d.Deployment, nothing),
		})})
	})
}

// Nor for one that Coder refuses since its owner is not logged in to what the
// template needs.
func TestBetween_replacementWithoutExternalAuthentication(t *testing.T) {
	t.Parallel()
	for _, taint := range []bool{false, true} {
		t.Run(fmt.Sprintf("taint %t", taint), func(t *testing.T) {
			t.Parallel()
			onNewest(t, func(t *testing.T, d *flow) {
				definition := codertest.BasicTemplate()
				definition.Version.ExternalAuth = []codertest.ExternalAuth{
					{ID: "github", DisplayName: "GitHub"}, {ID: "jfrog", DisplayName: "JFrog", Optional: true},
				}
				template := d.add(definition)
				linked := func(is bool) func() { return func() { d.Fake.SetExternalAuth("admin", "github", is) } }
				linked(true)()
				config := func(at string) string {
					return workspaceConfig(d.Deployment, "one", template.ID.String(), region(at))
				}
				wanted := "us-east"
				if taint {
					wanted = "eu-west"
				}
				mustBeRefused(t, d.Deployment, refusal{
					first: config("eu-west"), wrong: linked(false), config: config(wanted), taint: taint,
					says: "The template needs its user to be logged in to: GitHub.", right: linked(true),
				})
			})
		})
	}
}

// A replacement gives the workspace to nobody else without a word: without
// owner_name the new one would be the token's user's.
func TestBetween_replacementKeepsTheOwner(t *testing.T) {
	t.Parallel()
	onReleases(t, func(t *testing.T, d *flow) {
		carol := as(d.Deployment, d.Fake.AddUser("carol"))
		template := d.add(codertest.BasicTemplate())
		config := func(d *acctest.Deployment, at string, lines ...string) string {
			return workspaceConfig(d, "one", template.ID.String(), append(lines, region(at))...)
		}
		mustBeRefused(t, d.Deployment, refusal{
			first: config(carol, "eu-west"), config: config(d.Deployment, "us-east"),
			says: `Set owner_name = "carol" to keep the owner`, mended: config(d.Deployment, "us-east", ownedBy("carol")),
		})
		for _, w := range d.Fake.Workspaces() {
			if w.Owner != "carol" {
				t.Errorf("a workspace of %s was made", w.Owner)
			}
		}
	})
}

// A template whose active version everybody but its administrators has to take
// makes no replacement of another one.
func TestBetween_replacementOfAnInactiveVersion(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, d *flow) {
		carol := as(d.Deployment, d.Fake.AddUser("carol"))
		definition := codertest.BasicTemplate()
		definition.RequireActiveVersion = true
		template := d.add(definition)
		config := func(at string, lines ...string) string {
			return workspaceConfig(carol, "one", template.ID.String(), append(lines, region(at))...)
		}
		first := pinned(template.ActiveVersionID)
		mustBeRefused(t, d.Deployment, refusal{
			first:  config("eu-west", first),
			wrong:  func() { d.Fake.PublishVersion(template.ID, codertest.BasicTemplate().Version) },
			config: config("us-east", first),
			says:   "Only the active version can be created", mended: config("us-east"),
		})
	})
}

// The plan of a protected workspace is refused before all else is looked at.
func TestBetween_replacementOfAProtectedWorkspace(t *testing.T) {
	t.Parallel()
	onReleases(t, func(t *testing.T, d *flow) {
		template := d.add(codertest.BasicTemplate())
		config := func(at string, protected bool) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), region(at), fmt.Sprintf("deletion_protection = %t", protected))
		}
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config("eu-west", true), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{Config: config("us-east", true), ExpectError: message("Workspace is protected from deletion")},
			{Config: config("us-east", false), ExpectError: message("Workspace is protected from deletion")},
			{PreConfig: sent(t, d.Deployment, nothing), Config: config("eu-west", false), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate)},
		}})
	})
}

// With create_before_destroy and an unchanged name there would be two of one
// name: the error says that, and the workspace stays.
func TestBetween_createBeforeDestroyUnderOneName(t *testing.T) {
	t.Parallel()
	onReleases(t, func(t *testing.T, d *flow) {
		template := d.add(codertest.BasicTemplate())
		config := func(name, at string) string {
			return workspaceConfig(d.Deployment, name, template.ID.String(), region(at), "lifecycle {\n    create_before_destroy = true\n  }")
		}
		var id uuid.UUID
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config("one", "eu-west"), Check: checks(capture(&id), wrote(t, d.Deployment, map[string]int{postWorkspace: 1}))},
			{Config: config("one", "us-east"), ExpectError: message("the two cannot exist at the same time under one name")},
			{
				PreConfig:        sent(t, d.Deployment, map[string]int{postWorkspace: 1}),
				Config:           config("one", "eu-west"),
				ConfigPlanChecks: emptyPlan,
				Check:            same(&id),
			},
			{
				Config:           config("two", "us-east"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreateBeforeDestroy)}},
				Check:            checks(another(&id), wrote(t, d.Deployment, map[string]int{postWorkspace: 1, postBuild: 1})),
			},
		}})
	})
}
