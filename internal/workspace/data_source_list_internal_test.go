package workspace

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/longlist"
)

// shown is what a model shows of a workspace, as Terraform would print it, and
// its sensitive values.
func shown(t *testing.T, model *listModel, w *coder.Workspace) (any, map[string]types.String) {
	t.Helper()
	found, err := model.show(new(longlist.Encoder), w)
	if err != nil {
		t.Fatal(err)
	}
	object := schema.NestedAttributeObject{Attributes: workspaceAttributes()}.Type()
	raw, err := tfprotov6.DynamicValue{MsgPack: found.encoded}.Unmarshal(object.TerraformType(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	return plainValue(t, raw), found.sensitive
}

// Without resources nothing of them is shown, secrets included. With them, they
// come in the order in which the client has them.
func TestListModel_Resources(t *testing.T) {
	t.Parallel()
	w := &coder.Workspace{LatestBuild: coder.WorkspaceBuild{Resources: []coder.WorkspaceResource{
		{Name: "z", Metadata: []coder.ResourceMetadata{{Key: "password", Value: "hush", Sensitive: true}}}, {Name: "a"},
	}}}
	for name, test := range map[string]struct {
		include types.Bool
		want    []string
		secrets int
	}{
		"by default":        {types.BoolNull(), []string{"z", "a"}, 1},
		"with resources":    {types.BoolValue(true), []string{"z", "a"}, 1},
		"without resources": {types.BoolValue(false), nil, 0},
	} {
		object, secrets := shown(t, &listModel{IncludeResources: test.include}, w)
		list, _ := object.(map[string]any)["latest_build"].(map[string]any)["resources"].([]any)
		var names []string
		for _, resource := range list {
			names = append(names, resource.(map[string]any)["name"].(string))
		}
		if diff := cmp.Diff(test.want, names); diff != "" || len(secrets) != test.secrets {
			t.Errorf("%s: %d secrets, %s", name, len(secrets), diff)
		}
	}
}

// What the list holds is what the framework makes of the same views.
func TestListModel_ShowsLikeTheFramework(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"workspace-v0.24.json", "workspace-deleting-v0.24.json", "workspace-v2.35.1.json"} {
		data := readTestdata(t, file)
		got, _ := shown(t, new(listModel), workspaceOf(t, data))
		if diff := cmp.Diff(plain(t, viewOf(t, data, true)), got); diff != "" {
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
