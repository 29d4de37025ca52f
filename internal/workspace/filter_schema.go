package workspace

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// filterAttributes describes [filterModel] in attributes of any kind of
// schema. Text makes an optional string, truth an optional bool.
func filterAttributes[A any](text func(description string, validators ...validator.String) A, truth func(description string) A) map[string]A {
	// An empty filter would find everything, which is hardly ever meant.
	filter := func(description string, validators ...validator.String) A {
		return text(description, append([]validator.String{stringvalidator.LengthAtLeast(1)}, validators...)...)
	}
	return map[string]A{
		"owner": filter("Only workspaces of this user: the exact username in any case, or `me` for the token's own. Nobody by that " +
			"name finds nothing."),
		"organization": filter("Only workspaces of this organization: its name in any case, or its UUID. An unknown name is an error."),
		"template":     filter("Only workspaces of templates with exactly this name, in any case and any organization."),
		"name":         filter("Only workspaces with this text anywhere in their name, in any case."),
		"status": filter("Only workspaces whose latest build has this status: `pending`, `starting`, `running`, `stopping`, `stopped`, "+
			"`failed`, `canceling`, `canceled`, `deleting` or `deleted`. The last finds nothing, as deleted workspaces are not listed.",
			stringvalidator.OneOf(
				string(coder.StatusPending), string(coder.StatusStarting), string(coder.StatusRunning), string(coder.StatusStopping),
				string(coder.StatusStopped), string(coder.StatusFailed), string(coder.StatusCanceling), string(coder.StatusCanceled),
				string(coder.StatusDeleting), string(coder.StatusDeleted),
			)),
		"has_agent": filter("Only started workspaces with an agent in this state: `connecting`, `connected`, `disconnected` or `timeout`.",
			stringvalidator.OneOf("connecting", "connected", "disconnected", "timeout")),
		"outdated": truth("Only workspaces whose template has a newer active version (`true`), or only those on the active one (`false`)."),
		"dormant":  truth("Only dormant workspaces (`true`), or only those that are not (`false`). Before Coder 0.25 there are none."),
		"favorite": truth("Only favourites of the token's own user (`true`), or only the others (`false`). Before Coder 2.8 there are none."),
		"shared": truth("Only workspaces that others than the owner may use (`true`), or only those that are the owner's alone (`false`). Needs " +
			"Coder 2.27 or later; an older server is an error."),
		"shared_with_user": filter("Only workspaces that are shared with this user, by name rather than through a group: a username, a UUID, or " +
			"`me`. Nobody by that name is an error, and so is a server before Coder 2.27."),
		"shared_with_group": filter("Only workspaces that are shared with this group: `Everyone` (of `organization`, where that is set), another " +
			"name (`ORGANIZATION/NAME` outside of the default organization), or a UUID. An unknown name is an error, and so is a server before " +
			"Coder 2.27."),
		"parameter": filter("Only workspaces with a template parameter, by its name (`gpu`), or by name and value (`region=eu-west`), in any case. " +
			"`_` stands for any one character and `%` for any text; a comma or a second `=` cannot be searched for. Needs Coder 2.10 or later; " +
			"an older server is an error."),
		"last_used_after": filter("Only workspaces used at or after this time: an RFC 3339 time such as `2026-01-31T18:00:00Z`, or a date " +
			"such as `2026-01-31`, which begins at 00:00 UTC."),
		"last_used_before": filter("Only workspaces last used before this time: an RFC 3339 time or a date, as for `last_used_after`."),
		"deleting_by": filter("Only workspaces that the server will delete by this time for want of use (their `deleting_at`): a date " +
			"such as `2026-01-31`, which includes that whole day in UTC, or an RFC 3339 time such as `2026-01-31T18:00:00Z`, which is " +
			"itself included. It goes together with every other filter, `query` too."),
		"query": filter("Search in Coder's own language, sent as it is, such as `owner:me healthy:false`. What it may say depends on the "+
			"server's version. Of the other filters only `deleting_by` goes together with it.",
			stringvalidator.ConflictsWith(
				path.MatchRoot("owner"), path.MatchRoot("organization"), path.MatchRoot("template"), path.MatchRoot("name"),
				path.MatchRoot("status"), path.MatchRoot("has_agent"), path.MatchRoot("outdated"), path.MatchRoot("dormant"),
				path.MatchRoot("favorite"), path.MatchRoot("shared"), path.MatchRoot("shared_with_user"), path.MatchRoot("shared_with_group"),
				path.MatchRoot("parameter"), path.MatchRoot("last_used_after"), path.MatchRoot("last_used_before"),
			)),
	}
}

// dataSourceFilters are the filters in the schema of a data source.
func dataSourceFilters() map[string]schema.Attribute {
	return filterAttributes(
		func(description string, validators ...validator.String) schema.Attribute {
			return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: validators}
		},
		func(description string) schema.Attribute {
			return schema.BoolAttribute{MarkdownDescription: description, Optional: true}
		},
	)
}
