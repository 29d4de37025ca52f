// Package template is what the provider says about Coder templates: the data
// source coderws_template.
package template

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

var _ datasource.DataSourceWithConfigure = (*dataSource)(nil)

// NewDataSource returns the data source coderws_template, which finds one
// template.
func NewDataSource() datasource.DataSource {
	return &dataSource{}
}

type dataSource struct {
	client *coder.Client
}

// Metadata names the data source.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_template"
}

// Configure takes the provider's client.
func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	if req.ProviderData == nil {
		return // the provider is not configured yet
	}
	client, ok := req.ProviderData.(*coder.Client)
	if !ok {
		resp.Diagnostics.AddError("Unexpected provider data for the template data source",
			fmt.Sprintf("Expected *coder.Client, got %T. This is a bug in the provider.", req.ProviderData))
		return
	}
	d.client = client
}

// Read finds the template and what belongs to the version that is asked for.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	template, diags := d.find(ctx, &config)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	version, diags := d.chooseVersion(ctx, &config, template)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	parameters, err := d.client.RichParameters(ctx, version.ID)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Error("Unable to read the parameters of the template", fmt.Sprintf("read the parameters of template %q, version %q", template.Name, version.Name), err, diagnose.Fields{})...)
		return
	}
	presets, diags := d.presets(ctx, version.ID)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	var versions []coder.TemplateVersion
	if config.IncludeVersions.IsNull() || config.IncludeVersions.ValueBool() {
		if versions, err = d.client.TemplateVersions(ctx, template.ID); err != nil {
			resp.Diagnostics.Append(diagnose.Error("Unable to list the versions of the template", fmt.Sprintf("list the versions of template %q", template.Name), err, diagnose.Fields{})...)
			return
		}
	}

	result := show(template, version, parameters, presets, versions)
	result.Organization, result.IncludeVersions = config.Organization, config.IncludeVersions
	resp.Diagnostics.Append(resp.State.Set(ctx, &result)...)
}

// presets are those of a version; Coder <2.20 has none.
func (d *dataSource) presets(ctx context.Context, version uuid.UUID) ([]coder.Preset, diag.Diagnostics) {
	if server := d.client.ServerVersion(); server.Known() && !server.AtLeast(2, 20) {
		return nil, nil
	}
	presets, err := d.client.Presets(ctx, version)
	return presets, diagnose.Error("Unable to read the presets of the template", fmt.Sprintf("read the presets of template version %s", version), err, diagnose.Fields{})
}
