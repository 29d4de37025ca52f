package codertest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// presetVersion has a small and a large preset, and one for the processors only.
func presetVersion() codertest.TemplateVersion {
	v := codertest.BasicTemplate().Version
	v.Presets = []codertest.Preset{
		{Name: "Small", Default: true, Parameters: map[string]string{"cpu": "1", "region": "eu-west"}},
		{Name: "Large", Parameters: map[string]string{"cpu": "8", "region": "us-east"}},
		{Name: "Fast", Parameters: map[string]string{"cpu": "8"}},
	}
	return v
}

// presetIDs are those of a version's presets, by name.
func (c *client) presetIDs(version uuid.UUID) map[string]string {
	ids := map[string]string{}
	a := c.send("GET", "/templateversions/"+version.String()+"/presets", "")
	for i := 0; a.get(i) != nil; i++ {
		ids[fmt.Sprint(a.get(i, "Name"))] = fmt.Sprint(a.get(i, "ID"))
	}
	return ids
}

func TestPresetOfABuild(t *testing.T) {
	t.Parallel()
	across(t, codertest.Options{}, []string{"v2.21.1", "v2.22.0", "v2.25.0", "v2.26.0", "v2.35.1"}, func(t *testing.T, c *client) {
		template := codertest.BasicTemplate()
		template.Version = presetVersion()
		template.Version.Parameters[0].Default = "ap-south" // so that no preset is that of the defaults
		tpl := c.d.AddTemplate(template)
		ids := c.presetIDs(tpl.ActiveVersionID)
		known, matched := c.version >= "v2.22.0", c.version >= "v2.26.0"
		expected := func(id string, byValues bool) any {
			if !known || byValues && !matched {
				return nil
			}
			return id
		}
		id := c.create(t, "w", tpl, fmt.Sprintf(`,"template_version_preset_id":%q`, ids["Small"]))
		preset := func() any {
			pass(time.Second)
			return c.send("GET", "/workspaces/"+id, "").get("latest_build", "template_version_preset_id")
		}
		build := func(body string) answer {
			pass(time.Second)
			return c.send("POST", "/workspaces/"+id+"/builds", body)
		}
		want(t, "create", preset(), expected(ids["Small"], false))
		want(t, "values", c.one(t, id).Parameters["cpu"], map[bool]string{true: "1", false: "2"}[known])
		if !known {
			want(t, "unknown preset", build(fmt.Sprintf(`{"transition":"start","template_version_preset_id":%q}`, uuid.New())).status, 201)
			return
		}
		for _, transition := range []string{"stop", "start"} {
			want(t, transition, build(`{"transition":"`+transition+`"}`).status, 201)
			want(t, "preset after a plain "+transition, preset(), expected(ids["Small"], true))
		}
		want(t, "unknown preset", build(fmt.Sprintf(`{"transition":"start","template_version_preset_id":%q}`, uuid.New())).status, 500)

		a := build(fmt.Sprintf(`{"transition":"start","template_version_preset_id":%q}`, ids["Large"]))
		want(t, "another region", a.status, 400)
		if c.version == "v2.35.1" {
			want(t, "field", a.get("validations", 0, "field"), "region")
			want(t, "detail", a.get("validations", 0, "detail"), `Immutable parameter changed; Parameter "region" is not mutable, so it can't be updated after creating a workspace.`)
		}
		want(t, "other values", build(`{"transition":"start","rich_parameter_values":[{"name":"cpu","value":"8"}]}`).status, 201)
		want(t, "preset of other values", preset(), expected(ids["Fast"], true))
		build(`{"transition":"start","rich_parameter_values":[{"name":"cpu","value":"3"}]}`)
		want(t, "preset of nobody's values", preset(), nil)
		build(`{"transition":"start","rich_parameter_values":[{"name":"cpu","value":"1"}]}`)
		want(t, "preset of its values", preset(), expected(ids["Small"], true))

		second := c.d.PublishVersion(tpl.ID, presetVersion())
		build(fmt.Sprintf(`{"transition":"start","template_version_id":%q}`, second))
		want(t, "the other version's preset", preset(), expected(c.presetIDs(second)["Small"], true))
		build(fmt.Sprintf(`{"transition":"start","template_version_preset_id":%q}`, ids["Fast"]))
		want(t, "a preset of another version", preset(), ids["Fast"])
		want(t, "and its values", c.one(t, id).Parameters["cpu"], "8")
	})
}

func TestPresetClassic(t *testing.T) {
	t.Parallel()
	d := codertest.New(codertest.Options{})
	defer d.Close()
	c := &client{ctx: t.Context(), d: d, token: d.Token()}
	template := codertest.BasicTemplate()
	template.ClassicParameterFlow, template.Version = true, presetVersion()
	tpl := d.AddTemplate(template)
	id := d.CreateWorkspace("admin", "w", tpl.ID, nil)
	a := c.send("POST", "/workspaces/"+id.String()+"/builds", fmt.Sprintf(`{"transition":"start","template_version_preset_id":%q}`, c.presetIDs(tpl.ActiveVersionID)["Large"]))
	want(t, "another region", fmt.Sprint(a.status, " ", a.get("message")), `400 Unable to validate parameter "region"`)
	want(t, "detail", a.get("detail"), "parameter validation failed\nParameter \"region\" is not mutable, so it can't be updated after creating a workspace.")
}
