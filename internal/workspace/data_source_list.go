package workspace

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/longlist"
)

var (
	_ datasource.DataSourceWithConfigure      = (*listDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*listDataSource)(nil)
)

// NewDataSourceList returns the data source coderws_workspaces, which finds
// workspaces by filters.
func NewDataSourceList() datasource.DataSource {
	return &listDataSource{}
}

type listDataSource struct {
	client *coder.Client
}

// listModel is the data source's configuration and result.
type listModel struct {
	filterModel

	IncludeResources types.Bool              `tfsdk:"include_resources"`
	Total            types.Int64             `tfsdk:"total"`
	Workspaces       types.List              `tfsdk:"workspaces"` // always null: see [longlist]
	SensitiveValues  map[string]types.String `tfsdk:"sensitive_values"`
}

// Metadata names the data source.
func (d *listDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspaces"
}

// Configure takes the provider's client.
func (d *listDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	if req.ProviderData == nil {
		return // the provider is not configured yet
	}
	client, ok := req.ProviderData.(*coder.Client)
	if !ok {
		resp.Diagnostics.AddError("Unexpected data source configuration",
			fmt.Sprintf("Expected *coder.Client, got %T. This is a bug in the provider.", req.ProviderData))
		return
	}
	d.client = client
}

// ValidateConfig rejects filters that cannot be put into a search, so that
// they fail at plan.
func (d *listDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config listModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	_, diags := config.search()
	resp.Diagnostics.Append(diags...)
}

// Read finds the workspaces.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model listModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	search, diags := model.search()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	search.WithoutResources = !model.includeResources()
	if model.includeResources() {
		model.SensitiveValues = map[string]types.String{}
	}
	encoder := new(longlist.Encoder)
	found, err := coder.CollectWorkspaces(ctx, d.client, search, func(w *coder.Workspace) (foundWorkspace, error) {
		return model.show(encoder, w)
	})
	if err != nil {
		resp.Diagnostics.Append(model.explain(err)...)
		return
	}
	if found.Hidden > 0 {
		resp.Diagnostics.AddWarning("Workspaces are left out",
			fmt.Sprintf("Coder counts %d more workspaces than it shows: the provider's token may not read their templates. A token with restricted scopes needs template:read as well as workspace:read.", found.Hidden))
	}
	elements := make([][]byte, len(found.Kept))
	for i, workspace := range found.Kept {
		elements[i] = workspace.encoded
		maps.Copy(model.SensitiveValues, workspace.sensitive)
	}
	if err := longlist.Set(ctx, "workspaces", elements); err != nil {
		resp.Diagnostics.AddError("Unable to show workspaces", fmt.Sprintf("%s. This is a bug in the provider.", err))
		return
	}
	model.Total = types.Int64Value(int64(len(found.Kept)))
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func (m *listModel) includeResources() bool {
	return m.IncludeResources.IsNull() || m.IncludeResources.ValueBool()
}

// foundWorkspace is what is kept of a workspace that was found: a
// [workspaceView] as Terraform gets it, and its part of the sensitive values.
type foundWorkspace struct {
	encoded   []byte
	sensitive map[string]types.String
}

func (m *listModel) show(encoder *longlist.Encoder, w *coder.Workspace) (found foundWorkspace, err error) {
	shown := viewWorkspace(w, m.includeResources())
	found.encoded, err = encoder.Encode(&shown)
	if m.includeResources() {
		found.sensitive = sensitiveValues(&w.LatestBuild)
	}
	return found, err
}
