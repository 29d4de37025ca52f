package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

// openTofuModule is built where Terraform cannot be downloaded, so that a
// machine that reaches nothing but a Go module proxy can run the tests.
const openTofuModule = "github.com/opentofu/opentofu@v1.12.6"

// install puts a binary into dir and returns its path.
func install(ctx context.Context, dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}

	log.Printf("Installing Terraform into %s", dir)
	path, terraformErr := installTerraform(ctx, dir)
	if terraformErr == nil {
		return path, nil
	}

	log.Printf("Terraform cannot be downloaded: %v", terraformErr)
	log.Printf("Building %s there instead. This takes some minutes, once.", openTofuModule)
	path, openTofuErr := buildOpenTofu(ctx, dir)
	if openTofuErr != nil {
		return "", errors.Join(
			fmt.Errorf("downloading Terraform: %w", terraformErr),
			fmt.Errorf("building OpenTofu: %w", openTofuErr),
		)
	}
	return path, nil
}

// installTerraform downloads the newest Terraform 1.x; hc-install checks its
// signature.
func installTerraform(ctx context.Context, dir string) (string, error) {
	latest := &releases.LatestVersion{
		Product:     product.Terraform,
		Constraints: version.MustConstraints(version.NewConstraint(">= 1.5.0, < 2.0.0")),
		InstallDir:  dir,
	}
	return latest.Install(ctx)
}

// buildOpenTofu builds inside the module's own folder because its go.mod has
// replace directives, which "go install" refuses. The Go checksum database
// vouches for the source.
func buildOpenTofu(ctx context.Context, dir string) (string, error) {
	download := exec.CommandContext(ctx, "go", "mod", "download", "-json", openTofuModule)
	download.Dir = os.TempDir() // outside of any module
	answer, err := download.Output()
	var module struct{ Dir, Error string }
	if jsonErr := json.Unmarshal(answer, &module); jsonErr == nil && module.Error != "" {
		return "", errors.New(module.Error)
	}
	if err != nil {
		return "", err
	}

	path := filepath.Join(dir, executable("tofu"))
	build := exec.CommandContext(ctx, "go", "build", "-mod=readonly", "-trimpath",
		"-ldflags", "-s -w -X github.com/opentofu/opentofu/version.dev=no", "-o", path, "./cmd/tofu")
	build.Dir = module.Dir
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return "", err
	}
	return path, nil
}
