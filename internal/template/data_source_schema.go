package template

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/view"
)

const description = "Finds one template, by its name or its id, and shows its versions, its schedule policy, and the parameters and presets of one " +
	"version.\n\n" +
	"With `template_version_id = data.coderws_template.NAME.active_version_id` a workspace follows the template's active version. With " +
	"`version_name` set here and `version_id` used there it stays on that version.\n\n" +
	"Times are RFC 3339 text in UTC. An attribute is null where the server has nothing to say or does not know it yet, or any more; lists " +
	"and maps are empty instead."

// Schema describes how a template is named and what is shown of it.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: description, Attributes: templateAttributes()}
}

// templateAttributes describes [model].
func templateAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			MarkdownDescription: "UUID of the template. Either this or `name` is required.",
			Optional:            true,
			Computed:            true,
			CustomType:          customtype.UUIDType{},
			Validators:          []validator.String{stringvalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name"))},
		},
		"name": schema.StringAttribute{
			MarkdownDescription: "Name of the template, in any case. Where several organizations that the token sees have a template of that name, " +
				"`organization` has to say which one is meant.",
			Optional:   true,
			Computed:   true,
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"organization": schema.StringAttribute{
			MarkdownDescription: "Name or UUID of the organization to look for `name` in. Default: all that the token may read; before Coder 2.14 " +
				"those that the token's user belongs to.",
			Optional: true,
			Validators: []validator.String{
				stringvalidator.LengthAtLeast(1),
				stringvalidator.ConflictsWith(path.MatchRoot("id")),
			},
		},
		"organization_id":   view.TextAttribute("UUID of the template's organization."),
		"organization_name": view.TextAttribute("Name of the template's organization; null where the token may not read it."),
		"display_name":      view.TextAttribute("Name of the template for people; empty when it has none."),
		"description":       view.TextAttribute("What the template is for, in its author's words; empty when they have none."),
		"icon":              view.TextAttribute("Path or URL of the template's icon; empty when it has none."),
		"created_at":        view.TextAttribute("When the template was created."),
		"updated_at":        view.TextAttribute("When the template last changed: its settings or its active version."),
		"created_by_id":     view.TextAttribute("UUID of the user who created the template."),
		"created_by_name":   view.TextAttribute("Username of the user who created the template."),

		"deprecated": view.TruthAttribute("Whether the template takes no new workspaces (Coder 2.5 and later, otherwise false). A deprecated " +
			"template is found like any other."),
		"deprecation_message": view.TextAttribute("Why the template is deprecated, null when it is not."),
		"require_active_version": view.TruthAttribute("Whether the template forces users to start with its active version (Coder 2.4 and later, " +
			"otherwise false)."),
		"use_classic_parameter_flow": view.TruthAttribute("Whether the parameters are a fixed list. In the dynamic flow (Coder 2.24 and later) they " +
			"can depend on each other and on the owner of the workspace."),
		"allow_user_cancel_workspace_jobs": view.TruthAttribute("Whether the template lets users cancel a build that has begun."),

		"allow_user_autostart": view.TruthAttribute("Whether users may set an autostart schedule for their workspaces."),
		"allow_user_autostop":  view.TruthAttribute("Whether users may set a TTL for their workspaces."),
		"default_ttl_ms":       view.NumberAttribute("TTL in milliseconds of workspaces that are created without one; 0 for none."),
		"max_ttl_ms":           view.NumberAttribute("Longest TTL in milliseconds; 0 for no limit. Null from Coder 2.10 on, which has `autostop_requirement` instead."),
		"activity_bump_ms": view.NumberAttribute("By how many milliseconds activity moves the deadline of a running workspace; 0 for not at all. " +
			"Null before Coder 2.9."),
		"failure_ttl_ms":                 view.NumberAttribute("After how many milliseconds a workspace whose start failed is stopped; 0 for never."),
		"time_til_dormant_ms":            view.NumberAttribute("After how many milliseconds without use a workspace becomes dormant; 0 for never."),
		"time_til_dormant_autodelete_ms": view.NumberAttribute("After how many milliseconds a dormant workspace is deleted; 0 for never."),
		"autostop_requirement": schema.SingleNestedAttribute{
			MarkdownDescription: "When running workspaces are stopped whatever their TTL is, in the quiet hours of their owners. Null before Coder 2.2.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"days_of_week": view.TextsAttribute("The days, such as `sunday`; none for never."),
				"weeks":        view.NumberAttribute("Every how many weeks."),
			},
		},
		"autostart_requirement": schema.SingleNestedAttribute{
			MarkdownDescription: "When autostart may happen. Null before Coder 2.4: it always may.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"days_of_week": view.TextsAttribute("The days, such as `monday`; none for never."),
			},
		},

		"active_version_id": view.TextAttribute("UUID of the version that new workspaces are built from. It changes when somebody publishes a version."),
		"include_versions": schema.BoolAttribute{
			MarkdownDescription: "Whether to list the `versions`. Default `true`; `false` leaves the list null and saves a request.",
			Optional:            true,
		},
		"versions": schema.ListNestedAttribute{
			MarkdownDescription: "The newest versions, 100 at most, the newest first, archived ones and failed ones included. Null with " +
				"`include_versions = false`.",
			Computed:     true,
			NestedObject: schema.NestedAttributeObject{Attributes: versionAttributes()},
		},
		"version_id": schema.StringAttribute{
			MarkdownDescription: "UUID of the version whose `parameters` and `presets` are shown. Default: the active version.",
			Optional:            true,
			Computed:            true,
			CustomType:          customtype.UUIDType{},
			Validators:          []validator.String{stringvalidator.ConflictsWith(path.MatchRoot("version_name"))},
		},
		"version_name": schema.StringAttribute{
			MarkdownDescription: "Name of the version whose `parameters` and `presets` are shown, in its exact case. Not together with `version_id`.",
			Optional:            true,
			Computed:            true,
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"parameters": schema.ListNestedAttribute{
			MarkdownDescription: "The parameters that the version asks for, in the order of its form. In the dynamic flow (see " +
				"`use_classic_parameter_flow`) these are the ones that do not depend on other values.",
			Computed:     true,
			NestedObject: schema.NestedAttributeObject{Attributes: parameterAttributes()},
		},
		"presets": schema.ListNestedAttribute{
			MarkdownDescription: "The version's presets. Empty before Coder 2.20.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: presetAttributes()},
		},
	}
}

// versionAttributes describes [versionView].
func versionAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":              view.TextAttribute("UUID of the version."),
		"name":            view.TextAttribute("Name of the version, unique in its template."),
		"message":         view.TextAttribute("What its author said about the change, null when they said nothing."),
		"active":          view.TruthAttribute("Whether new workspaces are built from it."),
		"archived":        view.TruthAttribute("Whether it was put away and cannot be built from (Coder 2.3 and later, otherwise false)."),
		"created_at":      view.TextAttribute("When the version was uploaded."),
		"created_by_id":   view.TextAttribute("UUID of the user who uploaded it."),
		"created_by_name": view.TextAttribute("Username of the user who uploaded it."),
		"import_status": view.TextAttribute("How far its import is: `pending`, `running`, `succeeded`, `canceling`, `canceled` or `failed`. Only " +
			"`succeeded` ones can be built from."),
		"import_error": view.TextAttribute("Why the import failed, null when it did not."),
	}
}

// parameterAttributes describes [parameterView].
func parameterAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name":          view.TextAttribute("Name of the parameter, which is its key in `coderws_workspace.parameters`."),
		"display_name":  view.TextAttribute("Name of the parameter for people, null when it has none."),
		"description":   view.TextAttribute("What the parameter is for; empty when its author does not say."),
		"icon":          view.TextAttribute("Path or URL of the parameter's icon; empty when it has none."),
		"type":          view.TextAttribute("`string`, `number`, `bool` or `list(string)`. All values are given as text, lists as JSON."),
		"form_type":     view.TextAttribute("How the dashboard asks for it, such as `input`, `radio` or `slider`. Null before Coder 2.24."),
		"default_value": view.TextAttribute("Value it has when none is given, null when one must be given."),
		"required":      view.TruthAttribute("Whether a value must be given."),
		"mutable":       view.TruthAttribute("Whether the value of an existing workspace can be changed. A new value of an immutable parameter replaces the workspace."),
		"ephemeral": view.TruthAttribute("Whether a value holds for one build only; the next one has the default again (Coder 0.26 and later, " +
			"otherwise false)."),
		"options": schema.ListNestedAttribute{
			MarkdownDescription: "The values it can take; empty when there is no such list.",
			Computed:            true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"name":        view.TextAttribute("Name of the option for people."),
				"value":       view.TextAttribute("The value itself."),
				"description": view.TextAttribute("What the option means; empty when its author does not say."),
				"icon":        view.TextAttribute("Path or URL of the option's icon; empty when it has none."),
			}},
		},
		"validation_regex":     view.TextAttribute("Regular expression (RE2) that a value must match, null when there is none."),
		"validation_error":     view.TextAttribute("What the server says of a value that breaks the rules, null where it has its own words."),
		"validation_min":       view.NumberAttribute("Smallest number, null when there is no limit."),
		"validation_max":       view.NumberAttribute("Largest number, null when there is no limit."),
		"validation_monotonic": view.TextAttribute("`increasing` or `decreasing` when later values of a number can go one way only, otherwise null."),
	}
}

// presetAttributes describes [presetView].
func presetAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":                         view.TextAttribute("UUID of the preset. It changes with every version."),
		"name":                       view.TextAttribute("Name of the preset, which is what `coderws_workspace.preset` takes."),
		"description":                view.TextAttribute("What the preset is for, null when its author does not say (always before Coder 2.25)."),
		"icon":                       view.TextAttribute("Path or URL of the preset's icon, null when it has none (always before Coder 2.25)."),
		"default":                    view.TruthAttribute("Whether the dashboard offers it first (Coder 2.24 and later, otherwise false)."),
		"desired_prebuild_instances": view.NumberAttribute("How many workspaces the server keeps ready for the preset. Null before Coder 2.25."),
		"parameters": schema.MapAttribute{
			MarkdownDescription: "The preset's values by the names of their parameters. They win over values given for the same parameters.",
			Computed:            true,
			ElementType:         types.StringType,
		},
	}
}
