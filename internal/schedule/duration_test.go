package schedule_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/schedule"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"8h30m":                 30_600_000,
		"30m8h":                 30_600_000,
		"0":                     0,
		"0s":                    0,
		"1ms":                   1,
		"1.5h":                  5_400_000,
		"0.001s":                1,
		"7d":                    604_800_000,
		"2w":                    1_209_600_000,
		"1w1d1h1m1s1ms":         694_861_001,
		"9223372036854775806ms": math.MaxInt64 - 1,
	} {
		got, err := schedule.ParseDuration(text)
		if err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
}

func TestParseDuration_errors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                         "empty",
		"-8h":                      "negative",
		"8":                        `"8" has no unit, which is w, d, h, m, s or ms`,
		"8h30":                     `"30" has no unit`,
		"1.5":                      `"1.5" has no unit`,
		"h":                        `"h" does not begin with a number`,
		".5h":                      "does not begin with a number",
		"1.h":                      `"1" has no unit`,
		"+8h":                      "does not begin with a number",
		"8 h":                      `" h" is not a unit`,
		"8H":                       `"H" is not a unit`,
		"1µs":                      `"µs" is not a unit`,
		"1y":                       `"y" is not a unit`,
		"1.5ms":                    "1.5ms is not a whole number of milliseconds",
		"0.0001s":                  "0.0001s is not a whole number",
		"0.000000001w":             "0.000000001w is not a whole number", // 0.6048 ms
		"1.0000000001h":            "more than 9 decimals",
		"9223372036854775808ms":    "64-bit",
		"99999999999999999999s":    "64-bit",
		"15250284453w":             "64-bit",
		"9223372036854775806ms2ms": "64-bit",
	} {
		if got, err := schedule.ParseDuration(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %d, %v, want %q", text, got, err, want)
		}
	}
}

// Wherever Go's own parser reads the same units, both agree.
func FuzzParseDuration(f *testing.F) {
	for _, seed := range []string{"8h30m", "1.5h", "2w", "7d", "0", "-1h", "1µs", "0.001s", "9223372036854775807ms", "1h1h", "08h", "1.000000001h", "..h"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := schedule.ParseDuration(text)
		if err != nil {
			if got != 0 || err.Error() == "" {
				t.Errorf("%q: %d, %v", text, got, err)
			}
			return
		}
		if got < 0 {
			t.Errorf("%q: %d", text, got)
		}
		if want, err := time.ParseDuration(text); err == nil && got != want.Milliseconds() {
			t.Errorf("%q: %d, Go has %d", text, got, want.Milliseconds())
		}
	})
}
