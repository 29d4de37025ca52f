package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	planFile      = "demo.tfplan"
	variablesFile = "terraform.tfvars.json"

	// interruptedGrace is how long Terraform may take to end after an
	// interrupt; it then saves its state.
	interruptedGrace = time.Minute
)

// terraform runs Terraform or OpenTofu in one folder.
type terraform struct {
	binary string
	dir    string
	env    []string
	out    *report

	templateID string
	applied    bool // there may be workspaces to destroy
}

// changes is how many workspaces a plan is expected to create and update; no
// plan of the demo may delete or replace one.
type changes struct{ create, update int }

// apply plans with new settings, checks that the plan is as expected, and
// applies it.
func (t *terraform) apply(ctx context.Context, workspaces settings, want changes) error {
	variables, err := json.MarshalIndent(map[string]any{"template_id": t.templateID, "workspaces": workspaces}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(t.dir, variablesFile), variables, 0o600); err != nil {
		return err
	}
	t.out.line("\n%s:\n\n%s", variablesFile, variables)

	if err := t.run(ctx, "plan", "-out="+planFile); err != nil {
		return err
	}
	got, err := t.planned(ctx)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("the plan should create %d and update %d workspaces in place, and do nothing else; see above", want.create, want.update)
	}
	t.applied = true
	return t.run(ctx, "apply", planFile)
}

// planEmpty fails when a plan is not empty.
func (t *terraform) planEmpty(ctx context.Context) error {
	err := t.run(ctx, "plan", "-detailed-exitcode")
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 2 {
		return errors.New("this plan should be empty; see above")
	}
	return err
}

func (t *terraform) destroy(ctx context.Context) error {
	if err := t.run(ctx, "destroy", "-auto-approve"); err != nil {
		return err
	}
	t.applied = false
	return nil
}

// planned counts the actions in the plan file.
func (t *terraform) planned(ctx context.Context) (changes, error) {
	output, err := t.command(ctx, "show", "-json", planFile).Output()
	if err != nil {
		return changes{}, fmt.Errorf("reading the plan: %w", err)
	}
	var plan struct {
		ResourceChanges []struct {
			Address string `json:"address"`
			Change  struct {
				Actions []string `json:"actions"`
			} `json:"change"`
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal(output, &plan); err != nil {
		return changes{}, fmt.Errorf("reading the plan: %w", err)
	}

	var counted changes
	for _, resource := range plan.ResourceChanges {
		switch actions := strings.Join(resource.Change.Actions, "+"); actions {
		case "no-op":
		case "create":
			counted.create++
		case "update":
			counted.update++
		default:
			return changes{}, fmt.Errorf("the plan wants to %s %s; see above", actions, resource.Address)
		}
	}
	return counted, nil
}

// run runs a command and lets it print.
func (t *terraform) run(ctx context.Context, arguments ...string) error {
	t.announce(arguments)

	// Flags stand between the command and the plan file.
	flags := []string{arguments[0], "-input=false"}
	if !t.out.colour {
		flags = append(flags, "-no-color")
	}
	cmd := t.command(ctx, append(flags, arguments[1:]...)...)
	cmd.Stdout, cmd.Stderr = t.out, t.out
	return t.failure(ctx, arguments[0], cmd.Run())
}

// initialize prints what Terraform says only when it fails: the rest is about
// lock files, which the demo has no use for.
func (t *terraform) initialize(ctx context.Context) error {
	t.announce([]string{"init"})
	output, err := t.command(ctx, "init", "-input=false", "-no-color").CombinedOutput()
	if err != nil {
		t.out.line("%s", output)
		return t.failure(ctx, "init", err)
	}
	t.out.line("Initialized.")
	return nil
}

// failure tells an interruption, which Terraform reports as exit status 1,
// from a failure of a command.
func (t *terraform) failure(ctx context.Context, command string, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s %s: %w", t.name(), command, context.Cause(ctx))
	default:
		return fmt.Errorf("%s %s: %w", t.name(), command, err)
	}
}

func (t *terraform) announce(arguments []string) {
	t.out.line("\n%s\n", t.out.bold("$ "+t.name()+" "+strings.Join(arguments, " ")))
}

// name is terraform or tofu.
func (t *terraform) name() string {
	return strings.TrimSuffix(filepath.Base(t.binary), ".exe")
}

// command interrupts Terraform when ctx ends, so that it saves its state.
func (t *terraform) command(ctx context.Context, arguments ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, t.binary, arguments...)
	cmd.Dir, cmd.Env = t.dir, t.env
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = interruptedGrace
	detach(cmd)
	return cmd
}
