package workspace

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

const listDescription = "Finds workspaces and shows everything Coder tells about them.\n\n" +
	"Without filters these are all workspaces the token may read; deleted ones are never among them, dormant ones are missing on " +
	"Coder 2.1 to 2.4. Several filters narrow together. The result is read in pages, is complete, and is ordered by owner and name.\n\n" +
	"Times are RFC 3339 text in UTC. An attribute is null where the server has nothing to say or does not know it yet, or any more; lists " +
	"and maps are empty instead. Sensitive values are marked: to output `workspaces` as a whole, say `sensitive = true` there or set " +
	"`include_resources = false`."

// Schema describes the filters and what is found.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: listDescription,
		Attributes: map[string]schema.Attribute{
			"owner": filter("Only workspaces of this user: the exact username in any case, or `me` for the token's own. Nobody by that " +
				"name finds nothing."),
			"template": filter("Only workspaces of templates with exactly this name, in any case and any organization."),
			"name":     filter("Only workspaces with this text anywhere in their name, in any case."),
			"status": filter("Only workspaces whose latest build has this status: `pending`, `starting`, `running`, `stopping`, `stopped`, "+
				"`failed`, `canceling`, `canceled`, `deleting` or `deleted`. The last finds nothing, as deleted workspaces are not listed.",
				stringvalidator.OneOf(
					string(coder.StatusPending), string(coder.StatusStarting), string(coder.StatusRunning), string(coder.StatusStopping),
					string(coder.StatusStopped), string(coder.StatusFailed), string(coder.StatusCanceling), string(coder.StatusCanceled),
					string(coder.StatusDeleting), string(coder.StatusDeleted),
				)),
			"has_agent": filter("Only started workspaces with an agent in this state: `connecting`, `connected`, `disconnected` or `timeout`.",
				stringvalidator.OneOf("connecting", "connected", "disconnected", "timeout")),
			"deleting_by": schema.StringAttribute{
				MarkdownDescription: "Only workspaces that the server will delete by this time for want of use (their `deleting_at`): a date " +
					"such as `2026-01-31`, which includes that whole day in UTC, or an RFC 3339 time such as `2026-01-31T18:00:00Z`, which is " +
					"itself included. It does not depend on the server's version and goes together with every other filter, `query` too.",
				Optional: true,
			},
			"query": filter("Search in Coder's own language, sent as it is, such as `owner:me outdated:true` or `last_used_before:\"2026-01-31T00:00:00Z\"`. "+
				"What it may say depends on the server's version. Not together with `owner`, `template`, `name`, `status` or `has_agent`.",
				stringvalidator.ConflictsWith(
					path.MatchRoot("owner"), path.MatchRoot("template"), path.MatchRoot("name"), path.MatchRoot("status"), path.MatchRoot("has_agent"),
				)),
			"include_resources": schema.BoolAttribute{
				MarkdownDescription: "Whether to show the resources of the latest builds, with their agents and apps. Default `true`; `false` leaves " +
					"`latest_build.resources` null and keeps the state small.",
				Optional: true,
			},
			"total": number("Number of workspaces found, after all filters: the length of `workspaces`."),
			"workspaces": schema.ListNestedAttribute{
				MarkdownDescription: "The workspaces found, ordered by owner and name.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: workspaceAttributes()},
			},
		},
	}
}

// filter is an optional string that must not be empty: an empty filter would
// find everything, which is hardly ever meant.
func filter(description string, validators ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description,
		Optional:            true,
		Validators:          append([]validator.String{stringvalidator.LengthAtLeast(1)}, validators...),
	}
}
