// Package schedule reads and writes what Coder says about time in texts:
// autostart schedules and durations. The provider's functions for them are
// here.
package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // time zones are checked on machines without a database too
	"unicode"

	"github.com/robfig/cron/v3"
)

const timeZonePrefix = "CRON_TZ="

// dialect is the one Coder's servers read.
var dialect = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// Autostart is an autostart schedule: certain times on certain days of the
// week.
type Autostart struct {
	spec *cron.SpecSchedule
}

// ParseAutostart reads an autostart schedule as all Coder servers do, from the
// first to v2.35: five fields, day of month and month must be "*", an optional
// CRON_TZ= in front with any zone but Local, UTC without it. Blanks of any kind
// may stand between and around the fields, but neither before CRON_TZ=, nor any
// but a space behind the zone. Errors continue a sentence about the schedule.
func ParseAutostart(schedule string) (*Autostart, error) {
	zone, rest, hasSpace := "UTC", schedule, true
	if after, ok := strings.CutPrefix(schedule, timeZonePrefix); ok {
		// So does the library, which panics without a space; Coder answers 500.
		zone, rest, hasSpace = strings.Cut(after, " ")
	}
	fields := strings.Fields(rest)
	switch {
	case schedule == "":
		return nil, errors.New("it is empty")
	case !hasSpace, strings.ContainsFunc(zone, unicode.IsSpace):
		return nil, errors.New("the time zone must be followed by a space")
	case len(fields) > 0 && strings.HasPrefix(fields[0], timeZonePrefix):
		return nil, errors.New("there is something before " + timeZonePrefix)
	case len(fields) != 5:
		return nil, fmt.Errorf("it has %d fields, not 5", len(fields))
	case fields[2] != "*" || fields[3] != "*":
		return nil, errors.New("day of month and month must be \"*\"")
	case zone == "Local":
		return nil, errors.New("it needs a named time zone")
	}
	parsed, err := dialect.Parse(timeZonePrefix + zone + " " + rest)
	if err != nil {
		return nil, err
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, errors.New("it is not a weekly schedule")
	}
	if spec.Minute == 0 || spec.Hour == 0 || spec.Dow == 0 {
		// The library, and with it the server, takes "," for a list of nothing.
		return nil, errors.New("it never runs, as a field has no value")
	}
	return &Autostart{spec}, nil
}

// FormatAutostart writes the schedule of one time on some days of the week,
// in any order. It is empty of meaning without a day.
func FormatAutostart(hour, minute int, days []time.Weekday, zone string) string {
	return fmt.Sprintf("%s%s %d %d * * %s", timeZonePrefix, zone, minute, hour, daysField(days))
}

// Minutes are the minutes of an hour at which it runs, in order.
func (a *Autostart) Minutes() []int { return numbers(a.spec.Minute, 60) }

// Hours are the hours of a day at which it runs, in order.
func (a *Autostart) Hours() []int { return numbers(a.spec.Hour, 24) }

// Days are the days of the week on which it runs, from Monday to Sunday.
func (a *Autostart) Days() []time.Weekday {
	var days []time.Weekday
	for _, day := range week {
		if a.spec.Dow&(1<<day) != 0 {
			days = append(days, day)
		}
	}
	return days
}

// TimeZone is the zone's name.
func (a *Autostart) TimeZone() string { return a.spec.Location.String() }

// Next is the first run after a time, in the schedule's zone.
func (a *Autostart) Next(after time.Time) time.Time {
	// The library answers in the zone it is asked in.
	return a.spec.Next(after).In(a.spec.Location)
}

// numbers are the bits below a limit that are set.
func numbers(bits uint64, limit int) []int {
	var list []int
	for n := range limit {
		if bits&(1<<n) != 0 {
			list = append(list, n)
		}
	}
	return list
}
