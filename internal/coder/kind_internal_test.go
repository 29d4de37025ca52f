package coder

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPattern(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern pattern
		text    string
		gaps    []string
		ok      bool
	}{
		{"Route not found.", "Route not found.", nil, true},
		{"Route not found.", "Route not found", nil, false},
		{"Route not found.", "Route not found. Really.", nil, false},
		{"", "", nil, true},
		{"", "x", nil, false},
		{"a…", "a", []string{""}, true},
		{"a…", "abc", []string{"bc"}, true},
		{"…a", "bca", []string{"bc"}, true},
		{"…a", "ab", nil, false},
		{"…a…", "xay", []string{"x", "y"}, true},
		{`Parameter "…" is …`, `Parameter "x" is "y" is z`, []string{"x", `"y" is z`}, true},
		{"a…b…b", "axb", nil, false},
		{"a…b…b", "axbyb", []string{"x", "y"}, true},
		{"aa…aa", "aaa", nil, false},
		{"…", "a\nb", []string{"a\nb"}, true},
	}
	for _, tt := range tests {
		gaps, ok := tt.pattern.match(tt.text)
		if ok != tt.ok {
			t.Errorf("%q matches %q: %t", tt.pattern, tt.text, ok)
		} else if diff := cmp.Diff(tt.gaps, gaps); ok && diff != "" {
			t.Errorf("%q in %q: %s", tt.pattern, tt.text, diff)
		}
	}
}

// Of two rules that match, the first would keep the second from ever counting.
func TestRules_AllReached(t *testing.T) {
	t.Parallel()
	for i, later := range rules {
		for _, earlier := range rules[:i] {
			if (earlier.status == 0 || earlier.status == later.status) && (earlier.message == "" || earlier.message == later.message) && (earlier.detail == "" || earlier.detail == later.detail) {
				t.Errorf("%v is hidden by %v", later, earlier)
			}
		}
	}
}
