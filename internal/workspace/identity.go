package workspace

import (
	"context"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/coderws/terraform-provider-coderws/internal/customtype"
)

// identityModel is what tells a workspace from all others of its deployment:
// its id, which neither a rename nor a rebuild changes. Terraform ≥1.12 keeps
// it beside the state; older ones do not ask for it.
type identityModel struct {
	ID customtype.UUID `tfsdk:"id"`
}

// IdentitySchema implements [resource.ResourceWithIdentity].
func (r *workspaceResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{
				Description:       "Id (UUID) of the workspace.",
				CustomType:        customtype.UUIDType{},
				RequiredForImport: true,
			},
		},
	}
}

// setIdentity fills the identity of a response.
func setIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, workspace uuid.UUID) diag.Diagnostics {
	return identity.Set(ctx, identityModel{ID: customtype.UUIDValue(workspace)})
}

// identityID reads the workspace's id out of the identity that an import gives.
// Its type refuses what is no UUID.
func identityID(ctx context.Context, identity *tfsdk.ResourceIdentity) (uuid.UUID, diag.Diagnostics) {
	var model identityModel
	diags := identity.Get(ctx, &model)
	return model.ID.UUID(), diags
}
