package workspace

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// workspaceAttributes describes [workspaceView]. Times are RFC 3339 text in
// UTC throughout.
func workspaceAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":                    text("UUID of the workspace. It never changes."),
		"name":                  text("Name of the workspace, unique per owner without regard to case."),
		"owner_id":              text("UUID of the owner."),
		"owner_name":            text("Username of the owner."),
		"organization_id":       text("UUID of the organization the workspace belongs to."),
		"organization_name":     text("Name of the organization. Null before Coder 2.14."),
		"template_id":           text("UUID of the template the workspace is built from."),
		"template_name":         text("Name of the template."),
		"template_display_name": text("Name of the template for people; empty when it has none."),
		"template_icon":         text("Path or URL of the template's icon; empty when it has none."),
		"template_active_version_id": text("UUID of the template version new workspaces are built from; `latest_build.template_version_id` " +
			"is the one this workspace is built from. Null before Coder 2.2."),
		"template_allow_user_cancel_workspace_jobs": truth("Whether the template lets users cancel a build that has begun."),
		"template_require_active_version": truth("Whether the template forces users to start with its active version (Coder 2.4 and later, " +
			"otherwise false)."),
		"created_at": text("When the workspace was created."),
		"updated_at": text("When the workspace was created or, for a prebuilt one, claimed. Renames, schedules and builds do not move it."),
		"last_used_at": text("When the workspace was last used. The server moves it while somebody is connected, so every plan may " +
			"show another value."),
		"deleting_at": text("When the server will delete the workspace for want of use, by the policy of its template; null when it will not."),
		"dormant_at": text("When the workspace became dormant for want of use; null when it is not (always before Coder 0.25, which " +
			"has no such state)."),
		"next_start_at":      text("When the autostart schedule starts the workspace next (Coder 2.19 and later), null when it will not."),
		"autostart_schedule": text("Cron expression of the autostart schedule exactly as it was set, null when there is none."),
		"ttl_ms": number("Time in milliseconds from the start of a build to its automatic stop; null when autostop is off. Coder 2.11 " +
			"and later report the template's value, or 0, when the template does not let users choose."),
		"automatic_updates": text("`always` when every autostart uses the template's active version, otherwise `never`. Null before Coder 2.3."),
		"allow_renames":     truth("Whether the deployment lets workspaces be renamed (before Coder 2.6 always)."),
		"favorite": truth("Whether the workspace is a favourite of its owner; only the owner's own token sees it. Null before " +
			"Coder 2.8."),
		"is_prebuild": truth("Whether the workspace was built ahead and waits to be claimed. Null before Coder 2.25."),
		"outdated": truth("Whether the template has a newer active version than the workspace. It changes when somebody publishes a " +
			"version."),
		"health": schema.SingleNestedAttribute{
			MarkdownDescription: "Health of the agents. Null before Coder 0.26.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"healthy":        truth("Whether no agent fails. A stopped workspace is healthy."),
				"failing_agents": texts("UUIDs of the agents that fail."),
			},
		},
		"latest_build": schema.SingleNestedAttribute{
			MarkdownDescription: "The newest build: what was done to the workspace last, and how it went.",
			Computed:            true,
			Attributes:          buildAttributes(),
		},
	}
}

// buildAttributes describes [buildView].
func buildAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":           text("UUID of the build."),
		"build_number": number("Number of the build within its workspace, from 1."),
		"transition":   text("What the build does: `start`, `stop` or `delete`."),
		"status": text("How far it is: `pending`, `starting`, `running`, `stopping`, `stopped`, `failed`, `canceling`, `canceled`, " +
			"`deleting` or `deleted`. `running` means that the build succeeded, not that the agents are connected: see " +
			"`resources[].agents[].status`."),
		"reason":     text("Why it was made, such as `initiator`, `autostart`, `autostop` or `dashboard`. New servers add reasons."),
		"created_at": text("When the build was queued."),
		"updated_at": text("When the build last changed."),
		"deadline": text("When the server will stop the workspace; null without autostop and while the build runs. A stopped " +
			"workspace can show one."),
		"max_deadline":          text("The latest time `deadline` can be moved to, by the policy of the template; null when there is no limit."),
		"daily_cost":            number("Sum of the daily cost of the resources, in credits of the deployment's quota."),
		"initiator_id":          text("UUID of the user who asked for the build."),
		"initiator_name":        text("Username of the user who asked for the build."),
		"template_version_id":   text("UUID of the template version that was built."),
		"template_version_name": text("Name of the template version that was built."),
		"workspace_id":          text("UUID of the workspace."),
		"workspace_name":        text("Name of the workspace."),
		"workspace_owner_id":    text("UUID of the workspace's owner."),
		"workspace_owner_name":  text("Username of the workspace's owner."),
		"job": schema.SingleNestedAttribute{
			MarkdownDescription: "The provisioner job that runs the build.",
			Computed:            true,
			Attributes:          jobAttributes(),
		},
		"resources": schema.ListNestedAttribute{
			MarkdownDescription: "The Terraform resources the build made, in the template's order; before Coder 2.9, which has none, those with " +
				"agents first, then by name. Empty until the build has succeeded, null with `include_resources = false`.",
			Computed:     true,
			NestedObject: schema.NestedAttributeObject{Attributes: resourceAttributes()},
		},
	}
}

// jobAttributes describes [jobView].
func jobAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":     text("UUID of the job."),
		"status": text("`pending`, `running`, `succeeded`, `canceling`, `canceled` or `failed`."),
		"error":  text("Why the job failed, null when it did not. The full story is in the build's log."),
		"error_code": text("Kind of the failure where the server knows it, such as `REQUIRED_TEMPLATE_VARIABLES` or " +
			"`INSUFFICIENT_QUOTA`; otherwise null."),
		"created_at":   text("When the job was queued."),
		"started_at":   text("When a provisioner took the job, null before."),
		"completed_at": text("When the job ended, null before."),
		"canceled_at":  text("When somebody asked to cancel the job, null when nobody did."),
		"file_id":      text("UUID of the template's source archive."),
		"worker_id":    text("UUID of the provisioner that took the job, null before."),
		"queue_position": number("Place in the queue while the job waits, otherwise 0 (always 0 before Coder 0.25, which does not " +
			"report it)."),
		"queue_size": number("Length of the queue while the job waits, otherwise 0 (always 0 before Coder 0.25, which does not " +
			"report it)."),
		"tags": schema.MapAttribute{
			MarkdownDescription: "Tags a provisioner must have to take the job.",
			Computed:            true,
			ElementType:         types.StringType,
		},
	}
}

// text is a computed string.
func text(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}

// texts is a computed list of strings.
func texts(description string) schema.ListAttribute {
	return schema.ListAttribute{MarkdownDescription: description, Computed: true, ElementType: types.StringType}
}

// number is a computed whole number.
func number(description string) schema.Int64Attribute {
	return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
}

// truth is a computed bool.
func truth(description string) schema.BoolAttribute {
	return schema.BoolAttribute{MarkdownDescription: description, Computed: true}
}
