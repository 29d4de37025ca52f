// Package printable makes texts from the server, or from a template, fit to be
// printed.
package printable

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxText bounds one text of the server, in characters.
const maxText = 4000

// escapes are terminal sequences: CSI (colours, cursor), OSC and its relatives
// (titles, links), and the short ones.
var escapes = regexp.MustCompile("(?:\x1b\\[|\u009b)[0-?]*[ -/]*[@-~]" +
	"|(?:\x1b[\\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\x07\x1b\u009c]*(?:\x07|\x1b\\\\|\u009c)?" +
	"|\x1b[ -/]*[0-~]?")

// blankLines are more than one empty line in a row.
var blankLines = regexp.MustCompile(`\n(?:[ \t]*\n){2,}`)

// Clean makes a text of the server fit for a diagnostic: without terminal
// escapes, control characters and changes of the writing direction, which
// could forge what the terminal shows; valid UTF-8, which Terraform's protocol
// needs; and of bounded length. Lines are kept.
func Clean(text string) string {
	// Enough for every character to be an escape sequence, and still bounded.
	if len(text) > 16*maxText {
		text = text[:16*maxText]
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = escapes.ReplaceAllString(text, "")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	text = strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && isInvisible(r) {
			return -1
		}
		return r
	}, text)
	text = blankLines.ReplaceAllString(strings.TrimSpace(text), "\n\n")

	if utf8.RuneCountInString(text) > maxText {
		text = strings.TrimSpace(string([]rune(text)[:maxText])) + " … (shortened)"
	}
	return text
}

// Line is [Clean] for texts that must stay on one line.
func Line(text string) string {
	return strings.Join(strings.Fields(Clean(text)), " ")
}

// isInvisible tells whether a character is a control character, or one that
// only changes how others are shown.
func isInvisible(r rune) bool {
	switch {
	case r < ' ', 0x7f <= r && r <= 0x9f: // C0, DEL, C1
		return true
	case r == 0x061c, 0x200b <= r && r <= 0x200f, 0x2028 <= r && r <= 0x202e, 0x2060 <= r && r <= 0x206f, r == 0xfeff:
		return true
	case 0xe0000 <= r && r <= 0xe007f: // tags
		return true
	default:
		return false
	}
}
