package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/coderws/terraform-provider-coderws/internal/provider"
)

// TestSameAsTerraform compares the schemas with those that Terraform prints,
// as far as the installed Terraform knows their kinds.
func TestSameAsTerraform(t *testing.T) {
	t.Parallel()

	schemas, err := providerSchemas(t.Context(), providerserver.NewProtocol6(provider.New("dev")())())
	if err != nil {
		t.Fatal(err)
	}
	ours, err := json.Marshal(schemas)
	if err != nil {
		t.Fatal(err)
	}
	got := kinds(t, ours, provider.TypeName)

	for kind, want := range kinds(t, terraformSchemas(t), registry+"/coderws/coderws") {
		if diff := gocmp.Diff(want, got[kind]); diff != "" {
			t.Errorf("%s: Terraform's is -, ours is +:\n%s", kind, diff)
		}
	}
	if got["resource_schemas"] == nil || got["data_source_schemas"] == nil {
		t.Errorf("resources or data sources are missing")
	}
}

// registry makes the address of the provider the same in Terraform and OpenTofu.
const registry = "registry.example.com"

// kinds decodes the schemas of one provider by kind: provider,
// resource_schemas, and so on.
func kinds(t *testing.T, encoded []byte, address string) map[string]any {
	t.Helper()

	var document struct {
		ProviderSchemas map[string]map[string]any `json:"provider_schemas"`
	}
	if err := json.Unmarshal(encoded, &document); err != nil {
		t.Fatal(err)
	}
	found, ok := document.ProviderSchemas[address]
	if !ok {
		t.Fatalf("no provider %s", address)
	}
	return found
}

// terraformSchemas runs "terraform providers schema -json" on a fresh build.
func terraformSchemas(t *testing.T) []byte {
	t.Helper()

	terraform, err := exec.LookPath(cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"))
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("needs Terraform: set TF_ACC_TERRAFORM_PATH or run make test")
	}
	if err != nil {
		t.Fatal(err)
	}

	dir := t.TempDir()
	output(t, exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "terraform-provider-coderws"), "../.."))
	write(t, filepath.Join(dir, "main.tf"), fmt.Sprintf("terraform {\n  required_providers {\n    coderws = { source = %q }\n  }\n}\n", registry+"/coderws/coderws"))
	write(t, filepath.Join(dir, "dev.tfrc"), fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n}\n", registry+"/coderws/coderws", dir))

	cmd := exec.CommandContext(t.Context(), terraform, "providers", "schema", "-json")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(dir, "dev.tfrc"), "CHECKPOINT_DISABLE=1")
	return output(t, cmd)
}

func output(t *testing.T, cmd *exec.Cmd) []byte {
	t.Helper()

	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", cmd.Args, err, stdout, stderr.Bytes())
	}
	return stdout
}

func write(t *testing.T, path, content string) {
	t.Helper()

	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
