package workspace_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// Mistakes in parameters fail at plan, both at create and at update, in both
// parameter flows.
func TestWorkspaceResource_badParameters(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		basic, required := d.Template(t, acctest.Basic), d.Template(t, acctest.Required)
		name := acctest.Name(t, "params")
		config := func(template acctest.Template, parameters string) string {
			return workspaceConfig(d, name, template.ID, "parameters = { "+parameters+" }")
		}
		steps := func(update bool) []resource.TestStep {
			steps := []resource.TestStep{
				{Config: config(basic, `cpus = "4"`), ExpectError: message(`"cpu"`)}, // did you mean
				{Config: config(basic, `cpu = "9"`), ExpectError: message("Invalid parameter value")},
				{Config: config(basic, `cpu = "two"`), ExpectError: message("Invalid parameter value")},
				{Config: config(basic, `gpu = "yes"`), ExpectError: message("Invalid parameter value")},
			}
			if !update { // it is immutable
				steps = append(steps,
					resource.TestStep{Config: config(basic, `region = "mars"`), ExpectError: message("Invalid parameter value")},
					resource.TestStep{Config: workspaceConfig(d, name, required.ID), ExpectError: message("Missing template parameter")},
					resource.TestStep{Config: config(required, `project = "NO"`), ExpectError: message("Invalid parameter value")},
					resource.TestStep{Config: config(required, `project = "abc", zones = "a,b"`), ExpectError: message("Invalid parameter value")},
				)
			}
			return steps
		}
		var requests int
		acctest.Test(t, d, resource.TestCase{Steps: append(append(steps(false),
			resource.TestStep{
				PreConfig: func() { requests = len(writes(d)) },
				Config:    config(basic, `cpu = "2"`),
			}), steps(true)...)})
		if requests != 0 {
			t.Errorf("%d requests that change something were sent by plans that fail", requests)
		}
	})
}

// Values and template that are not known yet are checked at apply.
func TestWorkspaceResource_unknownParameters(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Required)
		config := func(project string) string {
			return d.ProviderConfig() + fmt.Sprintf(`
resource "terraform_data" "later" {
  input = %q
}

resource "coderws_workspace" "test" {
  name        = %q
  template_id = %q
  parameters  = { project = terraform_data.later.output, disk = "20" }
}
`, project, acctest.Name(t, "later"), template.ID)
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config("NO"), ExpectError: regexp.MustCompile(`(?s)project.*(lower-case|match)`)},
			{Config: config("abc"), ConfigPlanChecks: planned(plancheck.ResourceActionCreate)},
		}})
	})
}

// Ephemeral values go with the builds and are kept nowhere.
func TestWorkspaceResource_ephemeralParameters(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	template := codertest.BasicTemplate()
	template.Version.Parameters = append(template.Version.Parameters, codertest.Parameter{Name: "note", Mutable: true, Ephemeral: true})
	info := d.Fake.AddTemplate(template)
	var id uuid.UUID
	note := func(want string) resource.TestCheckFunc {
		return onServer(t, d, func(w *coder.Workspace) error {
			parameters, err := d.Client.BuildParameters(t.Context(), w.LatestBuild.ID)
			if err != nil {
				return err
			}
			for _, parameter := range parameters {
				if parameter.Name == "note" && parameter.Value != want {
					return fmt.Errorf("note is %q, want %q", parameter.Value, want)
				}
			}
			id = w.ID
			return nil
		})
	}
	config := func(note string, version int, lines ...string) string {
		return workspaceConfig(d, "one", info.ID.String(), append(lines, fmt.Sprintf("ephemeral_parameters = { note = %q }", note), fmt.Sprintf("ephemeral_parameters_version = %d", version))...)
	}
	acctest.Test(t, d, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		Steps: []resource.TestStep{
			{Config: workspaceConfig(d, "one", info.ID.String(), `parameters = { note = "kept" }`), ExpectError: message("Set it in ephemeral_parameters")},
			{
				Config: config("first-secret", 1), ConfigPlanChecks: planned(plancheck.ResourceActionCreate), Check: note("first-secret"),
				ConfigStateChecks: []statecheck.StateCheck{attribute("ephemeral_parameters", knownvalue.Null())},
			},
			{Config: config("other-secret", 1), ConfigPlanChecks: emptyPlan},
			{Config: config("other-secret", 2), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: note("other-secret")},
			{ // with every build that Terraform starts
				Config: config("third-secret", 2, `parameters = { cpu = "5" }`), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: note("third-secret"),
				ConfigStateChecks: []statecheck.StateCheck{buildAttribute("build_number", knownvalue.Int64Exact(5))},
			},
		},
	})
	if id == uuid.Nil {
		t.Error("nothing was checked")
	}
}

func TestWorkspaceResource_preset(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	template := codertest.BasicTemplate()
	template.Version.Presets = []codertest.Preset{
		{Name: "large", Parameters: map[string]string{"cpu": "8"}},
		{Name: "small", Parameters: map[string]string{"cpu": "1"}},
	}
	info := d.Fake.AddTemplate(template)
	cpu := func(want string) resource.TestCheckFunc {
		return onServer(t, d, func(w *coder.Workspace) error {
			parameters, err := d.Client.BuildParameters(t.Context(), w.LatestBuild.ID)
			if err != nil {
				return err
			}
			for _, parameter := range parameters {
				if parameter.Name == "cpu" && parameter.Value != want {
					return fmt.Errorf("cpu is %q, want %q", parameter.Value, want)
				}
			}
			return nil
		})
	}
	presets, err := d.Client.Presets(t.Context(), info.ActiveVersionID)
	if err != nil || len(presets) != 2 {
		t.Fatal(presets, err)
	}
	small := presets[0]
	if small.Name != "small" {
		small = presets[1]
	}
	config := func(lines ...string) string { return workspaceConfig(d, "one", info.ID.String(), lines...) }
	acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
		{Config: config(`preset = "huge"`), ExpectError: message(`There is no preset "huge"`)},
		{Config: config(`preset = "large"`, `parameters = { cpu = "2" }`), ExpectError: message("Preset overrules the parameter")},
		{Config: config(`preset = "large"`, `parameters = { gpu = "true" }`), ConfigPlanChecks: planned(plancheck.ResourceActionCreate), Check: cpu("8")},
		{Config: config(fmt.Sprintf("preset = %q", strings.ToUpper(small.ID.String())), `parameters = { gpu = "true" }`), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: cpu("1")},
		{Config: config(`parameters = { gpu = "true" }`), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: cpu("1"), ConfigStateChecks: []statecheck.StateCheck{buildAttribute("build_number", knownvalue.Int64Exact(3))}},
	}})

	old := acctest.NewFake(t, codertest.Options{Version: "seed"})
	acctest.Test(t, old, resource.TestCase{Steps: []resource.TestStep{
		{Config: workspaceConfig(old, "one", old.Template(t, acctest.Basic).ID, `preset = "large"`), ExpectError: message("needs Coder 2.22")},
	}})
}
