package provider_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBinary_withoutTestCode guards the released binary: nothing that exists
// for tests may be linked into it.
func TestBinary_withoutTestCode(t *testing.T) {
	t.Parallel()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath", ".")
	list.Dir = filepath.Join("..", "..")
	output, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(output)))
	found := 0
	for decoder.More() {
		var dependency struct {
			ImportPath string `json:"ImportPath"`
		}
		if err := decoder.Decode(&dependency); err != nil {
			t.Fatal(err)
		}
		found++
		name := dependency.ImportPath
		if strings.HasSuffix(name, "/acctest") || strings.HasSuffix(name, "/codertest") ||
			strings.Contains(name, "terraform-plugin-testing") || name == "net/http/httptest" {
			t.Errorf("the provider links %s", name)
		}
	}
	if found < 100 {
		t.Errorf("go list knows only %d packages", found)
	}
}

// TestModule_directDependencies keeps the list of what the module requires
// itself short: another one needs a reason.
func TestModule_directDependencies(t *testing.T) {
	t.Parallel()
	edit := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json")
	edit.Dir = filepath.Join("..", "..")
	output, err := edit.Output()
	if err != nil {
		t.Fatalf("go mod edit: %v", err)
	}
	var module struct {
		Require []struct {
			Path     string `json:"Path"`
			Indirect bool   `json:"Indirect"`
		} `json:"Require"`
		Replace []any `json:"Replace"`
	}
	if err := json.Unmarshal(output, &module); err != nil {
		t.Fatal(err)
	}
	var direct []string
	for _, required := range module.Require {
		if !required.Indirect {
			direct = append(direct, required.Path)
		}
	}
	want := []string{
		"github.com/google/go-cmp", // of tests alone
		"github.com/google/uuid",
		"github.com/hashicorp/go-cleanhttp",
		"github.com/hashicorp/go-retryablehttp",
		"github.com/hashicorp/terraform-plugin-framework",
		"github.com/hashicorp/terraform-plugin-framework-timeouts",
		"github.com/hashicorp/terraform-plugin-framework-timetypes",
		"github.com/hashicorp/terraform-plugin-framework-validators",
		"github.com/hashicorp/terraform-plugin-go",
		"github.com/hashicorp/terraform-plugin-log",
		"github.com/hashicorp/terraform-plugin-testing", // of tests alone
		"github.com/robfig/cron/v3",
		"github.com/tmaxmax/go-sse",
		"golang.org/x/sync",
	}
	if diff := cmp.Diff(want, direct); diff != "" {
		t.Errorf("direct dependencies differ (-want +got):\n%s", diff)
	}
	if len(module.Replace) > 0 {
		t.Errorf("a released module cannot replace others: %v", module.Replace)
	}
}
