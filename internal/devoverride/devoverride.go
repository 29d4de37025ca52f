// Package devoverride is for tests and benchmarks that run Terraform or
// OpenTofu themselves: it makes them use a provider built from this source.
package devoverride

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Executable is the name that Terraform looks for in the folder of an override.
const Executable = "terraform-provider-coderws"

// cliConfiguration names the provider in the registry of Terraform and in that
// of OpenTofu.
const cliConfiguration = `provider_installation {
  dev_overrides {
    "registry.terraform.io/coderws/coderws" = %[1]q
    "registry.opentofu.org/coderws/coderws" = %[1]q
  }
  direct {}
}
`

// Install writes a script into dir that Terraform starts as the provider. It
// adds its process id, which stays the provider's, to the file at pids, one in
// a line, and then runs binary. The answer is the path of a CLI configuration
// for [Environment]. It needs a POSIX shell.
func Install(dir, binary, pids string) (cliConfig string, err error) {
	script := fmt.Sprintf("#!/bin/sh\necho $$ >> '%s'\nexec '%s' \"$@\"\n", pids, binary)
	if err := os.WriteFile(filepath.Join(dir, Executable), []byte(script), 0o700); err != nil {
		return "", err
	}
	cliConfig = filepath.Join(dir, "dev.tfrc")
	return cliConfig, os.WriteFile(cliConfig, fmt.Appendf(nil, cliConfiguration, dir), 0o600)
}

// Environment is the one of this process with the CLI configuration, without
// any setting that would lead Terraform or the provider elsewhere.
func Environment(cliConfig string, settings ...string) []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return strings.HasPrefix(entry, "TF_") || strings.HasPrefix(entry, "CODER_")
	})
	env = append(env, "TF_CLI_CONFIG_FILE="+cliConfig, "CHECKPOINT_DISABLE=1", "HOME="+filepath.Dir(cliConfig))
	return append(env, settings...)
}
