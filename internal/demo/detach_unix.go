//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// detach gives the command a process group of its own. A Ctrl-C in the
// terminal would otherwise reach Terraform twice, once from the terminal and
// once from here, and the second one makes it stop without saving its state.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
