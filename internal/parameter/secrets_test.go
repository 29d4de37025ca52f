package parameter_test

import (
	"strings"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/parameter"
)

// kinds are parameters of every kind.
var kinds = []coder.TemplateVersionParameter{
	{Name: "text", Type: "string", Mutable: true, ValidationRegex: "^ok$", ValidationError: "not good"},
	{Name: "list", Type: "list(string)", Mutable: true},
	{Name: "strange", Type: "of tomorrow", Mutable: true},
	{Name: "choice", Type: "string", Mutable: true, Options: []coder.ParameterOption{{Value: "eu"}, {Value: "us"}}},
	{Name: "many", Type: "list(string)", FormType: "multi-select", Mutable: true, Options: []coder.ParameterOption{{Value: "eu"}}},
	{Name: "cpu", Type: "number", Mutable: true},
	{Name: "gpu", Type: "bool", Mutable: true},
	{Name: "once", Type: "number", Mutable: true, Ephemeral: true},
	{Name: "api_token", Type: "number", Mutable: true},
}

func TestSecrets_Hide(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		values, ephemeral values
		text, want        string
	}{
		"free text":               {values{"text": "hunter2-marker"}, nil, `value "hunter2-marker" does not match`, `value "(value of text)" does not match`},
		"everywhere":              {values{"text": "hunter2-marker"}, nil, "xhunter2-markery hunter2-marker", "x(value of text)y (value of text)"},
		"in an address":           {values{"text": "hunter2"}, nil, "https://me:hunter2@host/?k=hunter2", "https://me:(value of text)@host/?k=(value of text)"},
		"a word of its own":       {values{"text": "test"}, nil, "the latest tests test, test-1", "the latest tests (value of text), (value of text)-1"},
		"short, in quotes":        {values{"text": "go"}, nil, `go "go" 'go' goes “go”`, `go "(value of text)" '(value of text)' goes “(value of text)”`},
		"short, with signs":       {values{"text": "/a/b"}, nil, "cd x/a/b/c", "cd x(value of text)/c"},
		"empty":                   {values{"text": ""}, nil, `"" is empty`, `"" is empty`},
		"one in another":          {values{"text": "hunter2", "strange": "hunter2-marker"}, nil, "hunter2-marker and hunter2", "(value of strange) and (value of text)"},
		"like a placeholder":      {values{"text": "value of strange", "strange": "hunter2-marker"}, nil, "hunter2-marker", "(value of strange)"},
		"written by Go":           {values{"text": "hunter\"2\n\tmarker"}, nil, `got "hunter\"2\n\tmarker"`, `got "(value of text)"`},
		"written as JSON":         {values{"text": "<hunter&2>"}, nil, `{"a":"\u003chunter\u00262\u003e"}`, `{"a":"(value of text)"}`},
		"line by line":            {values{"text": "-----BEGIN\nhunter2-marker\nx"}, nil, "1: -----BEGIN\n2: hunter2-marker\n", "1: (value of text)\n2: (value of text)"},
		"trimmed":                 {values{"text": " hunter2\n"}, nil, "got hunter2.", "got (value of text)."},
		"with colours in between": {values{"text": "hunter2-marker"}, nil, "hun\x1b[1mter2\x00-mar\u200bker", "(value of text)"},
		"colours of its own":      {values{"text": "hunter\x1b[1m2-marker"}, nil, "hunter2-marker", "(value of text)"},
		"elements of a list":      {values{"list": `["hunter2","x1"]`}, nil, `["hunter2","x1"] has hunter2, "x1", x1`, `(value of list) has (value of list), "(value of list)", x1`},
		"other type":              {values{"strange": "hunter2"}, nil, "hunter2", "(value of strange)"},
		"named a secret":          {values{"api_token": "123456"}, nil, "got 123456", "got (value of api_token)"},
		"option":                  {values{"choice": "mars-north"}, nil, `"mars-north" is no option`, `"mars-north" is no option`},
		"options":                 {values{"many": `["mars-north"]`}, nil, `["mars-north"]`, `["mars-north"]`},
		"number, boolean":         {values{"cpu": "1000000000", "gpu": "true"}, nil, "1000000000 true", "1000000000 true"},
		"unknown name":            {values{"nope": "hunter2"}, nil, "hunter2", "(value of nope)"},
		"unknown name, number":    {values{"nope": "1000000000", "nor": "false"}, nil, `"1000000000" "false"`, `"1000000000" "false"`},
		"ephemeral number":        {nil, values{"once": "9"}, "value 9 is more than 8, not 19", "value (value of once) is more than 8, not 19"},
		"ephemeral, kept":         {values{"once": "9"}, nil, "value 9 is more than 8", "value (value of once) is more than 8"},
		"ephemeral boolean":       {nil, values{"gpu": "true"}, `x = true, "true"`, `x = (value of gpu), "(value of gpu)"`},
		"ephemeral, no such name": {nil, values{"nope": "9"}, "9", "(value of nope)"},
		"not UTF-8":               {values{"text": "hunter2\xff"}, nil, "a\xff hunter2\xff", "a\uFFFD (value of text)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			secrets := parameter.NewSecrets(kinds)
			secrets.Add(test.values)
			secrets.AddEphemeral(test.ephemeral)
			if got := secrets.Hide(test.text); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// Of parameters that nothing is known of, numbers and booleans are shown.
func TestSecrets_withoutDefinitions(t *testing.T) {
	t.Parallel()
	secrets := parameter.NewSecrets(nil)
	secrets.Add(values{"text": "hunter2", "cpu": "1000000000", "gpu": "true"})
	if got := secrets.Hide(`hunter2 1000000000 "true"`); got != `(value of text) 1000000000 "true"` {
		t.Error(got)
	}
	var none *parameter.Secrets
	if got := none.Hide("a\x1b[1mb"); got != "ab" {
		t.Error(got)
	}
}

// The values of free text are in no problem, wherever they are from, and however
// the server, which quotes them, finds fault with them.
func TestProblems_haveNoSecrets(t *testing.T) {
	t.Parallel()
	const marker = "hunter2-marker"
	says := diagnosed("error", `got "hunter2-marker" and [hunter2-marker]`, marker, "")
	form := coder.ParameterForm{Diagnostics: []coder.FormDiagnostic{says}}
	for _, def := range kinds {
		p := coder.FormParameter{Name: def.Name, Type: def.Type, Mutable: true, Ephemeral: def.Ephemeral, Diagnostics: []coder.FormDiagnostic{says}}
		p.Value = coder.FormValue{Value: marker, Valid: def.Name == "text"}
		for _, option := range def.Options { // made of a value
			p.Options = append(p.Options, coder.FormOption{Value: coder.FormValue{Value: option.Value + marker, Valid: true}})
		}
		form.Parameters = append(form.Parameters, p)
	}
	form.Parameters = append(form.Parameters, coder.FormParameter{
		Name: "needed", Type: "string", Required: true, Options: []coder.FormOption{{Value: coder.FormValue{Value: marker, Valid: true}}},
		Diagnostics: []coder.FormDiagnostic{diagnosed("error", "required", "", coder.DiagnosticRequired)},
	})
	own := values{"text": marker, "list": marker, "strange": marker}
	for from, in := range map[string]parameter.Input{
		"configured":     {Values: own},
		"preset":         {Preset: own},
		"previous build": {Previous: own},
		"default":        {},
		"ephemeral":      {Values: own, Ephemeral: values{"once": marker}},
		"among the kept": {Values: values{"text": marker, "once": marker}},
		"wrong name":     {Values: values{"text": marker, "txt": marker}},
	} {
		for flow, problems := range map[string][]parameter.Problem{"classic": parameter.Check(kinds, in), "dynamic": parameter.FromForm(&form, in)} {
			for _, p := range problems {
				if strings.Contains(p.Message, "hunter2") {
					t.Errorf("%s, %s: %s", from, flow, p.Message)
				}
			}
			if flow == "dynamic" && len(problems) < len(form.Parameters) || from == "configured" && len(problems) < 2 {
				t.Errorf("%s, %s: only %v", from, flow, problems)
			}
		}
	}
}
