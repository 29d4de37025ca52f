//go:build unix

package binarytest_test

import (
	"archive/zip"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// tokenRun is a configuration whose workspace is made by a token that the run
// makes itself.
type tokenRun struct {
	*terraform

	d    *acctest.Deployment
	said strings.Builder // all that Terraform has printed
	log  string
}

func newTokenRun(t *testing.T) *tokenRun {
	t.Helper()
	r := &tokenRun{terraform: newTerraform(t), d: acctest.NewFake(t, codertest.Options{})}
	if minor := r.minor(t); minor < 10 || r.isTofu() && minor < 11 {
		t.Skip("needs ephemeral resources: Terraform 1.10, OpenTofu 1.11")
	}
	r.d.Fake.AddUser("alice")
	r.log = filepath.Join(t.TempDir(), "trace.log")
	r.env = append(r.env, "TF_LOG=TRACE", "TF_LOG_PATH="+r.log, "CODER_URL="+r.d.URL, "CODER_SESSION_TOKEN="+r.d.Token)
	return r
}

func (r *tokenRun) workspace(t *testing.T, template codertest.TemplateInfo, parameters string) {
	t.Helper()
	r.configure(t, fmt.Sprintf(`
ephemeral "coderws_token" "alice" {
  owner_name = "alice"
}

provider "coderws" {
  alias = "alice"
  token = ephemeral.coderws_token.alice.token
}

resource "coderws_workspace" "dev" {
  provider    = coderws.alice
  name        = "dev"
  template_id = %q
  parameters  = { %s }
}
`, template.ID, parameters))
}

// did runs a command, which makes tokens and leaves none.
func (r *tokenRun) did(t *testing.T, status int, arguments ...string) {
	t.Helper()
	before := len(r.d.Fake.MadeTokens())
	output := r.run(t, status, arguments...)
	r.said.WriteString(output)
	// To apply a plan without changes, OpenTofu needs none.
	isNothing := strings.Contains(output, "Resources: 0 added, 0 changed, 0 destroyed")
	if made := len(r.d.Fake.MadeTokens()) - before; made == 0 && !isNothing {
		t.Errorf("terraform %s has made no token", arguments[0])
	}
	left, err := r.d.Client.Tokens(t.Context(), "alice")
	if err != nil || len(left) > 0 {
		t.Errorf("terraform %s has left %v, %v", arguments[0], left, err)
	}
}

// A token that a run has made is gone after it, however it ended, and nothing
// that is kept or shown has ever held it.
func TestToken_leavesNoTrace(t *testing.T) {
	t.Parallel()
	r := newTokenRun(t)
	basic, failing := r.d.Fake.AddTemplate(codertest.BasicTemplate()), r.d.Fake.AddTemplate(codertest.FailingTemplate())

	r.workspace(t, basic, `cpu = "99"`)
	r.did(t, 1, "plan", "-input=false")
	r.workspace(t, failing, `fail_at = "apply"`)
	r.did(t, 1, "apply", "-auto-approve")
	r.workspace(t, failing, `fail_at = "never"`)
	r.did(t, 0, "apply", "-auto-approve")
	r.d.Fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: "/workspaces/{workspace}/builds", Times: 1, Status: http.StatusInternalServerError, Body: "{}"})
	r.did(t, 1, "destroy", "-auto-approve")
	r.did(t, 0, "plan", "-input=false", "-out=saved")
	r.did(t, 0, "apply", "saved")
	byAlice := 0
	for _, request := range r.d.Fake.Requests() {
		if request.Method == http.MethodPost && request.User == "alice" {
			byAlice++
		}
	}
	if byAlice < 3 {
		t.Errorf("alice has built %d times", byAlice)
	}
	state, err := os.ReadFile(filepath.Join(r.dir, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]string{"state": string(state), "plan": unzip(t, filepath.Join(r.dir, "saved")), "output": r.said.String()}
	r.did(t, 0, "destroy", "-auto-approve")

	logged, err := os.ReadFile(r.log)
	if err != nil {
		t.Fatal(err)
	}
	kept["log"] = string(logged)
	for what, sign := range map[string]string{"state": "coderws_workspace", "plan": "coderws_workspace", "output": "coderws_token", "log": "OpenEphemeralResource"} {
		if !strings.Contains(kept[what], sign) {
			t.Errorf("the %s does not look like one: it lacks %s", what, sign)
		}
		for _, key := range r.d.Fake.MadeTokens() {
			_, secret, _ := strings.Cut(key, "-")
			if strings.Contains(kept[what], secret) {
				t.Errorf("the %s holds a token", what)
			}
		}
	}
}

// unzip is everything in an archive.
func unzip(t *testing.T, name string) string {
	t.Helper()
	archive, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close() //nolint:errcheck // read only
	var all strings.Builder
	for _, file := range archive.File {
		content, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, content); err != nil { //nolint:gosec // Terraform's own
			t.Fatal(err)
		}
		_ = content.Close()
	}
	return all.String()
}

// A run that is interrupted in the middle of a build takes its token along.
func TestToken_interrupted(t *testing.T) {
	t.Parallel()
	r := newTokenRun(t)
	r.workspace(t, r.d.Fake.AddTemplate(codertest.BasicTemplate()), `cpu = "2"`)
	r.d.Fake.HoldBuilds(true)
	command := r.start(t, "apply", "-auto-approve")
	eventually(t, "the build is queued", func() bool {
		return r.d.RequestCount(http.MethodPost, "/organizations/{organization}/members/{user}/workspaces") > 0
	})
	command.interrupt(t)
	_, status := command.wait(t)
	if status == 0 {
		t.Error("the run went on")
	}
	if left, err := r.d.Client.Tokens(t.Context(), "alice"); err != nil || len(left) > 0 {
		t.Errorf("left is %v, %v", left, err)
	}
	r.d.Fake.HoldBuilds(false)
	r.did(t, 0, "destroy", "-auto-approve")
}
