package schedule_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coderws/terraform-provider-coderws/internal/schedule"
)

func parseAutostart(t *testing.T, text string) *schedule.Autostart {
	t.Helper()
	autostart, err := schedule.ParseAutostart(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return autostart
}

// A schedule without a zone is in UTC, wherever the provider runs; one with a
// zone follows its clock.
func TestAutostart_Next(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ schedule, after, want string }{
		{"30 9 * * *", "2026-07-01T00:00:00Z", "2026-07-01T09:30:00Z"},
		{"30 9 * * *", "2026-07-01T09:30:00Z", "2026-07-02T09:30:00Z"},
		{"CRON_TZ=Europe/Berlin 30 9 * * *", "2026-07-01T00:00:00Z", "2026-07-01T09:30:00+02:00"},
		{"CRON_TZ=Europe/Berlin 30 9 * * *", "2026-12-01T20:00:00-03:00", "2026-12-02T09:30:00+01:00"},
		{"0 8 * * 1-5", "2026-01-03T00:00:00Z", "2026-01-05T08:00:00Z"}, // a Saturday
	} {
		after, err := time.Parse(time.RFC3339, tt.after)
		if err != nil {
			t.Fatal(err)
		}
		if got := parseAutostart(t, tt.schedule).Next(after).Format(time.RFC3339); got != tt.want {
			t.Errorf("%q after %s: %s, want %s", tt.schedule, tt.after, got, tt.want)
		}
	}
}

func TestAutostart_Description(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"CRON_TZ=Europe/Berlin 30 9 * * 1-5": "09:30 on Monday to Friday (Europe/Berlin)",
		"0 0 * * *":                          "00:00 on every day (UTC)",
		"0 9,17 * * MON,WED":                 "09:00 and 17:00 on Monday and Wednesday (UTC)",
		"0 6-8 * * 0,6":                      "06:00, 07:00 and 08:00 on Saturday and Sunday (UTC)",
		"15 7 * * 0,1,3-5":                   "07:15 on Monday, Wednesday to Friday and Sunday (UTC)",
		"*/15 9-17 * * 1":                    "minute 0, 15, 30 and 45 of the hours 9 to 17 on Monday (UTC)",
		"* 9 * * ?":                          "every minute of the hour 9 on every day (UTC)",
		"0-9 * * * 2":                        "minute 0 to 9 of every hour on Tuesday (UTC)",
		"* * * * *":                          "every minute of every hour on every day (UTC)",
	} {
		if got := parseAutostart(t, text).Description(); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestFormatAutostart(t *testing.T) {
	t.Parallel()
	const sun, mon, tue, wed, thu, fri, sat = time.Sunday, time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday
	for want, days := range map[string][]time.Weekday{
		"1-5":   {fri, mon, tue, wed, thu},
		"0,6":   {sat, sun, sat},
		"*":     {mon, tue, wed, thu, fri, sat, sun},
		"3":     {wed},
		"0,1,3": {sun, mon, wed},
		"0-2,6": {sat, sun, mon, tue},
	} {
		got := schedule.FormatAutostart(8, 5, days, "Europe/Berlin")
		if want = "CRON_TZ=Europe/Berlin 5 8 * * " + want; got != want {
			t.Errorf("%v: %q, want %q", days, got, want)
		}
	}
}

// Every schedule that is accepted runs, later and later, and can be written
// again when it has one time of the day.
func FuzzParseAutostart(f *testing.F) {
	for _, seed := range []string{
		"30 9 * * 1-5", "CRON_TZ=Europe/Berlin 0 9,17 * * MON,WED", "*/5 * * * *", "CRON_TZ=Africa/Cairo 0 0 * * 5", "@daily", "0 9 * * 7",
		"CRON_TZ=America/Sao_Paulo 30 0 * * SUN", "0 9 ? * 1", "CRON_TZ=Local 0 9 * * 1", "CRON_TZ= 0 9 * * 1", "TZ=UTC 0 9 * * 1", "1/2 3-4/5 * * ?", ", 0 * * 0",
	} {
		f.Add(seed, int64(1_767_225_600))
	}
	f.Add("CRON_TZ=Europe/Berlin 30 2 * * 0", int64(1_774_742_400)) // the day before a change of clocks
	f.Fuzz(func(t *testing.T, text string, seconds int64) {
		autostart, err := schedule.ParseAutostart(text)
		if err != nil {
			if autostart != nil || err.Error() == "" {
				t.Errorf("%q: %v, %v", text, autostart, err)
			}
			return
		}
		minutes, hours, days := autostart.Minutes(), autostart.Hours(), autostart.Days()
		if len(minutes) == 0 || len(hours) == 0 || len(days) == 0 || autostart.Description() == "" {
			t.Fatalf("%q: never runs: %v %v %v", text, minutes, hours, days)
		}
		after := time.Unix(seconds%100_000_000_000, 0)
		next := autostart.Next(after)
		if !next.After(after) || next.Sub(after) > 15*24*time.Hour {
			t.Errorf("%q: runs at %s after %s", text, next, after)
		}
		if len(minutes) == 1 && len(hours) == 1 {
			again := schedule.FormatAutostart(hours[0], minutes[0], days, autostart.TimeZone())
			if diff := cmp.Diff(autostart.Description(), parseAutostart(t, again).Description()); diff != "" {
				t.Errorf("%q written as %q (-want +got):\n%s", text, again, diff)
			}
		}
	})
}
