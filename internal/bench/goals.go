//go:build unix

package main

import (
	"fmt"
	"strings"
)

// goal is a limit for something that this run has measured.
type goal struct {
	what       string
	got, limit float64
}

// goals are those for what was measured. Only the one in seconds depends on the
// machine, and leaves room.
func (b *bench) goals() []goal {
	var goals []goal
	if r := b.result(workCreate, 1000); r != nil {
		goals = append(goals, goal{"Bytes of state for each of 1000 workspaces", float64(r.cost.state) / 1000, 1500})
	}
	if r := b.result(workChange, 300); r != nil {
		goals = append(goals, goal{"Change of 300 TTLs, times Terraform alone", r.ratio(), 1.4})
	}
	few, many := b.result(workFind, 100), b.result(workFind, 1000)
	if many != nil {
		goals = append(goals, goal{"Data source with resources of 1000 workspaces, seconds", many.cost.wall.Seconds(), 8})
	}
	if few != nil && many != nil {
		goals = append(goals, goal{"The same, times that of 100", many.cost.wall.Seconds() / few.cost.wall.Seconds(), 12})
	}
	if r := b.result(workFindLean, 10_000); r != nil && r.cost.peak > 0 {
		goals = append(goals, goal{"Provider's peak memory for 10 000 workspaces without resources, MB", megabytes(r.cost.peak), 204})
	}
	return goals
}

// result is what a work with so many workspaces gave, nil when it was not done.
func (b *bench) result(work string, n int) *result {
	for i := range b.results {
		if b.results[i].work == work && b.results[i].n == n {
			return &b.results[i]
		}
	}
	return nil
}

func (b *bench) reportGoals(text *strings.Builder) {
	goals := b.goals()
	if len(goals) == 0 {
		return
	}
	text.WriteString("\n| Goal | At most | Measured | |\n|---|--:|--:|---|\n")
	for _, g := range goals {
		verdict := "reached"
		if g.got > g.limit {
			verdict = "missed"
		}
		fmt.Fprintf(text, "| %s | %.4g | %.4g | %s |\n", g.what, g.limit, g.got, verdict)
	}
}
