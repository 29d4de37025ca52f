package codertest_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// prebuildTemplate has a preset for which workspaces are built ahead.
func prebuildTemplate(d *codertest.Deployment) codertest.TemplateInfo {
	template := codertest.BasicTemplate()
	template.Version.Presets = []codertest.Preset{{Name: "large", Parameters: map[string]string{"region": "us-east", "cpu": "8"}}}
	return d.AddTemplate(template)
}

func TestPrebuilds(t *testing.T) {
	t.Parallel()
	for version, carried := range map[string]bool{"v2.22.0": false, "v2.35.1": true} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := codertest.New(codertest.Options{Version: version})
				defer d.Close()
				c := &client{ctx: t.Context(), d: d, token: d.Token()}
				template := prebuildTemplate(d)
				prebuild := d.CreatePrebuild("ahead", template.ID, "large").String()
				pass(time.Hour)

				a := c.send("GET", "/workspaces?q=owner:prebuilds", "")
				want(t, "listed", a.get("workspaces", 0, "id"), prebuild)
				want(t, "owner", a.get("workspaces", 0, "owner_id"), "c42fdf75-3097-471c-8c33-fb52454d81c0")
				want(t, "running", a.get("workspaces", 0, "latest_build", "status"), "running")
				if carried {
					want(t, "marked", a.get("workspaces", 0, "is_prebuild"), true)
					for setting, body := range map[string]string{
						"ttl": `{"ttl_ms":60000}`, "autostart": `{"schedule":"0 9 * * 1"}`, "dormant": `{"dormant":true}`,
						"extend": fmt.Sprintf(`{"deadline":%q}`, time.Now().Add(time.Hour).Format(time.RFC3339)),
					} {
						want(t, setting+" of a prebuild", c.send("PUT", "/workspaces/"+prebuild+"/"+setting, body).status, 409)
					}
				}

				preset := c.send("GET", fmt.Sprintf("/templateversions/%s/presets", template.ActiveVersionID), "").get(0, "ID")
				more := fmt.Sprintf(`,"template_version_preset_id":%q,"ttl_ms":3600000,"autostart_schedule":"0 9 * * 1","automatic_updates":"always"`, preset)
				want(t, "claimed", c.create(t, "dev", template, more), prebuild)
				a = c.send("GET", "/users/me/workspace/dev", "")
				want(t, "build", a.get("latest_build", "build_number"), 2)
				want(t, "initiator", a.get("latest_build", "initiator_name"), "admin")
				want(t, "automatic updates", a.get("automatic_updates"), "never")
				want(t, "TTL carried", a.get("ttl_ms") != nil, carried)
				want(t, "schedule carried", a.get("autostart_schedule") != nil, carried)
				want(t, "moved", a.get("updated_at") != a.get("created_at"), true)
				want(t, "claimed is no prebuild", a.get("is_prebuild") == true, false)
				pass(time.Minute)
				want(t, "its own TTL", c.send("PUT", "/workspaces/"+prebuild+"/ttl", `{"ttl_ms":60000}`).status, 204)

				if c.create(t, "second", template, more) == prebuild {
					t.Error("the prebuild was claimed twice")
				}
			})
		})
	}
}

// Since 2.26 a preset need not be named: parameters that have all its values
// mean it.
func TestPrebuilds_matching(t *testing.T) {
	t.Parallel()
	for version, matches := range map[string]bool{"v2.25.0": false, "v2.26.0": true} {
		d := codertest.New(codertest.Options{Version: version})
		defer d.Close()
		c := &client{ctx: t.Context(), d: d, token: d.Token()}
		template := prebuildTemplate(d)
		prebuild := d.CreatePrebuild("ahead", template.ID, "large").String()
		values := func(cpu string) string {
			return fmt.Sprintf(`,"rich_parameter_values":[{"name":"cpu","value":%q},{"name":"region","value":"us-east"},{"name":"gpu","value":"true"}]`, cpu)
		}
		want(t, version+": other values", c.create(t, "other", template, values("4")) == prebuild, false)
		want(t, version+": same values", c.create(t, "same", template, values("8")) == prebuild, matches)
		d.PublishVersion(template.ID, codertest.TemplateVersion{Presets: []codertest.Preset{{Name: "large"}}})
		old := d.CreatePrebuild("old", template.ID, "large")
		d.PublishVersion(template.ID, codertest.TemplateVersion{Presets: []codertest.Preset{{Name: "large"}}})
		want(t, version+": of an old version", uuid.MustParse(c.create(t, "newer", template, "")) == old, false)
	}
}
