package workspace_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// withPresets is a template whose presets Small and Medium share a region;
// smallCPU is the number of processors of Small.
func withPresets(smallCPU string) codertest.Template {
	template := codertest.BasicTemplate()
	template.Version.Presets = []codertest.Preset{
		{Name: "Small", Parameters: map[string]string{"cpu": smallCPU, "region": "eu-west"}},
		{Name: "Medium", Parameters: map[string]string{"cpu": "4", "region": "eu-west"}},
		{Name: "Large", Parameters: map[string]string{"cpu": "8", "region": "us-east"}},
	}
	return template
}

// preset is the argument.
func preset(name string) string { return fmt.Sprintf("preset = %q", name) }

// isPreset checks which preset Coder says that the latest build has.
func isPreset(t *testing.T, d *acctest.Deployment, name string) resource.TestCheckFunc {
	t.Helper()
	return onServer(t, d, func(w *coder.Workspace) error {
		presets, err := d.Client.Presets(t.Context(), w.LatestBuild.TemplateVersionID)
		if err != nil {
			return err
		}
		for i := range presets {
			if presets[i].Name == name && presets[i].ID == w.LatestBuild.TemplateVersionPresetID {
				return nil
			}
		}
		return fmt.Errorf("the build has preset %s, want %q of %v", w.LatestBuild.TemplateVersionPresetID, name, presets)
	})
}

// A preset whose values cannot be had in place replaces the workspace, and the
// plan says so; one whose values can be had takes a build.
func TestBetween_otherPreset(t *testing.T) {
	t.Parallel()
	onNewestFlows(t, func(t *testing.T, d *flow) {
		template := d.add(withPresets("1"))
		config := func(name string) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), preset(name))
		}
		var id uuid.UUID
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config("Small"), Check: checks(capture(&id), isPreset(t, d.Deployment, "Small"), wrote(t, d.Deployment, map[string]int{postWorkspace: 1}))},
			{
				Config:           config("Medium"),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: checks(same(&id), isPreset(t, d.Deployment, "Medium"), holds(t, d.Deployment, "running", map[string]string{"cpu": "4"}),
					wrote(t, d.Deployment, map[string]int{postBuild: 2})),
			},
			{
				Config:           config("Large"),
				ConfigPlanChecks: planned(plancheck.ResourceActionReplace),
				Check: checks(another(&id), isPreset(t, d.Deployment, "Large"), holds(t, d.Deployment, "running", map[string]string{"cpu": "8", "region": "us-east"}),
					wrote(t, d.Deployment, map[string]int{postBuild: 1, postWorkspace: 1})),
			},
		}})
	})
}

// A workspace that has a preset's values is not built for the preset's name,
// whether Coder knows the build by the preset or not.
func TestBetween_importWithItsPreset(t *testing.T) {
	t.Parallel()
	for _, release := range []string{"v2.22.0", "v2.35.1"} {
		for _, named := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s named %t", release, named), func(t *testing.T) {
				t.Parallel()
				d := acctest.NewFake(t, codertest.Options{Version: release})
				template := d.Fake.AddTemplate(withPresets("1"))
				request := coder.CreateWorkspaceRequest{Name: "one", TemplateID: template.ID, RichParameterValues: []coder.BuildParameter{{Name: "cpu", Value: "1"}, {Name: "region", Value: "eu-west"}}}
				if named {
					presets, err := d.Client.Presets(t.Context(), template.ActiveVersionID)
					if err != nil {
						t.Fatal(err)
					}
					request.RichParameterValues, request.TemplateVersionPresetID = nil, presets[0].ID
				}
				if _, err := d.Client.CreateWorkspace(t.Context(), template.OrganizationID, coder.Me, request); err != nil {
					t.Fatal(err)
				}
				waitForStatus(t, d, "one", coder.StatusRunning)
				sent(t, d, map[string]int{postWorkspace: 1})()
				config := workspaceConfig(d, "one", template.ID.String(), preset("Small"))
				acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
					{Config: config + importBlock, Check: checks(holds(t, d, "running", map[string]string{"cpu": "1"}), wrote(t, d, nothing))},
				}})
			})
		}
	}
}

// Configured for a workspace that has other values, a preset is built; taken
// out, it leaves the values, without a build.
func TestBetween_presetComesAndGoes(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, d *flow) {
		template := d.add(withPresets("1"))
		config := func(lines ...string) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), lines...)
		}
		one := map[string]string{"cpu": "1", "region": "eu-west"}
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{Config: config(preset("Small")), Check: checks(holds(t, d.Deployment, "running", one), wrote(t, d.Deployment, map[string]int{postBuild: 2}))},
			{Config: config(), Check: checks(holds(t, d.Deployment, "running", one), wrote(t, d.Deployment, nothing))},
			{Config: config(preset("Small")), Check: checks(holds(t, d.Deployment, "running", one), wrote(t, d.Deployment, nothing))},
			{Config: config(preset("Small"), `parameters = { cpu = "1", gpu = "false" }`), Check: checks(holds(t, d.Deployment, "running", one), wrote(t, d.Deployment, nothing))},
		}})
	})
}

// The preset of a new template version has other values: they are built with
// the version, and Coder calls the build by the preset.
func TestBetween_presetOfAnotherVersion(t *testing.T) {
	t.Parallel()
	onNewestFlows(t, func(t *testing.T, d *flow) {
		template := d.add(withPresets("1"))
		other := d.Fake.UploadVersion(template.ID, withPresets("3").Version)
		config := func(version uuid.UUID) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), pinned(version), preset("Small"))
		}
		var id uuid.UUID
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(template.ActiveVersionID), Check: checks(capture(&id), isPreset(t, d.Deployment, "Small"), wrote(t, d.Deployment, map[string]int{postWorkspace: 1}))},
			{
				Config:           config(other),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: checks(same(&id), isPreset(t, d.Deployment, "Small"), holds(t, d.Deployment, "running", map[string]string{"cpu": "3"}),
					wrote(t, d.Deployment, map[string]int{postBuild: 2})),
			},
		}})
	})
}

// In a new version where the preset moves the workspace, keeping its name
// replaces it: nothing is stopped for a start that Coder refuses.
func TestBetween_presetMovesInAnotherVersion(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, d *flow) {
		template := d.add(withPresets("1"))
		moved := withPresets("1")
		moved.Version.Presets[0].Parameters["region"] = "ap-south"
		none := d.Fake.UploadVersion(template.ID, codertest.BasicTemplate().Version)
		other := d.Fake.UploadVersion(template.ID, moved.Version)
		config := func(version uuid.UUID) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), pinned(version), preset("Small"))
		}
		var id uuid.UUID
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(template.ActiveVersionID), Check: checks(capture(&id), wrote(t, d.Deployment, map[string]int{postWorkspace: 1}))},
			{Config: config(none), ExpectError: message("Preset not found")},
			{
				PreConfig:        sent(t, d.Deployment, nothing),
				Config:           config(other),
				ConfigPlanChecks: planned(plancheck.ResourceActionReplace),
				Check: checks(another(&id), holds(t, d.Deployment, "running", map[string]string{"region": "ap-south"}),
					wrote(t, d.Deployment, map[string]int{postBuild: 1, postWorkspace: 1})),
			},
		}})
	})
}

// A value of the preset that somebody changes in the dashboard is drift; one
// that is not in the preset is not.
func TestBetween_presetDrifts(t *testing.T) {
	t.Parallel()
	onNewestFlows(t, func(t *testing.T, d *flow) {
		template := d.add(withPresets("1"))
		config := workspaceConfig(d.Deployment, "one", template.ID.String(), preset("Small"))
		change := func(name, value string) func() {
			return do(
				person(t, d.Deployment, "stop", codertest.BuildRequest{}),
				person(t, d.Deployment, "start", codertest.BuildRequest{Parameters: map[string]string{name: value}}),
			)
		}
		var id uuid.UUID
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config, Check: checks(capture(&id), wrote(t, d.Deployment, map[string]int{postWorkspace: 1}))},
			{PreConfig: change("gpu", "true"), Config: config, ConfigPlanChecks: emptyPlan},
			{
				PreConfig:        change("cpu", "5"),
				Config:           config,
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: checks(same(&id), isPreset(t, d.Deployment, "Small"), holds(t, d.Deployment, "running", map[string]string{"cpu": "1", "gpu": "true"}),
					wrote(t, d.Deployment, map[string]int{postBuild: 2})),
			},
			{ // back again by somebody, it is no drift
				PreConfig:        do(change("cpu", "5"), change("cpu", "1")),
				Config:           config,
				ConfigPlanChecks: emptyPlan,
				Check:            wrote(t, d.Deployment, nothing),
			},
		}})
	})
}

// What a preset gives an ephemeral parameter counts for its own build, and what
// it gives to none at all for no build: that later builds have it not is no
// drift, and the other values still can be.
func TestBetween_presetOfMoreThanIsKept(t *testing.T) {
	t.Parallel()
	onNewestFlows(t, func(t *testing.T, d *flow) {
		basic := codertest.BasicTemplate()
		basic.Version.Parameters = append(basic.Version.Parameters, codertest.Parameter{Name: "note", Mutable: true, Ephemeral: true})
		basic.Version.Presets = []codertest.Preset{{Name: "Small", Parameters: map[string]string{"cpu": "3", "note": "hello", "colour": "red"}}}
		template := d.add(basic)
		config := workspaceConfig(d.Deployment, "one", template.ID.String(), preset("Small"))
		restart := func(parameters map[string]string) func() {
			return do(
				person(t, d.Deployment, "stop", codertest.BuildRequest{}),
				person(t, d.Deployment, "start", codertest.BuildRequest{Parameters: parameters}),
			)
		}
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config, Check: checks(isPreset(t, d.Deployment, "Small"), wrote(t, d.Deployment, map[string]int{postWorkspace: 1}))},
			{PreConfig: restart(nil), Config: config, ConfigPlanChecks: emptyPlan, Check: wrote(t, d.Deployment, nothing)},
			{
				PreConfig:        restart(map[string]string{"cpu": "7"}),
				Config:           config,
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            checks(isPreset(t, d.Deployment, "Small"), wrote(t, d.Deployment, map[string]int{postBuild: 2})),
			},
			{Config: config, ConfigPlanChecks: emptyPlan},
		}})
	})
}

// Somebody updates the workspace to a version whose preset of that name has
// other values: they are planned, unless that build has them already.
func TestBetween_presetAfterSomebodysUpdate(t *testing.T) {
	t.Parallel()
	for _, with := range []string{"", "Small"} {
		t.Run(fmt.Sprintf("with preset %q", with), func(t *testing.T) {
			t.Parallel()
			onNewest(t, func(t *testing.T, d *flow) {
				template := d.add(withPresets("1"))
				version := d.Fake.UploadVersion(template.ID, withPresets("3").Version)
				config := workspaceConfig(d.Deployment, "one", template.ID.String(), preset("Small"))
				after := resource.TestStep{
					PreConfig: do(
						person(t, d.Deployment, "stop", codertest.BuildRequest{}),
						person(t, d.Deployment, "start", codertest.BuildRequest{VersionID: version, Preset: with}),
					),
					Config:           config,
					ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				}
				builds := map[string]int{postBuild: 2}
				if with != "" {
					after.ConfigPlanChecks, builds = emptyPlan, nothing
				}
				after.Check = checks(isPreset(t, d.Deployment, "Small"), holds(t, d.Deployment, "running", map[string]string{"cpu": "3"}),
					func(*terraform.State) error {
						if got := present(t, d.Deployment).VersionID; got != version {
							return fmt.Errorf("it has version %s, want %s", got, version)
						}
						return nil
					}, wrote(t, d.Deployment, builds))
				acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
					{Config: config, Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
					after,
				}})
			})
		})
	}
}
