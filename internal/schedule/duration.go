package schedule

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// unitMillis are the units of a duration, in milliseconds. Days and weeks are
// 24 hours and seven times that, whatever a clock does meanwhile.
var unitMillis = map[string]int64{
	"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 24 * 3_600_000, "w": 7 * 24 * 3_600_000,
}

const unitNames = "w, d, h, m, s or ms"

// durationPart is a number and the letters behind it.
var durationPart = regexp.MustCompile(`^([0-9]+)(?:\.([0-9]+))?([^0-9.]*)`)

// mostDecimals keeps the arithmetic within 64 bits.
const mostDecimals = 9

// ParseDuration reads a duration such as "8h30m", "1.5h" or "2w" and returns
// its milliseconds. "0" needs no unit. Negative ones, fractions of a
// millisecond and more than 64 bits hold are errors; they continue a sentence
// about the text.
func ParseDuration(text string) (int64, error) {
	switch {
	case text == "":
		return 0, errors.New("it is empty")
	case text == "0":
		return 0, nil
	case strings.HasPrefix(text, "-"):
		return 0, errors.New("it is negative")
	}
	total := int64(0)
	for rest := text; rest != ""; {
		part := durationPart.FindStringSubmatch(rest)
		if part == nil {
			return 0, fmt.Errorf("%q does not begin with a number", rest)
		}
		millis, err := partMillis(part[1], part[2], part[3])
		if err != nil {
			return 0, err
		}
		if total > math.MaxInt64-millis {
			return 0, errTooLong
		}
		total += millis
		rest = rest[len(part[0]):]
	}
	return total, nil
}

var errTooLong = errors.New("it is longer than a 64-bit number of milliseconds")

// partMillis are the milliseconds of one number with its decimals and unit.
func partMillis(whole, decimals, unit string) (int64, error) {
	millis, known := unitMillis[unit]
	switch {
	case unit == "":
		return 0, fmt.Errorf("%q has no unit, which is %s", strings.TrimSuffix(whole+"."+decimals, "."), unitNames)
	case !known:
		return 0, fmt.Errorf("%q is not a unit; use %s", unit, unitNames)
	case len(decimals) > mostDecimals:
		return 0, fmt.Errorf("it has more than %d decimals", mostDecimals)
	}
	number, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || number > math.MaxInt64/millis-1 { // room for the decimals
		return 0, errTooLong
	}
	number *= millis
	if decimals == "" {
		return number, nil
	}
	fraction, err := strconv.ParseInt(decimals, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("reading its decimals: %w", err)
	}
	divisor := int64(math.Pow10(len(decimals)))
	if fraction*millis%divisor != 0 {
		return 0, fmt.Errorf("%s.%s%s is not a whole number of milliseconds", whole, decimals, unit)
	}
	return number + fraction*millis/divisor, nil
}
