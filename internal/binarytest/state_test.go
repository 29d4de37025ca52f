//go:build unix

package binarytest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// appsTemplate has one agent with five apps, whose health is watched.
func appsTemplate() codertest.Template {
	template := codertest.BasicTemplate()
	agent := &template.Version.Resources[0].Agents[0]
	for _, slug := range []string{"code", "jupyter", "preview", "logs"} {
		agent.Apps = append(agent.Apps, codertest.App{Slug: slug, DisplayName: slug, URL: "http://localhost:8080/" + slug, HealthcheckURL: "http://localhost:8080/health"})
	}
	return template
}

// Terraform encodes the whole state anew at every change, so that the bytes of
// a workspace in it are time that the changes of all others take.
func TestState_bytes(t *testing.T) {
	t.Parallel()
	const (
		most = 1650
		// identity is what Terraform and OpenTofu keep beside it since 1.12.
		identity = 140
	)
	for _, release := range acctest.Versions {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: release})
			template := d.Fake.AddTemplate(appsTemplate())
			tf := newTerraform(t, "CODER_URL="+d.URL, "CODER_SESSION_TOKEN="+d.Token)
			size := func(n, cpu int) int {
				tf.configure(t, fmt.Sprintf(`
resource "coderws_workspace" "bench" {
  count       = %d
  name        = "bench-${count.index}"
  template_id = %q
  ttl_ms      = 3600000
  parameters  = { cpu = "%d" }
}
`, n, template.ID, cpu))
				tf.run(t, 0, "apply", "-input=false", "-auto-approve")
				return len(tf.stateFile(t))
			}
			limit := most
			if tf.minor(t) >= 12 {
				limit += identity
			}
			before := size(1, 4)
			if got := size(2, 4) - before; got > limit {
				t.Errorf("a new workspace takes %d bytes of the state:\n%s", got, tf.stateFile(t))
			}
			// Nor does it take more after an update, and a refresh.
			tf.run(t, 0, "refresh", "-input=false")
			after := size(2, 5)
			if got := after - size(1, 5); got > limit {
				t.Errorf("a changed workspace takes %d bytes of the state:\n%s", got, tf.stateFile(t))
			}
		})
	}
}

// What moves by itself is no drift.
func TestState_refreshOnly(t *testing.T) {
	t.Parallel()
	for _, release := range acctest.Versions {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: release})
			template := d.Fake.AddTemplate(appsTemplate())
			tf := newTerraform(t, "CODER_URL="+d.URL, "CODER_SESSION_TOKEN="+d.Token)
			tf.configure(t, fmt.Sprintf(`
resource "coderws_workspace" "dev" {
  for_each       = { dev = "running", idle = "stopped" }
  name           = each.key
  template_id    = %q
  parameters     = { cpu = "4" }
  desired_status = each.value
}
`, template.ID))
			tf.run(t, 0, "apply", "-input=false", "-auto-approve")
			workspace := d.Fake.Workspaces()[0].ID
			for _, step := range []struct {
				what string
				do   func()
			}{
				{"its agent connects", func() { d.Fake.SetAgents(workspace, "connected", "ready") }},
				{"somebody uses it", func() { d.Fake.SetLastUsed(workspace, d.Fake.Now().Add(time.Minute)) }},
				{"its agent is lost, so that it is not healthy", func() { d.Fake.SetAgents(workspace, "disconnected", "ready") }},
				{"a new version is published", func() { d.Fake.PublishVersion(template.ID, appsTemplate().Version) }},
				{"the template gets another face", func() {
					d.Fake.UpdateTemplate(template.ID, func(template *codertest.Template) { template.DisplayName, template.Icon = "New", "/icon/new.svg" })
				}},
			} {
				step.do()
				if output, status := tf.start(t, "plan", "-refresh-only", "-input=false", "-detailed-exitcode").wait(t); status != 0 {
					t.Errorf("when %s, the plan ends with %d: %s", step.what, status, output)
				}
			}
			if tf.isTofu() {
				return // has no other status for this plan
			}
			if _, err := d.Fake.Build(workspace, "admin", "stop", codertest.BuildRequest{}); err != nil {
				t.Fatal(err)
			}
			mustContain(t, tf.run(t, 2, "plan", "-refresh-only", "-input=false", "-detailed-exitcode"), `status = "running" -> "stopped"`)
		})
	}
}

// What the resource does not have is in the data source.
func TestExample_apps(t *testing.T) {
	t.Parallel()
	for _, release := range acctest.Versions {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: release})
			tf := newTerraform(t, "CODER_URL="+d.URL, "CODER_SESSION_TOKEN="+d.Token)
			config := example(t, "resources/coderws_workspace/resource_apps.tf", d.Fake.AddTemplate(appsTemplate()).ID)
			applied := func(config string) string {
				t.Helper()
				tf.configure(t, config)
				output := tf.run(t, 0, "apply", "-input=false", "-auto-approve")
				var state struct {
					Outputs struct {
						Apps struct {
							Value map[string]string `json:"value"`
						} `json:"review_apps"`
					} `json:"outputs"`
				}
				if err := json.Unmarshal([]byte(tf.stateFile(t)), &state); err != nil {
					t.Fatal(err)
				}
				if apps := state.Outputs.Apps.Value; len(apps) != 5 || apps["jupyter"] != d.URL+"/@admin/review.main/apps/jupyter/" {
					t.Errorf("its apps are %v", apps)
				}
				tf.planEmpty(t)
				return output
			}
			mustContain(t, applied(config), "config refers to values not yet known")
			// Read after the change, once more.
			changed := strings.Replace(config, "\n}", "\n  parameters = { cpu = \"8\" }\n}", 1)
			mustContain(t, applied(changed), "depends on a resource or a module with changes pending")
			tf.run(t, 0, "destroy", "-input=false", "-auto-approve")
		})
	}
}
