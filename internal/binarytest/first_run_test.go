//go:build unix

package binarytest_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

var update = flag.Bool("update", false, "write golden files instead of comparing with them")

// What a stranger is told whose first run fails. The texts are in
// testdata/first_run, to be read as a whole when they change.
func TestFirstRun(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the Coder CLI keeps its files elsewhere")
	}
	const (
		useTemplate = "data \"coderws_template\" \"docker\" {\n  name = \"docker\"\n}\n"
		useID       = "resource \"coderws_workspace\" \"dev\" {\n  name        = \"dev\"\n  template_id = \"c6d67e98-83ea-49f0-8812-e4abae2b68bc\"\n}\n"
		create      = useTemplate + "resource \"coderws_workspace\" \"dev\" {\n  name        = \"dev\"\n  template_id = data.coderws_template.docker.id\n}\n"
	)
	docker := codertest.BasicTemplate()
	docker.Name = "docker"
	costly := docker
	costly.Version.Fail = func(string, map[string]string) string {
		return "insufficient quota\nThis build would exceed your quota. Failing."
	}
	fake := func(t *testing.T, templates ...codertest.Template) *acctest.Deployment {
		d := acctest.NewFake(t, codertest.Options{})
		for _, template := range templates {
			d.Fake.AddTemplate(template)
		}
		return d
	}
	// A start gives the address of a deployment and a token for it.
	type start func(t *testing.T) (address, token string)
	tests := map[string]struct {
		configuration string
		start         start
	}{
		"no_url": {useTemplate, func(*testing.T) (address, token string) { return "", "" }},
		"no_token": {useTemplate, func(t *testing.T) (address, token string) {
			return fake(t).URL, ""
		}},
		"expired_token": {useTemplate, func(t *testing.T) (address, token string) {
			d := fake(t, docker)
			return d.URL, d.Fake.AddToken("admin", time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC))
		}},
		"wrong_url": {useTemplate, func(t *testing.T) (address, token string) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_, _ = io.WriteString(w, "<!doctype html><title>Welcome</title>")
			}))
			t.Cleanup(server.Close)
			return server.URL, "secret"
		}},
		"self_signed_certificate": {useTemplate, func(t *testing.T) (address, token string) {
			d := fake(t, docker)
			server := httptest.NewUnstartedServer(d.Fake)
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.StartTLS()
			t.Cleanup(server.Close)
			return server.URL, d.Token
		}},
		"template_name_not_found": {useTemplate, func(t *testing.T) (address, token string) {
			d := fake(t)
			return d.URL, d.Token
		}},
		"template_id_not_found": {useID, func(t *testing.T) (address, token string) {
			d := fake(t, docker)
			return d.URL, d.Token
		}},
		"quota_exceeded": {create, func(t *testing.T) (address, token string) {
			d := fake(t, costly)
			return d.URL, d.Token
		}},
		"missing_external_authentication": {create, func(t *testing.T) (address, token string) {
			d := fake(t, docker)
			d.Fake.AddFault(codertest.Fault{
				Method: "POST", Route: "/organizations/{organization}/members/{user}/workspaces", Status: http.StatusForbidden,
				Body: `{"message":"External authentication is required to create a workspace with this template.","validations":[{"field":"external_auth","detail":"github"}]}`,
			})
			return d.URL, d.Token
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, token := tt.start(t)
			tf := newTerraform(t, "CODER_URL="+address, "CODER_SESSION_TOKEN="+token, "XDG_CONFIG_HOME=")
			tf.configure(t, "provider \"coderws\" {}\n", tt.configuration)
			told := diagnostics(t, tf, "apply", "-json", "-auto-approve", "-input=false")
			told = strings.ReplaceAll(told, filepath.Join(filepath.Dir(tf.dir), "plugins"), "/home/alice")
			if address != "" {
				told = strings.ReplaceAll(told, address, "https://coder.example.com")
			}
			if token != "" && strings.Contains(told, token) {
				t.Error("the token is told")
			}
			compareGolden(t, filepath.Join("testdata", "first_run", name+".golden"), told)
		})
	}
}

// diagnostics are the provider's words in a run that fails, as Terraform's
// JSON output has them: the same for every version of it.
func diagnostics(t *testing.T, tf *terraform, arguments ...string) string {
	t.Helper()
	c := tf.start(t, arguments...)
	if _, status := c.wait(t); status != 1 {
		t.Fatalf("terraform ended with %d, want 1", status)
	}
	var told strings.Builder
	lines := bufio.NewScanner(strings.NewReader(c.output.String()))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event struct {
			Diagnostic *struct {
				Severity string `json:"severity"`
				Summary  string `json:"summary"`
				Detail   string `json:"detail"`
				Snippet  *struct {
					Context string `json:"context"`
					Code    string `json:"code"`
				} `json:"snippet"`
			} `json:"diagnostic"`
		}
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		d := event.Diagnostic
		if d == nil || strings.Contains(d.Summary, "development overrides") {
			continue
		}
		if told.Len() > 0 {
			told.WriteString("\n────\n\n")
		}
		fmt.Fprintf(&told, "%s: %s\n", d.Severity, d.Summary)
		if d.Snippet != nil {
			fmt.Fprintf(&told, "  in %s: %s\n", d.Snippet.Context, strings.TrimSpace(d.Snippet.Code))
		}
		fmt.Fprintf(&told, "\n%s\n", d.Detail)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return changing.ReplaceAllString(told.String(), "5e1ab4d8-4b5e-4d8f-a7b7-7d3e4a3c2f10")
}

// changing are the ids that differ from run to run.
var changing = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// compareGolden compares a text with the one in a file.
func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		write(t, file, got)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); after a good look, go test ./internal/binarytest -run TestFirstRun -update:\n%s", file, diff)
	}
}
