package acl

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/validate"
)

// Schema implements [resource.Resource].
func (r *aclResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Whom a workspace is shared with, besides its owner: the whole list of one workspace. Who is not in the configuration loses access, " +
			"and what somebody changes in the dashboard is drift. Needs Coder 2.32, or 2.27 with the experiment `workspace-sharing` switched on.",
		Attributes: map[string]schema.Attribute{
			"workspace_id": schema.StringAttribute{
				MarkdownDescription: "Id (UUID) of the workspace. Changing it replaces the list: the old workspace is shared with nobody any more.",
				CustomType:          customtype.UUIDType{},
				Required:            true,
				PlanModifiers:       []planmodifier.String{replaceByAnother()},
			},
			"users": schema.MapAttribute{
				MarkdownDescription: "Users by username, in any case, or by id, with their role: `use` or `admin`. They have to be members of the workspace's organization for it to count. Left out: no user.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.Map{mapvalidator.KeysAre(username()), mapvalidator.ValueStringsAre(role()...)},
			},
			"groups": schema.MapAttribute{
				MarkdownDescription: "Groups of the workspace's organization by name or id, with their role: `use` or `admin`. `Everyone` are all members of the organization; other groups take a licensed deployment. Left out: no group.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.Map{mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1)), mapvalidator.ValueStringsAre(role()...)},
			},
			"user_ids": schema.MapAttribute{
				MarkdownDescription: "Ids (UUID) of the users, by the keys of `users`. Access goes by them: somebody else who gets a username later does not get the access.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"group_ids": schema.MapAttribute{
				MarkdownDescription: "Ids (UUID) of the groups, by the keys of `groups`. That of `Everyone` is the organization's.",
				ElementType:         types.StringType,
				Computed:            true,
			},
		},
	}
}

func role() []validator.String {
	return []validator.String{validate.NotNull(), stringvalidator.OneOf(coder.RoleUse, coder.RoleAdmin)}
}

// replaceByAnother is RequiresReplace for an id, which may be written in upper
// and lower case.
func replaceByAnother() planmodifier.String {
	const description = "Another workspace replaces the resource."
	return stringplanmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = !strings.EqualFold(req.StateValue.ValueString(), req.PlanValue.ValueString())
	}, description, description)
}

// username refuses keys that can be neither a username nor an id.
func username() validator.String { return usernameValidator{} }

type usernameValidator struct{}

func (v usernameValidator) Description(context.Context) string {
	return "a username or the id of a user"
}

func (v usernameValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v usernameValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	key := req.ConfigValue.ValueString()
	_, isID := parseID(key)
	switch {
	case req.ConfigValue.IsNull(), req.ConfigValue.IsUnknown(), isID:
	case strings.EqualFold(key, coder.Me):
		resp.Diagnostics.AddAttributeError(req.Path, "User to share with cannot be \"me\"",
			"Write the username or the id: which user \"me\" is depends on who runs Terraform.")
	case !customtype.IsName(key):
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid user to share with",
			fmt.Sprintf("%q is not %s. A username has 1 to 32 letters and digits, with single hyphens between them; e-mail addresses are not accepted.", key, v.Description(ctx)))
	}
}
