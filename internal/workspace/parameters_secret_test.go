package workspace_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// secretMarker is in every value here that nobody may see.
const secretMarker = "hunter2"

// repeatingTemplate has a parameter of free text and an ephemeral one. A build
// whose text has "fail" in it fails, and repeats them.
func repeatingTemplate() codertest.Template {
	template := codertest.BasicTemplate()
	template.Version.Parameters = append(template.Version.Parameters,
		codertest.Parameter{Name: "text", Mutable: true, Default: "fine", Regex: "fine", Error: "say that it is fine"},
		codertest.Parameter{Name: "once", Mutable: true, Ephemeral: true, Default: "-"})
	template.Version.Fail = func(transition string, values map[string]string) string {
		if transition != "start" || !strings.Contains(values["text"], "fail") {
			return ""
		}
		return fmt.Sprintf("%s\nError: text is %[2]q, that is %[2]s\nError: once is %[3]s", codertest.ApplyFailed, values["text"], values["once"])
	}
	return template
}

// A sensitive value is in no error of a plan or an apply: of a create, an update
// or a build that fails.
func TestSecrets_ofSensitiveVariable(t *testing.T) {
	t.Parallel()
	onNewestFlows(t, func(t *testing.T, d *flow) {
		template := d.add(repeatingTemplate())
		block := workspaceConfig(d.Deployment, "one", template.ID.String(), "parameters = { text = %s }") + `
variable "text" {
  type      = string
  sensitive = true
}

resource "terraform_data" "later" {
  input = var.text
}
`
		var said []string
		step := func(expression, text string) resource.TestStep {
			return resource.TestStep{
				Config:          fmt.Sprintf(block, expression),
				ConfigVariables: config.Variables{"text": config.StringVariable(text)},
			}
		}
		acctest.Test(t, d.Deployment, resource.TestCase{
			ErrorCheck: func(err error) error {
				said = append(said, strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "│", " ")), " "))
				return nil
			},
			Steps: []resource.TestStep{
				step("var.text", "bad "+secretMarker),
				step("terraform_data.later.output", "bad, too "+secretMarker),
				step("var.text", "fine, but fail "+secretMarker), // created, and replaced by the next
				step("var.text", "fine "+secretMarker),
				step("var.text", "bad "+secretMarker),
				step("var.text", "fine, but fail again "+secretMarker),
			},
		})
		want := []string{
			`The value of parameter "text"`, `The value of parameter "text"`, "text is \"(value of text)\", that is (value of text)",
			`The value of parameter "text"`, "text is \"(value of text)\", that is (value of text)",
		}
		if len(said) != len(want) {
			t.Fatalf("%d errors, not %d: %q", len(said), len(want), said)
		}
		for i, text := range said {
			if strings.Contains(text, secretMarker) || !strings.Contains(text, want[i]) {
				t.Errorf("error %d, which should have %q, is %s", i+1, want[i], text)
			}
		}
	})
}

// An action tells how a build goes on, but not with what values; nor does its
// error.
func TestSecrets_ofAction(t *testing.T) {
	t.Parallel()
	onNewestFlows(t, func(t *testing.T, d *flow) {
		template := d.add(repeatingTemplate())
		id := d.Fake.CreateWorkspace("admin", "one", template.ID, nil)
		for _, action := range []string{restartAction, updateAction} {
			progress, diags := d.Server(t).Invoke(t, action, acctest.Values{
				"workspace_id": id.String(),
				"parameters":   map[string]string{"text": "fine, but fail " + secretMarker}, "ephemeral_parameters": map[string]string{"once": secretMarker + "-once"},
			})
			for _, text := range append(progress, diags.String()) {
				if strings.Contains(text, secretMarker) {
					t.Errorf("%s: %s", action, text)
				}
			}
			for _, text := range []string{strings.Join(progress, "\n"), diags.String()} {
				if !strings.Contains(text, "Error: text is \"(value of text)\", that is (value of text)") || !strings.Contains(text, "once is (value of once)") {
					t.Errorf("%s: the log is not told: %s", action, text)
				}
			}
		}
	})
}
