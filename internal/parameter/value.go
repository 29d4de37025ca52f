package parameter

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// The types of parameters, and the form that takes several options.
const (
	typeString = "string"
	typeNumber = "number"
	typeBool   = "bool"
	typeList   = "list(string)"

	formMultiSelect = "multi-select"
)

// checkValue is why a value breaks the rules that hold for it alone, "" when it
// does not.
func checkValue(def *coder.TemplateVersionParameter, value string, secret bool) string {
	// A template that has a form type is made for Coder ≥2.24, and reading it
	// checks type and options of whatever the server let pass.
	strict := def.FormType != ""
	if len(def.Options) > 0 && (value != "" || strict) {
		if reason := checkOptions(def, value, secret); reason != "" {
			return reason
		}
		if !strict {
			return "" // what is offered is right
		}
	}
	switch def.Type {
	case typeNumber:
		return checkNumber(def, value, strict, secret)
	case typeBool:
		if value != "true" && value != "false" && (value != "" || strict) {
			return `must be "true" or "false".`
		}
	case typeList:
		if _, ok := list(value); !ok && (value != "" || strict) {
			return notList
		}
	case typeString:
		return checkPattern(def, value)
	}
	return ""
}

// unstorable is why no server can keep a value, "" when it can. Evaluating a form
// does not tell, only the build is refused, as a failure inside Coder.
func unstorable(got given) string {
	if strings.ContainsRune(got.value, 0) {
		return "has a NUL character, which Coder cannot keep."
	}
	return ""
}

const notList = `must be a list of strings as JSON text, as jsonencode(["a", "b"]) makes it.`

// checkOptions checks that a value is offered; in a multiple selection every
// element of the list has to be.
func checkOptions(def *coder.TemplateVersionParameter, value string, secret bool) string {
	chosen := []string{value}
	multiple := def.Type == typeList && def.FormType == formMultiSelect
	if multiple {
		var ok bool
		if chosen, ok = list(value); !ok {
			return notList + allowed(def)
		}
	}
	for _, one := range chosen {
		switch {
		case slices.Contains(optionValues(def), one):
		case multiple && !secret:
			return fmt.Sprintf("has %s, which is not one of the template's options.", quote(one)) + allowed(def)
		default:
			return "is not one of the template's options." + allowed(def)
		}
	}
	return ""
}

// checkNumber checks a number. With a rule of the template it has to be whole;
// without one anything goes in templates that are not strict.
func checkNumber(def *coder.TemplateVersionParameter, value string, strict, secret bool) string {
	if def.ValidationMin == nil && def.ValidationMax == nil && def.ValidationMonotonic == "" {
		if _, err := strconv.ParseFloat(value, 64); err != nil && strict {
			return "must be a number."
		}
		return ""
	}
	number, err := strconv.Atoi(value)
	switch {
	case err != nil:
		return explained(def, value, secret, "must be a whole number")
	case def.ValidationMin != nil && int64(number) < *def.ValidationMin, def.ValidationMax != nil && int64(number) > *def.ValidationMax:
		return explained(def, value, secret, "is out of range")
	}
	return ""
}

// explained is a reason with the template's own words for it, in which Coder
// ≥2.8 fills in {min}, {max} and {value}, and the range.
func explained(def *coder.TemplateVersionParameter, value string, secret bool, reason string) string {
	if def.ValidationError != "" {
		shown := value
		if secret {
			shown = placeholder(def.Name)
		}
		words := strings.NewReplacer("{min}", bound(def.ValidationMin), "{max}", bound(def.ValidationMax), "{value}", shown).Replace(def.ValidationError)
		reason += ": " + words
	}
	return sentence(reason) + allowed(def)
}

// bound is how Coder writes a bound in the template's words.
func bound(limit *int64) string {
	if limit == nil {
		return "0"
	}
	return strconv.FormatInt(*limit, 10)
}

// checkPattern checks a text against the template's regular expression, an
// empty text included. The template's words for it are taken as they are.
func checkPattern(def *coder.TemplateVersionParameter, value string) string {
	if def.ValidationRegex == "" {
		return ""
	}
	pattern, err := regexp.Compile(def.ValidationRegex)
	if err != nil || pattern.MatchString(value) {
		return "" // such a pattern does not get through the import of a template
	}
	reason := fmt.Sprintf("does not match %q", def.ValidationRegex)
	if def.ValidationError != "" {
		reason += ": " + def.ValidationError
	}
	return sentence(reason)
}

// list reads a list of strings as Coder does.
func list(value string) ([]string, bool) {
	var elements []string
	err := json.Unmarshal([]byte(value), &elements)
	return elements, err == nil
}

func optionValues(def *coder.TemplateVersionParameter) []string {
	values := make([]string, len(def.Options))
	for i := range def.Options {
		values[i] = def.Options[i].Value
	}
	return values
}

// allowed is a sentence on the values that a parameter takes, after a blank; ""
// when there is nothing to say.
func allowed(def *coder.TemplateVersionParameter) string {
	least, most := def.ValidationMin, def.ValidationMax
	switch {
	case len(def.Options) > 0:
		return " Allowed values: " + enumerate(optionValues(def)) + "."
	case def.Type == typeBool:
		return ` Allowed values: "true", "false".`
	case def.Type != typeNumber:
		return ""
	case least != nil && most != nil:
		return fmt.Sprintf(" Allowed are whole numbers from %d to %d.", *least, *most)
	case least != nil:
		return fmt.Sprintf(" Allowed are whole numbers from %d.", *least)
	case most != nil:
		return fmt.Sprintf(" Allowed are whole numbers up to %d.", *most)
	}
	return ""
}
