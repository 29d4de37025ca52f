//go:build unix

// Command bench measures what Terraform-driven work on many workspaces costs:
// requests, bytes, time, and memory of the provider process. It runs whole
// Terraform processes against a fake deployment whose every answer takes a
// while, and the same number of terraform_data instances beside them: what
// Terraform itself costs, the floor.
//
// It prints Markdown. Times depend on the machine; the ratio to the floor and
// the numbers of requests do so far less.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		stop()
		log.Fatalf("bench: %v", err)
	}
}

// settings are the command line.
type settings struct {
	sizes     []int
	found     int
	latency   time.Duration
	rounds    int
	terraform string
}

func parse(args []string) (settings, error) {
	s := settings{}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	sizes := f.String("n", "1,100,1000", "numbers of workspaces, separated by commas")
	f.IntVar(&s.found, "found", 10_000, "number of workspaces that the data source finds; with their resources a tenth of it")
	f.DurationVar(&s.latency, "latency", 20*time.Millisecond, "time added to every answer")
	f.IntVar(&s.rounds, "rounds", 3, "runs of each refresh, of which the median counts")
	f.StringVar(&s.terraform, "terraform", "terraform", "Terraform or OpenTofu to run")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	for _, text := range strings.Split(*sizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return s, fmt.Errorf("-n %s: %q is no number of workspaces", *sizes, text)
		}
		s.sizes = append(s.sizes, n)
	}
	if s.rounds < 1 || s.found < 0 {
		return s, fmt.Errorf("-rounds must be 1 or more, -found must not be negative")
	}
	return s, nil
}

func run(ctx context.Context, args []string, out io.Writer) error {
	s, err := parse(args)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "coderws-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b := &bench{settings: s, dir: dir}
	if err := b.build(ctx); err != nil {
		return err
	}
	if err := b.startUp(ctx); err != nil {
		return err
	}
	return errors.Join(b.workloads(ctx), b.report(ctx, out))
}

// workloads runs all of them, up to the first that fails.
func (b *bench) workloads(ctx context.Context) error {
	for _, n := range b.sizes {
		if err := b.lifecycle(ctx, n); err != nil {
			return fmt.Errorf("%d workspaces: %w", n, err)
		}
	}
	if err := b.find(ctx); err != nil {
		return fmt.Errorf("finding %d workspaces: %w", b.found, err)
	}
	return nil
}
