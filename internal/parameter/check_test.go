package parameter_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/parameter"
)

type values = map[string]string

// found is the part of a problem that most tests compare.
type found struct {
	Kind parameter.Kind
	Name string
}

func brief(problems []parameter.Problem) []found {
	var list []found
	for _, p := range problems {
		list = append(list, found{p.Kind, p.Name})
	}
	return list
}

// read reads a recorded answer.
func read[T any](t *testing.T, name string) T {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var parsed T
	if err := json.Unmarshal(raw, &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}

func number(n int64) *int64 { return &n }

// What real servers of both ends of the range said of these values.
func TestCheck_Recorded(t *testing.T) {
	t.Parallel()
	seed, newest := coder.ParseVersion("v0.24.1-devel+8dac0356e"), coder.ParseVersion("v2.35.1+8b44bd6")
	invalid := func(names ...string) []found {
		var list []found
		for _, name := range names {
			list = append(list, found{parameter.Invalid, name})
		}
		return list
	}
	for name, test := range map[string]struct {
		list string
		in   parameter.Input
		want []found
	}{
		"seed: nothing given":           {"seed-basic", parameter.Input{}, nil},
		"seed: good values":             {"seed-basic", parameter.Input{Values: values{"region": "us-east", "cpu": "4", "gpu": "true"}}, nil},
		"seed: required missing":        {"seed-required", parameter.Input{}, []found{{parameter.Missing, "project"}}},
		"seed: required empty":          {"seed-required", parameter.Input{Values: values{"project": ""}}, invalid("project")},
		"seed: pattern":                 {"seed-required", parameter.Input{Values: values{"project": "NO"}}, invalid("project")},
		"seed: no list":                 {"seed-required", parameter.Input{Values: values{"project": "abc", "zones": "a,b"}}, invalid("zones")},
		"seed: no option":               {"seed-basic", parameter.Input{Values: values{"region": "mars"}}, invalid("region")},
		"seed: too big":                 {"seed-basic", parameter.Input{Values: values{"cpu": "9"}}, invalid("cpu")},
		"seed: too small":               {"seed-basic", parameter.Input{Values: values{"cpu": "0"}}, invalid("cpu")},
		"seed: no number":               {"seed-basic", parameter.Input{Values: values{"cpu": "two"}}, invalid("cpu")},
		"seed: fraction":                {"seed-basic", parameter.Input{Values: values{"cpu": "2.5"}}, invalid("cpu")},
		"seed: no bool":                 {"seed-basic", parameter.Input{Values: values{"gpu": "yes"}}, invalid("gpu")},
		"seed: empty number, job fails": {"seed-basic", parameter.Input{Values: values{"cpu": ""}}, invalid("cpu")},
		"seed: unknown name, dropped":   {"seed-basic", parameter.Input{Values: values{"colour": "red"}}, []found{{parameter.UnknownName, "colour"}}},
		"seed: 10 to 9 as text":         {"seed-required", parameter.Input{Values: values{"disk": "9"}, Previous: values{"project": "abc", "disk": "10"}, Server: seed}, nil},
		"seed: 9 to 10 as text":         {"seed-required", parameter.Input{Values: values{"disk": "10"}, Previous: values{"project": "abc", "disk": "9"}, Server: seed}, invalid("disk")},
		"seed: immutable changed":       {"seed-basic", parameter.Input{Values: values{"region": "eu-west"}, Previous: values{"region": "us-east"}}, []found{{parameter.Immutable, "region"}}},
		"seed: immutable kept":          {"seed-basic", parameter.Input{Values: values{"region": "us-east"}, Previous: values{"region": "us-east"}}, nil},

		"newest: good values":         {"v2.35.1-basic", parameter.Input{Values: values{"region": "us", "cpu": "3", "tags": `["x","y"]`}}, nil},
		"newest: one missing":         {"v2.35.1-required", parameter.Input{Values: values{"project": "abc"}}, []found{{parameter.Missing, "zone"}}},
		"newest: pattern":             {"v2.35.1-required", parameter.Input{Values: values{"project": "ABC1", "zone": "z1"}}, invalid("project")},
		"newest: no option":           {"v2.35.1-required", parameter.Input{Values: values{"project": "abc", "zone": "z9"}}, invalid("zone")},
		"newest: too big, job fails":  {"v2.35.1-basic", parameter.Input{Values: values{"cpu": "99"}}, invalid("cpu")},
		"newest: no number":           {"v2.35.1-basic", parameter.Input{Values: values{"cpu": "many"}}, invalid("cpu")},
		"newest: no bool":             {"v2.35.1-basic", parameter.Input{Values: values{"gpu": "maybe"}}, invalid("gpu")},
		"newest: no list":             {"v2.35.1-basic", parameter.Input{Values: values{"tags": "a,b"}}, invalid("tags")},
		"newest: all at once":         {"v2.35.1-basic", parameter.Input{Values: values{"cpu": "99", "gpu": "maybe", "region": "mars"}}, invalid("region", "cpu", "gpu")},
		"newest: unknown name":        {"v2.35.1-basic", parameter.Input{Values: values{"no_such": "1"}}, []found{{parameter.UnknownName, "no_such"}}},
		"newest: monotonic up":        {"v2.35.1-basic", parameter.Input{Values: values{"disk": "20"}, Previous: values{"disk": "9"}, Server: newest}, nil},
		"newest: monotonic down":      {"v2.35.1-basic", parameter.Input{Values: values{"disk": "15"}, Previous: values{"disk": "20"}, Server: newest}, invalid("disk")},
		"newest: ephemeral":           {"v2.35.1-basic", parameter.Input{Ephemeral: values{"note": "one-off"}}, nil},
		"newest: ephemeral among all": {"v2.35.1-basic", parameter.Input{Values: values{"note": "one-off"}}, []found{{parameter.NotKept, "note"}}},
		"newest: bad value kept":      {"v2.35.1-basic", parameter.Input{Previous: values{"cpu": "99"}}, invalid("cpu")},
		"newest: bad value mended":    {"v2.35.1-basic", parameter.Input{Values: values{"cpu": "4"}, Previous: values{"cpu": "99"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := parameter.Check(read[[]coder.TemplateVersionParameter](t, "list-"+test.list), test.in)
			if diff := cmp.Diff(test.want, brief(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The rules for single values, in templates for servers before 2.24 and since.
func TestCheck_Values(t *testing.T) {
	t.Parallel()
	options := []coder.ParameterOption{{Value: "1"}, {Value: "0"}}
	letters := []coder.ParameterOption{{Value: "a"}, {Value: "b"}}
	lists := []coder.ParameterOption{{Value: `["a"]`}, {Value: `["b"]`}}
	for name, test := range map[string]struct {
		def         coder.TemplateVersionParameter
		good, bad   []string
		strictlyBad []string // only with a form type
	}{
		"text":          {coder.TemplateVersionParameter{Type: "string"}, []string{"", "x"}, nil, nil},
		"pattern":       {coder.TemplateVersionParameter{Type: "string", ValidationRegex: "^a+$"}, []string{"a", "aa"}, []string{"", "b"}, nil},
		"loose pattern": {coder.TemplateVersionParameter{Type: "string", ValidationRegex: "a"}, []string{"bab"}, []string{"b"}, nil},
		"bad pattern":   {coder.TemplateVersionParameter{Type: "string", ValidationRegex: "("}, []string{"a"}, nil, nil},
		"bool":          {coder.TemplateVersionParameter{Type: "bool"}, []string{"true", "false"}, []string{"True", "1", "yes"}, []string{""}},
		"bool options":  {coder.TemplateVersionParameter{Type: "bool", Options: options}, nil, []string{"true"}, []string{"", "1"}},
		"list":          {coder.TemplateVersionParameter{Type: "list(string)"}, []string{`[]`, `["a"]`, ` [ "a" , "b" ] `, "null"}, []string{"a", `{"a":1}`, `[1]`, `["a"`}, []string{""}},
		"list options":  {coder.TemplateVersionParameter{Type: "list(string)", Options: lists}, []string{`["a"]`}, []string{`["a","b"]`, `["c"]`}, []string{""}},
		"options":       {coder.TemplateVersionParameter{Type: "string", Options: letters}, []string{"a", "b"}, []string{"c", "A", "ab"}, []string{""}},
		"number":        {coder.TemplateVersionParameter{Type: "number"}, []string{"1", "2.5", "-3", "1e3"}, nil, []string{"", "one"}},
		"from":          {coder.TemplateVersionParameter{Type: "number", ValidationMin: number(2)}, []string{"2", "+3", "99"}, []string{"1", "-2", "2.5", "one", "1e3", ""}, nil},
		"up to":         {coder.TemplateVersionParameter{Type: "number", ValidationMax: number(0)}, []string{"0", "-3"}, []string{"1", "", "x"}, nil},
		"monotonic":     {coder.TemplateVersionParameter{Type: "number", ValidationMonotonic: "increasing"}, []string{"1"}, []string{"1.5", ""}, nil},
		"other type":    {coder.TemplateVersionParameter{Type: "map"}, []string{"", "x"}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := func(value string, strict, good bool) {
				t.Helper()
				def := test.def
				def.Name = "p"
				if strict {
					def.FormType = "input"
				}
				problems := parameter.Check([]coder.TemplateVersionParameter{def}, parameter.Input{Values: values{"p": value}})
				if (len(problems) == 0) != good {
					t.Errorf("value %q, strict %t: problems are %v", value, strict, problems)
				}
			}
			for _, value := range test.good {
				check(value, false, true)
				check(value, true, true)
			}
			for _, value := range test.bad {
				check(value, false, false)
				check(value, true, false)
			}
			for _, value := range test.strictlyBad {
				check(value, false, true)
				check(value, true, false)
			}
		})
	}
}

func TestCheck_MultiSelect(t *testing.T) {
	t.Parallel()
	list := []coder.TemplateVersionParameter{{
		Name: "tools", Type: "list(string)", FormType: "multi-select",
		Options: []coder.ParameterOption{{Value: "git"}, {Value: "vim"}, {Value: "go"}},
	}}
	for value, want := range map[string]string{
		`["go","git"]`: "",
		`[]`:           "",
		`["go","ed"]`: `The value "[\"go\",\"ed\"]" of parameter "tools" has "ed", which is not one of the template's options.` +
			` Allowed values: "git", "vim", "go".`,
		"go": `The value "go" of parameter "tools" must be a list of strings as JSON text, as jsonencode(["a", "b"]) makes it.` +
			` Allowed values: "git", "vim", "go".`,
	} {
		got := ""
		for _, p := range parameter.Check(list, parameter.Input{Values: values{"tools": value}}) {
			got += p.Message
		}
		if got != want {
			t.Errorf("%s: message is\n%s\nwant\n%s", value, got, want)
		}
	}
}

func TestCheck_Resolution(t *testing.T) {
	t.Parallel()
	list := []coder.TemplateVersionParameter{
		{Name: "size", Type: "number", Required: true, Mutable: true, ValidationMin: number(1), ValidationMonotonic: "decreasing"},
		{Name: "zone", Type: "string", Options: []coder.ParameterOption{{Value: "z1"}, {Value: "z2"}}},
	}
	for name, test := range map[string]struct {
		in   parameter.Input
		want []found
	}{
		"missing":                        {parameter.Input{}, []found{{parameter.Missing, "size"}}},
		"missing, but names may come":    {parameter.Input{Incomplete: true}, nil},
		"known values are still checked": {parameter.Input{Incomplete: true, Values: values{"zone": "z3"}}, []found{{parameter.Invalid, "zone"}}},
		"not known yet":                  {parameter.Input{Unknown: []string{"size", "zone"}}, nil},
		"not known, previous is bad":     {parameter.Input{Unknown: []string{"size"}, Previous: values{"size": "0"}}, nil},
		"name of a value not known":      {parameter.Input{Unknown: []string{"size", "sise"}}, []found{{parameter.UnknownName, "sise"}}},
		"previous value":                 {parameter.Input{Previous: values{"size": "3"}}, nil},
		"previous value is bad":          {parameter.Input{Previous: values{"size": "0"}}, []found{{parameter.Invalid, "size"}}},
		"preset":                         {parameter.Input{Preset: values{"size": "3"}}, nil},
		"preset wins":                    {parameter.Input{Preset: values{"size": "3"}, Values: values{"size": "0"}}, nil},
		"kept among the ephemeral":       {parameter.Input{Ephemeral: values{"size": "3"}}, []found{{parameter.NotEphemeral, "size"}}},
		"preset changes an immutable":    {parameter.Input{Preset: values{"zone": "z2"}, Previous: values{"size": "1", "zone": "z1"}}, []found{{parameter.Immutable, "zone"}}},
		"preset keeps an immutable":      {parameter.Input{Preset: values{"zone": "z1"}, Previous: values{"size": "1", "zone": "z1"}}, nil},
		"immutable not known":            {parameter.Input{Unknown: []string{"zone"}, Previous: values{"size": "1", "zone": "z1"}}, []found{{parameter.PerhapsImmutable, "zone"}}},
		"immutable not known at create":  {parameter.Input{Values: values{"size": "1"}, Unknown: []string{"zone"}}, nil},
		"ephemeral name":                 {parameter.Input{Values: values{"size": "1"}, Ephemeral: values{"other": "0"}}, []found{{parameter.UnknownName, "other"}}},
		"lower":                          {parameter.Input{Values: values{"size": "9"}, Previous: values{"size": "10"}}, nil},
		"equal":                          {parameter.Input{Values: values{"size": "10"}, Previous: values{"size": "10"}}, nil},
		"higher":                         {parameter.Input{Values: values{"size": "10"}, Previous: values{"size": "9"}}, []found{{parameter.Invalid, "size"}}},
		"higher than no number":          {parameter.Input{Values: values{"size": "10"}, Previous: values{"size": "x"}}, nil},
		"immutable and new":              {parameter.Input{Values: values{"size": "1", "zone": "z1"}, Previous: values{"size": "1"}}, nil},
		"immutable and changed to bad":   {parameter.Input{Values: values{"zone": "z3"}, Previous: values{"size": "1", "zone": "z1"}}, []found{{parameter.Immutable, "zone"}}},
		"replaced":                       {parameter.Input{Values: values{"zone": "z3"}}, []found{{parameter.Missing, "size"}, {parameter.Invalid, "zone"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, brief(parameter.Check(list, test.in))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A value that only counts for one build is not taken from the previous one.
func TestCheck_EphemeralIsNotCarriedOver(t *testing.T) {
	t.Parallel()
	list := []coder.TemplateVersionParameter{{Name: "note", Type: "bool", Ephemeral: true, Mutable: true, DefaultValue: "false"}}
	if got := parameter.Check(list, parameter.Input{Previous: values{"note": "bad"}}); got != nil {
		t.Errorf("problems are %v", got)
	}
}

func TestCheck_Messages(t *testing.T) {
	t.Parallel()
	many := make([]coder.TemplateVersionParameter, 32)
	for i := range many {
		many[i] = coder.TemplateVersionParameter{Name: "p" + strings.Repeat("x", i)}
	}
	cpu := coder.TemplateVersionParameter{Name: "cpu", DisplayName: "CPU cores", Type: "number", Mutable: true, ValidationMin: number(1), ValidationMax: number(8)}
	words := cpu
	words.ValidationError = "from {min} to {max}, not {value}"
	region := coder.TemplateVersionParameter{Name: "region", Required: true, Type: "string", Options: []coder.ParameterOption{{Value: "eu"}, {Value: "us"}}}
	project := coder.TemplateVersionParameter{Name: "project", Required: true, Type: "string", ValidationRegex: "^[a-z]*$", ValidationError: "small letters {min}"}
	for name, test := range map[string]struct {
		list []coder.TemplateVersionParameter
		in   parameter.Input
		want string
	}{
		"NUL": {
			[]coder.TemplateVersionParameter{{Name: "note", Type: "string", Mutable: true}},
			parameter.Input{Values: values{"note": "a\x00b"}},
			`The value of parameter "note" has a NUL character, which Coder cannot keep.`,
		},
		"typo": {
			[]coder.TemplateVersionParameter{cpu, region},
			parameter.Input{Values: values{"region": "eu", "cpi": "1"}},
			`The template has no parameter "cpi", so Coder would ignore it. Did you mean "cpu"? Its parameters are "cpu", "region".`,
		},
		"swapped letters": {
			[]coder.TemplateVersionParameter{cpu, region},
			parameter.Input{Values: values{"region": "eu", "pcu": "1"}},
			`The template has no parameter "pcu", so Coder would ignore it. Did you mean "cpu"? Its parameters are "cpu", "region".`,
		},
		"display name": {
			[]coder.TemplateVersionParameter{cpu},
			parameter.Input{Values: values{"CPU Cores": "1"}},
			`The template has no parameter "CPU Cores", so Coder would ignore it. Did you mean "cpu"? Its parameters are "cpu".`,
		},
		"nothing near": {
			[]coder.TemplateVersionParameter{cpu},
			parameter.Input{Values: values{"memory": "1"}},
			`The template has no parameter "memory", so Coder would ignore it. Its parameters are "cpu".`,
		},
		"no parameters": {
			nil,
			parameter.Input{Values: values{"cpu": "1"}},
			`The template has no parameter "cpu", so Coder would ignore it. It has no parameters at all.`,
		},
		"missing": {
			[]coder.TemplateVersionParameter{region},
			parameter.Input{},
			`The template requires a value for parameter "region", and it has no default. Allowed values: "eu", "us".`,
		},
		"option": {
			[]coder.TemplateVersionParameter{region},
			parameter.Input{Values: values{"region": "mars"}},
			`The value "mars" of parameter "region" is not one of the template's options. Allowed values: "eu", "us".`,
		},
		"empty": {
			[]coder.TemplateVersionParameter{project},
			parameter.Input{Values: values{"project": ""}},
			`The empty value of parameter "project" is refused: the template requires a value.`,
		},
		"range": {
			[]coder.TemplateVersionParameter{cpu},
			parameter.Input{Values: values{"cpu": "9"}},
			`The value "9" of parameter "cpu" is out of range. Allowed are whole numbers from 1 to 8.`,
		},
		"kept value": {
			[]coder.TemplateVersionParameter{cpu},
			parameter.Input{Previous: values{"cpu": "9"}},
			`The value "9" that parameter "cpu" keeps from the previous build is out of range. Allowed are whole numbers from 1 to 8.`,
		},
		"number in the template's words": {
			[]coder.TemplateVersionParameter{words},
			parameter.Input{Values: values{"cpu": "9"}},
			`The value "9" of parameter "cpu" is out of range: from 1 to 8, not 9. Allowed are whole numbers from 1 to 8.`,
		},
		"pattern": {
			[]coder.TemplateVersionParameter{project},
			parameter.Input{Values: values{"project": "X"}},
			`The value of parameter "project" does not match "^[a-z]*$": small letters {min}.`,
		},
		"monotonic": {
			[]coder.TemplateVersionParameter{{Name: "disk", Type: "number", Mutable: true, ValidationMonotonic: "increasing"}},
			parameter.Input{Values: values{"disk": "5"}, Previous: values{"disk": "10"}},
			`The value "5" of parameter "disk" must be equal to or greater than "10", the value of the previous build.`,
		},
		"long value": {
			[]coder.TemplateVersionParameter{region},
			parameter.Input{Values: values{"region": strings.Repeat("ä", 100)}},
			`The value "` + strings.Repeat("ä", 80) + `"… of parameter "region" is not one of the template's options. Allowed values: "eu", "us".`,
		},
		"immutable": {
			[]coder.TemplateVersionParameter{region},
			parameter.Input{Values: values{"region": "eu"}, Previous: values{"region": "us"}},
			`Parameter "region" is not mutable: its value can only be set when the workspace is created.`,
		},
		"ephemeral": {
			[]coder.TemplateVersionParameter{{Name: "note", Type: "string", Ephemeral: true}},
			parameter.Input{Values: values{"note": "x"}},
			`Parameter "note" is ephemeral: its value counts for one build only. Set it in ephemeral_parameters.`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := parameter.Check(test.list, test.in)
			if len(problems) != 1 || problems[0].Message != test.want {
				t.Errorf("problems are\n%v\nwant one with\n%s", problems, test.want)
			}
		})
	}
	got := parameter.Check(many, parameter.Input{Values: values{"q": ""}})
	if len(got) != 1 || !strings.HasSuffix(got[0].Message, ", and 2 more.") {
		t.Errorf("long list: problems are %v", got)
	}
}

// Values that may be secrets do not get into messages, whatever is wrong.
func TestCheck_HidesSecrets(t *testing.T) {
	t.Parallel()
	const secret = "hunter2-5"
	list := []coder.TemplateVersionParameter{
		{Name: "option", Type: "string", Options: []coder.ParameterOption{{Value: "a"}}},
		{Name: "several", Type: "list(string)", FormType: "multi-select", Options: []coder.ParameterOption{{Value: "a"}}},
		{Name: "number", Type: "number", ValidationMin: number(1), ValidationError: "not {value}"},
		{Name: "text", Type: "string", ValidationRegex: "^a$", ValidationError: "no"},
		{Name: "yes", Type: "bool"},
		{Name: "list", Type: "list(string)"},
		{Name: "down", Type: "number", Mutable: true, ValidationMonotonic: "decreasing"},
	}
	in := parameter.Input{
		Ephemeral: values{
			"option": secret, "several": `["` + secret + `"]`, "number": secret, "text": secret, "yes": secret, "list": secret,
			"down": "77778888", "unknown": secret,
		},
		Previous: values{"down": "66665555"},
	}
	problems := parameter.Check(list, in)
	if len(problems) != len(list)+1 {
		t.Fatalf("problems are %v", problems)
	}
	for i := range list {
		list[i].Name = "API_KEY " + list[i].Name
	}
	named := parameter.Input{Values: values{}, Previous: values{"API_KEY down": "66665555"}}
	for name, value := range in.Ephemeral {
		named.Values["API_KEY "+name] = value
	}
	problems = append(problems, parameter.Check(list, named)...)
	if len(problems) != 2*len(list)+2 {
		t.Fatalf("problems are %v", problems)
	}
	for _, p := range problems {
		for _, hidden := range []string{secret, "77778888", "66665555"} {
			if strings.Contains(p.Message, hidden) {
				t.Errorf("%s: message shows the value: %s", p.Name, p.Message)
			}
		}
	}
}

func TestInput_Merged(t *testing.T) {
	t.Parallel()
	in := parameter.Input{
		Previous:  values{"a": "previous", "b": "previous", "c": "previous", "d": "previous", "e": "previous"},
		Values:    values{"b": "kept", "d": "kept"},
		Ephemeral: values{"c": "once"},
		Preset:    values{"d": "preset"},
		Unknown:   []string{"e"},
	}
	if diff := cmp.Diff(values{"a": "previous", "b": "kept", "c": "once", "d": "preset"}, in.Merged()); diff != "" {
		t.Error(diff)
	}
}
