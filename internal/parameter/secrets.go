package parameter

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/printable"
)

// Secrets are the values that are never shown. Any of free text can be one:
// Terraform hides in a plan what comes from a sensitive variable, but not in what
// a provider says, and the server, a template, and the log of a build repeat
// values. Numbers, booleans and options are shown. Of ephemeral parameters,
// whatever they are, nothing is.
//
// The zero Secrets have none, and so has nil.
type Secrets struct {
	shown     map[string]bool // by name, of the parameters that are known
	ephemeral map[string]bool
	spellings []spelling // the longest first
}

// spelling is one way in which a text can have a value.
type spelling struct {
	text, name string
	always     bool // also where the text is as short as a word of others
}

// The lengths from which a value is found: as a word of its own, and as a part of
// a word. A shorter one would be found in any text; that is only hidden where it
// stands in quotation marks.
const (
	wordLength = 4
	partLength = 8
)

// NewSecrets are the secrets among values of these parameters. Of parameters that
// are not among them, which is all where nil is given, everything is secret that
// does not look like a number or a boolean.
func NewSecrets(definitions []coder.TemplateVersionParameter) *Secrets {
	s := &Secrets{shown: map[string]bool{}, ephemeral: map[string]bool{}}
	for i := range definitions {
		def := &definitions[i]
		s.shown[def.Name], s.ephemeral[def.Name] = !isSecret(def), def.Ephemeral
	}
	return s
}

// isSecret tells whether the values of a parameter are never shown.
func isSecret(def *coder.TemplateVersionParameter) bool {
	return def.Ephemeral || isFreeText(def) || secretName(def.Name)
}

// isFreeText tells whether a value can be any text.
func isFreeText(def *coder.TemplateVersionParameter) bool {
	return def.Type != typeNumber && def.Type != typeBool && len(def.Options) == 0
}

// Add adds the secrets among values.
func (s *Secrets) Add(values map[string]string) {
	for name, value := range values {
		if shown, known := s.shown[name]; shown || !known && isPlain(value) {
			continue
		}
		s.add(name, value, s.ephemeral[name])
	}
	s.tidy()
}

// AddEphemeral adds values of ephemeral parameters.
func (s *Secrets) AddEphemeral(values map[string]string) {
	for name, value := range values {
		s.add(name, value, true)
	}
	s.tidy()
}

// tidy puts longer spellings before those that may be a part of them.
func (s *Secrets) tidy() {
	slices.SortFunc(s.spellings, func(a, b spelling) int {
		return cmp.Or(cmp.Compare(len(b.text), len(a.text)), cmp.Compare(a.text, b.text), cmp.Compare(a.name, b.name))
	})
	s.spellings = slices.Compact(s.spellings)
}

// isPlain tells whether a value is a number or a boolean.
func isPlain(value string) bool {
	_, err := strconv.ParseFloat(value, 64)
	return err == nil || value == "true" || value == "false"
}

// add adds a value, also as Go, JSON and the log of a build would write it: in
// quotes, line by line, and the elements of a list each for itself.
func (s *Secrets) add(name, value string, always bool) {
	quoted := strconv.Quote(value)
	encoded, _ := json.Marshal(value) // a string always can be
	texts := []string{value, strings.TrimSpace(value), printable.Clean(value), quoted[1 : len(quoted)-1], string(encoded[1 : len(encoded)-1])}
	for line := range strings.Lines(value) {
		if line = printable.Clean(line); len(line) >= partLength {
			texts = append(texts, line)
		}
	}
	for _, text := range texts {
		if text != "" {
			s.spellings = append(s.spellings, spelling{text, name, always})
		}
	}
	if elements, ok := list(value); ok {
		for _, element := range elements {
			s.add(name, element, always)
		}
	}
}

// Hide is a text of somebody else's, fit to be printed, with secrets replaced by
// the names of their parameters.
func (s *Secrets) Hide(text string) string { return s.hideAbout("", text) }

// hideAbout is [Secrets.Hide] for a text about one parameter, which more likely
// has its value, however short.
func (s *Secrets) hideAbout(name, text string) string {
	text = printable.Clean(text) // what is written between the letters of a value does not save it
	if s == nil {
		return text
	}
	var within []spelling
	for _, known := range s.spellings {
		if strings.Contains(text, known.text) {
			within = append(within, known)
		}
	}
	var hidden strings.Builder
	for at := 0; at < len(text); {
		found := slices.IndexFunc(within, func(known spelling) bool {
			return strings.HasPrefix(text[at:], known.text) && known.standsIn(text, at, known.name == name)
		})
		if found < 0 {
			hidden.WriteByte(text[at])
			at++
			continue
		}
		hidden.WriteString(placeholder(within[found].name))
		at += len(within[found].text)
	}
	return hidden.String()
}

// placeholder stands for a value that is not shown.
func placeholder(name string) string { return fmt.Sprintf("(value of %s)", name) }

// standsIn tells whether the text at a place of another can only be the value.
func (k spelling) standsIn(text string, at int, isSubject bool) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	after, _ := utf8.DecodeRuneInString(text[at+len(k.text):])
	first, _ := utf8.DecodeRuneInString(k.text)
	last, _ := utf8.DecodeLastRuneInString(k.text)
	length := utf8.RuneCountInString(k.text)
	switch {
	case length >= partLength, isQuotation(before) && isQuotation(after):
		return true
	case length >= wordLength, k.always, isSubject:
		return (!isLetter(before) || !isLetter(first)) && (!isLetter(last) || !isLetter(after))
	default:
		return false
	}
}

func isLetter(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

func isQuotation(r rune) bool { return strings.ContainsRune("\"'`“”„‘’«»", r) }
