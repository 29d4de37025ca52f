package workspace

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
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
	Owner            types.String    `tfsdk:"owner"`
	Template         types.String    `tfsdk:"template"`
	Name             types.String    `tfsdk:"name"`
	Status           types.String    `tfsdk:"status"`
	HasAgent         types.String    `tfsdk:"has_agent"`
	DeletingBy       types.String    `tfsdk:"deleting_by"`
	Query            types.String    `tfsdk:"query"`
	IncludeResources types.Bool      `tfsdk:"include_resources"`
	Total            types.Int64     `tfsdk:"total"`
	Workspaces       []workspaceView `tfsdk:"workspaces"`
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
	// An unknown filter reads as an empty one here and so passes.
	for _, filter := range []struct {
		attribute string
		search    coder.WorkspaceSearch
	}{
		{"owner", coder.WorkspaceSearch{Owner: config.Owner.ValueString()}},
		{"template", coder.WorkspaceSearch{Template: config.Template.ValueString()}},
		{"name", coder.WorkspaceSearch{Name: config.Name.ValueString()}},
	} {
		if _, err := filter.search.String(); err != nil {
			resp.Diagnostics.AddAttributeError(path.Root(filter.attribute), "Invalid workspace filter", fmt.Sprintf("Cannot %s.", err))
		}
	}
	if text := config.DeletingBy; !text.IsNull() && !text.IsUnknown() {
		if _, err := deletionLimit(text.ValueString()); err != nil {
			resp.Diagnostics.AddAttributeError(path.Root("deleting_by"), "Invalid deletion time",
				fmt.Sprintf("%q is neither a date such as 2026-01-31 nor an RFC 3339 time such as 2026-01-31T18:00:00Z.", text.ValueString()))
		}
	}
}

// Read finds the workspaces.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model listModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	found, err := d.client.AllWorkspaces(ctx, model.search())
	if err != nil {
		resp.Diagnostics.Append(diagnose.Error("Unable to find workspaces", "list the workspaces that match the filters", err, model.fields())...)
		return
	}
	if err := model.show(found, d.client.ServerVersion().AtLeast(2, 9)); err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("deleting_by"), "Unreadable deletion time", err.Error())
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// search is the part of the filters that the server applies.
func (m *listModel) search() coder.WorkspaceSearch {
	return coder.WorkspaceSearch{
		Owner:    m.Owner.ValueString(),
		Template: m.Template.ValueString(),
		Name:     m.Name.ValueString(),
		Status:   coder.Status(m.Status.ValueString()),
		HasAgent: m.HasAgent.ValueString(),
		Query:    m.Query.ValueString(),
	}
}

// fields says which filter answers for which field of a refused search.
func (m *listModel) fields() diagnose.Fields {
	if !m.Query.IsNull() {
		return diagnose.Fields{Refused: path.Root("query")}
	}
	return diagnose.Fields{Attributes: map[string]path.Path{
		"owner":     path.Root("owner"),
		"template":  path.Root("template"),
		"name":      path.Root("name"),
		"status":    path.Root("status"),
		"has-agent": path.Root("has_agent"),
	}}
}

// show fills in the result from what the server found. Ordered tells that the
// server puts the resources of a build in order.
func (m *listModel) show(found []coder.Workspace, ordered bool) error {
	var limit time.Time
	if !m.DeletingBy.IsNull() {
		var err error
		if limit, err = deletionLimit(m.DeletingBy.ValueString()); err != nil {
			return err
		}
	}
	resources := m.IncludeResources.IsNull() || m.IncludeResources.ValueBool()
	m.Workspaces = []workspaceView{}
	for i := range found {
		w := &found[i]
		if !m.Status.IsNull() && string(w.LatestBuild.Status) != m.Status.ValueString() {
			// A search of Coder 0.24 for "canceled" also finds builds that were
			// canceled while they ran, and whose status is "failed".
			continue
		}
		if !limit.IsZero() && (w.DeletingAt.IsZero() || !w.DeletingAt.Before(limit)) {
			continue
		}
		if !ordered {
			sortResources(&w.LatestBuild)
		}
		m.Workspaces = append(m.Workspaces, viewWorkspace(w, resources))
	}
	m.Total = types.Int64Value(int64(len(m.Workspaces)))
	return nil
}

// deletionLimit is the first instant that is too late for a deleting_by
// filter. Of a date the whole day in UTC counts, of a time that very instant.
//
// Coder searched for deleting_by itself until 2.2 only, in dates only, and
// after it had counted and paged.
func deletionLimit(deletingBy string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, deletingBy); err == nil {
		return day.AddDate(0, 0, 1), nil
	}
	instant, err := time.Parse(time.RFC3339, deletingBy)
	if err != nil {
		return time.Time{}, err
	}
	return instant.Add(time.Nanosecond), nil
}
