package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

// install puts the newest Terraform 1.x into dir and returns its path.
// hc-install checks its signature.
func install(ctx context.Context, dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	log.Printf("Installing Terraform into %s", dir)
	latest := &releases.LatestVersion{
		Product:     product.Terraform,
		Constraints: version.MustConstraints(version.NewConstraint(">= 1.5.0, < 2.0.0")),
		InstallDir:  dir,
	}
	path, err := latest.Install(ctx)
	if err != nil {
		return "", fmt.Errorf("neither is on PATH, and Terraform cannot be downloaded; install Terraform or OpenTofu yourself, or name one by TF_ACC_TERRAFORM_PATH: %w", err)
	}
	return path, nil
}
