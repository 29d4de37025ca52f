package portshare

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
)

// The ports that Coder shares.
const (
	lowestPort  = 9
	highestPort = 65535
)

// Schema implements [resource.Resource].
func (r *shareResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A port of a workspace that others may open, such as a preview of what is being worked on. It outlives stops of the workspace. Needs Coder 2.9.",
		Attributes: map[string]schema.Attribute{
			"workspace_id": schema.StringAttribute{
				MarkdownDescription: "Id (UUID) of the workspace. Changing it replaces the share.",
				CustomType:          customtype.UUIDType{},
				Required:            true,
				PlanModifiers:       []planmodifier.String{replaceByAnother()},
			},
			"agent_name": schema.StringAttribute{
				MarkdownDescription: "Name of the agent that listens on the port: that of the template's `coder_agent` resource. The workspace has to run when the share is made or changed, since it has no agents else. Changing it replaces the share.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"port": schema.Int64Attribute{
				MarkdownDescription: "The port, from 9 to 65535. Changing it replaces the share.",
				Required:            true,
				Validators:          []validator.Int64{int64validator.Between(lowestPort, highestPort)},
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.RequiresReplace()},
			},
			"share_level": schema.StringAttribute{
				MarkdownDescription: "Who may open the port besides the owner: members of the workspace's `organization` (Coder 2.24), everybody who is `authenticated`, or the `public`. The template may set a limit (`max_port_share_level`, licensed).",
				Required:            true,
				Validators:          []validator.String{stringvalidator.OneOf(coder.LevelOrganization, coder.LevelAuthenticated, coder.LevelPublic)},
			},
			"protocol": schema.StringAttribute{
				MarkdownDescription: "What is spoken on the port: `http`, the default, or `https`.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString("http"),
				Validators:          []validator.String{stringvalidator.OneOf("http", "https")},
			},
			"url": schema.StringAttribute{
				MarkdownDescription: "Address of the port; null where the deployment has no wildcard address for apps (`CODER_WILDCARD_ACCESS_URL`). It has the names of the workspace and its owner in it, so it changes with them.",
				Computed:            true,
			},
		},
	}
}

// replaceByAnother is RequiresReplace for an id, which may be written in upper
// and lower case.
func replaceByAnother() planmodifier.String {
	const description = "Another workspace replaces the resource."
	return stringplanmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = !strings.EqualFold(req.StateValue.ValueString(), req.PlanValue.ValueString())
	}, description, description)
}
