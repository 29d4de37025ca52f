//go:build unix

package binarytest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// withOldProviders makes Terraform find the REST providers, too, which it insists
// on while a state names them. It asks them for their schemas only, so this
// provider can stand in for them.
func (tf *terraform) withOldProviders(t *testing.T) (env []string) {
	t.Helper()
	dir := t.TempDir()
	overrides := ""
	for _, address := range []string{"mastercard/restapi", "magodo/restful", "coderws/coderws"} {
		for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
			overrides += fmt.Sprintf("    %q = %q\n", registry+"/"+address, dir)
		}
		script := fmt.Sprintf("#!/bin/sh\nexec '%s' \"$@\"\n", providerBinary(t))
		if err := os.WriteFile(filepath.Join(dir, "terraform-provider-"+filepath.Base(address)), []byte(script), 0o700); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	}
	config := filepath.Join(dir, "dev.tfrc")
	write(t, config, "provider_installation {\n  dev_overrides {\n"+overrides+"  }\n  direct {}\n}\n")
	return append(append([]string{}, tf.env...), "TF_CLI_CONFIG_FILE="+config)
}

// restState is a state of instances that REST providers have written, by address
// and key; "" is the key of a single one.
func restState(t *testing.T, recorded map[string]string, ids map[string]map[string]uuid.UUID) string {
	t.Helper()
	const movedID = "996eff0f-398f-430a-b3ab-f600c7415405" // of the recordings
	type object = map[string]any
	resources := []any{}
	for name, keys := range ids {
		content, err := os.ReadFile(filepath.Join("..", "workspace", "testdata", "move", recorded[name]+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var source struct {
			Provider   string          `json:"provider"`
			Type       string          `json:"type"`
			Version    int             `json:"schema_version"`
			Attributes json.RawMessage `json:"attributes"`
		}
		if err := json.Unmarshal(content, &source); err != nil {
			t.Fatal(err)
		}
		instances := []any{}
		for key, id := range keys {
			instance := object{
				"schema_version": source.Version, "sensitive_attributes": []any{},
				"attributes": json.RawMessage(strings.ReplaceAll(string(source.Attributes), movedID, id.String())),
			}
			if key != "" {
				instance["index_key"] = key
			}
			instances = append(instances, instance)
		}
		resource := object{"mode": "managed", "type": source.Type, "name": name, "provider": fmt.Sprintf("provider[%q]", source.Provider), "instances": instances}
		if len(keys) > 1 {
			resource["each"] = "map"
		}
		resources = append(resources, resource)
	}
	state, err := json.Marshal(object{
		"version": 4, "terraform_version": "1.8.0", "serial": 1, "lineage": uuid.NewString(), "outputs": object{}, "resources": resources,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(state)
}

// As the guide "From local-exec and REST providers" has it: what REST providers
// manage becomes ours, with nothing built, replaced or destroyed, and they are
// not needed any more.
func TestMove(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	tf := newTerraform(t, "CODER_URL="+d.URL, "CODER_SESSION_TOKEN="+d.Token)
	if minor := tf.minor(t); minor < 8 || tf.isTofu() && minor < 10 {
		t.Skip("needs Terraform 1.8, OpenTofu 1.10")
	}
	template := d.Fake.AddTemplate(codertest.BasicTemplate())
	ids := map[string]map[string]uuid.UUID{"alice": {}, "bob": {}, "team": {}}
	for resource, keys := range map[string][]string{"alice": {""}, "bob": {""}, "team": {"carol", "dave"}} {
		for _, key := range keys {
			owner := resource
			if key != "" {
				owner = key
			}
			d.Fake.AddUser(owner)
			ids[resource][key] = d.Fake.CreateWorkspace(owner, "dev", template.ID, map[string]string{"cpu": "4"})
		}
	}
	recorded := map[string]string{"alice": "restapi-v3", "bob": "restapi-v2", "team": "restful-v0.25"}
	write(t, filepath.Join(tf.dir, "terraform.tfstate"), restState(t, recorded, ids))
	tf.configure(t, fmt.Sprintf(`
moved {
  from = restapi_object.alice
  to   = coderws_workspace.alice
}

moved {
  from = restapi_object.bob
  to   = coderws_workspace.bob
}

moved {
  from = restful_resource.team
  to   = coderws_workspace.team
}

resource "coderws_workspace" "alice" {
  name                = "dev"
  owner_name          = "alice"
  template_id         = %[1]q
  parameters          = { cpu = "4", region = "eu-west" }
  deletion_protection = true
}

resource "coderws_workspace" "bob" {
  name        = "dev"
  owner_name  = "bob"
  template_id = %[1]q
}

resource "coderws_workspace" "team" {
  for_each = toset(["carol", "dave"])

  name        = "dev"
  owner_name  = each.key
  template_id = %[1]q
}
`, template.ID))
	alone := tf.env
	mustContain(t, tf.run(t, 1, "plan", "-input=false"), "mastercard/restapi")

	tf.env = tf.withOldProviders(t)
	d.Fake.ResetRequests()
	plan := tf.run(t, 0, "plan", "-input=false")
	mustContain(t, plan, "moved from restapi_object.alice", "restapi_object.bob has moved to coderws_workspace.bob", `restful_resource.team["carol"] has moved to coderws_workspace.team["carol"]`, "Plan: 0 to add, 1 to change, 0 to destroy.")
	if strings.Contains(plan, "latest_build") {
		t.Error("the plan announces a build")
	}
	tf.run(t, 0, "apply", "-auto-approve")
	if builds := d.RequestCount(http.MethodPost, ""); builds > 0 {
		t.Errorf("%d requests made something", builds)
	}
	tf.env = alone
	tf.planEmpty(t)
	for _, instance := range tf.state(t) {
		if !strings.HasPrefix(instance.Address, "coderws_workspace.") {
			t.Errorf("the state still has %s", instance.Address)
		}
	}
}

// What is no workspace stays what it was.
func TestMove_noWorkspace(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	tf := newTerraform(t, "CODER_URL="+d.URL, "CODER_SESSION_TOKEN="+d.Token)
	if minor := tf.minor(t); minor < 8 || tf.isTofu() && minor < 10 {
		t.Skip("needs Terraform 1.8, OpenTofu 1.10")
	}
	template := d.Fake.AddTemplate(codertest.BasicTemplate())
	state := restState(t, map[string]string{"docker": "restful-v0.25"}, map[string]map[string]uuid.UUID{"docker": {"": template.ID}})
	state = strings.ReplaceAll(strings.ReplaceAll(state, "/workspaces", "/templates"), "latest_build", "active_version")
	write(t, filepath.Join(tf.dir, "terraform.tfstate"), state)
	tf.configure(t, fmt.Sprintf(`
moved {
  from = restful_resource.docker
  to   = coderws_workspace.docker
}

resource "coderws_workspace" "docker" {
  name        = "docker"
  template_id = %q
}
`, template.ID))
	tf.env = tf.withOldProviders(t)
	mustContain(t, tf.run(t, 1, "apply", "-auto-approve"), "Object of a REST provider is no workspace", "/api/v2/templates/"+template.ID.String())
	kept, err := os.ReadFile(filepath.Join(tf.dir, "terraform.tfstate"))
	if err != nil || string(kept) != state {
		t.Errorf("the state is another: %s, %v", kept, err)
	}
	if made := d.RequestCount(http.MethodPost, ""); made > 0 {
		t.Errorf("%d requests made something", made)
	}
}
