//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// report prints all results as Markdown.
func (b *bench) report(ctx context.Context, out io.Writer) error {
	text := &strings.Builder{}
	fmt.Fprintf(text, "%s on %s/%s, %d cores; %d ms of latency with every answer.\n\n", b.terraformVersion(ctx), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), b.latency.Milliseconds())
	fmt.Fprintf(text, "Provider binary: %.1f MB. From its start until it listens: %d ms.\n\n", megabytes(b.size), b.ready.Milliseconds())
	text.WriteString("In the last column stands what of the state falls to each workspace, and in brackets to each `terraform_data`.\n\n")
	text.WriteString("| Work | Workspaces | Requests | Received | Time | Terraform alone | Ratio | Provider's peak memory | State for each |\n")
	text.WriteString("|---|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range b.results {
		alone, ratio, state := "", "", ""
		if r.cost.state > 0 {
			state = fmt.Sprintf("%d B", r.cost.state/int64(r.n))
		}
		if r.withFloor {
			alone, ratio = seconds(r.floor.wall), fmt.Sprintf("%.2f", r.ratio())
		}
		if r.floor.state > 0 {
			state = fmt.Sprintf("%d B (%d B)", r.cost.state/int64(r.n), r.floor.state/int64(r.n))
		}
		peak := "unknown"
		if r.cost.peak > 0 {
			peak = fmt.Sprintf("%.0f MB", megabytes(r.cost.peak))
		}
		fmt.Fprintf(text, "| %s | %d | %d | %.2f MB | %s | %s | %s | %s | %s |\n",
			r.work, r.n, r.cost.requests, megabytes(r.cost.bytes), seconds(r.cost.wall), alone, ratio, peak, state)
	}
	b.reportGoals(text)
	_, err := io.WriteString(out, text.String())
	return err
}

// terraformVersion is the first line of what the binary says of itself.
func (b *bench) terraformVersion(ctx context.Context) string {
	output, err := exec.CommandContext(context.WithoutCancel(ctx), b.terraform, "version").Output()
	if err != nil {
		return b.terraform
	}
	line, _, _ := strings.Cut(string(output), "\n")
	return line
}

func megabytes(n int64) float64 { return float64(n) / 1e6 }

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
