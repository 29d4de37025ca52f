package workspace

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

var (
	_ datasource.DataSourceWithConfigure        = (*dataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*dataSource)(nil)
)

// NewDataSource returns the data source coderws_workspace, which reads one
// workspace.
func NewDataSource() datasource.DataSource {
	return &dataSource{}
}

type dataSource struct {
	client *coder.Client
}

// Metadata names the data source.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspace"
}

// Configure takes the provider's client.
func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	if req.ProviderData == nil {
		return // the provider is not configured yet
	}
	client, ok := req.ProviderData.(*coder.Client)
	if !ok {
		resp.Diagnostics.AddError("Unexpected provider data for the workspace data source",
			fmt.Sprintf("Expected *coder.Client, got %T. This is a bug in the provider.", req.ProviderData))
		return
	}
	d.client = client
}

// ConfigValidators accept exactly one way of naming the workspace.
func (d *dataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name"), path.MatchRoot("url")),
	}
}

// workspaceName is how the configuration names the workspace: by id, by owner
// and name, or by the address of its page.
type workspaceName struct {
	ID             customtype.UUID
	OwnerName      types.String
	Name           types.String
	URL            types.String
	IncludeDeleted types.Bool
}

// Read looks the workspace up and shows it.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	configured, diags := readWorkspaceName(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	workspace, diags := d.find(ctx, configured)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if workspace.OrganizationName == "" {
		// Coder <2.14 does not send it. Who may not read the organization goes
		// without.
		if organization, err := d.client.Lookup().Organization(ctx, workspace.OrganizationID); err == nil {
			workspace.OrganizationName = organization.Name
		}
	}
	parameters, err := d.client.BuildParameters(ctx, workspace.LatestBuild.ID)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Error("Unable to read the parameters of the workspace", fmt.Sprintf("read the parameters of workspace %q", workspace.Name), err, diagnose.Fields{})...)
		return
	}
	appHost, err := d.appHost(ctx, &workspace.LatestBuild)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Error("Unable to read where the deployment serves apps", "read the deployment's host for apps", err, diagnose.Fields{})...)
		return
	}

	model := dataSourceModel{
		workspaceView:   viewWorkspace(workspace, true),
		IncludeDeleted:  configured.IncludeDeleted,
		URL:             types.StringValue(d.client.WorkspaceURL(workspace.OwnerName, workspace.Name)),
		Parameters:      map[string]types.String{},
		SensitiveValues: sensitiveValues(&workspace.LatestBuild),
	}
	for _, parameter := range parameters {
		model.Parameters[parameter.Name] = types.StringValue(parameter.Value)
	}
	model.Agents, model.Apps = viewLinks(d.client, workspace, appHost)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func readWorkspaceName(ctx context.Context, config tfsdk.Config) (*workspaceName, diag.Diagnostics) {
	var name workspaceName
	var diags diag.Diagnostics
	for attribute, target := range map[string]any{
		"id": &name.ID, "owner_name": &name.OwnerName, "name": &name.Name, "url": &name.URL, "include_deleted": &name.IncludeDeleted,
	} {
		diags.Append(config.GetAttribute(ctx, path.Root(attribute), target)...)
	}
	return &name, diags
}

// appHost is where the deployment serves the build's apps on subdomains; it is
// asked only when there are any.
func (d *dataSource) appHost(ctx context.Context, build *coder.WorkspaceBuild) (string, error) {
	for agent := range build.Agents() {
		for _, app := range agent.Apps {
			if app.Subdomain {
				return d.client.Lookup().AppHost(ctx)
			}
		}
	}
	return "", nil
}

// find reads the workspace that the configuration names; nil when there is an
// error.
func (d *dataSource) find(ctx context.Context, configured *workspaceName) (*coder.Workspace, diag.Diagnostics) {
	if !configured.ID.IsNull() {
		return d.findByID(ctx, configured)
	}
	at, owner, name := path.Root("name"), configured.OwnerName.ValueString(), configured.Name.ValueString()
	if !configured.URL.IsNull() {
		at = path.Root("url")
		owner, name, _ = ownerAndName(configured.URL.ValueString())
		if foreign := foreignPage(ctx, d.client, configured.URL.ValueString()); foreign != "" {
			return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Workspace page is on another deployment", foreign)}
		}
	}
	if owner == "" {
		owner = coder.Me
	}
	read := d.client.WorkspaceByOwnerAndName
	if configured.IncludeDeleted.ValueBool() {
		read = d.client.AnyWorkspaceByOwnerAndName
	}
	workspace, err := read(ctx, owner, name)
	switch kind := coder.KindOf(err); {
	case err == nil:
		return workspace, nil
	case kind == coder.NotVisible, kind == coder.UnknownUser, kind == coder.UnknownRoute && !areNames(owner, name):
		remedy := "A deleted one is found with include_deleted = true."
		if configured.IncludeDeleted.ValueBool() {
			remedy = "No deleted one had this name, either."
		}
		return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Workspace name not found",
			fmt.Sprintf("User %q has no workspace %q on this deployment, or the provider's token may not see it. %s", owner, name, remedy))}
	default:
		return nil, diagnose.Error("Unable to read the workspace by name", fmt.Sprintf("read workspace %s/%s", owner, name), err, diagnose.Fields{})
	}
}

func (d *dataSource) findByID(ctx context.Context, configured *workspaceName) (*coder.Workspace, diag.Diagnostics) {
	id := configured.ID.UUID()
	read := d.client.Workspace
	if configured.IncludeDeleted.ValueBool() {
		read = d.client.AnyWorkspace
	}
	workspace, err := read(ctx, id)
	switch kind := coder.KindOf(err); {
	case err == nil:
		return workspace, nil
	case kind == coder.NotVisible:
		return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("id"), "Workspace id not found",
			fmt.Sprintf("There is no workspace %s on this deployment, or the provider's token may not see it.", id))}
	case kind == coder.Gone:
		return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("id"), "Workspace is deleted",
			fmt.Sprintf("Workspace %s was deleted. To read it all the same, set include_deleted = true; a new workspace of the same name has another id.", id))}
	default:
		return nil, diagnose.Error("Unable to read the workspace by id", fmt.Sprintf("read workspace %s", id), err, diagnose.Fields{})
	}
}
