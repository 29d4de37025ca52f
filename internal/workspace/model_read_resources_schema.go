package workspace

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/coderws/terraform-provider-coderws/internal/view"
)

// resourceAttributes describes [resourceView].
func resourceAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":                   view.TextAttribute("UUID of the resource, new with every build."),
		"job_id":               view.TextAttribute("UUID of the provisioner job that made it."),
		"type":                 view.TextAttribute("Terraform type, such as `docker_container`."),
		"name":                 view.TextAttribute("Terraform name."),
		"icon":                 view.TextAttribute("Path or URL of the icon; empty when there is none."),
		"hide":                 view.TruthAttribute("Whether the dashboard hides the resource."),
		"daily_cost":           view.NumberAttribute("Cost per day, in credits of the deployment's quota."),
		"created_at":           view.TextAttribute("When the resource was recorded."),
		"workspace_transition": view.TextAttribute("Transition of the build that made it: `start`, `stop` or `delete`."),
		"metadata": schema.ListNestedAttribute{
			MarkdownDescription: "Facts the template publishes about the resource.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: metadataAttributes()},
		},
		"agents": schema.ListNestedAttribute{
			MarkdownDescription: "Agents that connect the resource to Coder.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: agentAttributes()},
		},
	}
}

// metadataAttributes describes [metadataView].
func metadataAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"key":       view.TextAttribute("Name of the fact."),
		"value":     view.TextAttribute("The value, null when the template marks it as sensitive: it is then in `sensitive_values`."),
		"sensitive": view.TruthAttribute("Whether the template marks the value as sensitive."),
	}
}

// agentAttributes describes [agentView].
func agentAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":          view.TextAttribute("UUID of the agent, new with every build."),
		"resource_id": view.TextAttribute("UUID of the agent's resource."),
		"instance_id": view.TextAttribute("Cloud instance by which the agent authenticates, null when it uses a token."),
		"name":        view.TextAttribute("Name of the agent."),
		"status":      view.TextAttribute("Connection: `connecting`, `connected`, `disconnected` or `timeout`."),
		"lifecycle_state": view.TextAttribute("How far the agent's scripts are: `created`, `starting`, `start_timeout`, `start_error`, `ready`, " +
			"`shutting_down`, `shutdown_timeout`, `shutdown_error` or `off`. The agent is ready for use when it is `ready` and its " +
			"status is `connected`."),
		"health": schema.SingleNestedAttribute{
			MarkdownDescription: "Health of the agent. Null before Coder 0.26.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"healthy": view.TruthAttribute("Whether the agent works as it should."),
				"reason":  view.TextAttribute("Why it does not, null when it does."),
			},
		},
		"architecture":       view.TextAttribute("Processor architecture, such as `amd64`."),
		"operating_system":   view.TextAttribute("Operating system, such as `linux`."),
		"version":            view.TextAttribute("Version of the agent; empty until it has connected."),
		"directory":          view.TextAttribute("Directory sessions begin in, as the template says; null when it says nothing."),
		"expanded_directory": view.TextAttribute("The `directory` with `~` and variables resolved by the agent, null until it has connected."),
		"environment_variables": view.TextsAttribute("Names of the environment variables the template gives to the agent. They may hold secrets, so their " +
			"values are in `sensitive_values`."),
		"created_at":                 view.TextAttribute("When the agent was recorded."),
		"updated_at":                 view.TextAttribute("When the agent's record last changed."),
		"first_connected_at":         view.TextAttribute("When the agent first connected, null before."),
		"last_connected_at":          view.TextAttribute("When the agent was last heard of, null before its first connection."),
		"disconnected_at":            view.TextAttribute("When the agent's last connection ended, null when none has."),
		"started_at":                 view.TextAttribute("When the agent began its startup scripts, null before."),
		"ready_at":                   view.TextAttribute("When the agent's startup scripts ended, null before."),
		"connection_timeout_seconds": view.NumberAttribute("Seconds the agent has to connect before its status becomes `timeout`."),
		"troubleshooting_url":        view.TextAttribute("Page with help for an agent that does not connect."),
		"latency": schema.MapNestedAttribute{
			MarkdownDescription: "Round trip to the relay regions, by name of the region. Empty while the agent is not connected.",
			Computed:            true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"latency_ms": schema.Float64Attribute{MarkdownDescription: "Round trip in milliseconds.", Computed: true},
				"preferred":  view.TruthAttribute("Whether the agent uses this region."),
			}},
		},
		"subsystem":  view.TextAttribute("First of `subsystems`, null when there is none."),
		"subsystems": view.TextsAttribute("What the agent runs in, such as `envbox` or `envbuilder`. Before Coder 2.1 there is one at most."),
		"startup_logs_length": view.NumberAttribute("Length of the agent's startup log in bytes; since Coder 2.0, which calls it `logs_length`, of all " +
			"its logs."),
		"startup_logs_overflowed": view.TruthAttribute("Whether the log was cut off because it is too long (`logs_overflowed` since Coder 2.0)."),
		"startup_script_behavior": view.TextAttribute("`blocking` when people should wait for the startup script before they log in, otherwise " +
			"`non-blocking`."),
		"login_before_ready":              view.TruthAttribute("Whether people may log in before the startup script has ended. Null since Coder 2.2."),
		"startup_script":                  view.TextAttribute("Script run when the agent starts. Null since Coder 2.2, and when there is none."),
		"startup_script_timeout_seconds":  view.NumberAttribute("Seconds after which the startup script counts as too slow. Null since Coder 2.2."),
		"shutdown_script":                 view.TextAttribute("Script run before the agent stops. Null since Coder 2.2, and when there is none."),
		"shutdown_script_timeout_seconds": view.NumberAttribute("Seconds after which the shutdown script counts as too slow. Null since Coder 2.2."),
		"scripts": schema.ListNestedAttribute{
			MarkdownDescription: "Scripts the agent runs. Empty before Coder 2.2: see `startup_script` and `shutdown_script`.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: scriptAttributes()},
		},
		"display_apps": view.TextsAttribute("Built-in apps that the dashboard offers, such as `web_terminal` or `vscode`. Empty before Coder 2.2."),
		"api_version":  view.TextAttribute("Version of the API the agent speaks, null until it has connected and before Coder 2.4."),
		"parent_id":    view.TextAttribute("UUID of the agent that runs this one, null when none does and before Coder 2.22."),
		"apps": schema.ListNestedAttribute{
			MarkdownDescription: "Applications the template offers on the agent.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: appAttributes()},
		},
	}
}

// scriptAttributes describes [scriptView].
func scriptAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":                 view.TextAttribute("UUID of the script, null on servers that do not tell it."),
		"display_name":       view.TextAttribute("Name of the script for people."),
		"script":             view.TextAttribute("The script itself."),
		"cron":               view.TextAttribute("Schedule on which it runs, null when it has none."),
		"run_on_start":       view.TruthAttribute("Whether it runs when the workspace starts."),
		"run_on_stop":        view.TruthAttribute("Whether it runs before the workspace stops."),
		"start_blocks_login": view.TruthAttribute("Whether people should wait for it before they log in."),
		"timeout_seconds":    view.NumberAttribute("Seconds after which it is ended, 0 for no limit."),
		"log_path":           view.TextAttribute("File in the workspace with its output; empty when it is the agent's choice."),
		"status": view.TextAttribute("How its last run went: `ok`, `exit_failure`, `timed_out` or `pipes_left_open`; null before one and on " +
			"servers that do not tell."),
		"exit_code": view.NumberAttribute("Exit code of its last run; null before one and on servers that do not tell."),
	}
}

// appAttributes describes [appView].
func appAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":            view.TextAttribute("UUID of the app, new with every build."),
		"slug":          view.TextAttribute("Name of the app in URLs, unique within the agent."),
		"display_name":  view.TextAttribute("Name of the app for people, null when it has none."),
		"url":           view.TextAttribute("Address the app has inside the workspace or, for an external app, the address to open. Null for a command."),
		"command":       view.TextAttribute("Command that a terminal runs for the app, null when it has a URL."),
		"icon":          view.TextAttribute("Path or URL of the icon, null when there is none."),
		"external":      view.TruthAttribute("Whether the URL is opened by the user's own machine instead of through Coder."),
		"subdomain":     view.TruthAttribute("Whether Coder serves the app on a subdomain instead of a path."),
		"sharing_level": view.TextAttribute("Who may use the app: `owner`, `authenticated`, `organization` (new servers) or `public`."),
		"health":        view.TextAttribute("Result of the health check: `disabled`, `initializing`, `healthy` or `unhealthy`."),
		"healthcheck": schema.SingleNestedAttribute{
			MarkdownDescription: "How the agent checks the app. All zero when it does not.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"url":       view.TextAttribute("Address that must answer; empty without a check."),
				"interval":  view.NumberAttribute("Seconds between two checks."),
				"threshold": view.NumberAttribute("Failed checks in a row after which the app is `unhealthy`."),
			},
		},
		"subdomain_name": view.TextAttribute("Subdomain on which Coder serves the app, the part before the deployment's wildcard domain; null " +
			"for an app on a path and before Coder 2.2."),
		"hidden":  view.TruthAttribute("Whether the dashboard hides the app. Null before Coder 2.16."),
		"open_in": view.TextAttribute("Where the dashboard opens it: `slim-window` or `tab`. Null before Coder 2.19."),
		"group":   view.TextAttribute("Group of apps it stands in, null when it stands alone and before Coder 2.23."),
		"tooltip": view.TextAttribute("Hint that the dashboard shows, null when there is none and before Coder 2.27."),
	}
}
