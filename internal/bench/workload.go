//go:build unix

package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// bench collects the results of all workloads.
type bench struct {
	settings
	dir      string
	provider string // the built binary
	size     int64  // of the binary
	ready    time.Duration
	results  []result
}

// result is one line of the table.
type result struct {
	work      string
	n         int
	cost      measurement
	floor     measurement
	withFloor bool
}

// ratio is how many times as long as the floor it took.
func (r *result) ratio() float64 { return r.cost.wall.Seconds() / r.floor.wall.Seconds() }

// note keeps a result and, as all of them take minutes, tells it at once.
func (b *bench) note(r result) {
	b.results = append(b.results, r)
	log.Printf("%s, %d workspaces: %d requests, %s", r.work, r.n, r.cost.requests, seconds(r.cost.wall))
}

func (b *bench) build(ctx context.Context) error {
	b.provider = filepath.Join(b.dir, "provider")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.provider, "github.com/coderws/terraform-provider-coderws")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as in a release
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the provider: %w\n%s", err, output)
	}
	info, err := os.Stat(b.provider)
	if err != nil {
		return err
	}
	b.size = info.Size()
	return nil
}

// startUp measures how long the provider takes from its start to the line that
// tells Terraform where it listens.
func (b *bench) startUp(ctx context.Context) error {
	times := make([]time.Duration, max(b.rounds, 5))
	for i := range times {
		cmd := exec.CommandContext(ctx, b.provider)
		// What go-plugin's handshake asks for, else the program only explains itself.
		cmd.Env = append(os.Environ(), "TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2", "PLUGIN_PROTOCOL_VERSIONS=6")
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			return err
		}
		started := time.Now()
		if err := cmd.Start(); err != nil {
			return err
		}
		_, err = bufio.NewReader(stdout).ReadString('\n')
		times[i] = time.Since(started)
		if err := errors.Join(err, cmd.Process.Kill()); err != nil {
			return fmt.Errorf("starting the provider: %w", err)
		}
		_ = cmd.Wait() // killed
	}
	slices.Sort(times)
	b.ready = times[len(times)/2]
	return nil
}

// Works that have a goal.
const (
	workCreate   = "create"
	workChange   = "change the TTL"
	workFind     = "data source with resources"
	workFindLean = "data source without resources"
)

const workspaces = `terraform {
  required_providers {
    coderws = { source = "coderws/coderws" }
  }
}

resource "coderws_workspace" "bench" {
  count       = %d
  name        = "bench-${count.index}"
  template_id = %q
  ttl_ms      = %d
  parameters  = { cpu = "4" }
}
`

// floor holds the values that are changed and told apart.
const floor = `resource "terraform_data" "bench" {
  count = %d
  input = {
    name   = "bench-${count.index}"
    ttl_ms = %d
  }
}
`

// lifecycle creates n workspaces, refreshes, changes and destroys them.
func (b *bench) lifecycle(ctx context.Context, n int) error {
	f, err := startFake(ctx, b.latency)
	if err != nil {
		return err
	}
	defer f.close()
	template := f.deployment.AddTemplate(codertest.BasicTemplate())
	ours := func(ttl int) string { return fmt.Sprintf(workspaces, n, template.ID, ttl) }
	theirs := func(ttl int) string { return fmt.Sprintf(floor, n, ttl) }

	subject, err := b.module(fmt.Sprintf("workspaces-%d", n), ours(3_600_000), f)
	if err != nil {
		return err
	}
	beside, err := b.module(fmt.Sprintf("floor-%d", n), theirs(3_600_000), nil)
	if err != nil {
		return err
	}
	if err := beside.initialize(ctx); err != nil {
		return err
	}
	step := func(work string, rounds int, arguments ...string) error {
		r := result{work: work, n: n, withFloor: true}
		var err error
		if r.cost, r.floor, err = compare(ctx, subject, beside, rounds, arguments...); err != nil {
			return err
		}
		b.note(r)
		return nil
	}

	if err := step(workCreate, 1, "apply", "-auto-approve"); err != nil {
		return err
	}
	if err := step("refresh (plan without changes)", b.rounds, "plan", "-detailed-exitcode"); err != nil {
		return err
	}
	if err := errors.Join(subject.configure(ours(7_200_000)), beside.configure(theirs(7_200_000))); err != nil {
		return err
	}
	if err := step(workChange, 1, "apply", "-auto-approve"); err != nil {
		return err
	}
	return step("destroy", 1, "destroy", "-auto-approve")
}

// initialize is for the built-in provider of the floor; with an override of
// the provider there is nothing to install.
func (m *module) initialize(ctx context.Context) error {
	_, err := m.measure(ctx, "init")
	return err
}

// compare runs a command in turn in both modules and returns the medians by
// time.
func compare(ctx context.Context, subject, beside *module, rounds int, arguments ...string) (cost, floor measurement, err error) {
	var costs, floors []measurement
	for range rounds {
		cost, err := subject.measure(ctx, arguments...)
		if err != nil {
			return cost, floor, err
		}
		floor, err := beside.measure(ctx, arguments...)
		if err != nil {
			return cost, floor, err
		}
		costs, floors = append(costs, cost), append(floors, floor)
	}
	return median(costs), median(floors), nil
}

func median(all []measurement) measurement {
	slices.SortFunc(all, func(a, b measurement) int { return cmp.Compare(a.wall, b.wall) })
	return all[len(all)/2]
}

const finding = `terraform {
  required_providers {
    coderws = { source = "coderws/coderws" }
  }
}

data "coderws_workspaces" "bench" {
  include_resources = %t
}

output "total" {
  value = data.coderws_workspaces.bench.total
}
`

// find reads many workspaces by the data source.
func (b *bench) find(ctx context.Context) error {
	f, err := startFake(ctx, b.latency)
	if err != nil {
		return err
	}
	defer f.close()
	template := f.deployment.AddTemplate(codertest.BasicTemplate())
	made := 0
	search := func(work string, n int, resources bool) error {
		for ; made < n; made++ {
			f.deployment.CreateWorkspace("admin", fmt.Sprintf("bench-%d", made), template.ID, nil)
		}
		m, err := b.module(fmt.Sprintf("find-%t-%d", resources, n), fmt.Sprintf(finding, resources), f)
		if err != nil {
			return err
		}
		costs := make([]measurement, b.rounds)
		for i := range costs {
			if costs[i], err = m.measure(ctx, "apply", "-auto-approve"); err != nil {
				return err
			}
		}
		b.note(result{work: work, n: n, cost: median(costs)})
		return nil
	}
	for _, n := range b.found { // in ascending order, as they are made by and by
		if err := search(workFind, n, true); err != nil {
			return err
		}
	}
	if b.foundLean == 0 {
		return nil
	}
	return search(workFindLean, max(made, b.foundLean), false)
}
