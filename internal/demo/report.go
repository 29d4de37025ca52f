package main

import (
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// report prints for people.
type report struct {
	io.Writer
	colour bool
	steps  int
}

// newReport prints to a file, in colour when that is a terminal.
func newReport(file *os.File) *report {
	info, err := file.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	return &report{Writer: file, colour: terminal && os.Getenv("NO_COLOR") == ""}
}

func (r *report) heading(format string, values ...any) {
	r.steps++
	title := fmt.Sprintf("%d. %s", r.steps, fmt.Sprintf(format, values...))
	r.line("\n%s", r.bold("━━━ "+title+" ━━━"))
}

func (r *report) line(format string, values ...any) {
	_, _ = fmt.Fprintf(r, format+"\n", values...)
}

func (r *report) bold(text string) string {
	if !r.colour {
		return text
	}
	return "\x1b[1m" + text + "\x1b[0m"
}

// holdings prints the workspaces that the deployment holds.
func (r *report) holdings(workspaces []coder.Workspace) {
	r.line("\nThe deployment now holds:\n")
	if len(workspaces) == 0 {
		r.line("  no workspace of this demo")
		return
	}
	table := tabwriter.NewWriter(r, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintln(table, "  WORKSPACE\tSTATUS\tAUTOSTART\tTTL\tDEADLINE\tBUILD")
	for _, w := range workspaces {
		_, _ = fmt.Fprintf(table, "  %s/%s\t%s\t%s\t%s\t%s\t%d\n", w.OwnerName, w.Name, w.LatestBuild.Status,
			orDash(text(w.AutostartSchedule)), duration(w.TTLMillis), moment(w.LatestBuild.Deadline), w.LatestBuild.BuildNumber)
	}
	_ = table.Flush()
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func duration(millis *int64) string {
	if millis == nil || *millis == 0 {
		return "–"
	}
	return (time.Duration(*millis) * time.Millisecond).String()
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04 MST")
}
