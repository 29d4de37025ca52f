package workspace_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// message matches a diagnostic however Terraform breaks its lines.
func message(words string) *regexp.Regexp {
	fields := strings.Fields(words)
	for i, field := range fields {
		fields[i] = regexp.QuoteMeta(field)
	}
	return regexp.MustCompile(`(?s)` + strings.Join(fields, `[\s│]+`))
}

// Bad input fails at plan, names the attribute, and changes nothing.
func TestWorkspaceResource_badInput(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "bad")
		config := func(name, templateID string, lines ...string) string {
			return workspaceConfig(d, name, templateID, lines...)
		}
		tomorrow := time.Now().Add(24 * time.Hour)

		tests := map[string]struct{ config, attribute, words string }{
			"name with underscore":   {config("a_b", template.ID), "name", "cannot be the name of a workspace"},
			"name too long":          {config(strings.Repeat("a", 33), template.ID), "name", "33 characters"},
			"reserved name":          {config("new", template.ID), "name", "the word is reserved"},
			"template by name":       {config(name, template.Name), "template_id", "is not a UUID"},
			"unknown template":       {config(name, uuid.NewString()), "template_id", "There is no template"},
			"other organization":     {config(name, template.ID, fmt.Sprintf("organization_id = %q", uuid.NewString())), "organization_id", "Template belongs to another organization"},
			"organization by name":   {config(name, template.ID, `organization_id = "default"`), "organization_id", "is not a UUID"},
			"owner me":               {config(name, template.ID, `owner_name = "me"`), "owner_name", "Leave the attribute out"},
			"owner by e-mail":        {config(name, template.ID, `owner_name = "alice@example.com"`), "owner_name", "is not a Coder username"},
			"empty schedule":         {config(name, template.ID, `autostart_schedule = ""`), "autostart_schedule", "An empty text is not a schedule"},
			"schedule of six fields": {config(name, template.ID, `autostart_schedule = "0 0 9 * * 1"`), "autostart_schedule", "it has 6 fields"},
			"schedule on a date":     {config(name, template.ID, `autostart_schedule = "0 9 24 12 *"`), "autostart_schedule", "day of month and month"},
			"unknown time zone":      {config(name, template.ID, `autostart_schedule = "CRON_TZ=Mars/Base 0 9 * * 1"`), "autostart_schedule", "Mars/Base"},
			"half a minute":          {config(name, template.ID, `ttl_ms = 90000`), "ttl_ms", "the next lower whole minute is 60000"},
			"TTL below a minute":     {config(name, template.ID, `ttl_ms = 30000`), "ttl_ms", "Invalid TTL"},
			"negative TTL":           {config(name, template.ID, `ttl_ms = -60000`), "ttl_ms", "Invalid TTL"},
			"TTL of 31 days":         {config(name, template.ID, `ttl_ms = 2678400000`), "ttl_ms", "Invalid TTL"},
			"deadline no time":       {config(name, template.ID, `deadline = "tomorrow"`), "deadline", "RFC3339"},
			"deadline without zone":  {config(name, template.ID, fmt.Sprintf("deadline = %q", tomorrow.Format("2006-01-02T15:04:05"))), "deadline", "RFC3339"},
			"deadline passed":        {config(name, template.ID, `deadline = "2020-01-01T00:00:00Z"`), "deadline", "has passed already"},
			"deadline too soon":      {config(name, template.ID, fmt.Sprintf("deadline = %q", time.Now().Add(10*time.Minute).Format(time.RFC3339))), "deadline", "less than 30 minutes away"},
			"null parameter":         {config(name, template.ID, `parameters = { cpu = null }`), "parameters", "Value must not be null"},
			"nameless parameter":     {config(name, template.ID, `parameters = { "" = "1" }`), "parameters", "string length must be at least 1"},
			"bad time limit":         {config(name, template.ID, "timeouts {\n create = \"soon\"\n }"), "create", "Valid time units"},
		}
		for title, test := range tests {
			t.Run(title, func(t *testing.T) {
				// Terraform prints the line of the attribute at fault, after the
				// summary and before the detail.
				words, line := message(test.words).String(), `in resource "coderws_workspace" "test":\s+\d+:\s+`+test.attribute+`\b`
				acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
					{Config: test.config, PlanOnly: true, ExpectError: regexp.MustCompile(words + `.*` + line + `|` + line + `.*` + words)},
				}})
			})
		}
		for request, n := range writes(d) {
			t.Errorf("%d times %s was sent", n, request)
		}
	})
}

// A value that is not known until apply is no error at plan.
func TestWorkspaceResource_unknownValues(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		config := d.ProviderConfig() + fmt.Sprintf(`
resource "terraform_data" "known_later" {
  input = {
    name     = %[1]q
    template = %[2]q
    cpu      = "3"
    schedule = "0 9 * * 1-5"
    ttl      = 3600000
    deadline = %[3]q
  }
}

resource "coderws_workspace" "test" {
  name               = terraform_data.known_later.output.name
  template_id        = terraform_data.known_later.output.template
  parameters         = { cpu = terraform_data.known_later.output.cpu }
  autostart_schedule = terraform_data.known_later.output.schedule
  ttl_ms             = terraform_data.known_later.output.ttl
  deadline           = terraform_data.known_later.output.deadline
}
`, acctest.Name(t, "later"), template.ID, time.Now().Add(5*time.Hour).UTC().Format(time.RFC3339))
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{
				Config:           config,
				ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					attribute("ttl_ms", knownvalue.Int64Exact(3600000)),
					attribute("parameters", knownvalue.MapExact(map[string]knownvalue.Check{"cpu": knownvalue.StringExact("3")})),
				},
			},
			{Config: config, ConfigPlanChecks: emptyPlan},
		}})
	})
}

// A plan leaves open only what its own steps change: everything made of the
// rest keeps its value.
func TestWorkspaceResource_planLeavesOpen(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			template := d.Template(t, acctest.Basic)
			url, build := tfjsonpath.New("url"), tfjsonpath.New("latest_build")
			open := func(path tfjsonpath.Path) plancheck.PlanCheck { return plancheck.ExpectUnknownValue(address, path) }
			kept := func(path tfjsonpath.Path, value knownvalue.Check) plancheck.PlanCheck {
				return plancheck.ExpectKnownValue(address, path, value)
			}
			page := func(name string) knownvalue.Check { return knownvalue.StringExact(d.URL + "/@admin/" + name) }
			const ttl, cpu = `ttl_ms = 7200000`, `parameters = { cpu = "3" }`
			deadline := fmt.Sprintf("deadline = %q", d.Fake.Now().Add(10*time.Hour).UTC().Format(time.RFC3339))
			step := func(name string, arguments []string, checks ...plancheck.PlanCheck) resource.TestStep {
				return resource.TestStep{
					Config:            workspaceConfig(d, name, template.ID, arguments...),
					ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: checks, PostApplyPostRefresh: emptyPlan.PreApply},
					ConfigStateChecks: []statecheck.StateCheck{attribute("url", page(name))},
				}
			}
			first := knownvalue.ObjectPartial(map[string]knownvalue.Check{"build_number": knownvalue.Int64Exact(1), "deadline": knownvalue.Null()})
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				step("one", nil, open(url), open(build)),
				step("one", []string{ttl}, kept(url, page("one")), kept(build, first)),
				step("two", []string{ttl}, open(url), kept(build, first)),
				step("two", []string{ttl, cpu}, kept(url, page("two")), open(build)),
				step("two", []string{ttl, cpu, deadline}, kept(url, page("two")), open(build.AtMapKey("deadline")), kept(build.AtMapKey("build_number"), knownvalue.Int64Exact(3))),
			}})
		})
	}
}

func TestWorkspaceResource_renamesForbidden(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{Version: "v2.35.1", ForbidRenames: true})
	template := d.Template(t, acctest.Basic)
	acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
		{Config: workspaceConfig(d, "before", template.ID)},
		{
			Config:      workspaceConfig(d, "after", template.ID),
			ExpectError: message("Deployment forbids renaming workspaces"),
		},
		{
			Config:      workspaceConfig(d, "after", template.ID),
			ExpectError: message("let an administrator start the Coder server with --allow-workspace-renames"),
		},
		{Config: workspaceConfig(d, "before", template.ID), ConfigPlanChecks: emptyPlan},
	}})
	if n := d.RequestCount("PATCH", ""); n != 0 {
		t.Errorf("%d renames were tried", n)
	}
}

// What a licensed template policy forbids fails at plan, not half way.
func TestWorkspaceResource_templatePolicy(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			strict := codertest.BasicTemplate()
			strict.Name, strict.DefaultTTL = "strict", 2*time.Hour
			strict.ForbidUserAutostop, strict.ForbidUserAutostart = true, true
			template := d.Fake.AddTemplate(strict)
			config := func(lines ...string) string { return workspaceConfig(d, "policy", template.ID.String(), lines...) }

			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				{Config: config(`ttl_ms = 60000`), ExpectError: message("Template forbids a TTL of its users' choice")},
				{Config: config(`autostart_schedule = "0 9 * * 1"`), ExpectError: message("Template forbids autostart schedules")},
				{ // the template's own value is no contradiction
					Config:            config(`ttl_ms = 7200000`),
					ConfigStateChecks: []statecheck.StateCheck{attribute("ttl_ms", knownvalue.Int64Exact(7200000))},
				},
				{Config: config(), ConfigPlanChecks: emptyPlan},
				{Config: config(`ttl_ms = 0`), ExpectError: message("Template forbids a TTL of its users' choice")},
				{Config: config(), ConfigPlanChecks: emptyPlan},
			}})
		})
	}
}

// The seed accepts seven days at most, which only its answer would tell.
func TestWorkspaceResource_longTTLOnOldServer(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{Version: "seed"})
	template := d.Template(t, acctest.Basic)
	acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
		{Config: workspaceConfig(d, "long", template.ID, `ttl_ms = 691200000`), ExpectError: message("TTL is too long for this server")},
		{Config: workspaceConfig(d, "long", template.ID, `ttl_ms = 604800000`)},
		{Config: workspaceConfig(d, "long", template.ID, `ttl_ms = 691200000`), ExpectError: message("accepts at most 604800000 ms")},
	}})
}

// ttl_ms, left out, follows the template at creation; 0 means off even where
// the template has a default; taken out, the value stays and is left to others.
func TestWorkspaceResource_ttl(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic, acctest.DefaultTTL(3*time.Hour))
		name := acctest.Name(t, "ttl")
		var id uuid.UUID
		ttl := func(want int64) resource.TestCheckFunc {
			return onServer(t, d, func(w *coder.Workspace) error {
				got := int64(0)
				if w.TTLMillis != nil {
					got = *w.TTLMillis
				}
				if got != want {
					return fmt.Errorf("the deployment holds a TTL of %d, want %d", got, want)
				}
				return nil
			})
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{ // off from the first build on: nothing will stop it
				Config:            workspaceConfig(d, name, template.ID, `ttl_ms = 0`),
				ConfigPlanChecks:  planned(plancheck.ResourceActionCreate),
				Check:             resource.ComposeAggregateTestCheckFunc(ttl(0), capture(&id)),
				ConfigStateChecks: []statecheck.StateCheck{buildAttribute("deadline", knownvalue.Null())},
			},
			{
				Config:            workspaceConfig(d, name, template.ID, `ttl_ms = 60000`),
				ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
				Check:             ttl(60000),
				ConfigStateChecks: []statecheck.StateCheck{buildAttribute("deadline", knownvalue.Null())},
			},
			{ // someone else changes it: drift
				PreConfig: func() {
					if err := d.Client.PutTTL(t.Context(), id, nil); err != nil {
						t.Error(err)
					}
				},
				Config:           workspaceConfig(d, name, template.ID, `ttl_ms = 60000`),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            ttl(60000),
			},
			{ // taken out: it keeps its value and is not managed any more
				Config:            workspaceConfig(d, name, template.ID),
				ConfigPlanChecks:  emptyPlan,
				Check:             ttl(60000),
				ConfigStateChecks: []statecheck.StateCheck{attribute("ttl_ms", knownvalue.Int64Exact(60000))},
			},
			{ // from then on others may change it
				PreConfig: func() {
					hour := int64(3600_000)
					if err := d.Client.PutTTL(t.Context(), id, &hour); err != nil {
						t.Error(err)
					}
				},
				Config:            workspaceConfig(d, name, template.ID),
				ConfigPlanChecks:  emptyPlan,
				ConfigStateChecks: []statecheck.StateCheck{attribute("ttl_ms", knownvalue.Int64Exact(3600_000))},
			},
		}})
	})
}

func TestWorkspaceResource_ttlDefault(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic, acctest.DefaultTTL(3*time.Hour))
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{{
			Config:           workspaceConfig(d, acctest.Name(t, "default"), template.ID),
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				attribute("ttl_ms", knownvalue.Int64Exact(3*3600_000)),
				buildAttribute("deadline", knownvalue.NotNull()),
			},
		}}})
	})
}
