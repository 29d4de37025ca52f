package codertest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Coder reads schedules with this very library.
var cronParser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// checkSchedule says what is wrong with an autostart schedule, in Coder's words.
func (d *Deployment) checkSchedule(raw string) error {
	fields := strings.Fields(raw)
	if len(fields) < 5 {
		return errors.New("validate weekly schedule: expected schedule to consist of 5 fields with an optional CRON_TZ=<timezone> prefix")
	}
	if len(fields) == 6 {
		fields = fields[1:]
	}
	if fields[2] != "*" || fields[3] != "*" {
		if d.since(2, 0) {
			return errors.New("validate weekly schedule: expected day-of-month and month to be *")
		}
		return errors.New("validate weekly schedule: expected month and dom to be *")
	}
	_, err := parseSchedule(raw)
	return err
}

// errParserPanics is a time zone without a space behind it, on which the library panics. Coder answers that with 500.
var errParserPanics = errors.New("panic: slice bounds out of range [:-1]")

// refuseSchedule is the answer to a schedule that [Deployment.checkSchedule] has refused.
func refuseSchedule(message string, err error) reply {
	if errors.Is(err, errParserPanics) {
		return refuse(http.StatusInternalServerError, "An internal server error occurred.")
	}
	return refuse(http.StatusBadRequest, message, validation{"schedule", err.Error()})
}

func parseSchedule(raw string) (*cron.SpecSchedule, error) {
	if !strings.HasPrefix(raw, "CRON_TZ=") {
		raw = "CRON_TZ=UTC " + raw
	}
	if !strings.Contains(raw, " ") {
		return nil, errParserPanics
	}
	parsed, err := cronParser.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("parse schedule: %w", err)
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, errors.New("expected *cron.SpecSchedule")
	}
	if spec.Location == time.Local {
		return nil, errors.New("schedules scoped to time.Local are not supported")
	}
	return spec, nil
}

// nextRun is the first run of a valid schedule after t; zero when there is none.
func nextRun(schedule string, t time.Time) time.Time {
	spec, err := parseSchedule(schedule)
	if err != nil {
		return time.Time{}
	}
	next := spec.Next(t)
	if next.IsZero() {
		return time.Time{}
	}
	return next.UTC()
}

// checkTTL turns the milliseconds of a request into whole minutes; 0 stands for none.
func (d *Deployment) checkTTL(ms *int64) (time.Duration, error) {
	if ms == nil || *ms == 0 {
		return 0, nil
	}
	ttl := (time.Duration(*ms) * time.Millisecond).Truncate(time.Minute)
	if ttl < time.Minute {
		return 0, errors.New("time until shutdown must be at least one minute")
	}
	days := 30
	if !d.since(0, 27) {
		days = 7
	}
	if ttl > time.Duration(days*24)*time.Hour {
		return 0, fmt.Errorf("time until shutdown must be less than %d days", days)
	}
	return ttl, nil
}
