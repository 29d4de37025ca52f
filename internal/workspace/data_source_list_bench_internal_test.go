package workspace

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// BenchmarkListModel_State measures what it takes to turn workspaces as read
// from the server into a state, a typical one with and without its resources.
func BenchmarkListModel_State(b *testing.B) {
	const workspaces = 100
	var read coder.Workspace
	if err := json.Unmarshal(readTestdata(b, "workspace-v2.35.1.json"), &read); err != nil {
		b.Fatal(err)
	}
	found := make([]coder.Workspace, workspaces)
	for i := range found {
		found[i] = read
		found[i].ID = uuid.New()
	}
	schema := listSchema(b)
	for _, resources := range []bool{true, false} {
		b.Run(fmt.Sprintf("resources=%t", resources), func(b *testing.B) {
			for b.Loop() {
				model := listModel{IncludeResources: types.BoolValue(resources)}
				if err := model.show(b.Context(), found, true); err != nil {
					b.Fatal(err)
				}
				state := tfsdk.State{Schema: schema, Raw: tftypes.NewValue(schema.Type().TerraformType(b.Context()), nil)}
				if diags := state.Set(b.Context(), &model); diags.HasError() {
					b.Fatal(diags)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*workspaces), "µs/workspace")
		})
	}
}
