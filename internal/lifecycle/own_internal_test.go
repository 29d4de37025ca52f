package lifecycle

import (
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

func TestHas(t *testing.T) {
	t.Parallel()
	value := func(name, value string) coder.BuildParameter { return coder.BuildParameter{Name: name, Value: value} }
	present := map[string]string{"cpu": "2", "region": "eu", "note": ""}
	for name, test := range map[string]struct {
		values []coder.BuildParameter
		want   bool
	}{
		"nothing was asked for": {nil, true},
		"one":                   {[]coder.BuildParameter{value("cpu", "2")}, true},
		"several":               {[]coder.BuildParameter{value("region", "eu"), value("cpu", "2")}, true},
		"another value":         {[]coder.BuildParameter{value("region", "eu"), value("cpu", "4")}, false},
		"not there":             {[]coder.BuildParameter{value("zone", "")}, false},
		"empty":                 {[]coder.BuildParameter{value("note", "")}, true},
	} {
		if got := has(present, test.values); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}
