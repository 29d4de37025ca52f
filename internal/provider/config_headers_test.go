package provider_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/provider"
)

func text(values map[string]string) map[string]attr.Value {
	result := map[string]attr.Value{}
	for name, value := range values {
		result[name] = types.StringValue(value)
	}
	return result
}

func TestResolveConfig_headers(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		attribute map[string]attr.Value // nil is null
		variable  string
		want      map[string]string
	}{
		"none":                          {want: map[string]string{}},
		"attribute":                     {attribute: text(map[string]string{"x-a": "1", "Authorization": "Basic eHg="}), want: map[string]string{"X-A": "1", "Authorization": "Basic eHg="}},
		"variable":                      {variable: "X-A=1,x-b=2", want: map[string]string{"X-A": "1", "X-B": "2"}},
		"attribute replaces variable":   {attribute: text(map[string]string{"X-A": "1"}), variable: "X-B=2", want: map[string]string{"X-A": "1"}},
		"empty map replaces variable":   {attribute: map[string]attr.Value{}, variable: "X-B=2", want: map[string]string{}},
		"equals signs in the value":     {variable: "X-A=b=c==", want: map[string]string{"X-A": "b=c=="}},
		"quoted comma":                  {variable: `"X-A=1,2",X-B=3`, want: map[string]string{"X-A": "1,2", "X-B": "3"}},
		"quoted quotes after a blank":   {variable: `X-A=1, "X-B=say ""hi"""`, want: map[string]string{"X-A": "1", "X-B": `say "hi"`}},
		"empty value":                   {variable: "X-A=", want: map[string]string{"X-A": ""}},
		"line break at the end":         {variable: "X-A=1\n", want: map[string]string{"X-A": "1"}},
		"blank variable is no variable": {variable: "  ", want: map[string]string{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := model(url("https://a.example.com"), token(secret))
			if tt.attribute != nil {
				headers(tt.attribute)(&m)
			}
			machine := provider.Machine{Vars: vars("CODER_HEADER", tt.variable)}
			config, diags := provider.ResolveConfig(m, machine.Environment())
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			if diff := cmp.Diff(tt.want, config.Headers); diff != "" {
				t.Errorf("headers differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResolveConfig_headerErrors(t *testing.T) {
	t.Parallel()

	one := func(name, value string) map[string]attr.Value { return text(map[string]string{name: value}) }
	tests := map[string]struct {
		attribute map[string]attr.Value
		variable  string
		key       string // of the attribute, "" for the variable
		summary   string
		detail    string
	}{
		"session token":         {attribute: one("coder-session-token", secret), key: "coder-session-token", detail: "sets this header itself"},
		"host":                  {attribute: one("Host", "x"), key: "Host", detail: "sets this header itself"},
		"content length":        {attribute: one("Content-length", "1"), key: "Content-length", detail: "sets this header itself"},
		"encoding":              {attribute: one("Accept-Encoding", "br"), key: "Accept-Encoding", detail: "sets this header itself"},
		"no name":               {attribute: one("", "x"), key: "", detail: "no name"},
		"blank in the name":     {attribute: one("X A", secret), key: "X A", detail: "letters"},
		"colon in the name":     {attribute: one("X-A:", secret), key: "X-A:", detail: "letters"},
		"line break in a value": {attribute: one("X-A", secret+"\r\nX-B: 1"), key: "X-A", detail: "line break"},
		"null value":            {attribute: map[string]attr.Value{"X-A": types.StringNull()}, key: "X-A", detail: "no value"},
		"same name twice":       {attribute: text(map[string]string{"X-A": "1", "x-a": "2"}), key: "x-a", detail: "twice"},
		"variable, no equals":   {variable: "X-A=1," + secret, detail: "Entry 2"},
		"variable, no name":     {variable: "=" + secret, detail: "no name"},
		"variable, twice":       {variable: "X-A=1,x-a=" + secret, detail: "Entry 2"},
		"variable, token":       {variable: "Coder-Session-Token=" + secret, detail: "sets this header itself"},
		"variable, bad quotes":  {variable: `"X-A=` + secret, summary: "Invalid list of HTTP headers", detail: "CODER_HEADER"},
		"variable, two lines":   {variable: "X-A=1\nX-B=" + secret, summary: "Invalid list of HTTP headers", detail: "more than one line"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := model(url("https://a.example.com"), token(secret))
			at := path.Root("headers")
			if tt.attribute != nil {
				headers(tt.attribute)(&m)
				at = at.AtMapKey(tt.key)
			}
			summary := tt.summary
			if summary == "" {
				summary = "Invalid HTTP header in the environment"
			}
			if tt.attribute != nil {
				summary = "Invalid HTTP header"
			}
			machine := provider.Machine{Vars: vars("CODER_HEADER", tt.variable)}
			_, diags := provider.ResolveConfig(m, machine.Environment())
			wantSingleError(t, diags, at, summary, tt.detail)
		})
	}
}
