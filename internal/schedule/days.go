package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// week has the days in the order people say them.
var week = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

// parseDays reads one entry of a list of days: a name or its first three
// letters in any case ("monday", "Mon"), or a range of them ("mon-fri",
// "sat-mon").
func parseDays(entry string) ([]time.Weekday, error) {
	first, last, isRange := strings.Cut(entry, "-")
	from, err := parseDay(first)
	if err != nil || !isRange {
		return []time.Weekday{from}, err
	}
	to, err := parseDay(last)
	if err != nil {
		return nil, err
	}
	days := []time.Weekday{from}
	for day := from; day != to; {
		day = (day + 1) % 7
		days = append(days, day)
	}
	return days, nil
}

func parseDay(name string) (time.Weekday, error) {
	for _, day := range week {
		if full := day.String(); strings.EqualFold(name, full) || strings.EqualFold(name, full[:3]) {
			return day, nil
		}
	}
	return 0, fmt.Errorf("%q is not a day of the week; use names such as \"monday\", their first three letters, or ranges such as \"mon-fri\"", name)
}

// daysField is the last field of a schedule: "1-5", "0,6", "*".
func daysField(days []time.Weekday) string {
	days = slices.Compact(slices.Sorted(slices.Values(days)))
	if len(days) == len(week) {
		return "*"
	}
	numbers := make([]int, len(days))
	for i, day := range days {
		numbers[i] = int(day)
	}
	var parts []string
	for _, run := range runs(numbers) {
		switch first, last := run[0], run[len(run)-1]; len(run) {
		case 1:
			parts = append(parts, strconv.Itoa(first))
		case 2:
			parts = append(parts, fmt.Sprintf("%d,%d", first, last))
		default:
			parts = append(parts, fmt.Sprintf("%d-%d", first, last))
		}
	}
	return strings.Join(parts, ",")
}

// runs splits ascending numbers into stretches without a gap.
func runs(numbers []int) [][]int {
	var split [][]int
	start := 0
	for i := range numbers {
		if i+1 == len(numbers) || numbers[i+1] != numbers[i]+1 {
			split = append(split, numbers[start:i+1])
			start = i + 1
		}
	}
	return split
}
