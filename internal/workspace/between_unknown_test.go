package workspace_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// laterConfig is a workspace with arguments that a plan does not know, since
// they come from a resource that changes with the round. Names with a dot are
// keys of a map.
func laterConfig(d *acctest.Deployment, round int, later map[string]string, lines ...string) string {
	input := fmt.Sprintf("    round = %d\n", round)
	byMap := map[string][]string{}
	for i, name := range slices.Sorted(maps.Keys(later)) {
		input += fmt.Sprintf("    v%d = %q\n", i, later[name])
		value := fmt.Sprintf("terraform_data.later.output.v%d", i)
		if attribute, key, isKey := strings.Cut(name, "."); isKey {
			byMap[attribute] = append(byMap[attribute], fmt.Sprintf("%s = %s", key, value))
		} else {
			lines = append(lines, fmt.Sprintf("%s = %s", name, value))
		}
	}
	for attribute, values := range byMap {
		lines = append(lines, fmt.Sprintf("%s = { %s }", attribute, strings.Join(values, ", ")))
	}
	return d.ProviderConfig() + fmt.Sprintf(`
resource "terraform_data" "later" {
  input = {
%s  }
}

resource "coderws_workspace" "test" {
  name = "one"
  %s
}
`, input, strings.Join(lines, "\n  "))
}

// Whatever is not known before the apply and turns out the same as it was is an
// update in place that sends nothing.
func TestBetween_unknownTurnsOutTheSame(t *testing.T) {
	t.Parallel()
	onFlows(t, func(t *testing.T, d *flow) {
		d.Fake.AddUser("carol")
		template := d.add(withPresets("1"))
		deadline := time.Now().Add(9 * time.Hour).UTC().Truncate(time.Second).Format(time.RFC3339)
		later := map[string]string{
			"template_id": template.ID.String(), "owner_name": "carol", "organization_id": template.OrganizationID.String(),
			"template_version_id": template.ActiveVersionID.String(), "parameters.region": "eu-west", "parameters.cpu": "1",
			"desired_status": "running", "autostart_schedule": "0 9 * * 1-5", "ttl_ms": "3600000", "deadline": deadline,
		}
		if d.Fake.Version() == "v2.35.1" {
			later["preset"], later["automatic_updates"] = "Small", "never"
		}
		var id uuid.UUID
		config := func(round int) string { return laterConfig(d.Deployment, round, later) }
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(1), Check: checks(capture(&id), wrote(t, d.Deployment, map[string]int{postWorkspace: 1, putExtend: 1}))},
			{
				Config:           config(2),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            checks(same(&id), wrote(t, d.Deployment, nothing)),
			},
		}})
	})
}

// The template's id comes from a data source that is read in the apply only,
// since it depends on something that changes: nothing is replaced for that.
func TestBetween_templateReadInTheApply(t *testing.T) {
	t.Parallel()
	onReleases(t, func(t *testing.T, d *flow) {
		template := d.add(codertest.BasicTemplate())
		config := func(round int) string {
			return d.ProviderConfig() + fmt.Sprintf(`
resource "terraform_data" "other" {
  input = %d
}

data "coderws_template" "test" {
  name       = %q
  depends_on = [terraform_data.other]
}

resource "coderws_workspace" "test" {
  name                = "one"
  template_id         = data.coderws_template.test.id
  template_version_id = data.coderws_template.test.active_version_id
  ttl_ms              = data.coderws_template.test.default_ttl_ms
}
`, round, template.Name)
		}
		var id uuid.UUID
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(1), Check: checks(capture(&id), wrote(t, d.Deployment, map[string]int{postWorkspace: 1}))},
			{
				Config:           config(2),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            checks(same(&id), wrote(t, d.Deployment, nothing)),
			},
			{ // the active version has moved on by the apply: a build in place
				PreConfig:        func() { d.Fake.PublishVersion(template.ID, codertest.BasicTemplate().Version) },
				Config:           config(3),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            checks(same(&id), wrote(t, d.Deployment, map[string]int{postBuild: 2})),
			},
		}})
	})
}

// What turns out to need another workspace stops the apply with a word about
// it, before anything is changed; the next plan shows the replacement.
func TestBetween_unknownTurnsOutToReplace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before string
		after  string
		says   string
		on     func(*testing.T, func(*testing.T, *flow))
	}{
		"parameters.region": {before: "eu-west", after: "us-east", says: `for the value of parameters["region"]`, on: onFlows},
		"template_id":       {says: "for the value of template_id", on: onNewest},
		"owner_name":        {before: "carol", after: "dave", says: "for the value of owner_name", on: onNewest},
		"preset":            {before: "Small", after: "Large", says: "for the value of preset", on: onNewest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.on(t, func(t *testing.T, d *flow) {
				d.Fake.AddUser("carol")
				d.Fake.AddUser("dave")
				template, other := d.add(withPresets("1")), d.add(withPresets("1"))
				before, after := test.before, test.after
				fixed := []string{"ttl_ms = 3600000"}
				if name == "template_id" {
					before, after = template.ID.String(), other.ID.String()
				} else {
					fixed = append(fixed, fmt.Sprintf("template_id = %q", template.ID))
				}
				config := func(round int, value string, lines ...string) string {
					return laterConfig(d.Deployment, round, map[string]string{name: value}, append(fixed, lines...)...)
				}
				var id uuid.UUID
				acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
					{Config: config(1, before), Check: checks(capture(&id), wrote(t, d.Deployment, map[string]int{postWorkspace: 1}))},
					{
						// Neither is the schedule sent that could be.
						Config:           config(2, after, `autostart_schedule = "0 9 * * 1"`),
						ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}},
						ExpectError:      message("Workspace would have to be replaced"),
					},
					{
						PreConfig:   sent(t, d.Deployment, nothing),
						Config:      config(3, after),
						ExpectError: message(test.says),
					},
					{
						PreConfig:        sent(t, d.Deployment, nothing),
						Config:           config(3, after),
						ConfigPlanChecks: planned(plancheck.ResourceActionReplace),
						Check:            checks(another(&id), wrote(t, d.Deployment, map[string]int{postBuild: 1, postWorkspace: 1})),
					},
				}})
			})
		})
	}
}

// What turns out to be had in place is done in place.
func TestBetween_unknownTurnsOutToBuild(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, d *flow) {
		template := d.add(withPresets("1"))
		version := d.Fake.UploadVersion(template.ID, withPresets("1").Version)
		fixed := fmt.Sprintf("template_id = %q", template.ID)
		var id uuid.UUID
		step := func(round int, later map[string]string, status string, values map[string]string, builds int) resource.TestStep {
			want := maps.Clone(nothing)
			if builds > 0 {
				want[postBuild] = builds
			}
			return resource.TestStep{
				Config:           laterConfig(d.Deployment, round, later, fixed),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            checks(same(&id), holds(t, d.Deployment, status, values), wrote(t, d.Deployment, want)),
			}
		}
		first, second := template.ActiveVersionID.String(), version.String()
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{
				Config: laterConfig(d.Deployment, 1, map[string]string{"preset": "Small", "template_version_id": first, "desired_status": "running"}, fixed),
				Check:  checks(capture(&id), wrote(t, d.Deployment, map[string]int{postWorkspace: 1})),
			},
			step(2, map[string]string{"preset": "Medium", "template_version_id": first, "desired_status": "running"}, "running", map[string]string{"cpu": "4"}, 2),
			step(3, map[string]string{"preset": "Medium", "template_version_id": second, "desired_status": "running"}, "running", map[string]string{"cpu": "4"}, 2),
			step(4, map[string]string{"preset": "Medium", "template_version_id": second, "desired_status": "stopped"}, "stopped", nil, 1),
			step(5, map[string]string{"parameters.cpu": "6", "desired_status": "stopped"}, "stopped", map[string]string{"cpu": "6"}, 1),
			step(6, map[string]string{"parameters.cpu": "6", "desired_status": "running"}, "running", map[string]string{"cpu": "6"}, 1),
		}})
	})
}

// Settings that turn out to be others are set, and no more than these.
func TestBetween_unknownTurnsOutToSet(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		fixed := fmt.Sprintf("template_id = %q", template.ID)
		config := func(round int, schedule, ttl string) string {
			return laterConfig(d, round, map[string]string{"autostart_schedule": schedule, "ttl_ms": ttl}, fixed)
		}
		var id uuid.UUID
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(1, "0 9 * * 1", "3600000"), Check: checks(capture(&id), wrote(t, d, map[string]int{postWorkspace: 1}))},
			{Config: config(2, "0 9 * * 1", "7200000"), Check: checks(same(&id), wrote(t, d, map[string]int{putTTL: 1}))},
			{Config: config(3, "0 8 * * 1", "7200000"), Check: checks(same(&id), wrote(t, d, map[string]int{putAutostart: 1}))},
			{Config: config(4, "0 8 * * 1", "0"), Check: checks(same(&id), wrote(t, d, map[string]int{putTTL: 1}))},
		}})
	})
}

// Values that turn out to be none are as good as left out: nothing is sent.
func TestBetween_unknownTurnsOutToBeNothing(t *testing.T) {
	t.Parallel()
	onReleases(t, func(t *testing.T, d *flow) {
		d.Fake.AddUser("carol")
		template := d.add(codertest.BasicTemplate())
		config := func(round int, owner, version, status, ttl, values string) string {
			return d.ProviderConfig() + fmt.Sprintf(`
resource "terraform_data" "later" {
  input = { round = %d, owner = %s, version = %s, status = %s, ttl = %s, values = %s }
}

resource "coderws_workspace" "test" {
  name                = "one"
  template_id         = %q
  owner_name          = terraform_data.later.output.owner
  template_version_id = terraform_data.later.output.version
  desired_status      = terraform_data.later.output.status
  ttl_ms              = terraform_data.later.output.ttl
  parameters          = terraform_data.later.output.values
}
`, round, owner, version, status, ttl, values, template.ID)
		}
		full := func(round int, values string) string {
			return config(round, `"carol"`, fmt.Sprintf("%q", template.ActiveVersionID), `"running"`, "3600000", values)
		}
		var id uuid.UUID
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: full(1, `{ region = "eu-west", cpu = "3" }`), Check: checks(capture(&id), wrote(t, d.Deployment, map[string]int{postWorkspace: 1}))},
			{Config: full(2, `{ region = "eu-west", cpu = "3" }`), Check: checks(same(&id), wrote(t, d.Deployment, nothing))},
			{Config: full(3, `{ region = "eu-west" }`), Check: checks(same(&id), wrote(t, d.Deployment, nothing))},
			{Config: full(4, `{ cpu = "4" }`), Check: checks(same(&id), holds(t, d.Deployment, "running", map[string]string{"cpu": "4"}), wrote(t, d.Deployment, map[string]int{postBuild: 2}))},
			{Config: full(5, `{ cpu = "4", region = "us-east" }`), ExpectError: message("Workspace would have to be replaced")},
			{
				PreConfig: sent(t, d.Deployment, nothing), Config: config(6, "null", "null", "null", "null", "null"),
				Check: checks(same(&id), holds(t, d.Deployment, "running", map[string]string{"cpu": "4"}), wrote(t, d.Deployment, nothing)),
			},
		}})
	})
}

// A new workspace beside one whose configuration looks the same, as long as the
// names of both are not known, is no replacement of it.
func TestBetween_newWorkspaceBesideAnUnknownOne(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, d *flow) {
		template := d.add(codertest.BasicTemplate())
		block := func(address string, protected bool, lines ...string) string {
			return fmt.Sprintf(`
resource "coderws_workspace" %q {
  name                = terraform_data.names.output.%[1]s
  template_id         = %q
  deletion_protection = %t
  %s
}
`, address, template.ID, protected, strings.Join(lines, "\n  "))
		}
		config := func(round int, blocks ...string) string {
			return d.ProviderConfig() + fmt.Sprintf("\nresource \"terraform_data\" \"names\" {\n  input = { round = %d, test = \"one\", other = \"two\" }\n}\n", round) + strings.Join(blocks, "")
		}
		// The new one is planned after the other.
		after := "depends_on = [coderws_workspace.test]"
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(1, block("test", true)), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{Config: config(2, block("test", true), block("other", true, after)), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{Config: config(3, block("test", false), block("other", false, after)), Check: wrote(t, d.Deployment, nothing)},
		}})
	})
}

// A version that turns out to be no good stops the apply before the workspace
// is taken down for it.
func TestBetween_unknownTurnsOutWrong(t *testing.T) {
	t.Parallel()
	onReleases(t, func(t *testing.T, d *flow) {
		template, other := d.add(codertest.BasicTemplate()), d.add(codertest.BasicTemplate())
		unfinished := codertest.BasicTemplate().Version
		unfinished.ImportError = "no such provider"
		broken := d.Fake.UploadVersion(template.ID, unfinished)
		config := func(round int, version uuid.UUID, n string) string {
			return laterConfig(d.Deployment, round, map[string]string{"template_version_id": version.String(), "parameters.cpu": n}, fmt.Sprintf("template_id = %q", template.ID))
		}
		good := template.ActiveVersionID
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(1, good, "2"), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{Config: config(2, other.ActiveVersionID, "2"), ExpectError: message("belongs to another template")},
			{Config: config(3, uuid.New(), "2"), ExpectError: message("There is no template version")},
			{Config: config(4, broken, "2"), ExpectError: message("no such provider")},
			{Config: config(5, good, "99"), ExpectError: message("Invalid parameter value")},
			{
				PreConfig: sent(t, d.Deployment, nothing),
				Config:    config(6, good, "2"),
				Check:     checks(holds(t, d.Deployment, "running", map[string]string{"cpu": "2"}), wrote(t, d.Deployment, nothing)),
			},
		}})
	})
}

// The plan warns of each value that may turn out to need another workspace, and
// of no other.
func TestBetween_unknownIsWarnedOf(t *testing.T) {
	t.Parallel()
	unknown := tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	valueOf := func(name string) tftypes.Value {
		return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{name: unknown})
	}
	for name, test := range map[string]struct {
		attribute string
		value     tftypes.Value
		warns     string
	}{
		"template":     {"template_id", unknown, "The template of workspace"},
		"owner":        {"owner_name", unknown, "The owner of workspace"},
		"organization": {"organization_id", unknown, "The organization of workspace"},
		"version":      {"template_version_id", unknown, "The template version of workspace"},
		"preset":       {"preset", unknown, "The preset of workspace"},
		"region":       {"parameters", valueOf("region"), `Parameter "region", which is immutable`},
		"parameters":   {"parameters", tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, tftypes.UnknownValue), "The set of parameters"},
		"cpu":          {"parameters", valueOf("cpu"), ""},
		"schedule":     {"autostart_schedule", unknown, ""},
		"ttl":          {"ttl_ms", tftypes.NewValue(tftypes.Number, tftypes.UnknownValue), ""},
		"status":       {"desired_status", unknown, ""},
		"deadline":     {"deadline", unknown, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onFlows(t, func(t *testing.T, d *flow) {
				template := d.add(withPresets("1"))
				s := d.Server(t)
				values := acctest.Values{"name": "one", "template_id": template.ID.String(), "deletion_protection": false, "orphan_on_destroy": false, "wait_for_agents": false}
				created, diags := s.Apply(t, workspaceType, nil, values)
				if diags.HasError() {
					t.Fatal(diags)
				}
				d.Fake.ResetRequests()
				values[test.attribute] = test.value
				plan := s.Plan(t, workspaceType, created, values)
				if len(plan.RequiresReplace) > 0 {
					t.Errorf("replaced for %v", plan.RequiresReplace)
				}
				if test.warns == "" {
					if len(plan.Diagnostics) > 0 {
						t.Errorf("unexpected: %v", acctest.Diagnostics(plan.Diagnostics))
					}
				} else {
					wantProblem(t, plan.Diagnostics, "Value is not known before the apply", test.warns, "the next plan shows the replacement")
				}
				sent(t, d.Deployment, nothing)()
			})
		})
	}
}
