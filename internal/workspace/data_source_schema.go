package workspace

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/view"
)

const dataSourceDescription = "Reads one workspace and shows everything Coder tells about it, with the values of its parameters and with addresses " +
	"that open its agents and apps.\n\n" +
	"Name the workspace by exactly one of `id`, `name` (with `owner_name`, unless it is the token's own) and `url`. It is an error when there is " +
	"none; to find out whether there is one, use `coderws_workspaces`.\n\n" +
	"Times are RFC 3339 text in UTC. An attribute is null where the server has nothing to say or does not know it yet, or any more; lists " +
	"and maps are empty instead. Sensitive values of `latest_build.resources` stand in `sensitive_values`."

// Schema describes how the workspace is named and what is shown of it.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := workspaceAttributes()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "UUID of the workspace. It never changes.",
		Optional:            true,
		Computed:            true,
		CustomType:          customtype.UUIDType{},
	}
	attributes["owner_name"] = schema.StringAttribute{
		MarkdownDescription: "Username of the owner, to go with `name`. Default: the token's user, as with `me`. Shown as Coder has it.",
		Optional:            true,
		Computed:            true,
		Validators: []validator.String{
			stringvalidator.LengthAtLeast(1),
			stringvalidator.AlsoRequires(path.MatchRoot("name")),
		},
	}
	attributes["name"] = schema.StringAttribute{
		MarkdownDescription: "Name of the workspace, in any case. Shown as Coder has it.",
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	attributes["organization_name"] = view.TextAttribute("Name of the organization; before Coder 2.14 null where the token may not read it.")
	attributes["url"] = schema.StringAttribute{
		MarkdownDescription: "Address of the workspace's page in the dashboard, `https://coder.example.com/@OWNER/NAME`; as an argument with " +
			"whatever follows the name there. An address on another host than the deployment's is an error.",
		Optional:   true,
		Computed:   true,
		Validators: []validator.String{dashboardURL{}},
	}
	attributes["include_deleted"] = schema.BoolAttribute{
		MarkdownDescription: "Whether to find a deleted workspace, too; by name only when there is none that lives, and the newest of several. " +
			"Its `latest_build.status` is `deleted`. Default `false`.",
		Optional: true,
	}
	attributes["parameters"] = schema.MapAttribute{
		MarkdownDescription: "Values of the template's parameters in the latest build, by name.",
		Computed:            true,
		ElementType:         types.StringType,
	}
	attributes["sensitive_values"] = sensitiveValuesAttribute()
	attributes["agents"] = schema.ListNestedAttribute{
		MarkdownDescription: "The agents of all resources; everything else about them is in `latest_build.resources`.",
		Computed:            true,
		NestedObject:        schema.NestedAttributeObject{Attributes: agentLinkAttributes()},
	}
	attributes["apps"] = schema.ListNestedAttribute{
		MarkdownDescription: "The apps of all agents; everything else about them is in `latest_build.resources`.",
		Computed:            true,
		NestedObject:        schema.NestedAttributeObject{Attributes: appLinkAttributes()},
	}
	resp.Schema = schema.Schema{MarkdownDescription: dataSourceDescription, Attributes: attributes}
}

// agentLinkAttributes describes [agentLinkView].
func agentLinkAttributes() map[string]schema.Attribute {
	all := agentAttributes()
	attributes := map[string]schema.Attribute{
		"terminal_url": view.TextAttribute("Page of the dashboard with a terminal on the agent."),
		"ssh_command":  view.TextAttribute("Command of the Coder CLI that opens a shell on the agent: `coder ssh OWNER/WORKSPACE.AGENT`."),
	}
	for _, name := range []string{"id", "name", "status", "lifecycle_state", "operating_system", "architecture", "directory"} {
		attributes[name] = all[name]
	}
	return attributes
}

// appLinkAttributes describes [appLinkView].
func appLinkAttributes() map[string]schema.Attribute {
	all := appAttributes()
	attributes := map[string]schema.Attribute{
		"agent_name": view.TextAttribute("Name of the agent the app belongs to."),
		"url": view.TextAttribute("Address that opens the app for whoever is logged in to Coder: through Coder on a path or, where the template " +
			"says so, on a subdomain, in a terminal if the app is a command, or where an external app points to. Null for an app on a subdomain " +
			"of a deployment without a wildcard address."),
	}
	for _, name := range []string{"slug", "display_name", "health", "sharing_level", "external"} {
		attributes[name] = all[name]
	}
	return attributes
}

// dashboardURL accepts the address of a workspace's page.
type dashboardURL struct{}

func (v dashboardURL) Description(context.Context) string {
	return "address of a workspace's page in the dashboard"
}

func (v dashboardURL) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v dashboardURL) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	text := req.ConfigValue.ValueString()
	if _, _, ok := ownerAndName(text); !ok || !strings.Contains(text, "://") {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid workspace address",
			fmt.Sprintf("%q is not the address of a workspace's page in the dashboard, such as https://coder.example.com/@OWNER/NAME.", text))
	}
}
