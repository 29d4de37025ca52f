package workspace

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/view"
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

	IncludeResources types.Bool             `tfsdk:"include_resources"`
	Total            types.Int64            `tfsdk:"total"`
	Workspaces       customtype.EncodedList `tfsdk:"workspaces"` // of workspaceView
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
	found, err := d.client.AllWorkspaces(ctx, search)
	if err != nil {
		resp.Diagnostics.Append(model.explain(err)...)
		return
	}
	if err := model.show(ctx, found); err != nil {
		resp.Diagnostics.AddError("Unable to show workspaces", fmt.Sprintf("A workspace does not fit the schema: %s. This is a bug in the provider.", err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func (m *listModel) includeResources() bool {
	return m.IncludeResources.IsNull() || m.IncludeResources.ValueBool()
}

// show fills in the result from what was found.
func (m *listModel) show(ctx context.Context, found []coder.Workspace) error {
	views := view.List(found, func(w *coder.Workspace) workspaceView { return viewWorkspace(w, m.includeResources()) })
	m.Total = types.Int64Value(int64(len(found)))
	var err error
	m.Workspaces, err = customtype.EncodeList(ctx, workspaceObject().Type(), views)
	return err
}
