package workspace_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// addPrebuild makes a template with the preset "large", and an hour ago a
// workspace for it that nobody has claimed.
func addPrebuild(t *testing.T, d *acctest.Deployment) (template codertest.TemplateInfo, prebuild uuid.UUID) {
	t.Helper()
	definition := codertest.BasicTemplate()
	definition.Version.Presets = []codertest.Preset{{Name: "large", Parameters: map[string]string{"cpu": "8"}}}
	template = d.Fake.AddTemplate(definition)
	prebuild = d.Fake.CreatePrebuild("ahead", template.ID, "large")
	d.Fake.Advance(time.Hour)
	return template, prebuild
}

// A create that claims a prebuild ends as configured, although the server does
// not apply all of the request then.
func TestWorkspaceResource_claimsPrebuild(t *testing.T) {
	t.Parallel()
	const putAutomaticUpdates = "PUT /workspaces/{workspace}/autoupdates"
	for version, completed := range map[string][]string{
		"v2.22.0": {putTTL, putAutostart, putAutomaticUpdates},
		"v2.35.1": {putAutomaticUpdates},
	} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			template, prebuild := addPrebuild(t, d)
			d.Fake.ResetRequests()
			writes := map[string]int{postWorkspace: 1}
			for _, request := range completed {
				writes[request] = 1
			}
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{{
				Config: workspaceConfig(d, "dev", template.ID.String(), `preset = "large"`, `parameters = { gpu = "true" }`, `ttl_ms = 7200000`,
					`autostart_schedule = "CRON_TZ=Europe/Berlin 30 9 * * 1-5"`, `automatic_updates = "always"`, `desired_status = "running"`),
				Check: resource.ComposeAggregateTestCheckFunc(
					expectWrites(t, d, writes),
					onServer(t, d, func(w *coder.Workspace) error {
						if w.AutomaticUpdates != "always" || w.TTLMillis == nil || *w.TTLMillis != 7_200_000 || w.AutostartSchedule == nil {
							t.Errorf("the workspace has automatic updates %s, TTL %v, schedule %v", w.AutomaticUpdates, w.TTLMillis, w.AutostartSchedule)
						}
						parameters, err := d.Client.BuildParameters(t.Context(), w.LatestBuild.ID)
						if len(parameters) != 3 || parameters[1].Value != "8" || parameters[2].Value != "true" {
							t.Errorf("the parameters are %v", parameters)
						}
						return err
					})),
				ConfigStateChecks: []statecheck.StateCheck{
					attribute("id", knownvalue.StringExact(prebuild.String())),
					attribute("owner_name", knownvalue.StringExact("admin")),
					attribute("ttl_ms", knownvalue.Int64Exact(7_200_000)),
					buildAttribute("build_number", knownvalue.Int64Exact(2)),
				},
			}}})
		})
	}
}

// Without anything configured a claimed prebuild is taken as it is, whether
// the preset is named or only matches.
func TestWorkspaceResource_claimsPrebuildPlainly(t *testing.T) {
	t.Parallel()
	for version, values := range map[string]acctest.Values{
		"v2.22.0": {"preset": "large"},
		"v2.35.1": {"parameters": map[string]string{"cpu": "8"}},
	} {
		d := acctest.NewFake(t, codertest.Options{Version: version})
		template, prebuild := addPrebuild(t, d)
		values := maps.Clone(values)
		maps.Copy(values, acctest.Values{"name": "dev", "template_id": template.ID.String()})
		created, diags := d.Server(t).Apply(t, "coderws_workspace", nil, values)
		if len(diags) > 0 || acctest.Text(created.State, "id") != prebuild.String() {
			t.Errorf("%s: got workspace %q instead of %s: %v", version, acctest.Text(created.State, "id"), prebuild, diags)
		}
		if n := sum(writes(d)); n != 1 {
			t.Errorf("%s: sent %v", version, writes(d))
		}
	}
}

// The answer to a create request that claims a prebuild is lost: the claimed
// workspace is taken over. One that was claimed before is not.
func TestWorkspaceResource_claimAnswerLost(t *testing.T) {
	t.Parallel()
	values := func(template codertest.TemplateInfo) acctest.Values {
		return acctest.Values{"name": "dev", "template_id": template.ID.String(), "preset": "large"}
	}
	const route = "/organizations/{organization}/members/{user}/workspaces"
	for _, version := range []string{"v2.22.0", "v2.35.1"} {
		d := acctest.NewFake(t, codertest.Options{Version: version})
		template, prebuild := addPrebuild(t, d)
		d.Fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: route, Times: 1, DropAfter: true})
		created, diags := d.Server(t).Apply(t, "coderws_workspace", nil, values(template))
		if len(diags) > 0 || acctest.Text(created.State, "id") != prebuild.String() || d.RequestCounts()[postWorkspace] != 1 {
			t.Errorf("%s: got workspace %q instead of %s: %v", version, acctest.Text(created.State, "id"), prebuild, diags)
		}

		// The same again, but that request does not reach the server.
		d.Fake.Advance(time.Hour)
		build(t, d, prebuild, coder.CreateBuildRequest{Transition: coder.TransitionStart})
		d.Fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: route, DropBefore: true})
		other, diags := d.Server(t).Apply(t, "coderws_workspace", nil, values(template))
		if other != nil && other.State != nil || !strings.Contains(diags.String(), "Unable to create the workspace") {
			t.Errorf("%s: took over somebody's workspace: %v", version, diags)
		}
	}
}
