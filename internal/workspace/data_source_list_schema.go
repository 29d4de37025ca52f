package workspace

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/coderws/terraform-provider-coderws/internal/view"
)

const listDescription = "Finds workspaces and shows everything Coder tells about them.\n\n" +
	"Without filters these are all workspaces the token may read, dormant ones and prebuilt ones that nobody has claimed included; deleted ones are never among them. Several " +
	"filters narrow together, and find the same on every version of Coder (except `parameter` and `query`): what an old server cannot " +
	"search for, the provider picks out by itself. The result is read in pages, is complete, and is ordered by owner and name.\n\n" +
	"Times are RFC 3339 text in UTC. An attribute is null where the server has nothing to say or does not know it yet, or any more; lists " +
	"and maps are empty instead. Nothing in `workspaces` is sensitive: what is stands in `sensitive_values`."

// Schema describes the filters and what is found.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"include_resources": schema.BoolAttribute{
			MarkdownDescription: "Whether to show the resources of the latest builds, with their agents and apps. Default `true`; `false` leaves " +
				"`latest_build.resources` and `sensitive_values` null and keeps the state small.",
			Optional: true,
		},
		"total": view.NumberAttribute("Number of workspaces found, after all filters: the length of `workspaces`."),
		"workspaces": schema.ListNestedAttribute{
			MarkdownDescription: "The workspaces found, ordered by owner and name.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: workspaceAttributes()},
		},
		"sensitive_values": sensitiveValuesAttribute(),
	}
	maps.Copy(attributes, dataSourceFilters())
	resp.Schema = schema.Schema{MarkdownDescription: listDescription, Attributes: attributes}
}
