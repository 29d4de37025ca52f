//go:build unix

package binarytest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/devoverride"
)

// patience bounds every wait for a process or for the fake. It only ends tests
// that fail.
const patience = 3 * time.Minute

// binaries is the folder that the provider is built into.
var binaries string

func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	var err error
	if binaries, err = os.MkdirTemp("", "coderws-binarytest-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(binaries) //nolint:errcheck // a leftover in the folder for temporary files
	return m.Run()
}

var buildOnce sync.Once

// providerBinary builds the provider once for all tests.
func providerBinary(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(binaries, "provider")
	buildOnce.Do(func() {
		build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".")
		build.Dir = filepath.Join("..", "..")
		if output, err := build.CombinedOutput(); err != nil {
			t.Errorf("building the provider: %v\n%s", err, output)
		}
	})
	if _, err := os.Stat(binary); err != nil {
		t.Fatalf("there is no provider: %v", err)
	}
	return binary
}

// terraform runs Terraform or OpenTofu in one folder, with the built provider.
type terraform struct {
	binary string
	dir    string
	env    []string
	pids   string // file with the ids of all provider processes, one in a line
}

// newTerraform makes a folder for a configuration. Settings are added to the
// environment, from which everything else that could lead astray is removed.
func newTerraform(t *testing.T, settings ...string) *terraform {
	t.Helper()
	dir := t.TempDir()
	tf := &terraform{
		binary: acctest.TerraformBinary(t),
		dir:    filepath.Join(dir, "module"),
		pids:   filepath.Join(dir, "pids"),
	}
	plugins := filepath.Join(dir, "plugins")
	if err := os.Mkdir(plugins, 0o700); err != nil {
		t.Fatal(err)
	}
	cliConfig, err := devoverride.Install(plugins, providerBinary(t), tf.pids)
	if err != nil {
		t.Fatal(err)
	}
	tf.env = devoverride.Environment(cliConfig, settings...)
	return tf
}

// isTofu tells OpenTofu from Terraform.
func (tf *terraform) isTofu() bool { return strings.Contains(filepath.Base(tf.binary), "tofu") }

// minor is the y of Terraform's or OpenTofu's version 1.y.
func (tf *terraform) minor(t *testing.T) int {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), tf.binary, "version", "-json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var about struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(output, &about); err != nil {
		t.Fatal(err)
	}
	var major, minor int
	if _, err := fmt.Sscanf(about.Version, "%d.%d", &major, &minor); err != nil || major != 1 {
		t.Fatalf("version %q: %v", about.Version, err)
	}
	return minor
}

// requiredProviders is the beginning of every configuration.
const requiredProviders = "terraform {\n  required_providers {\n    coderws = {\n      source = \"coderws/coderws\"\n    }\n  }\n}\n"

// configure replaces the configuration.
func (tf *terraform) configure(t *testing.T, blocks ...string) {
	t.Helper()
	write(t, filepath.Join(tf.dir, "main.tf"), requiredProviders+strings.Join(blocks, "\n"))
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// command is a running Terraform.
type command struct {
	name   string
	cmd    *exec.Cmd
	output *bytes.Buffer // complete after ended
	ended  chan struct{}
	err    error // set after ended
}

// start starts a command of Terraform in a process group of its own, like one
// that is typed into a terminal.
func (tf *terraform) start(t *testing.T, arguments ...string) *command {
	t.Helper()
	words := 1 // of the command, which flags come after
	if arguments[0] == "state" {
		words = 2
	}
	cmd := exec.CommandContext(t.Context(), tf.binary, slices.Insert(slices.Clone(arguments), words, "-no-color")...)
	cmd.Dir, cmd.Env = tf.dir, tf.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c := &command{name: strings.Join(arguments, " "), cmd: cmd, output: new(bytes.Buffer), ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = c.output, c.output
	cmd.Cancel = func() error { return c.signal(syscall.SIGKILL) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.ended)
		c.err = cmd.Wait()
	}()
	t.Cleanup(func() { <-c.ended }) // the end of the test's context kills it
	return c
}

// signal reaches the whole process group, the provider included, as Ctrl-C in
// a terminal does.
func (c *command) signal(s syscall.Signal) error {
	return syscall.Kill(-c.cmd.Process.Pid, s)
}

// interrupt is Ctrl-C.
func (c *command) interrupt(t *testing.T) {
	t.Helper()
	if err := c.signal(syscall.SIGINT); err != nil {
		t.Fatalf("interrupting terraform %s: %v", c.name, err)
	}
}

// wait waits for the end and returns output and exit status.
func (c *command) wait(t *testing.T) (output string, status int) {
	t.Helper()
	select {
	case <-c.ended:
	case <-time.After(patience):
		_ = c.signal(syscall.SIGKILL)
		<-c.ended
		t.Fatalf("terraform %s did not end:\n%s", c.name, c.output)
	}
	var exit *exec.ExitError
	if c.err != nil && !errors.As(c.err, &exit) {
		t.Fatalf("terraform %s: %v", c.name, c.err)
	}
	t.Logf("terraform %s ended with %d:\n%s", c.name, c.cmd.ProcessState.ExitCode(), c.output)
	return unwrap(c.output.String()), c.cmd.ProcessState.ExitCode()
}

// run runs a command that must end with a status.
func (tf *terraform) run(t *testing.T, status int, arguments ...string) string {
	t.Helper()
	output, got := tf.start(t, arguments...).wait(t)
	if got != status {
		t.Fatalf("terraform %s ended with %d, want %d", arguments[0], got, status)
	}
	return output
}

// planEmpty fails the test unless there is nothing to do.
func (tf *terraform) planEmpty(t *testing.T) {
	t.Helper()
	tf.run(t, 0, "plan", "-input=false", "-detailed-exitcode")
}

// killProvider kills the provider process that Terraform started last, by its
// id.
func (tf *terraform) killProvider(t *testing.T) {
	t.Helper()
	content, err := os.ReadFile(tf.pids)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(content))
	pid, err := strconv.Atoi(lines[len(lines)-1])
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("killing the provider, process %d: %v", pid, err)
	}
}

// instance is a resource in the state.
type instance struct {
	Address string         `json:"address"`
	Tainted bool           `json:"tainted"`
	Values  map[string]any `json:"values"`
}

// state lists what is in the state.
func (tf *terraform) state(t *testing.T) []instance {
	t.Helper()
	show := exec.CommandContext(t.Context(), tf.binary, "show", "-json")
	show.Dir, show.Env = tf.dir, tf.env
	output, err := show.Output()
	if err != nil {
		t.Fatalf("reading the state: %v", err)
	}
	var state struct {
		Values struct {
			RootModule struct {
				Resources []instance `json:"resources"`
			} `json:"root_module"`
		} `json:"values"`
	}
	if err := json.Unmarshal(output, &state); err != nil {
		t.Fatalf("reading the state: %v", err)
	}
	return state.Values.RootModule.Resources
}

// unwrap undoes the line breaks and frames that Terraform gives diagnostics.
func unwrap(output string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(output, "│", " ")), " ")
}

// mustContain fails the test unless an output says all the texts.
func mustContain(t *testing.T, output string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(output, text) {
			t.Errorf("the output lacks %q", text)
		}
	}
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	limit := time.After(patience)
	for !condition() {
		select {
		case <-ticker.C:
		case <-limit:
			t.Fatalf("it never came to pass: %s", what)
		}
	}
}

// stateFile is the state as Terraform has written it.
func (tf *terraform) stateFile(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(tf.dir, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
