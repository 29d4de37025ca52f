// Command terraform prints the path of the Terraform or OpenTofu binary that
// tests and the demo use. It takes the first of:
//
//  1. the environment variable TF_ACC_TERRAFORM_PATH,
//  2. terraform, then tofu, on PATH,
//  3. what an earlier run put into the folder given by -into,
//  4. the newest Terraform from releases.hashicorp.com, put there now.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
)

func main() {
	log.SetFlags(0)
	into := flag.String("into", "", "folder for a binary that has to be installed")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	path, err := find(ctx, *into)
	if err != nil {
		log.Fatalf("No Terraform or OpenTofu: %v", err)
	}
	_, _ = fmt.Fprintln(os.Stdout, path)
}

// find returns the absolute path of the binary and installs one where there
// is none.
func find(ctx context.Context, into string) (string, error) {
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		path, err := exec.LookPath(path)
		if err != nil {
			return "", fmt.Errorf("environment variable TF_ACC_TERRAFORM_PATH: %w", err)
		}
		return filepath.Abs(path)
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return filepath.Abs(path)
		}
	}

	if into == "" {
		return "", fmt.Errorf("neither is on PATH, and no folder was named to install one into (-into)")
	}
	into, err := filepath.Abs(into)
	if err != nil {
		return "", err
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(filepath.Join(into, executable(name))); err == nil {
			return path, nil
		}
	}
	return install(ctx, into)
}

// executable is the file name of a program on this system.
func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}
