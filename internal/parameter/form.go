package parameter

import (
	"slices"
	"strings"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// FromForm finds the problems of a build by the form that the server evaluated
// with [Input.Merged], as the dynamic parameter flow does. To the server's own
// diagnostics it adds what only the build would say: unknown names, changes of
// immutable values, monotonic numbers that move the wrong way.
//
// With a value that is not known yet the form may look different in the end, so
// that only those problems are reported that no other value can mend: values
// that are not of their parameter's type, changes of immutable ones, ephemeral
// ones that are to be kept.
func FromForm(form *coder.ParameterForm, in Input) []Problem {
	partial := in.Incomplete || len(in.Unknown) > 0
	var problems []Problem
	definitions := make([]coder.TemplateVersionParameter, len(form.Parameters))
	for i := range form.Parameters {
		definitions[i] = definition(&form.Parameters[i])
	}
	secrets := in.secrets(form, definitions)
	for i := range form.Parameters {
		if p := in.formProblem(&form.Parameters[i], &definitions[i], partial, secrets); p != nil {
			problems = append(problems, *p)
		}
	}
	if partial {
		return problems
	}
	incomplete := false
	for _, d := range form.Diagnostics {
		incomplete = incomplete || d.Severity == coder.SeverityError || d.LacksModule()
		if d.Severity == coder.SeverityError {
			problems = append(problems, Problem{Kind: Template, Message: "The template refuses these values. " + secrets.Hide(wording(d))})
		}
	}
	if !incomplete {
		problems = append(problems, in.unknownNames(definitions)...)
	}
	return problems
}

// formProblem is the problem with one parameter of a form, nil when there is
// none.
func (in *Input) formProblem(parameter *coder.FormParameter, def *coder.TemplateVersionParameter, partial bool, secrets *Secrets) *Problem {
	if p := in.misplaced(def); p != nil {
		return p
	}
	got := in.lookup(def.Name, def.Ephemeral)
	_, merged := in.Previous[def.Name]
	if got.origin == notYet {
		return in.perhapsImmutable(def)
	}
	if got.origin == nowhere && def.Ephemeral && merged {
		return nil // the value of the next build is not the one in the form
	}
	if got.origin == configured || got.origin == preset {
		if p := in.immutable(def, got); p != nil {
			return p
		}
	}
	secret := got.ephemeral || isSecret(def) || masked(parameter)
	if reason := unstorable(got); reason != "" {
		return &Problem{Invalid, def.Name, describe(def.Name, got, secret) + " " + reason}
	}
	at := slices.IndexFunc(parameter.Diagnostics, func(d coder.FormDiagnostic) bool { return d.Severity == coder.SeverityError })
	switch {
	case partial && (at < 0 || got.origin != configured || ofType(def.Type, got.value)):
		return nil
	case at < 0:
		if reason := in.wrongWay(def, got.value, secret); got.origin == configured && reason != "" {
			return &Problem{Invalid, def.Name, describe(def.Name, got, secret) + " " + reason}
		}
		return nil
	case parameter.Diagnostics[at].Extra.Code == coder.DiagnosticRequired, got.origin == nowhere && def.Required:
		p := missing(def, secrets)
		return &p
	}
	if got.origin == nowhere && parameter.Value.Valid {
		got.value = parameter.Value.Value
	}
	text := describe(def.Name, got, secret) + " is not valid."
	if !def.Ephemeral && !masked(parameter) { // the server quotes the value, or what it makes of it
		text += " " + secrets.hideAbout(def.Name, wording(parameter.Diagnostics[at]))
	}
	// A template can make options of other values.
	return &Problem{Invalid, def.Name, strings.TrimSpace(text + " " + secrets.Hide(allowed(def)))}
}

// masked tells whether a parameter's value is not to be shown.
func masked(parameter *coder.FormParameter) bool {
	return parameter.Styling.MaskInput || secretName(parameter.Name)
}

// wording is a diagnostic in one sentence.
func wording(d coder.FormDiagnostic) string {
	if d.Detail == "" || d.Detail == d.Summary {
		return sentence(d.Summary)
	}
	return sentence(strings.TrimRight(d.Summary, ". ") + ": " + d.Detail)
}

// secrets are the values that must not be shown: a template can put that of one
// parameter in the words about another.
func (in *Input) secrets(form *coder.ParameterForm, definitions []coder.TemplateVersionParameter) *Secrets {
	secrets := NewSecrets(definitions)
	evaluated := map[string]string{}
	for i := range form.Parameters {
		parameter := &form.Parameters[i]
		if masked(parameter) {
			secrets.shown[parameter.Name] = false
		}
		if parameter.Value.Valid {
			evaluated[parameter.Name] = parameter.Value.Value
		}
	}
	for _, values := range []map[string]string{in.Values, in.Previous, in.Preset, evaluated} {
		secrets.Add(values)
	}
	secrets.AddEphemeral(in.Ephemeral)
	return secrets
}

// ofType tells whether a value is of a type, as the form sees it.
func ofType(valueType, value string) bool {
	return checkValue(&coder.TemplateVersionParameter{Type: valueType, FormType: "any"}, value, true) == ""
}

// definition is a parameter of a form as the classic list would have it.
func definition(p *coder.FormParameter) coder.TemplateVersionParameter {
	def := coder.TemplateVersionParameter{
		Name: p.Name, DisplayName: p.DisplayName, Type: p.Type, FormType: p.FormType,
		Mutable: p.Mutable, Ephemeral: p.Ephemeral, Required: p.Required,
	}
	for _, option := range p.Options {
		if option.Value.Valid {
			def.Options = append(def.Options, coder.ParameterOption{Name: option.Name, Value: option.Value.Value})
		}
	}
	for _, v := range p.Validations {
		if v.Min != nil {
			def.ValidationMin = v.Min
		}
		if v.Max != nil {
			def.ValidationMax = v.Max
		}
		if v.Monotonic != "" {
			def.ValidationMonotonic = v.Monotonic
		}
	}
	return def
}
