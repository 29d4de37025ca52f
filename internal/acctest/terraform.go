package acctest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/provider"
)

// ProviderVersion is the version of the provider under test.
const ProviderVersion = "0.0.0-test"

// ProviderFactories serves the provider from this process.
func ProviderFactories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		provider.TypeName: func() (tfprotov6.ProviderServer, error) { return newServer() },
	}
}

// Test runs a test case on a deployment. It fills in the provider, unless the
// case brings its own, and checks that all workspaces are gone in the end,
// unless the case checks that itself. Fakes need no TF_ACC.
func Test(t *testing.T, d *Deployment, c resource.TestCase) {
	t.Helper()
	TerraformBinary(t)
	if c.ProtoV6ProviderFactories == nil {
		c.ProtoV6ProviderFactories = ProviderFactories()
	}
	if c.CheckDestroy == nil {
		c.CheckDestroy = d.CheckDestroyed(t)
	}
	if d.Fake != nil {
		c.IsUnitTest = true
	}
	resource.Test(t, c)
}

// CheckDestroyed asks the deployment whether every workspace of the last state
// is deleted. It suits a test case's CheckDestroy.
func (d *Deployment) CheckDestroyed(t *testing.T) resource.TestCheckFunc {
	t.Helper()
	return func(state *terraform.State) error {
		var problems []error
		for _, module := range state.Modules {
			for address, instance := range module.Resources {
				if instance.Type != provider.TypeName+"_workspace" || strings.HasPrefix(address, "data.") {
					continue
				}
				if err := d.checkGone(t, instance.Primary.ID); err != nil {
					problems = append(problems, fmt.Errorf("%s: %w", address, err))
				}
			}
		}
		return errors.Join(problems...)
	}
}

func (d *Deployment) checkGone(t *testing.T, id string) error {
	t.Helper()
	parsed, err := uuid.Parse(id)
	if err != nil {
		return fmt.Errorf("its id in the state: %w", err)
	}
	workspace, err := d.Client.Workspace(t.Context(), parsed)
	switch {
	case coder.KindOf(err) == coder.Gone:
		return nil
	case err != nil:
		return fmt.Errorf("reading workspace %s: %w", id, err)
	// In the instant a delete build ends, a read may still find the workspace.
	case workspace.LatestBuild.Status == coder.StatusDeleted:
		return nil
	default:
		return fmt.Errorf("workspace %s (%s/%s) still exists, status %s", id, workspace.OwnerName, workspace.Name, workspace.LatestBuild.Status)
	}
}

// terraformBinary finds the binary once. The testing framework reads it from
// TF_ACC_TERRAFORM_PATH; left to itself it would download one.
var terraformBinary = sync.OnceValues(func() (string, error) {
	binary := os.Getenv("TF_ACC_TERRAFORM_PATH")
	for _, name := range []string{"terraform", "tofu"} {
		if binary != "" {
			break
		}
		if found, err := exec.LookPath(name); err == nil {
			binary = found
		}
	}
	if binary == "" {
		return "", errors.New("neither terraform nor tofu is on PATH, and TF_ACC_TERRAFORM_PATH is not set; `make test` installs Terraform into .tools")
	}
	if err := os.Setenv("TF_ACC_TERRAFORM_PATH", binary); err != nil {
		return "", fmt.Errorf("choosing %s: %w", binary, err)
	}
	// OpenTofu looks for providers without an address in its own registry.
	if strings.Contains(filepath.Base(binary), "tofu") && os.Getenv("TF_ACC_PROVIDER_HOST") == "" {
		if err := os.Setenv("TF_ACC_PROVIDER_HOST", "registry.opentofu.org"); err != nil {
			return "", fmt.Errorf("choosing OpenTofu's registry: %w", err)
		}
	}
	return binary, nil
})

// TerraformBinary is the Terraform or OpenTofu that tests drive, for those that
// run it themselves.
func TerraformBinary(t *testing.T) string {
	t.Helper()
	binary, err := terraformBinary()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}
