// Package printable makes texts fit to be printed. Whatever the provider says
// goes through it on the way out, see internal/provider/door.go, whoever has
// said it first: the provider, the server, or a template.
package printable

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// longest bounds one text, in characters. It has room for a problem with the
// end of a build's log in it.
const longest = 12_000

var (
	// escapes are terminal sequences: CSI (colours, cursor), OSC and its relatives
	// (titles, links) up to their end on the same line, and the short ones. What
	// is without an end must not take the rest of the text with it.
	escapes = regexp.MustCompile("(?:\x1b\\[|\u009b)[0-?]*[ -/]*[@-~]" +
		"|(?:\x1b[\\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\x07\x1b\u009c\r\n]*(?:\x07|\x1b\\\\|\u009c)" +
		"|\x1b[ -/]*[0-~]?")
	// invisible are control characters (C0 but for tab and new line, DEL, C1), and
	// characters that only change how others are shown.
	invisible = regexp.MustCompile(`[\x00-\x08\x0b-\x1f\x7f-\x9f\x{061c}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{feff}\x{e0000}-\x{e007f}]+`)
	newLines  = strings.NewReplacer("\r\n", "\n", "\r", "\n")
	// blankLines are more than one empty line in a row.
	blankLines = regexp.MustCompile(`\n(?:[ \t]*\n){2,}`)
)

// Clean makes a text fit to be printed: without terminal escapes, control
// characters and changes of the writing direction, which could forge what the
// terminal shows; valid UTF-8, which Terraform's protocol needs; and of bounded
// length. Lines are kept.
func Clean(text string) string {
	if len(text) <= longest && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return strings.TrimSpace(text) // nearly all are
	}
	// Room for every character to be an escape sequence, and still bounded.
	if most := 16 * longest; len(text) > most {
		text = shortened(text[:most/2], text[len(text)-most/2:])
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = newLines.Replace(escapes.ReplaceAllString(text, ""))
	text = invisible.ReplaceAllString(text, "")
	text = blankLines.ReplaceAllString(strings.TrimSpace(text), "\n\n")

	if utf8.RuneCountInString(text) > longest {
		runes := []rune(text)
		text = shortened(string(runes[:longest/2]), string(runes[len(runes)-longest/2:]))
	}
	return text
}

// shortened is a text without its middle: the beginning of a problem says what
// went wrong, and its end what to do about it.
func shortened(beginning, end string) string {
	return strings.TrimSpace(beginning) + " … (shortened) … " + strings.TrimSpace(end)
}

// Line is [Clean] for texts that must stay on one line.
func Line(text string) string {
	return strings.Join(strings.Fields(Clean(text)), " ")
}

// Fields are the fields of a line of the log, with every text in them clean.
func Fields(fields map[string]any) map[string]any {
	clean := make(map[string]any, len(fields))
	for name, value := range fields {
		if text, ok := value.(string); ok {
			value = Clean(text)
		}
		clean[name] = value
	}
	return clean
}
