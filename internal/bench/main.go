//go:build unix

// Command bench measures what Terraform-driven work on many workspaces costs:
// requests, bytes, time, memory of the provider process, and size of the state.
// It runs whole Terraform processes against a fake deployment whose every answer
// takes a while, and the same number of terraform_data instances beside
// them: what Terraform itself costs, the floor.
//
// It prints Markdown: what was measured, and whether the goals are reached.
// Times depend on the machine; the ratio to the floor and the numbers of
// requests do so far less.
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
	"slices"
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
	found     []int // with resources
	foundLean int   // without
	latency   time.Duration
	rounds    int
	terraform string
}

func parse(args []string) (settings, error) {
	s := settings{sizes: []int{1, 100, 300, 1000}, found: []int{100, 300, 1000}}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.Func("n", "numbers of workspaces that are created, separated by commas; empty for none (default 1,100,300,1000)", numbers(&s.sizes))
	f.Func("found", "numbers of workspaces that the data source finds with their resources (default 100,300,1000)", numbers(&s.found))
	f.IntVar(&s.foundLean, "found-lean", 10_000, "number of workspaces that the data source finds without their resources; 0 for none")
	f.DurationVar(&s.latency, "latency", 20*time.Millisecond, "time added to every answer")
	f.IntVar(&s.rounds, "rounds", 3, "runs of what can be repeated, of which the median counts")
	f.StringVar(&s.terraform, "terraform", "terraform", "Terraform or OpenTofu to run")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if s.rounds < 1 || s.foundLean < 0 {
		return s, fmt.Errorf("-rounds must be 1 or more, -found-lean must not be negative")
	}
	return s, nil
}

// numbers reads a list of numbers of workspaces.
func numbers(into *[]int) func(string) error {
	return func(list string) error {
		*into = nil
		for text := range strings.SplitSeq(list, ",") {
			n, err := strconv.Atoi(text)
			if list != "" && (err != nil || n < 1) {
				return fmt.Errorf("%q is no number of workspaces", text)
			}
			if n > 0 {
				*into = append(*into, n)
			}
		}
		slices.Sort(*into)
		return nil
	}
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
		return fmt.Errorf("finding workspaces: %w", err)
	}
	return nil
}
