package parameter_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/parameter"
)

// Forms as Coder 2.35 evaluated them for these values.
func TestFromForm_Recorded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		form string
		in   parameter.Input
		want []parameter.Problem
	}{
		"defaults": {"defaults", parameter.Input{}, nil},
		"valid":    {"valid", parameter.Input{Values: values{"cpu": "4", "region": "us"}}, nil},
		"number": {"bad-number", parameter.Input{Values: values{"cpu": "99"}}, []parameter.Problem{{
			Kind: parameter.Invalid, Name: "cpu",
			Message: `The value "99" of parameter "cpu" is not valid. Invalid parameter value according to 'validation' block:` +
				` value 99 is more than the maximum 8. Allowed are whole numbers from 1 to 8.`,
		}}},
		"option": {"bad-option", parameter.Input{Values: values{"region": "mars"}}, []parameter.Problem{{
			Kind: parameter.Invalid, Name: "region",
			Message: `The value "mars" of parameter "region" is not valid. Value must be a valid option:` +
				` the value "mars" must be defined as one of options. Allowed values: "eu", "us", "ap".`,
		}}},
		"unknown name": {"unknown-name", parameter.Input{Values: values{"nope": "1"}}, []parameter.Problem{{
			Kind: parameter.UnknownName, Name: "nope",
			Message: `The template has no parameter "nope", so Coder would ignore it. Did you mean "note"?` +
				` Its parameters are "cpu", "disk", "gpu", "note", "region", "tags".`,
		}}},
		"missing": {"required-missing", parameter.Input{}, []parameter.Problem{
			{Kind: parameter.Missing, Name: "project", Message: `The template requires a value for parameter "project", and it has no default.`},
			{Kind: parameter.Missing, Name: "zone", Message: `The template requires a value for parameter "zone", and it has no default. Allowed values: "z1", "z2".`},
		}},
		"given": {"required-valid", parameter.Input{Values: values{"project": "abc", "zone": "z1"}}, nil},
		"pattern": {"required-regex", parameter.Input{Values: values{"project": "ABC9", "zone": "z1"}}, []parameter.Problem{{
			Kind: parameter.Invalid, Name: "project",
			Message: `The value of parameter "project" is not valid. Invalid parameter value according to 'validation' block:` +
				` a project code has at most eight small letters (value "(value of project)" does not match "^[a-z]{0,8}$").`,
		}}},
		"NUL": {"required-valid", parameter.Input{Values: values{"project": "abc\x00", "zone": "z1"}}, []parameter.Problem{{
			Kind: parameter.Invalid, Name: "project", Message: `The value of parameter "project" has a NUL character, which Coder cannot keep.`,
		}}},
		"bad value kept": {"bad-number", parameter.Input{Previous: values{"cpu": "99"}}, []parameter.Problem{{
			Kind: parameter.Invalid, Name: "cpu",
			Message: `The value "99" that parameter "cpu" keeps from the previous build is not valid. Invalid parameter value according to 'validation' block:` +
				` value 99 is more than the maximum 8. Allowed are whole numbers from 1 to 8.`,
		}}},
		"bad preset": {"bad-number", parameter.Input{Preset: values{"cpu": "99"}}, []parameter.Problem{{
			Kind: parameter.Invalid, Name: "cpu",
			Message: `The value "99" that the preset gives parameter "cpu" is not valid. Invalid parameter value according to 'validation' block:` +
				` value 99 is more than the maximum 8. Allowed are whole numbers from 1 to 8.`,
		}}},
		"bad default": {"bad-number", parameter.Input{}, []parameter.Problem{{
			Kind: parameter.Invalid, Name: "cpu",
			Message: `The value "99" that parameter "cpu" has by default is not valid. Invalid parameter value according to 'validation' block:` +
				` value 99 is more than the maximum 8. Allowed are whole numbers from 1 to 8.`,
		}}},
		"immutable": {"valid", parameter.Input{Values: values{"cpu": "4", "region": "us"}, Previous: values{"region": "eu"}}, []parameter.Problem{{
			Kind: parameter.Immutable, Name: "region", Message: `Parameter "region" is not mutable: its value can only be set when the workspace is created.`,
		}}},
		"immutable kept": {"valid", parameter.Input{Values: values{"cpu": "4", "region": "us"}, Previous: values{"region": "us"}}, nil},
		"monotonic down": {"defaults", parameter.Input{Values: values{"disk": "10"}, Previous: values{"disk": "20"}}, []parameter.Problem{{
			Kind: parameter.Invalid, Name: "disk",
			Message: `The value "10" of parameter "disk" must be equal to or greater than "20", the value of the previous build.`,
		}}},
		"monotonic up": {"defaults", parameter.Input{Values: values{"disk": "10"}, Previous: values{"disk": "9"}}, nil},
		"ephemeral":    {"defaults", parameter.Input{Ephemeral: values{"note": ""}}, nil},
		"ephemeral among all": {"defaults", parameter.Input{Values: values{"note": "x"}}, []parameter.Problem{{
			Kind: parameter.NotKept, Name: "note",
			Message: `Parameter "note" is ephemeral: its value counts for one build only. Set it in ephemeral_parameters.`,
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form := read[coder.ParameterForm](t, "form-"+test.form)
			if diff := cmp.Diff(test.want, parameter.FromForm(&form, test.in)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// With values to come only what they cannot mend is reported.
func TestFromForm_Unknown(t *testing.T) {
	t.Parallel()
	broken := diagnosed("error", "Value must be a valid option", "", "")
	form := coder.ParameterForm{
		Diagnostics: []coder.FormDiagnostic{diagnosed("error", "Cannot evaluate", "", "")},
		Parameters: []coder.FormParameter{
			{Name: "size", Type: "number", Mutable: true, Diagnostics: []coder.FormDiagnostic{broken}},
			{Name: "gpu", Type: "bool", Mutable: true, Diagnostics: []coder.FormDiagnostic{broken}},
			{Name: "zone", Type: "string", Required: true, Diagnostics: []coder.FormDiagnostic{diagnosed("error", "Required", "", coder.DiagnosticRequired)}},
			{Name: "tags", Type: "list(string)", Mutable: true, Diagnostics: []coder.FormDiagnostic{broken}},
		},
	}
	in := parameter.Input{
		Values:   values{"size": "3", "gpu": "maybe", "other": "1"},
		Previous: values{"zone": "z1", "tags": "x"},
		Unknown:  []string{"later"},
	}
	if diff := cmp.Diff([]found{{parameter.Invalid, "gpu"}}, brief(parameter.FromForm(&form, in))); diff != "" {
		t.Error(diff)
	}
	in.Unknown = []string{"gpu"}
	if got := parameter.FromForm(&form, in); got != nil {
		t.Errorf("the value itself is not known: problems are %v", got)
	}
	in.Unknown, in.Incomplete = nil, true
	if diff := cmp.Diff([]found{{parameter.Invalid, "gpu"}}, brief(parameter.FromForm(&form, in))); diff != "" {
		t.Errorf("names may come: %s", diff)
	}
	in.Values["zone"] = "z2"
	if diff := cmp.Diff([]found{{parameter.Invalid, "gpu"}, {parameter.Immutable, "zone"}}, brief(parameter.FromForm(&form, in))); diff != "" {
		t.Errorf("immutable changed: %s", diff)
	}
	in.Incomplete = false
	want := []found{
		{parameter.Invalid, "size"}, {parameter.Invalid, "gpu"}, {parameter.Immutable, "zone"}, {parameter.Invalid, "tags"}, {parameter.Template, ""},
	}
	if diff := cmp.Diff(want, brief(parameter.FromForm(&form, in))); diff != "" {
		t.Errorf("all known: %s", diff)
	}
}

// Names are only unknown when the form is whole.
func TestFromForm_Diagnostics(t *testing.T) {
	t.Parallel()
	in := parameter.Input{Values: values{"size": "1"}}
	for name, test := range map[string]struct {
		diagnostic coder.FormDiagnostic
		want       []parameter.Problem
	}{
		"error": {diagnosed("error", "No such image", "Ask the team", ""), []parameter.Problem{
			{Kind: parameter.Template, Message: "The template refuses these values. No such image: Ask the team."},
		}},
		"module missing":               {diagnosed("warning", "No module", "", "module_not_loaded"), nil},
		"module missing, without code": {diagnosed("warning", "Module not loaded. Did you run `terraform init`?", "", ""), nil},
		"other warning": {diagnosed("warning", "Careful", "", ""), []parameter.Problem{
			{Kind: parameter.UnknownName, Name: "size", Message: `The template has no parameter "size", so Coder would ignore it. It has no parameters at all.`},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := parameter.FromForm(&coder.ParameterForm{Diagnostics: []coder.FormDiagnostic{test.diagnostic}}, in)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	warned := coder.ParameterForm{Parameters: []coder.FormParameter{{Name: "size", Diagnostics: []coder.FormDiagnostic{diagnosed("warning", "Large", "", "")}}}}
	if got := parameter.FromForm(&warned, in); got != nil {
		t.Errorf("a warning about a value: problems are %v", got)
	}
}

// The form has the previous value of an ephemeral parameter, the next build has
// not.
func TestFromForm_EphemeralIsNotCarriedOver(t *testing.T) {
	t.Parallel()
	form := coder.ParameterForm{Parameters: []coder.FormParameter{{
		Name: "note", Ephemeral: true, Mutable: true, Diagnostics: []coder.FormDiagnostic{diagnosed("error", "bad", "", "")},
	}}}
	if got := parameter.FromForm(&form, parameter.Input{Previous: values{"note": "bad"}}); got != nil {
		t.Errorf("problems are %v", got)
	}
	if got := brief(parameter.FromForm(&form, parameter.Input{Ephemeral: values{"note": "bad"}})); !cmp.Equal(got, []found{{parameter.Invalid, "note"}}) {
		t.Errorf("given: problems are %v", got)
	}
}

// Values that may be secrets do not get into messages, not even in those about
// other parameters or the template.
func TestFromForm_HidesSecrets(t *testing.T) {
	t.Parallel()
	const once, masked, named = `hunter"2`, "masked-value", "named-value"
	says := diagnosed("error", `got "hunter\"2" and hunter"2`, "and masked-value and named-value", "")
	form := coder.ParameterForm{
		Diagnostics: []coder.FormDiagnostic{says},
		Parameters: []coder.FormParameter{
			{Name: "once", Mutable: true, Type: "string", Diagnostics: []coder.FormDiagnostic{says}},
			{Name: "hidden", Mutable: true, Type: "string", Styling: coder.FormStyling{MaskInput: true}, Diagnostics: []coder.FormDiagnostic{says}},
			{Name: "git_token", Mutable: true, Type: "string", Diagnostics: []coder.FormDiagnostic{says}},
			{Name: "plain", Mutable: true, Type: "number", Diagnostics: []coder.FormDiagnostic{says}},
		},
	}
	problems := parameter.FromForm(&form, parameter.Input{
		Values: values{"hidden": masked, "plain": "17"}, Ephemeral: values{"once": once}, Previous: values{"git_token": named},
	})
	if len(problems) != 5 {
		t.Fatalf("problems are %v", problems)
	}
	for _, p := range problems {
		for _, secret := range []string{"hunter", masked, named} {
			if strings.Contains(p.Message, secret) {
				t.Errorf("%s: message shows %q: %s", p.Name, secret, p.Message)
			}
		}
	}
	if !strings.Contains(problems[3].Message, `"17"`) || !strings.Contains(problems[3].Message, "(value of git_token)") {
		t.Errorf("message about a plain value is %s", problems[3].Message)
	}
}

func diagnosed(severity, summary, detail, code string) coder.FormDiagnostic {
	d := coder.FormDiagnostic{Severity: severity, Summary: summary, Detail: detail}
	d.Extra.Code = code
	return d
}
