//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/devoverride"
)

// measurement is what one Terraform command cost.
type measurement struct {
	wall     time.Duration
	requests int
	bytes    int64
	// peak is the most memory that a provider process held, in bytes; 0 where
	// it cannot be told.
	peak int64
	// state is the size of the state that an apply has written, in bytes.
	state int64
}

// module is a folder with a configuration and its state.
type module struct {
	terraform string
	dir       string
	env       []string
	pids      string
	fake      *fake // nil when the module needs none
}

func (b *bench) module(name, configuration string, f *fake) (*module, error) {
	m := &module{terraform: b.terraform, dir: filepath.Join(b.dir, name), fake: f}
	plugins := filepath.Join(m.dir, "plugins")
	if err := os.MkdirAll(plugins, 0o700); err != nil {
		return nil, err
	}
	m.pids = filepath.Join(plugins, "pids")
	cliConfig, err := devoverride.Install(plugins, b.provider, m.pids)
	if err != nil {
		return nil, err
	}
	m.env = devoverride.Environment(cliConfig)
	if f != nil {
		m.env = append(m.env, "CODER_URL="+f.url, "CODER_SESSION_TOKEN="+f.deployment.Token())
	}
	return m, m.configure(configuration)
}

func (m *module) configure(configuration string) error {
	return os.WriteFile(filepath.Join(m.dir, "main.tf"), []byte(configuration), 0o600)
}

// measure runs a command of Terraform, which must end with status 0.
func (m *module) measure(ctx context.Context, arguments ...string) (measurement, error) {
	cmd := exec.CommandContext(ctx, m.terraform, append(arguments, "-input=false", "-no-color")...)
	cmd.Dir, cmd.Env = m.dir, m.env
	output := new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = output, output
	if err := os.RemoveAll(m.pids); err != nil {
		return measurement{}, err
	}
	if m.fake != nil {
		m.fake.reset()
	}
	watching, stop := context.WithCancel(ctx)
	peak := make(chan int64)
	go func() { peak <- watchMemory(watching, m.pids) }()

	started := time.Now()
	err := cmd.Run()
	result := measurement{wall: time.Since(started)}
	stop()
	result.peak = <-peak
	if err != nil {
		return result, fmt.Errorf("terraform %s: %w\n%s", strings.Join(arguments, " "), err, output)
	}
	if m.fake != nil {
		result.requests, result.bytes = m.fake.traffic()
	}
	if arguments[0] != "apply" {
		return result, nil
	}
	state, err := os.Stat(filepath.Join(m.dir, "terraform.tfstate"))
	if err != nil {
		return result, err
	}
	result.state = state.Size()
	return result, nil
}

// memoryInterval is short beside the life of a provider process, whose peak is
// all that is asked for: the kernel keeps it until the process ends.
const memoryInterval = 10 * time.Millisecond

// watchMemory returns the largest peak of the processes named in a file, as
// far as it is seen until ctx ends. It needs Linux's /proc.
func watchMemory(ctx context.Context, pids string) int64 {
	var peak int64
	ticker := time.NewTicker(memoryInterval)
	defer ticker.Stop()
	for {
		text, _ := os.ReadFile(pids)
		for pid := range strings.FieldsSeq(string(text)) {
			peak = max(peak, peakOf(pid))
		}
		select {
		case <-ctx.Done():
			return peak
		case <-ticker.C:
		}
	}
}

var highWater = regexp.MustCompile(`(?m)^VmHWM:\s+(\d+) kB$`)

func peakOf(pid string) int64 {
	status, err := os.ReadFile(filepath.Join("/proc", pid, "status"))
	if err != nil {
		return 0
	}
	match := highWater.FindSubmatch(status)
	if match == nil {
		return 0
	}
	kilobytes, _ := strconv.ParseInt(string(match[1]), 10, 64)
	return kilobytes << 10
}
