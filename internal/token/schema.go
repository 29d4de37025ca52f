package token

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
	"github.com/coderws/terraform-provider-coderws/internal/validate"
)

// Schema implements [ephemeral.EphemeralResource].
func (r *tokenResource) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A session token that lives while Terraform runs: made when something needs it, deleted when nothing does any more, also after a failed apply. One whose deletion fails ends with its lifetime. " +
			"It is in no state, no plan and no log. Use it where values need not be kept: in a provider block, a write-only argument, or a provisioner.\n\n" +
			"Terraform makes one in each plan and one in each apply. Arguments should be known in the plan, or whatever uses the token is not known then either.\n\n" +
			"A token ends with its lifetime at the latest, so that must be longer than the apply takes. " +
			"Up to Coder 2.34, a token with more than an hour of lifetime is prolonged whenever it is used, and Terraform sees to that in a long run. Since Coder 2.35 nothing prolongs it.\n\n" +
			"Needs Terraform 1.10 or OpenTofu 1.11.",
		Attributes: map[string]schema.Attribute{
			"owner_name": schema.StringAttribute{
				MarkdownDescription: "Username of the user whom the token signs in as. For others than the provider's own user, the provider's token must be of a deployment Owner. Default: the provider's own user.",
				CustomType:          customtype.UsernameType{},
				Optional:            true,
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "Name of the token, which tells it in the list of tokens and in the audit log. No two tokens of a user may have the same, so a name of your own keeps two runs from working at the same time. Default: `terraform-` and something random.",
				Optional:            true,
				Computed:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"lifetime": schema.StringAttribute{
				MarkdownDescription: "How long the token is good for should it not be deleted, as in `2h` or `1h30m`. Longer than the apply takes; the deployment may have a limit. Default `1h`.",
				CustomType:          timetypes.GoDurationType{},
				Optional:            true,
				Validators:          []validator.String{validate.PositiveDuration()},
			},
			"scopes": schema.SetAttribute{
				MarkdownDescription: "What the token is good for. Every Coder knows `all` and `application_connect`, of which older ones take one. Coder 2.27 and newer take any number, " +
					"such as `workspace:read`, `workspace:start` or `coder:workspaces.operate`. Default: `all`.",
				ElementType: types.StringType,
				Optional:    true,
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1),
					setvalidator.ValueStringsAre(validate.NotNull(), stringvalidator.LengthAtLeast(1)),
				},
			},
			"token": schema.StringAttribute{
				MarkdownDescription: "The token.",
				Computed:            true,
				Sensitive:           true,
			},
			"id": schema.StringAttribute{
				MarkdownDescription: "Id of the token: what stands before the hyphen in it, and is no secret.",
				Computed:            true,
			},
			"expires_at": schema.StringAttribute{
				MarkdownDescription: "When the token ends (RFC 3339, UTC), up to about a second early.",
				Computed:            true,
			},
		},
	}
}

// model is configuration and result.
type model struct {
	OwnerName customtype.Username  `tfsdk:"owner_name"`
	Name      types.String         `tfsdk:"name"`
	Lifetime  timetypes.GoDuration `tfsdk:"lifetime"`
	Scopes    types.Set            `tfsdk:"scopes"`
	Token     types.String         `tfsdk:"token"`
	ID        types.String         `tfsdk:"id"`
	ExpiresAt types.String         `tfsdk:"expires_at"`
}

// owner is the user as the API wants it.
func (m *model) owner() string {
	if m.OwnerName.IsNull() {
		return coder.Me
	}
	return m.OwnerName.ValueString()
}

func (m *model) lifetime() (time.Duration, diag.Diagnostics) {
	if m.Lifetime.IsNull() {
		return defaultLifetime, nil
	}
	return m.Lifetime.ValueGoDuration()
}

func (m *model) scopes(ctx context.Context) (scopes []string, diags diag.Diagnostics) {
	if !m.Scopes.IsNull() {
		diags = m.Scopes.ElementsAs(ctx, &scopes, false)
	}
	return scopes, diags
}

// fields are the attributes that refusals are about.
func fields() diagnose.Fields {
	return diagnose.Fields{Attributes: map[string]path.Path{
		"name": path.Root("name"), "lifetime": path.Root("lifetime"), "scopes": path.Root("scopes"),
	}}
}
