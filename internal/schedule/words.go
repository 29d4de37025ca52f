package schedule

import (
	"fmt"
	"strconv"
	"strings"
)

// mostTimes is how many times of the day are worth naming one by one.
const mostTimes = 4

// Description says in words when the schedule runs: "09:30 on Monday to Friday
// (Europe/Berlin)".
func (a *Autostart) Description() string {
	return fmt.Sprintf("%s on %s (%s)", a.times(), a.days(), a.TimeZone())
}

func (a *Autostart) times() string {
	minutes, hours := a.Minutes(), a.Hours()
	if len(minutes)*len(hours) <= mostTimes {
		var times []string
		for _, hour := range hours {
			for _, minute := range minutes {
				times = append(times, fmt.Sprintf("%02d:%02d", hour, minute))
			}
		}
		return enumerate(times)
	}
	past := "minute " + spans(minutes, strconv.Itoa)
	if len(minutes) == 60 {
		past = "every minute"
	}
	of := "of the hours " + spans(hours, strconv.Itoa)
	switch len(hours) {
	case 1:
		of = "of the hour " + strconv.Itoa(hours[0])
	case 24:
		of = "of every hour"
	}
	return past + " " + of
}

func (a *Autostart) days() string {
	days := a.Days()
	if len(days) == len(week) {
		return "every day"
	}
	places := make([]int, len(days)) // in the week
	for i, day := range days {
		places[i] = (int(day) + 6) % 7
	}
	return spans(places, func(place int) string { return week[place].String() })
}

// spans enumerates ascending numbers: "1, 3 to 5 and 8".
func spans(numbers []int, name func(int) string) string {
	var parts []string
	for _, run := range runs(numbers) {
		if len(run) > 2 {
			parts = append(parts, name(run[0])+" to "+name(run[len(run)-1]))
			continue
		}
		for _, number := range run {
			parts = append(parts, name(number))
		}
	}
	return enumerate(parts)
}

func enumerate(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}
