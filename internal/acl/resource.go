// Package acl is what the provider says about whom a workspace is shared with:
// the resource coderws_workspace_acl. Start reading here.
package acl

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/handover"
)

var (
	_ resource.ResourceWithConfigure   = (*aclResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*aclResource)(nil)
	_ resource.ResourceWithImportState = (*aclResource)(nil)
	_ resource.ResourceWithIdentity    = (*aclResource)(nil)
)

// NewResource is the managed resource coderws_workspace_acl.
func NewResource() resource.Resource {
	return &aclResource{}
}

type aclResource struct {
	client *coder.Client // nil until the provider is configured
	shared *handover.Objects
}

const resourceType = "coderws_workspace_acl"

// timeLimit holds for each operation. All of them are a few short requests.
const timeLimit = 5 * time.Minute

// Metadata implements [resource.Resource].
func (r *aclResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = resourceType
}

// Configure implements [resource.ResourceWithConfigure].
func (r *aclResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	if req.ProviderData == nil {
		return
	}
	data, ok := req.ProviderData.(interface {
		CoderClient() *coder.Client
		Handover() *handover.Objects
	})
	if !ok {
		resp.Diagnostics.AddError("Unexpected provider data for the workspace ACL resource",
			fmt.Sprintf("Expected a Coder client, got %T. This is a bug in the provider.", req.ProviderData))
		return
	}
	r.client, r.shared = data.CoderClient(), data.Handover()
}

// identityModel is what tells the list of one workspace from all others.
type identityModel struct {
	WorkspaceID customtype.UUID `tfsdk:"workspace_id"`
}

// IdentitySchema implements [resource.ResourceWithIdentity].
func (r *aclResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"workspace_id": identityschema.StringAttribute{
				Description:       "Id (UUID) of the workspace.",
				CustomType:        customtype.UUIDType{},
				RequiredForImport: true,
			},
		},
	}
}

// ImportState implements [resource.ResourceWithImportState]: by the workspace's
// id. The refresh that follows fills the rest.
func (r *aclResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var identity identityModel
	if req.ID == "" {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
	} else {
		id, diags := importedID(req.ID)
		identity.WorkspaceID = customtype.UUIDValue(id)
		resp.Diagnostics.Append(diags...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("workspace_id"), identity.WorkspaceID)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identity)...)
}

func importedID(text string) (uuid.UUID, diag.Diagnostics) {
	id, ok := parseID(text)
	if ok {
		return id, nil
	}
	return id, diag.Diagnostics{diag.NewErrorDiagnostic("Invalid import id of a workspace's ACL",
		fmt.Sprintf("%q is not the id (UUID) of a workspace, such as 8f5a1d4e-2c3b-4a59-9f0e-6d7c8b9a0f1e. The id is in the output of `coder show` and in the data source coderws_workspace.", text))}
}

// parseID reads an id in its usual form. Names are never that long.
func parseID(text string) (uuid.UUID, bool) {
	id, err := uuid.Parse(text)
	return id, err == nil && len(text) == len(id.String())
}
