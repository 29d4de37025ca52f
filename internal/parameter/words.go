package parameter

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

const (
	// longest is how many characters of a value are quoted.
	longest = 80
	// most is how many names or values are listed.
	most = 30
)

// secretNames are parts of names whose values are better not quoted.
var secretNames = regexp.MustCompile(`(?i)pass(word|wd|phrase)|secret|token|credential|(api|access|private|ssh)[ _-]?key`)

func secretName(name string) bool { return secretNames.MatchString(name) }

// quote shows a value.
func quote(value string) string {
	if runes := []rune(value); len(runes) > longest {
		return strconv.Quote(string(runes[:longest])) + "…"
	}
	return strconv.Quote(value)
}

// describe is the subject of a sentence on a value.
func describe(name string, got given, secret bool) string {
	text := "The value"
	switch {
	case got.ephemeral:
	case got.value == "":
		text = "The empty value"
	case !secret:
		text += " " + quote(got.value)
	}
	switch got.origin {
	case previous:
		return text + fmt.Sprintf(" that parameter %q keeps from the previous build", name)
	case nowhere:
		return text + fmt.Sprintf(" that parameter %q has by default", name)
	case preset:
		return text + fmt.Sprintf(" that the preset gives parameter %q", name)
	default:
		return text + fmt.Sprintf(" of parameter %q", name)
	}
}

// sentence ends a text with a full stop.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".!?") {
		return text
	}
	return text + "."
}

// enumerate lists texts in quotes.
func enumerate(texts []string) string {
	var quoted []string
	for i, text := range texts {
		if i == most {
			quoted = append(quoted, fmt.Sprintf("and %d more", len(texts)-most))
			break
		}
		quoted = append(quoted, quote(text))
	}
	return strings.Join(quoted, ", ")
}

// unknownNames are the problems of names that the template does not have.
func (in *Input) unknownNames(definitions []coder.TemplateVersionParameter) []Problem {
	configured := map[string]bool{}
	for name := range in.Values {
		configured[name] = true
	}
	for name := range in.Ephemeral {
		configured[name] = true
	}
	for _, name := range in.Unknown {
		configured[name] = true
	}
	var problems []Problem
	for _, name := range slices.Sorted(maps.Keys(configured)) {
		if !slices.ContainsFunc(definitions, func(def coder.TemplateVersionParameter) bool { return def.Name == name }) {
			problems = append(problems, Problem{UnknownName, name, unknownName(name, definitions)})
		}
	}
	return problems
}

func unknownName(name string, definitions []coder.TemplateVersionParameter) string {
	text := fmt.Sprintf("The template has no parameter %q, so Coder would ignore it.", name)
	if near := nearest(name, definitions); near != "" {
		text += fmt.Sprintf(" Did you mean %q?", near)
	}
	if len(definitions) == 0 {
		return text + " It has no parameters at all."
	}
	names := make([]string, len(definitions))
	for i := range definitions {
		names[i] = definitions[i].Name
	}
	slices.Sort(names)
	return text + " Its parameters are " + enumerate(names) + "."
}

// nearest is the parameter whose name, or display name, is nearly the wanted
// one, "" when none is.
func nearest(name string, definitions []coder.TemplateVersionParameter) string {
	wanted := strings.ToLower(name)
	length := len([]rune(wanted))
	found, least := "", min(length, max(1, length/3)+1)
	for i := range definitions {
		for _, candidate := range []string{definitions[i].Name, definitions[i].DisplayName} {
			if candidate == "" {
				continue
			}
			if d := distance(wanted, strings.ToLower(candidate)); d < least {
				found, least = definitions[i].Name, d
			}
		}
	}
	return found
}

// distance is how many characters have to be put in, taken out, replaced or
// swapped with their neighbour to make one text the other.
func distance(from, to string) int {
	a, b := []rune(from), []rune(to)
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			replaced := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			rows[i][j] = min(replaced, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
