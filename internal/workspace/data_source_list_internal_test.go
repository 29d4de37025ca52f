package workspace

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// shown is what a model shows of workspaces, as Terraform would print it.
func shown(t *testing.T, model *listModel, found []coder.Workspace) []any {
	t.Helper()
	if err := model.show(t.Context(), found); err != nil {
		t.Fatal(err)
	}
	raw, err := model.Workspaces.ToTerraformValue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, ok := plainValue(t, raw).([]any)
	if !ok {
		t.Fatalf("the workspaces are %v", raw)
	}
	if model.Total.ValueInt64() != int64(len(list)) {
		t.Errorf("total is %v of %d workspaces", model.Total, len(list))
	}
	return list
}

// resourceNames are the names of the resources of a workspace, nil when they
// are not shown.
func resourceNames(w any) []string {
	list, ok := w.(map[string]any)["latest_build"].(map[string]any)["resources"].([]any)
	if !ok {
		return nil
	}
	names := []string{}
	for _, resource := range list {
		names = append(names, resource.(map[string]any)["name"].(string))
	}
	return names
}

// The resources are shown in the order in which the client has them.
func TestListModel_Show(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		include types.Bool
		want    []string
	}{
		"by default":        {types.BoolNull(), []string{"z", "a"}},
		"with resources":    {types.BoolValue(true), []string{"z", "a"}},
		"without resources": {types.BoolValue(false), nil},
	} {
		model := listModel{IncludeResources: test.include}
		found := []coder.Workspace{{}, {LatestBuild: coder.WorkspaceBuild{Resources: []coder.WorkspaceResource{{Name: "z"}, {Name: "a"}}}}}
		list := shown(t, &model, found)
		if len(list) != 2 {
			t.Fatalf("%s: %d workspaces", name, len(list))
		}
		if diff := cmp.Diff(test.want, resourceNames(list[1])); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if list := shown(t, new(listModel), nil); len(list) != 0 {
		t.Errorf("nothing is shown as %v", list)
	}
}

// What the list holds is what the framework makes of the same views.
func TestListModel_ShowLikeTheFramework(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"workspace-v0.24.json", "workspace-deleting-v0.24.json", "workspace-v2.35.1.json"} {
		data := readTestdata(t, file)
		var found coder.Workspace
		if err := json.Unmarshal(data, &found); err != nil {
			t.Fatal(err)
		}
		list := shown(t, new(listModel), []coder.Workspace{found})
		if diff := cmp.Diff(plain(t, viewOf(t, data, true)), list[0]); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
	}
}

func TestListDataSource_ConfigureRejectsForeignData(t *testing.T) {
	t.Parallel()
	var resp datasource.ConfigureResponse
	new(listDataSource).Configure(t.Context(), datasource.ConfigureRequest{ProviderData: 1}, &resp)
	if !resp.Diagnostics.HasError() {
		t.Error("foreign provider data is accepted")
	}
}
