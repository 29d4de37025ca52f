package provider

import (
	"cmp"
	"os"
	"slices"
	"strings"
)

// logLevels are the variables that say what this process logs.
var logLevels = []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER_CODERWS"}

// LimitLog has this process log only what Terraform keeps. By default a
// provider writes every line of every level, encoded as JSON, and Terraform
// decodes each and drops what TF_LOG_PROVIDER or TF_LOG did not ask for; in a
// plan of many workspaces that took more than a third of the CPU time of both.
//
// Call it before the provider is served. A level that is set already stays.
func LimitLog() error {
	level := strings.ToUpper(cmp.Or(os.Getenv("TF_LOG_PROVIDER"), os.Getenv("TF_LOG"), "OFF"))
	if !slices.Contains([]string{"OFF", "ERROR", "WARN", "INFO", "DEBUG"}, level) {
		return nil // TRACE, JSON, and what Terraform takes for TRACE
	}
	for _, name := range logLevels {
		if _, set := os.LookupEnv(name); set {
			continue
		}
		if err := os.Setenv(name, level); err != nil {
			return err
		}
	}
	return nil
}
