package workspace

import "github.com/hashicorp/terraform-plugin-framework/resource/schema"

func latestBuildAttribute() schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	number := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
	}
	return schema.SingleNestedAttribute{
		MarkdownDescription: "The newest build of the workspace, as of the last refresh.",
		Computed:            true,
		Attributes: map[string]schema.Attribute{
			"id":                    text("Id (UUID) of the build."),
			"build_number":          number("Number of the build, from 1."),
			"transition":            text("What the build did: `start`, `stop` or `delete`."),
			"status":                text("Status of the build and so of the workspace: `pending`, `starting`, `running`, `stopping`, `stopped`, `failed`, `canceling`, `canceled`, `deleting` or `deleted`."),
			"reason":                text("Why it was built, for example `initiator`, `autostart` or `autostop`."),
			"template_version_id":   text("Id (UUID) of the template version it was built from."),
			"template_version_name": text("Name of that template version."),
			"deadline":              text("When the server will stop the workspace (RFC 3339, UTC); null without autostop. A stopped workspace can still show one."),
			"max_deadline":          text("The latest time the deadline can be moved to (RFC 3339, UTC); null without such a limit."),
			"daily_cost":            number("Cost of the build's resources per day, in the deployment's quota credits."),
			"created_at":            text("When the build was queued (RFC 3339, UTC)."),
		},
	}
}

func agentsAttribute() schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	return schema.ListNestedAttribute{
		MarkdownDescription: "The agents of the latest build, as of the last refresh; empty while the workspace is stopped and for templates without agents.",
		Computed:            true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"id":               text("Id (UUID) of the agent."),
			"name":             text("Name of the agent in the template."),
			"status":           text("`connecting`, `connected`, `disconnected` or `timeout`."),
			"lifecycle_state":  text("State of the agent's startup and shutdown scripts, for example `starting`, `ready` or `start_error`."),
			"operating_system": text("Operating system, for example `linux`."),
			"architecture":     text("Processor architecture, for example `amd64`."),
			"apps": schema.ListNestedAttribute{
				MarkdownDescription: "The applications the template offers on the agent.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"slug":         text("Name of the app in URLs, unique within the agent."),
					"display_name": text("Name of the app in the dashboard; null when it has none."),
					"url":          text("Address of the app as the template gives it, seen from the workspace; null when it has none."),
					"health":       text("`disabled`, `initializing`, `healthy` or `unhealthy`."),
				}},
			},
		}},
	}
}
