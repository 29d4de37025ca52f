package lifecycle_test

import (
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

func TestSetting(t *testing.T) {
	t.Parallel()
	type text = lifecycle.Setting[string]
	for name, test := range map[string]struct {
		setting                         text
		value                           string
		known, isAbsent, isUnknown      bool
		differsFromOther, differsFromIt bool
	}{
		"nothing is configured":         {text{}, "", false, true, false, false, false},
		"not known yet":                 {lifecycle.Unknown[string](), "", false, false, true, false, false},
		"a value":                       {lifecycle.Value("a"), "a", true, false, false, true, false},
		"the zero value is a value too": {lifecycle.Value(""), "", true, false, false, true, false},
	} {
		value, known := test.setting.Get()
		if value != test.value || known != test.known {
			t.Errorf("%s: Get is %q, %t, want %q, %t", name, value, known, test.value, test.known)
		}
		if got := test.setting.IsAbsent(); got != test.isAbsent {
			t.Errorf("%s: absent %t, want %t", name, got, test.isAbsent)
		}
		if got := test.setting.IsUnknown(); got != test.isUnknown {
			t.Errorf("%s: unknown %t, want %t", name, got, test.isUnknown)
		}
		if got := test.setting.Differs("other"); got != test.differsFromOther {
			t.Errorf("%s: differs from another value: %t, want %t", name, got, test.differsFromOther)
		}
		if got := test.setting.Differs(test.value); got != test.differsFromIt {
			t.Errorf("%s: differs from its own value: %t, want %t", name, got, test.differsFromIt)
		}
	}
}

// Settings are compared as a whole, which tells an absent one from a zero
// value, and that from one that is not known.
func TestSetting_compares(t *testing.T) {
	t.Parallel()
	all := []lifecycle.Setting[int64]{{}, lifecycle.Unknown[int64](), lifecycle.Value(int64(0)), lifecycle.Value(int64(1))}
	for i := range all {
		for j := range all {
			if (all[i] == all[j]) != (i == j) {
				t.Errorf("%v == %v is %t", all[i], all[j], all[i] == all[j])
			}
		}
	}
}
