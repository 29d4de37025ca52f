package workspace

import (
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// notShown are the properties, by the object that has them, for which there is
// deliberately no attribute of the same name, and why.
var notShown = map[string]map[string]string{
	"workspace":         {"owner_avatar_url": "decorates the dashboard"},
	"latest_build":      {"workspace_owner_avatar_url": "decorates the dashboard"},
	"shared_with":       {"avatar_url": "decorates the dashboard"},
	"latest_app_status": {"icon": "unused by servers", "needs_user_attention": "unused by servers", "id": "names a line of a log", "workspace_id": "is the workspace's id"},
	"job": {
		"initiator_id":      "is the build's initiator_id",
		"organization_id":   "is the workspace's organization_id",
		"input":             "repeats the build's id",
		"type":              "is workspace_build for every build",
		"metadata":          "is all zero in a workspace",
		"available_workers": "is left out of a workspace",
		"worker_name":       "is left out of a workspace",
	},
	"agents": {
		"logs_length":     "is shown as startup_logs_length: see TestViewAgent_Spellings",
		"logs_overflowed": "is shown as startup_logs_overflowed, likewise",
		"log_sources":     "names the tabs of the dashboard's log window",
	},
	"scripts": {"timeout": "is shown as timeout_seconds", "log_source_id": "refers to log_sources"},
	"apps":    {"statuses": "are the app's history; latest_app_status is the newest of all"},
}

// A recorded workspace must arrive in the view property by property.
func TestViewWorkspace_Recorded(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"workspace-v0.24.json", "workspace-deleting-v0.24.json", "workspace-v2.35.1.json"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			data := readTestdata(t, file)
			var sent map[string]any
			if err := json.Unmarshal(data, &sent); err != nil {
				t.Fatal(err)
			}
			compareShown(t, "workspace", sent, revealed(t, data))
		})
	}
}

// compareShown compares what a server sent with what is shown of it.
func compareShown(t *testing.T, at string, sent, shown any) {
	t.Helper()
	switch sent := sent.(type) {
	case map[string]any:
		object, ok := shown.(map[string]any)
		if !ok {
			t.Errorf("%s: an object is shown as %v", at, shown)
			return
		}
		for name, value := range sent {
			if got, ok := object[name]; ok {
				compareShown(t, at+"."+name, value, got)
			} else if notShown[objectName(at)][name] == "" {
				t.Errorf("%s.%s is not shown", at, name)
			}
		}
	case []any:
		list, ok := shown.([]any)
		if !ok || len(list) != len(sent) {
			t.Errorf("%s: %d elements are shown as %v", at, len(sent), shown)
			return
		}
		for i := range sent {
			compareShown(t, fmt.Sprintf("%s[%d]", at, i), sent[i], list[i])
		}
	default:
		switch {
		case strings.HasSuffix(at, ".subsystem") && sent == "none":
			sent = nil
		case strings.HasSuffix(at, ".environment_variables") && sent == nil:
			sent = map[string]any{}
		}
		if diff := cmp.Diff(sent, shown); diff != "" {
			t.Errorf("%s (-sent +shown):\n%s", at, diff)
		}
	}
}

// objectName is the last word of a path such as workspace.latest_build or
// agents[0].
func objectName(at string) string {
	at, _, _ = strings.Cut(at[strings.LastIndex(at, ".")+1:], "[")
	return at
}

func TestViewWorkspace_WithoutResources(t *testing.T) {
	t.Parallel()
	view := viewOf(t, readTestdata(t, "workspace-v2.35.1.json"), false)
	if view.LatestBuild.Resources != nil {
		t.Errorf("resources = %v, want null", view.LatestBuild.Resources)
	}
	if view.LatestBuild.ID.IsNull() {
		t.Error("the build itself is missing")
	}
}

func TestViewWorkspace_AbsentIsNull(t *testing.T) {
	t.Parallel()
	shown := plain(t, viewWorkspace(&coder.Workspace{LatestBuild: coder.WorkspaceBuild{Resources: []coder.WorkspaceResource{{
		Agents: []coder.WorkspaceAgent{{Apps: []coder.WorkspaceApp{{}}}},
	}}}}, true)).(map[string]any)
	build := shown["latest_build"].(map[string]any)
	resource := build["resources"].([]any)[0].(map[string]any)
	agent := resource["agents"].([]any)[0].(map[string]any)
	for name, object := range map[string]struct {
		shown map[string]any
		want  []string
	}{
		"workspace": {shown, []string{
			"organization_name", "template_active_version_id", "created_at", "updated_at", "last_used_at",
			"deleting_at", "dormant_at", "next_start_at", "autostart_schedule", "ttl_ms", "automatic_updates", "favorite", "is_prebuild", "health",
			"latest_app_status", "task_id",
		}},
		"build": {build, []string{
			"created_at", "updated_at", "deadline", "max_deadline",
			"template_version_preset_id", "matched_provisioners", "has_ai_task", "has_external_agent",
		}},
		"job": {build["job"].(map[string]any), []string{
			"error", "error_code", "created_at", "started_at", "completed_at", "canceled_at",
			"file_id", "worker_id", "logs_overflowed",
		}},
		"resource": {resource, []string{"created_at"}},
		"agent": {agent, []string{
			"instance_id", "health", "directory", "expanded_directory", "created_at", "updated_at",
			"first_connected_at", "last_connected_at", "disconnected_at", "started_at", "ready_at", "subsystem", "startup_logs_length",
			"startup_logs_overflowed", "startup_script_behavior", "login_before_ready", "startup_script", "startup_script_timeout_seconds",
			"shutdown_script", "shutdown_script_timeout_seconds", "api_version", "parent_id",
		}},
		"app": {agent["apps"].([]any)[0].(map[string]any), []string{"display_name", "url", "command", "icon", "subdomain_name", "hidden", "open_in", "group", "tooltip"}},
	} {
		var got []string
		for attribute, value := range object.shown {
			if value == nil {
				got = append(got, attribute)
			}
		}
		if diff := cmp.Diff(object.want, got, sortedStrings); diff != "" {
			t.Errorf("null attributes of the %s (-want +got):\n%s", name, diff)
		}
	}
}

func TestViewWorkspace_LockedIsDormant(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"locked_at", "dormant_at"} {
		view := viewOf(t, []byte(`{"`+name+`":"2026-01-31T18:00:00Z"}`), true)
		if got := view.DormantAt.ValueString(); got != "2026-01-31T18:00:00Z" {
			t.Errorf("%s is shown as %q", name, got)
		}
	}
}

func TestViewAgent_Spellings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, agent                string
		length, overflowed, system any
		systems                    []any
	}{
		{"neither", `{}`, nil, nil, nil, []any{}},
		{"before 2.0", `{"startup_logs_length":7,"startup_logs_overflowed":true,"subsystem":"none"}`, 7.0, true, nil, []any{}},
		{"before 2.1", `{"logs_length":0,"logs_overflowed":false,"subsystem":"envbox"}`, 0.0, false, "envbox", []any{"envbox"}},
		{
			"now", `{"logs_length":9,"logs_overflowed":true,"subsystems":["envbuilder","exectrace"]}`, 9.0, true, "envbuilder",
			[]any{"envbuilder", "exectrace"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var agent coder.WorkspaceAgent
			if err := json.Unmarshal([]byte(test.agent), &agent); err != nil {
				t.Fatal(err)
			}
			shown := plainAs(t, schema.NestedAttributeObject{Attributes: agentAttributes()}, viewAgent(&agent)).(map[string]any)
			for name, want := range map[string]any{
				"startup_logs_length": test.length, "startup_logs_overflowed": test.overflowed,
				"subsystem": test.system, "subsystems": test.systems,
			} {
				if diff := cmp.Diff(want, shown[name]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

// Nothing that may be a secret is shown outside of the sensitive values, and
// nothing else is in there.
func TestSensitiveValues(t *testing.T) {
	t.Parallel()
	const id = "00000000-0000-4000-8000-000000000001"
	data := []byte(`{"latest_build":{"resources":[{
		"id":"` + id + `",
		"metadata":[{"key":"password","value":"hush","sensitive":true},{"key":"region","value":"eu"}],
		"agents":[{"id":"` + id + `","environment_variables":{"TOKEN":"hush","EDITOR":"hush"}}]
	}]}}`)
	build := plain(t, viewOf(t, data, true)).(map[string]any)["latest_build"].(map[string]any)
	resource := build["resources"].([]any)[0].(map[string]any)
	if diff := cmp.Diff([]any{
		map[string]any{"key": "password", "value": nil, "sensitive": true},
		map[string]any{"key": "region", "value": "eu", "sensitive": false},
	}, resource["metadata"]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]any{"EDITOR", "TOKEN"}, resource["agents"].([]any)[0].(map[string]any)["environment_variables"]); diff != "" {
		t.Error(diff)
	}
	if shown := fmt.Sprint(build); strings.Contains(shown, "hush") {
		t.Errorf("a secret is shown: %s", shown)
	}
	want := map[string]types.String{}
	for _, key := range []string{"metadata/password", "environment_variables/EDITOR", "environment_variables/TOKEN"} {
		want[id+"/"+key] = types.StringValue("hush")
	}
	if diff := cmp.Diff(want, sensitiveValues(&workspaceOf(t, data).LatestBuild)); diff != "" {
		t.Error(diff)
	}
}

var sortedStrings = cmp.Transformer("set", func(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, s := range list {
		set[s] = true
	}
	return set
})

func readTestdata(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func workspaceOf(t *testing.T, data []byte) *coder.Workspace {
	t.Helper()
	w := new(coder.Workspace)
	if err := json.Unmarshal(data, w); err != nil {
		t.Fatal(err)
	}
	return w
}

func viewOf(t *testing.T, data []byte, resources bool) workspaceView {
	t.Helper()
	return viewWorkspace(workspaceOf(t, data), resources)
}

// revealed is what is shown of a workspace with each sensitive value put back
// to where the server has it, by the key that the documentation tells.
func revealed(t *testing.T, data []byte) any {
	t.Helper()
	values := sensitiveValues(&workspaceOf(t, data).LatestBuild)
	take := func(object map[string]any, attribute string, name any) any {
		key := fmt.Sprint(object["id"], "/", attribute, "/", name)
		value, ok := values[key]
		if !ok {
			t.Errorf("there is no sensitive value %s", key)
		}
		delete(values, key)
		return value.ValueString()
	}
	shown := plain(t, viewOf(t, data, true)).(map[string]any)
	for _, element := range shown["latest_build"].(map[string]any)["resources"].([]any) {
		resource := element.(map[string]any)
		for _, element := range resource["metadata"].([]any) {
			if metadata := element.(map[string]any); metadata["sensitive"] == true {
				metadata["value"] = take(resource, "metadata", metadata["key"])
			}
		}
		for _, element := range resource["agents"].([]any) {
			agent := element.(map[string]any)
			environment := map[string]any{}
			for _, name := range agent["environment_variables"].([]any) {
				environment[name.(string)] = take(agent, "environment_variables", name)
			}
			agent["environment_variables"] = environment
		}
	}
	if len(values) > 0 {
		t.Errorf("sensitive values that belong to nothing: %v", values)
	}
	return shown
}

// plain is a view as Terraform would print it in JSON, by way of the schema.
func plain(t *testing.T, view workspaceView) any {
	t.Helper()
	return plainAs(t, schema.NestedAttributeObject{Attributes: workspaceAttributes()}, view)
}

func plainAs(t *testing.T, object schema.NestedAttributeObject, view any) any {
	t.Helper()
	value, diags := types.ObjectValueFrom(t.Context(), object.Type().(attr.TypeWithAttributeTypes).AttributeTypes(), view)
	if diags.HasError() {
		t.Fatalf("the view does not fit the schema: %v", diags)
	}
	raw, err := value.ToTerraformValue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return plainValue(t, raw)
}

func plainValue(t *testing.T, v tftypes.Value) any {
	t.Helper()
	if v.IsNull() {
		return nil
	}
	read := func(target any) {
		if err := v.As(target); err != nil {
			t.Fatal(err)
		}
	}
	switch typ := v.Type(); {
	case typ.Is(tftypes.String):
		var s string
		read(&s)
		return s
	case typ.Is(tftypes.Bool):
		var b bool
		read(&b)
		return b
	case typ.Is(tftypes.Number):
		var n big.Float
		read(&n)
		f, _ := n.Float64()
		return f
	case typ.Is(tftypes.List{}):
		var list []tftypes.Value
		read(&list)
		result := make([]any, len(list))
		for i := range list {
			result[i] = plainValue(t, list[i])
		}
		return result
	default:
		var fields map[string]tftypes.Value
		read(&fields)
		result := make(map[string]any, len(fields))
		for name, field := range fields {
			result[name] = plainValue(t, field)
		}
		return result
	}
}
