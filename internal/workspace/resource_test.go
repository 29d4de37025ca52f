package workspace_test

import (
	"context"
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
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// address is the workspace under test in every configuration here.
const address = "coderws_workspace.test"

// workspaceConfig is a configuration with one workspace; lines are further
// arguments of it.
func workspaceConfig(d *acctest.Deployment, name, templateID string, lines ...string) string {
	return d.ProviderConfig() + fmt.Sprintf(`
resource "coderws_workspace" "test" {
  name        = %q
  template_id = %q
  %s
}
`, name, templateID, strings.Join(lines, "\n  "))
}

// emptyPlan is what a second plan must be.
var emptyPlan = resource.ConfigPlanChecks{
	PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
}

func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)},
		PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
	}
}

func attribute(name string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(name), check)
}

func buildAttribute(name string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("latest_build").AtMapKey(name), check)
}

var isUUID = knownvalue.StringRegexp(regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`))

// onServer looks at the workspace by the client's own eyes: what a test proves
// of the state says nothing about the deployment.
func onServer(t *testing.T, d *acctest.Deployment, check func(w *coder.Workspace) error) resource.TestCheckFunc {
	t.Helper()
	return func(state *terraform.State) error {
		workspace, err := d.Client.Workspace(t.Context(), stateID(state))
		if err != nil {
			return err
		}
		return check(workspace)
	}
}

func stateID(state *terraform.State) uuid.UUID {
	return uuid.MustParse(state.RootModule().Resources[address].Primary.ID)
}

// build runs a build outside of Terraform and waits for it.
func build(t *testing.T, d *acctest.Deployment, workspace uuid.UUID, req coder.CreateBuildRequest) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	queued, err := d.Client.CreateBuild(ctx, workspace, req)
	if err != nil {
		t.Fatalf("posting a %s build: %v", req.Transition, err)
	}
	if _, err := d.Client.WaitForBuild(ctx, workspace, queued.ID, nil); err != nil {
		t.Fatalf("waiting for the %s build: %v", req.Transition, err)
	}
}

// capture stores the workspace's id for later steps.
func capture(id *uuid.UUID) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		*id = stateID(state)
		return nil
	}
}

func TestWorkspaceResource_lifecycle(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template, other := d.Template(t, acctest.Basic), d.Template(t, acctest.Basic)
		name, renamed := acctest.Name(t, "life"), acctest.Name(t, "renamed")
		if !d.RenamesAllowed(t, template) {
			renamed = name
		}
		deadline := time.Now().Add(6 * time.Hour).UTC().Format(time.RFC3339)
		options := []string{
			`autostart_schedule = "CRON_TZ=Europe/Berlin 30 8 * * 1-5"`,
			`ttl_ms             = 28800000`,
		}
		var id uuid.UUID

		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{
				Config:           workspaceConfig(d, name, template.ID),
				ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
				Check:            capture(&id),
				ConfigStateChecks: []statecheck.StateCheck{
					attribute("id", isUUID),
					attribute("name", knownvalue.StringExact(name)),
					attribute("template_id", knownvalue.StringExact(template.ID)),
					attribute("template_name", knownvalue.StringExact(template.Name)),
					attribute("owner_id", isUUID),
					attribute("owner_name", knownvalue.NotNull()),
					attribute("organization_id", knownvalue.StringExact(template.OrganizationID)),
					attribute("organization_name", knownvalue.NotNull()),
					attribute("created_at", knownvalue.StringRegexp(regexp.MustCompile(`^20\d\d-.*Z$`))),
					attribute("url", knownvalue.StringRegexp(regexp.MustCompile("^"+regexp.QuoteMeta(d.URL)+"/@[^/]+/"+name+"$"))),
					attribute("template_version_id", knownvalue.StringExact(template.ActiveVersionID)),
					attribute("parameters", knownvalue.Null()),
					attribute("autostart_schedule", knownvalue.Null()),
					attribute("ttl_ms", knownvalue.Int64Exact(0)),
					attribute("deadline", knownvalue.Null()),
					buildAttribute("id", isUUID),
					buildAttribute("build_number", knownvalue.Int64Exact(1)),
					buildAttribute("transition", knownvalue.StringExact("start")),
					buildAttribute("status", knownvalue.StringExact("running")),
					buildAttribute("template_version_name", knownvalue.NotNull()),
					buildAttribute("deadline", knownvalue.Null()),
					buildAttribute("max_deadline", knownvalue.Null()),
				},
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true},
			{
				ResourceName: address, ImportState: true, ImportStateVerify: true,
				ImportStateIdFunc: func(state *terraform.State) (string, error) {
					return state.RootModule().Resources[address].Primary.Attributes["owner_name"] + "/" + strings.ToUpper(name), nil
				},
			},
			{
				ResourceName: address, ImportState: true, ImportStateVerify: true,
				ImportStateIdFunc: func(state *terraform.State) (string, error) {
					return d.URL + "/@" + state.RootModule().Resources[address].Primary.Attributes["owner_name"] + "/" + name, nil
				},
			},
			{ // everything that changes in place, by their own calls
				Config:           workspaceConfig(d, renamed, template.ID, options...),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: onServer(t, d, func(w *coder.Workspace) error {
					if w.ID != id || w.Name != renamed || w.AutostartSchedule == nil || *w.AutostartSchedule != "CRON_TZ=Europe/Berlin 30 8 * * 1-5" ||
						w.TTLMillis == nil || *w.TTLMillis != 28800000 || w.LatestBuild.BuildNumber != 1 {
						return fmt.Errorf("the deployment holds %+v", w)
					}
					return nil
				}),
				ConfigStateChecks: []statecheck.StateCheck{
					attribute("name", knownvalue.StringExact(renamed)),
					attribute("autostart_schedule", knownvalue.StringExact("CRON_TZ=Europe/Berlin 30 8 * * 1-5")),
					attribute("ttl_ms", knownvalue.Int64Exact(28800000)),
					buildAttribute("build_number", knownvalue.Int64Exact(1)),
				},
			},
			{ // the running build has no deadline, so one has nothing to move
				Config:           workspaceConfig(d, renamed, template.ID, append(options, fmt.Sprintf("deadline = %q", deadline))...),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					attribute("deadline", knownvalue.StringExact(deadline)),
					buildAttribute("deadline", knownvalue.Null()),
				},
			},
			{ // no schedule any more; the TTL is left to others
				Config:           workspaceConfig(d, renamed, template.ID),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: onServer(t, d, func(w *coder.Workspace) error {
					if w.AutostartSchedule != nil || w.TTLMillis == nil || *w.TTLMillis != 28800000 {
						return fmt.Errorf("the schedule is %v, the TTL %v", w.AutostartSchedule, w.TTLMillis)
					}
					return nil
				}),
			},
			{ // another template
				Config:           workspaceConfig(d, renamed, other.ID),
				ConfigPlanChecks: planned(plancheck.ResourceActionReplace),
				Check: onServer(t, d, func(w *coder.Workspace) error {
					if w.ID == id {
						return fmt.Errorf("workspace %s was not replaced", id)
					}
					id = w.ID
					return nil
				}),
			},
			{Config: workspaceConfig(d, renamed, other.ID), ConfigPlanChecks: emptyPlan},
			{ // deleted by someone else
				PreConfig:        func() { build(t, d, id, coder.CreateBuildRequest{Transition: coder.TransitionDelete}) },
				Config:           workspaceConfig(d, renamed, other.ID),
				ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			},
		}})
	})
}

func TestWorkspaceResource_allOptionsAtCreate(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "options")
		me, err := d.Client.User(t.Context(), coder.Me)
		if err != nil {
			t.Fatal(err)
		}
		deadline := time.Now().Add(10 * time.Hour).Truncate(time.Second).In(time.FixedZone("", 2*3600)).Format(time.RFC3339)

		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{
				// Another spelling of owner and ids is the same.
				Config: workspaceConfig(d, name, strings.ToUpper(template.ID),
					fmt.Sprintf("owner_name = %q", strings.ToUpper(me.Username)),
					fmt.Sprintf("organization_id = %q", strings.ToUpper(template.OrganizationID)),
					`parameters = { region = "us-east", cpu = "4" }`,
					`autostart_schedule = "0 7 * * 1"`,
					`ttl_ms = 7200000`,
					fmt.Sprintf("deadline = %q", deadline),
					"timeouts {\n    create = \"10m\"\n    delete = \"10m\"\n  }"),
				ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
				Check: onServer(t, d, func(w *coder.Workspace) error {
					want, err := time.Parse(time.RFC3339, deadline)
					if err != nil {
						return err
					}
					if !w.LatestBuild.Deadline.Equal(want) {
						return fmt.Errorf("the running build stops at %s, want %s", w.LatestBuild.Deadline, want)
					}
					parameters, err := d.Client.BuildParameters(t.Context(), w.LatestBuild.ID)
					if err != nil {
						return err
					}
					got := map[string]string{}
					for _, parameter := range parameters {
						got[parameter.Name] = parameter.Value
					}
					if got["region"] != "us-east" || got["cpu"] != "4" || got["gpu"] != "false" {
						return fmt.Errorf("the build has parameters %v", got)
					}
					return nil
				}),
				ConfigStateChecks: []statecheck.StateCheck{
					attribute("owner_name", knownvalue.StringExact(strings.ToUpper(me.Username))),
					attribute("template_id", knownvalue.StringExact(strings.ToUpper(template.ID))),
					attribute("parameters", knownvalue.MapExact(map[string]knownvalue.Check{
						"region": knownvalue.StringExact("us-east"), "cpu": knownvalue.StringExact("4"),
					})),
					attribute("deadline", knownvalue.StringExact(deadline)),
				},
			},
			{
				ResourceName: address, ImportState: true, ImportStateVerify: true,
				// Coder does not know which parameters and deadline Terraform
				// manages, nor Terraform's time limits.
				ImportStateVerifyIgnore: []string{"parameters", "deadline", "timeouts", "owner_name", "template_id", "organization_id"},
			},
			{ // the spelling alone changes: no replacement, nothing sent
				Config: workspaceConfig(d, name, template.ID,
					fmt.Sprintf("owner_name = %q", me.Username),
					fmt.Sprintf("organization_id = %q", template.OrganizationID),
					`parameters = { region = "us-east", cpu = "4" }`,
					`autostart_schedule = "0 7 * * 1"`,
					`ttl_ms = 7200000`),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: onServer(t, d, func(w *coder.Workspace) error {
					if w.LatestBuild.BuildNumber != 1 {
						return fmt.Errorf("there were %d builds", w.LatestBuild.BuildNumber)
					}
					return nil
				}),
			},
		}})
	})
}

func TestWorkspaceResource_parameters(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "params")
		var id uuid.UUID
		values := func(want map[string]string, status coder.Status) resource.TestCheckFunc {
			return onServer(t, d, func(w *coder.Workspace) error {
				parameters, err := d.Client.BuildParameters(t.Context(), w.LatestBuild.ID)
				if err != nil {
					return err
				}
				for _, parameter := range parameters {
					if wanted, ok := want[parameter.Name]; ok && wanted != parameter.Value {
						return fmt.Errorf("%s is %q, want %q", parameter.Name, parameter.Value, wanted)
					}
				}
				if w.LatestBuild.Status != status {
					return fmt.Errorf("the workspace is %s, want %s", w.LatestBuild.Status, status)
				}
				return nil
			})
		}

		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{
				Config: workspaceConfig(d, name, template.ID, `parameters = { region = "us-east", cpu = "4" }`),
				Check:  capture(&id),
			},
			{ // a running workspace takes new values and runs again
				Config:           workspaceConfig(d, name, template.ID, `parameters = { region = "us-east", cpu = "6" }`),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            values(map[string]string{"region": "us-east", "cpu": "6", "gpu": "false"}, coder.StatusRunning),
			},
			{ // a name with the value it has anyway takes no build
				Config:           workspaceConfig(d, name, template.ID, `parameters = { region = "us-east", cpu = "6", gpu = "false" }`),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					buildAttribute("build_number", knownvalue.Int64Exact(3)),
				},
			},
			{ // someone else changes one: drift, of managed ones only
				PreConfig: func() {
					build(t, d, id, coder.CreateBuildRequest{Transition: coder.TransitionStop, RichParameterValues: []coder.BuildParameter{{Name: "cpu", Value: "3"}}})
				},
				Config:           workspaceConfig(d, name, template.ID, `parameters = { region = "us-east", cpu = "6" }`),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            values(map[string]string{"cpu": "6"}, coder.StatusStopped), // and it stays stopped
			},
			{ // no longer managed: keeps its value
				Config:           workspaceConfig(d, name, template.ID, `parameters = { region = "us-east" }`),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            values(map[string]string{"cpu": "6"}, coder.StatusStopped),
			},
			{
				Config:           workspaceConfig(d, name, template.ID),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			},
			{ // an immutable one replaces the workspace
				Config:           workspaceConfig(d, name, template.ID, `parameters = { region = "eu-west" }`),
				ConfigPlanChecks: planned(plancheck.ResourceActionReplace),
				Check:            values(map[string]string{"region": "eu-west"}, coder.StatusRunning),
			},
		}})
	})
}

// Several workspaces at once, for another owner, in one configuration.
func TestWorkspaceResource_manyForAnotherOwner(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		alice := d.User(t, "alice").Username
		config := d.ProviderConfig() + fmt.Sprintf(`
resource "coderws_workspace" "each" {
  count       = 3 # the testing framework cannot look into for_each
  name        = "dev-${count.index}"
  owner_name  = %q
  template_id = %q
}
`, alice, template.ID)
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{
				Config: config,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(`coderws_workspace.each[2]`, tfjsonpath.New("owner_name"), knownvalue.StringExact(alice)),
					statecheck.ExpectKnownValue(`coderws_workspace.each[2]`, tfjsonpath.New("name"), knownvalue.StringExact("dev-2")),
				},
			},
			{Config: config, ConfigPlanChecks: emptyPlan},
		}})
	})
}

// The deployment's owner may create in organizations without being a member.
func TestWorkspaceResource_inOrganizationOfOthers(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{Version: "v2.35.1"})
	template := codertest.BasicTemplate()
	template.OrganizationID = d.Fake.AddOrganization("research")
	info := d.Fake.AddTemplate(template)
	acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{{
		Config:           workspaceConfig(d, "guest", info.ID.String()),
		ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
		ConfigStateChecks: []statecheck.StateCheck{
			attribute("organization_id", knownvalue.StringExact(template.OrganizationID.String())),
			attribute("organization_name", knownvalue.StringExact("research")),
		},
	}}})
}
