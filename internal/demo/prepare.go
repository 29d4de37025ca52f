package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// version is what the build is called in Terraform's output.
const version = "0.0.1"

// prepare finds Terraform, builds the provider, and initializes a copy of the
// example module in dir.
func prepare(ctx context.Context, out *report, dir string, deployment *deployment) (*terraform, error) {
	root, err := capture(ctx, ".", "go", "list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return nil, fmt.Errorf("finding the source: %w", err)
	}
	if root == "" {
		return nil, errors.New("the demo builds the provider, so it runs inside the source only")
	}
	binary, err := capture(ctx, filepath.Join(root, "internal", "tools"), "go", "run", "./terraform", "-into", filepath.Join(root, ".tools"))
	if err != nil {
		return nil, fmt.Errorf("finding Terraform: %w", err)
	}
	mirror := filepath.Join(dir, "mirror")
	if err := buildProvider(ctx, root, mirror); err != nil {
		return nil, fmt.Errorf("building the provider: %w", err)
	}
	cliConfig := filepath.Join(dir, "demo.tfrc")
	if err := os.WriteFile(cliConfig, fmt.Appendf(nil, cliConfiguration, mirror), 0o600); err != nil {
		return nil, err
	}
	module := filepath.Join(dir, "module")
	if err := os.CopyFS(module, os.DirFS(filepath.Join(root, "examples", "demo"))); err != nil {
		return nil, err
	}

	tf := &terraform{
		binary:     binary,
		dir:        module,
		env:        environment(cliConfig, deployment),
		out:        out,
		templateID: deployment.templateID,
	}
	out.line("\nBuilt. It is used only here, in %s.", dir)
	out.line("The module is a copy of %s.", filepath.Join("examples", "demo", "main.tf"))
	return tf, tf.initialize(ctx)
}

// cliConfiguration makes Terraform take providers from a folder instead of a
// registry. Unlike dev_overrides, this gives no warning with every command.
const cliConfiguration = `provider_installation {
  filesystem_mirror {
    path = %q
  }
}
`

// buildProvider builds into the layout of a mirror, for the registry that
// Terraform looks in and for the one of OpenTofu.
func buildProvider(ctx context.Context, root, mirror string) error {
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		path := filepath.Join(mirror, registry, "coderws", "coderws", version, runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-coderws_v"+version)
		if runtime.GOOS == "windows" {
			path += ".exe"
		}
		if _, err := capture(ctx, root, "go", "build", "-ldflags", "-X main.version="+version, "-o", path, "."); err != nil {
			return err
		}
	}
	return nil
}

// environment is that of this process without the settings that would lead
// Terraform, or on a fake deployment the provider, elsewhere.
func environment(cliConfig string, deployment *deployment) []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return strings.HasPrefix(entry, "TF_") && !strings.HasPrefix(entry, "TF_LOG") ||
			deployment.fake && strings.HasPrefix(entry, "CODER_")
	})
	return append(env,
		"CODER_URL="+deployment.url,
		"CODER_SESSION_TOKEN="+deployment.token,
		"TF_CLI_CONFIG_FILE="+cliConfig,
		"TF_IN_AUTOMATION=1", // no hints about what to run next
		"CHECKPOINT_DISABLE=1",
	)
}

// capture returns what a program prints; its messages go to our own.
func capture(ctx context.Context, dir, program string, arguments ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, arguments...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	output, err := cmd.Output()
	return string(bytes.TrimSpace(output)), err
}
