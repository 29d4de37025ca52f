package printable_test

import (
	"maps"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/coderws/terraform-provider-coderws/internal/printable"
)

func TestClean(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"plain":             {"Über 3 ≥ 2, \"ok\"", "Über 3 ≥ 2, \"ok\""},
		"colour":            {"\x1b[1;31mError:\x1b[0m bad", "Error: bad"},
		"cursor":            {"a\x1b[2K\x1b[1Gb", "ab"},
		"one-character CSI": {"a\u009b31mb", "ab"},
		"title":             {"a\x1b]0;owned\x07b", "ab"},
		"link":              {"\x1b]8;;http://evil\x1b\\text\x1b]8;;\x1b\\", "text"},
		"title without end": {"a\x1b]0;owned and the rest\nb", "a0;owned and the rest\nb"},
		"title over lines":  {"a\x1b]0;owned\nthe remedy\x07b", "a0;owned\nthe remedyb"},
		"charset":           {"a\x1b(Bb", "ab"},
		"lone escape":       {"a\x1b", "a"},
		"controls":          {"a\x00b\x08c\x7fd\u0085e", "abcde"},
		"direction":         {"a\u202eb\u2066c\u200bd\ufeffe", "abcde"},
		"invalid UTF-8":     {"a\xff\xfeb", "a\uFFFDb"},
		"lines":             {" one\r\ntwo\rthree\n\tfour\n", "one\ntwo\nthree\n\tfour"},
		"blank lines":       {"a\n\n\n \n\nb\n\nc", "a\n\nb\n\nc"},
		"empty":             {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := printable.Clean(tt.text); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestClean_bounded(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"letters": strings.Repeat("x", 1<<20),
		"runes":   strings.Repeat("ü", 1<<20),
		"escapes": strings.Repeat("\x1b[31mx", 1<<18),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := printable.Clean("The problem. " + text + " The remedy.")
			if n := utf8.RuneCountInString(got); n > 12_100 || !utf8.ValidString(got) || !strings.Contains(got, "… (shortened) …") ||
				!strings.HasPrefix(got, "The problem. ") || !strings.HasSuffix(got, " The remedy.") {
				t.Errorf("%d characters, ending in %q", n, got[max(0, len(got)-40):])
			}
		})
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	given := map[string]any{"text": "a\x1b[31mb", "number": 3, "nothing": nil}
	got := printable.Fields(given)
	if want := (map[string]any{"text": "ab", "number": 3, "nothing": nil}); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if given["text"] != "a\x1b[31mb" {
		t.Error("the fields given were changed")
	}
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b[31mred\x1b]0;x\x07\u009b1m\xff")
	f.Fuzz(func(t *testing.T, text string) {
		got := printable.Clean(text)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\x00\x07\x1b\r\u009b\u202e") {
			t.Errorf("%q became %q", text, got)
		}
	})
}
