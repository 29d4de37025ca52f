package workspace_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
	"github.com/coderws/terraform-provider-coderws/internal/workspace"
)

func TestURLFunction(t *testing.T) {
	t.Parallel()
	call := func(arguments ...string) (attr.Value, *function.FuncError) {
		values := make([]attr.Value, len(arguments))
		for i, argument := range arguments {
			values[i] = types.StringValue(argument)
		}
		resp := function.RunResponse{Result: function.NewResultData(types.StringUnknown())}
		workspace.NewURLFunction().Run(t.Context(), function.RunRequest{Arguments: function.NewArgumentsData(values)}, &resp)
		return resp.Result.Value(), resp.Error
	}
	for base, want := range map[string]string{
		"https://coder.example.com":            "https://coder.example.com/@ada/dev",
		"https://coder.example.com/":           "https://coder.example.com/@ada/dev",
		"https://example.com:8443/coder/":      "https://example.com:8443/coder/@ada/dev",
		"http://[::1]:3000":                    "http://[::1]:3000/@ada/dev",
		"HTTPS://coder.example.com/a%20prefix": "https://coder.example.com/a%20prefix/@ada/dev",
	} {
		if got, err := call(base, "ada", "dev"); err != nil || !got.Equal(types.StringValue(want)) {
			t.Errorf("%s: %s, %v, want %s", base, got, err, want)
		}
	}
	for _, tt := range []struct {
		base, owner, name string
		argument          int64
		words             string
	}{
		{"coder.example.com", "ada", "dev", 0, "has no scheme"},
		{"", "ada", "dev", 0, "has no scheme"},
		{"ftp://coder.example.com", "ada", "dev", 0, "neither https nor http"},
		{"https://ada:secret@coder.example.com", "ada", "dev", 0, "user name or password"},
		{"https://coder.example.com/api/v2", "ada", "dev", 0, "ends in /api/v2"},
		{"https://coder.example.com", "ada@example.com", "dev", 1, "is not a username"},
		{"https://coder.example.com", "", "dev", 1, "is not a username"},
		{"https://coder.example.com", "ada", "../admin", 2, "is not the name of a workspace"},
		{"https://coder.example.com", "ada", strings.Repeat("a", 33), 2, "is not the name of a workspace"},
	} {
		got, err := call(tt.base, tt.owner, tt.name)
		if err == nil || err.FunctionArgument == nil || *err.FunctionArgument != tt.argument || !strings.Contains(err.Text, tt.words) || strings.Contains(err.Text, "secret") {
			t.Errorf("%s %s %s: %s, %+v, want argument %d and %q", tt.base, tt.owner, tt.name, got, err, tt.argument, tt.words)
		}
	}
}

func TestURLFunction_terraform(t *testing.T) {
	t.Parallel()
	acctest.Test(t, acctest.NewFake(t, codertest.Options{}), resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		Steps: []resource.TestStep{
			{
				Config:      `output "url" { value = provider::coderws::workspace_url("https://coder.example.com", "a b", "dev") }`,
				PlanOnly:    true,
				ExpectError: regexp.MustCompile(`Invalid\s+value\s+for\s+"owner"\s+parameter:\s+"a\s+b"\s+is\s+not\s+a\s+username`),
			},
			{
				Config: `output "url" { value = provider::coderws::workspace_url("https://coder.example.com", "ada", "dev") }`,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("url", knownvalue.StringExact("https://coder.example.com/@ada/dev")),
				},
			},
		},
	})
}
