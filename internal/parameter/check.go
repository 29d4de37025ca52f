package parameter

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// Check finds the problems of a build by the list of a template version's
// parameters, as the classic parameter flow does, though all of them and not
// only the first. It is meant for builds that are going to be made: the values
// of the previous one are checked too, since the server checks them again.
//
// Beside unknown names it objects to values that servers accept and the build
// then fails on: numbers that break a rule of the template (Coder ≥2.24), and
// empty values that are no number, no match of the template's pattern or, in
// templates for Coder ≥2.24, not of the parameter's type.
func Check(definitions []coder.TemplateVersionParameter, in Input) []Problem {
	var problems []Problem
	for i := range definitions {
		problems = append(problems, in.check(&definitions[i])...)
	}
	return append(problems, in.unknownNames(definitions)...)
}

// check finds the problems with one parameter.
func (in *Input) check(def *coder.TemplateVersionParameter) []Problem {
	if p := in.misplaced(def); p != nil {
		return []Problem{*p}
	}
	got := in.lookup(def.Name, def.Ephemeral)
	switch got.origin {
	case notYet:
		if p := in.perhapsImmutable(def); p != nil {
			return []Problem{*p}
		}
		return nil
	case preset:
		if p := in.immutable(def, got); p != nil {
			return []Problem{*p}
		}
		return nil
	case nowhere:
		if def.Required && !in.Incomplete {
			return []Problem{missing(def, nil)}
		}
		return nil
	case configured:
		if p := in.immutable(def, got); p != nil {
			return []Problem{*p}
		}
	case previous:
		// The server checks it again.
	}
	secret := got.ephemeral || isSecret(def)
	if reason := in.refusal(def, got, secret); reason != "" {
		return []Problem{{Invalid, def.Name, describe(def.Name, got, secret) + " " + reason}}
	}
	return nil
}

// refusal is why a value does not suit, "" when it does.
func (in *Input) refusal(def *coder.TemplateVersionParameter, got given, secret bool) string {
	if reason := unstorable(got); reason != "" {
		return reason
	}
	if got.value == "" && def.Required {
		return "is refused: the template requires a value." + allowed(def)
	}
	if reason := checkValue(def, got.value, secret); reason != "" {
		return reason
	}
	if got.origin == configured {
		return in.wrongWay(def, got.value, secret)
	}
	return ""
}

// misplaced is the problem of a value among those of the other sort. An
// ephemeral one to be kept is in no later build, which looks like a change every
// time; a kept one among the ephemeral ones stays, and nobody knows of it.
func (in *Input) misplaced(def *coder.TemplateVersionParameter) *Problem {
	_, kept := in.Values[def.Name]
	_, once := in.Ephemeral[def.Name]
	switch {
	case kept && def.Ephemeral:
		return &Problem{NotKept, def.Name, fmt.Sprintf("Parameter %q is ephemeral: its value counts for one build only. Set it in ephemeral_parameters.", def.Name)}
	case once && !def.Ephemeral && in.Server.Before(0, 26):
		return &Problem{NotEphemeral, def.Name, fmt.Sprintf("The deployment runs Coder %s, which has no ephemeral parameters; they need Coder 0.26. Set parameter %q in parameters.", in.Server, def.Name)}
	case once && !def.Ephemeral:
		return &Problem{NotEphemeral, def.Name, fmt.Sprintf("Parameter %q is not ephemeral: the template keeps its value for later builds. Set it in parameters.", def.Name)}
	default:
		return nil
	}
}

// missing is the problem of a required value that nobody gives.
func missing(def *coder.TemplateVersionParameter, secrets *Secrets) Problem {
	text := fmt.Sprintf("The template requires a value for parameter %q, and it has no default.", def.Name)
	return Problem{Missing, def.Name, strings.TrimSpace(text + " " + secrets.Hide(allowed(def)))}
}

// immutable is the problem of a changed value that cannot change. A parameter
// that is new in the template version may be set.
func (in *Input) immutable(def *coder.TemplateVersionParameter, got given) *Problem {
	before, had := in.Previous[def.Name]
	if def.Mutable || !had || before == got.value {
		return nil
	}
	return &Problem{Immutable, def.Name, fmt.Sprintf("Parameter %q is not mutable: its value can only be set when the workspace is created.", def.Name)}
}

// perhapsImmutable is the problem of a value that cannot change and is not known
// yet.
func (in *Input) perhapsImmutable(def *coder.TemplateVersionParameter) *Problem {
	if _, had := in.Previous[def.Name]; def.Mutable || !had {
		return nil
	}
	return &Problem{PerhapsImmutable, def.Name, fmt.Sprintf("Parameter %q is not mutable, and its value is not known yet.", def.Name)}
}

// wrongWay is why a number may not follow the one of the previous build, ""
// when it may. Coder before 0.27 compares as text, where "10" is lower than "9".
func (in *Input) wrongWay(def *coder.TemplateVersionParameter, value string, secret bool) string {
	before, had := in.Previous[def.Name]
	if !had || def.Type != typeNumber {
		return ""
	}
	order := 0
	if in.Server.Known() && !in.Server.AtLeast(0, 27) {
		order = cmp.Compare(value, before)
	} else {
		now, err := strconv.Atoi(value)
		if err != nil {
			return ""
		}
		then, err := strconv.Atoi(before)
		if err != nil {
			return "" // as the server does, so that a bad value can be mended
		}
		order = cmp.Compare(now, then)
	}
	direction := ""
	switch {
	case def.ValidationMonotonic == "increasing" && order < 0:
		direction = "greater"
	case def.ValidationMonotonic == "decreasing" && order > 0:
		direction = "lower"
	default:
		return ""
	}
	if secret {
		return fmt.Sprintf("must be equal to or %s than that of the previous build.", direction)
	}
	return fmt.Sprintf("must be equal to or %s than %s, the value of the previous build.", direction, quote(before))
}
