package workspace_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
	"github.com/coderws/terraform-provider-coderws/internal/workspace"
)

// recordedMoves are states that the REST providers have written, each of the
// workspace movedID.
func recordedMoves(t *testing.T) map[string]acctest.MoveSource {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", "move", "*.json"))
	if err != nil || len(names) < 3 {
		t.Fatal(names, err)
	}
	all := map[string]acctest.MoveSource{}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var recorded struct {
			Provider   string          `json:"provider"`
			Type       string          `json:"type"`
			Version    int64           `json:"schema_version"`
			Attributes json.RawMessage `json:"attributes"`
		}
		if err := json.Unmarshal(content, &recorded); err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(name), ".json")] = acctest.MoveSource{
			Provider: recorded.Provider, Type: recorded.Type, SchemaVersion: recorded.Version, Attributes: string(recorded.Attributes),
		}
	}
	return all
}

// movedID is the workspace of the recorded states.
const movedID = "996eff0f-398f-430a-b3ab-f600c7415405"

// of is the source as it would be of another workspace.
func of(source acctest.MoveSource, id uuid.UUID) acctest.MoveSource {
	source.Attributes = strings.ReplaceAll(source.Attributes, movedID, id.String())
	return source
}

// A workspace that comes from a REST provider is read like an imported one. To
// configure what it has then starts no build, and replaces nothing.
func TestMove(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		basic := d.Template(t, acctest.Basic)
		created, err := d.Client.Workspace(t.Context(), createWorkspace(t, d, basic, coder.Me, acctest.Name(t, "moved")))
		if err != nil {
			t.Fatal(err)
		}
		server := d.Server(t)
		values := acctest.Values{
			"name": created.Name, "template_id": basic.ID, "owner_name": created.OwnerName,
			"parameters": map[string]string{"cpu": "2", "region": "eu-west"}, "deletion_protection": false,
		}
		for name, source := range recordedMoves(t) {
			server.Configure(t)
			moved, diags := server.Move(t, workspace.ResourceType, of(source, created.ID))
			if len(diags) > 0 {
				t.Fatal(name, diags)
			}
			if plan := acctest.Diagnostics(server.Plan(t, workspace.ResourceType, moved, values).Diagnostics); !plan.HasError() || !strings.Contains(plan.String(), "without -refresh=false") {
				t.Errorf("%s: planned with nothing but an id: %v", name, plan)
			}
			read, diags := server.Read(t, workspace.ResourceType, moved)
			if len(diags) > 0 {
				t.Fatal(name, diags)
			}
			if id := acctest.Text(read.Identity, "id"); id != created.ID.String() || acctest.Text(read.State, "name") != created.Name {
				t.Errorf("%s: read as %v", name, read.State)
			}
			if diff := cmp.Diff([]string{"parameters"}, server.Changes(t, workspace.ResourceType, read, values)); diff != "" {
				t.Errorf("%s: changes (-want +got): %s", name, diff)
			}
			server.Configure(t)
			applied, diags := server.Apply(t, workspace.ResourceType, read, values)
			if len(diags) > 0 {
				t.Fatal(name, diags)
			}
			server.Configure(t)
			if changes := server.Changes(t, workspace.ResourceType, applied, values); len(changes) > 0 {
				t.Errorf("%s: changed again: %v", name, changes)
			}
		}
		if now, err := d.Client.Workspace(t.Context(), created.ID); err != nil || now.LatestBuild.ID != created.LatestBuild.ID {
			t.Errorf("built again: %v, %v", now, err)
		}
	})
}

// A moved workspace leaves the state only when Coder says that it was deleted.
func TestMove_unseen(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		bobs := createWorkspace(t, d, template, d.User(t, "bob").Username, "dev")
		member := *d
		member.Token = d.User(t, "alice").Token
		for name, source := range recordedMoves(t) {
			server := member.Server(t)
			moved, diags := server.Move(t, workspace.ResourceType, of(source, bobs))
			if len(diags) > 0 {
				t.Fatal(name, diags)
			}
			if read, diags := server.Read(t, workspace.ResourceType, moved); !diags.HasError() || read.State == nil {
				t.Errorf("%s: taken for gone: %v", name, diags)
			}
		}
		if err := d.DeleteWorkspace(t.Context(), bobs); err != nil {
			t.Fatal(err)
		}
		server := d.Server(t)
		moved, _ := server.Move(t, workspace.ResourceType, of(recordedMoves(t)["restapi-v3"], bobs))
		if read, diags := server.Read(t, workspace.ResourceType, moved); len(diags) > 0 || read.State != nil {
			t.Errorf("a deleted one: %v, %v", read.State, diags)
		}
	})
}

// The id comes from wherever the provider keeps it; what is no workspace is
// refused.
func TestMove_sources(t *testing.T) {
	t.Parallel()
	server := acctest.NewFake(t, codertest.Options{}).Server(t)
	const (
		restapi = "registry.terraform.io/mastercard/restapi restapi_object "
		restful = "registry.terraform.io/magodo/restful restful_resource "
		answer  = `{\"id\":\"` + movedID + `\",\"latest_build\":{\"id\":\"1baa2785-9dee-4192-ae34-92af68e50868\"}}`
	)
	id := func(at string) string { return fmt.Sprintf(`{"id":%q}`, at) }
	tests := map[string]struct {
		source string // provider, type, attributes
		want   string // of the error; "" for none
	}{
		"restapi, its own read path":   {restapi + `{"id":"` + movedID + `","path":"/api/v2/users/me/workspaces","read_path":"/api/v2/workspaces/{id}"}`, ""},
		"restapi, one path":            {restapi + `{"id":"` + movedID + `","path":"/workspaces/","read_path":null}`, ""},
		"restapi, deleted ones, too":   {restapi + `{"id":"` + movedID + `","path":"/x","read_path":"/workspaces/{id}?include_deleted=true"}`, ""},
		"restapi, path says nothing":   {restapi + `{"id":"` + movedID + `","path":"/","api_response":"` + answer + `"}`, ""},
		"restapi, a fork in a mirror":  {"mirror.example.com/fork/restapi restapi_object " + `{"id":"` + movedID + `","path":"/workspaces"}`, ""},
		"restapi of OpenTofu":          {"registry.opentofu.org/Mastercard/restapi restapi_object " + `{"id":"` + movedID + `","path":"/workspaces"}`, ""},
		"restapi, a template":          {restapi + `{"id":"` + movedID + `","path":"/api/v2/templates"}`, `read from "/api/v2/templates/{id}"`},
		"restapi, a build":             {restapi + `{"id":"` + movedID + `","path":"/api/v2/workspaces/` + movedID + `/builds"}`, "builds/{id}"},
		"restapi, read as a template":  {restapi + `{"id":"` + movedID + `","path":"/workspaces","read_path":"/templates/{id}"}`, "/templates/{id}"},
		"restapi, another's answer":    {restapi + `{"id":"1baa2785-9dee-4192-ae34-92af68e50868","path":"/","api_response":"` + answer + `"}`, "it is read from"},
		"restapi, a name":              {restapi + `{"id":"dev","path":"/workspaces"}`, `its id "dev" is no UUID`},
		"restapi, nothing":             {restapi + `{}`, `its id "" is no UUID`},
		"restful, path":                {restful + id("/api/v2/workspaces/"+movedID), ""},
		"restful, slash at the end":    {restful + id("/api/v2/workspaces/"+movedID+"/"), ""},
		"restful, short path":          {restful + id("workspaces/"+movedID), ""},
		"restful, answer as text":      {restful + `{"id":"/users/me/workspaces","output":"` + answer + `"}`, ""},
		"restful, answer":              {restful + `{"id":"/users/me/workspace/dev","output":{"value":{"id":"` + movedID + `","latest_build":{}},"type":["object",{}]}}`, ""},
		"restful, sensitive":           {restful + `{"id":"/users/me/workspace/dev","output":null,"sensitive_output":{"value":{"id":"` + movedID + `","latest_build":{}},"type":["object",{}]}}`, ""},
		"restful, a template":          {restful + id("/api/v2/templates/"+movedID), `read from "/api/v2/templates/`},
		"restful, a setting":           {restful + id("/api/v2/workspaces/"+movedID+"/ttl"), "/ttl"},
		"restful, an empty answer":     {restful + `{"id":"/users/me/workspaces","output":{"value":{"id":"` + movedID + `"},"type":["object",{}]}}`, "it is read from"},
		"restful, a name":              {restful + id("/api/v2/workspaces/dev"), "/workspaces/dev"},
		"another type of the provider": {"registry.terraform.io/magodo/restful restful_operation " + id("/api/v2/workspaces/"+movedID), "cannot become a coderws_workspace"},
		"another provider":             {"registry.terraform.io/hashicorp/null null_resource " + id(movedID), "cannot become a coderws_workspace"},
	}
	for name, tt := range tests {
		parts := strings.SplitN(tt.source, " ", 3)
		moved, diags := server.Move(t, workspace.ResourceType, acctest.MoveSource{Provider: parts[0], Type: parts[1], Attributes: parts[2]})
		switch {
		case tt.want == "" && len(diags) > 0:
			t.Errorf("%s: %v", name, diags)
		case tt.want == "":
			if got := acctest.Text(moved.State, "id"); got != movedID || acctest.Text(moved.Identity, "id") != movedID {
				t.Errorf("%s: moved as %q", name, got)
			}
		case len(diags) != 1 || !diags.HasError() || !strings.Contains(diags[0].Detail, tt.want) || !strings.Contains(diags[0].Detail, "`import` block"):
			t.Errorf("%s: %v, want %q", name, diags, tt.want)
		}
	}
}
