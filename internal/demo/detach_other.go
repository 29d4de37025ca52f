//go:build !unix

package main

import "os/exec"

// detach leaves the command to the console, which interrupts it by itself.
func detach(cmd *exec.Cmd) {
	cmd.Cancel = func() error { return nil }
}
