package view_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/view"
)

func TestTime(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in   time.Time
		want types.String
	}{
		{time.Time{}, types.StringNull()},
		{time.Date(2026, 1, 31, 1, 2, 3, 0, time.FixedZone("", 2*3600)), types.StringValue("2026-01-30T23:02:03Z")},
		{time.Date(2026, 1, 31, 1, 2, 3, 450_000, time.UTC), types.StringValue("2026-01-31T01:02:03.00045Z")},
	} {
		if got := view.Time(test.in); !got.Equal(test.want) {
			t.Errorf("view.Time(%v) = %v, want %v", test.in, got, test.want)
		}
	}
}
