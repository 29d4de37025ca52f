// Package portshare is what the provider says about ports of workspaces that
// others may open: the resource coderws_workspace_port_share. Start reading here.
package portshare

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/handover"
)

var (
	_ resource.ResourceWithConfigure   = (*shareResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*shareResource)(nil)
	_ resource.ResourceWithImportState = (*shareResource)(nil)
	_ resource.ResourceWithIdentity    = (*shareResource)(nil)
)

// NewResource is the managed resource coderws_workspace_port_share.
func NewResource() resource.Resource {
	return &shareResource{}
}

type shareResource struct {
	client *coder.Client // nil until the provider is configured
	shared *handover.Objects
}

const resourceType = "coderws_workspace_port_share"

// timeLimit holds for each operation. All of them are a few short requests.
const timeLimit = 5 * time.Minute

// Metadata implements [resource.Resource].
func (r *shareResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = resourceType
}

// Configure implements [resource.ResourceWithConfigure].
func (r *shareResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	if req.ProviderData == nil {
		return
	}
	data, ok := req.ProviderData.(interface {
		CoderClient() *coder.Client
		Handover() *handover.Objects
	})
	if !ok {
		resp.Diagnostics.AddError("Unexpected provider data for the port share resource",
			fmt.Sprintf("Expected a Coder client, got %T. This is a bug in the provider.", req.ProviderData))
		return
	}
	r.client, r.shared = data.CoderClient(), data.Handover()
}

type model struct {
	WorkspaceID customtype.UUID `tfsdk:"workspace_id"`
	AgentName   types.String    `tfsdk:"agent_name"`
	Port        types.Int64     `tfsdk:"port"`
	ShareLevel  types.String    `tfsdk:"share_level"`
	Protocol    types.String    `tfsdk:"protocol"`
	URL         types.String    `tfsdk:"url"`
}

// share is what the model says to the server.
func (m *model) share() coder.PortShare {
	return coder.PortShare{
		WorkspaceID: m.WorkspaceID.UUID(), AgentName: m.AgentName.ValueString(), Port: m.Port.ValueInt64(),
		ShareLevel: m.ShareLevel.ValueString(), Protocol: m.Protocol.ValueString(),
	}
}

// String names the share for people.
func (m *model) String() string {
	return fmt.Sprintf("port %d of agent %q of workspace %s", m.Port.ValueInt64(), m.AgentName.ValueString(), m.WorkspaceID.ValueString())
}

// importID is the text that imports the share.
func (m *model) importID() string {
	return fmt.Sprintf("%s/%s/%d", m.WorkspaceID.ValueString(), m.AgentName.ValueString(), m.Port.ValueInt64())
}

// identityModel is what tells a share from all others.
type identityModel struct {
	WorkspaceID customtype.UUID `tfsdk:"workspace_id"`
	AgentName   types.String    `tfsdk:"agent_name"`
	Port        types.Int64     `tfsdk:"port"`
}

func (m *model) identity() identityModel {
	return identityModel{WorkspaceID: customtype.UUIDValue(m.WorkspaceID.UUID()), AgentName: m.AgentName, Port: m.Port}
}

// IdentitySchema implements [resource.ResourceWithIdentity].
func (r *shareResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"workspace_id": identityschema.StringAttribute{
				Description: "Id (UUID) of the workspace.", CustomType: customtype.UUIDType{}, RequiredForImport: true,
			},
			"agent_name": identityschema.StringAttribute{Description: "Name of the agent.", RequiredForImport: true},
			"port":       identityschema.Int64Attribute{Description: "The port.", RequiredForImport: true},
		},
	}
}

// ImportState implements [resource.ResourceWithImportState]: by identity, or by
// WORKSPACE-ID/AGENT/PORT. The refresh that follows fills the rest.
func (r *shareResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var identity identityModel
	if req.ID == "" {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
	} else {
		named, diags := importedShare(req.ID)
		identity = named
		resp.Diagnostics.Append(diags...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("workspace_id"), identity.WorkspaceID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("agent_name"), identity.AgentName)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("port"), identity.Port)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identity)...)
}

func importedShare(text string) (identityModel, diag.Diagnostics) {
	parts := strings.Split(text, "/")
	if len(parts) == 3 && len(parts[0]) == len(uuid.Nil.String()) && parts[1] != "" {
		id, badID := uuid.Parse(parts[0])
		port, badPort := strconv.ParseUint(parts[2], 10, 16)
		if badID == nil && badPort == nil {
			return identityModel{customtype.UUIDValue(id), types.StringValue(parts[1]), types.Int64Value(int64(port))}, nil //nolint:gosec // 16 bits
		}
	}
	return identityModel{}, diag.Diagnostics{diag.NewErrorDiagnostic("Invalid import id of a port share",
		fmt.Sprintf("%q names no port share. Give WORKSPACE-ID/AGENT/PORT, as in 8f5a1d4e-2c3b-4a59-9f0e-6d7c8b9a0f1e/main/8080.", text))}
}
