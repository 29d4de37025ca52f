//go:build unix

package binarytest_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

const (
	proxySecret = "proxy-secret-7Jk2"
	otherSecret = "second,secret=Qx81" // a comma, for the CSV of the environment
	noteSecret  = "ephemeral-secret-9Xw"
	wrongToken  = "wrongtoken-0123456789abcdefghijkl"
)

// TestLog_holdsNoSecrets runs everything with Terraform's most talkative log,
// failures included.
func TestLog_holdsNoSecrets(t *testing.T) {
	t.Parallel()
	sources := map[string]func(d *acctest.Deployment, token string) (block string, environment []string){
		"attributes": func(d *acctest.Deployment, token string) (string, []string) {
			return fmt.Sprintf("provider \"coderws\" {\n  url         = %q\n  token       = %q\n  max_retries = 1\n  headers = {\n    X-Proxy-Authorization = %q\n    X-Other               = %q\n  }\n}\n",
				d.URL, token, proxySecret, otherSecret), nil
		},
		"environment": func(d *acctest.Deployment, token string) (string, []string) {
			return "provider \"coderws\" {\n  max_retries = 1\n}\n", []string{
				"CODER_URL=" + d.URL, "CODER_SESSION_TOKEN=" + token,
				fmt.Sprintf(`CODER_HEADER=X-Proxy-Authorization=%s,"X-Other=%s"`, proxySecret, otherSecret),
			}
		},
	}
	for name, source := range sources {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
				d.SkipUnlessFake(t, "only a fake fails on request")
				logFile := filepath.Join(t.TempDir(), "trace.log")
				basic := codertest.BasicTemplate()
				basic.Version.Parameters = append(basic.Version.Parameters, codertest.Parameter{Name: "note", Mutable: true, Ephemeral: true})
				template := d.Fake.AddTemplate(basic)
				const body = `
resource "coderws_workspace" "dev" {
  name        = %q
  template_id = %q
  ttl_ms      = 3600000
  parameters  = { cpu = "%d" }
%s}

data "coderws_workspaces" "all" {
  depends_on = [coderws_workspace.dev]
}
`
				var output strings.Builder
				tf := newTerraform(t)
				basis := tf.env
				note := "" // ephemeral parameters need Coder 0.26, write-only attributes Terraform or OpenTofu 1.11
				if !strings.HasPrefix(d.Fake.Version(), "v0.24") && tf.minor(t) >= 11 {
					note = fmt.Sprintf("  ephemeral_parameters = { note = %q }\n", noteSecret)
				}
				run := func(status int, token string, cpu int, arguments ...string) {
					t.Helper()
					block, environment := source(d, token)
					tf.env = append(append([]string{"TF_LOG=TRACE", "TF_LOG_PATH=" + logFile}, basis...), environment...)
					tf.configure(t, block, fmt.Sprintf(body, "dev", template.ID, cpu, note))
					output.WriteString(tf.run(t, status, arguments...))
				}

				run(1, wrongToken, 2, "plan", "-input=false")
				d.Fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: "/templates/{template}", Times: 1, Status: http.StatusServiceUnavailable, Body: "busy"})
				run(0, d.Token, 2, "apply", "-auto-approve")
				d.Fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: "/workspaces/{workspace}", Times: 1, DropAfter: true})
				run(0, d.Token, 4, "apply", "-auto-approve")
				d.Fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: "/workspaces/{workspace}/builds", Times: 1, Status: http.StatusInternalServerError, Body: "{}"})
				run(1, d.Token, 4, "destroy", "-auto-approve")
				run(0, d.Token, 4, "destroy", "-auto-approve")

				content, err := os.ReadFile(logFile)
				if err != nil {
					t.Fatal(err)
				}
				logged := string(content)
				// The log must be the one that could hold them.
				for _, text := range []string{"provider.coder", "[TRACE]", "/api/v2/workspaces/", "Coder answered", "Coder was busy", "Coder could not be reached", "status=401", "Build log: "} {
					if !strings.Contains(logged, text) {
						t.Errorf("the log of %d bytes lacks %q", len(content), text)
					}
				}
				for _, secret := range []string{d.Token, wrongToken, proxySecret, otherSecret, "secret=Qx81", noteSecret} {
					if at := strings.Index(logged, secret); at >= 0 {
						t.Errorf("the log holds a secret: …%s…", logged[max(0, at-300):at+len(secret)])
					}
					if strings.Contains(output.String(), secret) {
						t.Errorf("Terraform printed the secret %s", secret)
					}
				}
			})
		})
	}
}
