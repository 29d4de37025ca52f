package workspace

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/view"
)

// workspaceAttributes describes [workspaceView]. Times are RFC 3339 text in
// UTC throughout.
func workspaceAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":                    view.TextAttribute("UUID of the workspace. It never changes."),
		"name":                  view.TextAttribute("Name of the workspace, unique per owner without regard to case."),
		"owner_id":              view.TextAttribute("UUID of the owner."),
		"owner_name":            view.TextAttribute("Username of the owner."),
		"organization_id":       view.TextAttribute("UUID of the organization the workspace belongs to."),
		"organization_name":     view.TextAttribute("Name of the organization. Null before Coder 2.14."),
		"template_id":           view.TextAttribute("UUID of the template the workspace is built from."),
		"template_name":         view.TextAttribute("Name of the template."),
		"template_display_name": view.TextAttribute("Name of the template for people; empty when it has none."),
		"template_icon":         view.TextAttribute("Path or URL of the template's icon; empty when it has none."),
		"template_active_version_id": view.TextAttribute("UUID of the template version new workspaces are built from; `latest_build.template_version_id` " +
			"is the one this workspace is built from. Null before Coder 2.2."),
		"template_allow_user_cancel_workspace_jobs": view.TruthAttribute("Whether the template lets users cancel a build that has begun."),
		"template_require_active_version": view.TruthAttribute("Whether the template forces users to start with its active version (Coder 2.4 and later, " +
			"otherwise false)."),
		"template_use_classic_parameter_flow": view.TruthAttribute("Whether the template's parameters are a fixed list rather than computed " +
			"by its code (always before Coder 2.23)."),
		"created_at": view.TextAttribute("When the workspace was created."),
		"updated_at": view.TextAttribute("When the workspace was created or, for a prebuilt one, claimed. Renames, schedules and builds do not move it."),
		"last_used_at": view.TextAttribute("When the workspace was last used. The server moves it while somebody is connected, so every plan may " +
			"show another value."),
		"deleting_at": view.TextAttribute("When the server will delete the workspace for want of use, by the policy of its template; null when it will not."),
		"dormant_at": view.TextAttribute("When the workspace became dormant for want of use; null when it is not, and " +
			"before Coder 0.25."),
		"next_start_at":      view.TextAttribute("When the autostart schedule starts the workspace next (Coder 2.19 and later), null when it will not."),
		"autostart_schedule": view.TextAttribute("Cron expression of the autostart schedule exactly as it was set, null when there is none."),
		"ttl_ms": view.NumberAttribute("Milliseconds after a start until the workspace stops by itself; null when autostop is off. Coder 2.11 " +
			"and later report the template's value, or 0, when the template does not let users choose."),
		"automatic_updates": view.TextAttribute("`always` when every autostart uses the template's active version, otherwise `never`. Null before Coder 2.3."),
		"allow_renames":     view.TruthAttribute("Whether the deployment lets workspaces be renamed (before Coder 2.6 always)."),
		"favorite": view.TruthAttribute("Whether the workspace is a favourite of its owner; only the owner's own token sees it. Null before " +
			"Coder 2.8."),
		"is_prebuild": view.TruthAttribute("Whether the workspace was built ahead and waits to be claimed. Null before Coder 2.25."),
		"outdated": view.TruthAttribute("Whether the template has a newer active version than the workspace. It changes when somebody publishes a " +
			"version."),
		"health": schema.SingleNestedAttribute{
			MarkdownDescription: "Health of the agents. Null before Coder 0.26.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"healthy":        view.TruthAttribute("Whether no agent fails. A stopped workspace is healthy."),
				"failing_agents": view.TextsAttribute("UUIDs of the agents that fail."),
			},
		},
		"latest_build": schema.SingleNestedAttribute{
			MarkdownDescription: "The newest build: what was done to the workspace last, and how it went.",
			Computed:            true,
			Attributes:          buildAttributes(),
		},
		"latest_app_status": schema.SingleNestedAttribute{
			MarkdownDescription: "What an app of the workspace, such as a coding agent, last reported of its work. Null when none has, and " +
				"before Coder 2.21.",
			Computed: true,
			Attributes: map[string]schema.Attribute{
				"created_at": view.TextAttribute("When it was reported."),
				"agent_id":   view.TextAttribute("UUID of the app's agent."),
				"app_id":     view.TextAttribute("UUID of the app."),
				"state":      view.TextAttribute("`working`, `idle`, `complete` or `failure`."),
				"message":    view.TextAttribute("The report, in the app's words."),
				"uri":        view.TextAttribute("What the report is about, such as a pull request; null when it is about nothing of the kind."),
			},
		},
		"task_id": view.TextAttribute("UUID of the Coder task the workspace was made for, null when it was for none and before Coder 2.28."),
		"shared_with": schema.ListNestedAttribute{
			MarkdownDescription: "Users and groups the workspace is shared with, beside its owner. Empty before Coder 2.30.",
			Computed:            true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"id":         view.TextAttribute("UUID of the user or group."),
				"actor_type": view.TextAttribute("`user` or `group`."),
				"name":       view.TextAttribute("Full name of the user (not the username), null when they have none; name of the group."),
				"roles":      view.TextsAttribute("What they may do: `use` or `admin`."),
			}},
		},
	}
}

// buildAttributes describes [buildView].
func buildAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":           view.TextAttribute("UUID of the build."),
		"build_number": view.NumberAttribute("Number of the build within its workspace, from 1."),
		"transition":   view.TextAttribute("What the build does: `start`, `stop` or `delete`."),
		"status": view.TextAttribute("How far it is: `pending`, `starting`, `running`, `stopping`, `stopped`, `failed`, `canceling`, `canceled`, " +
			"`deleting` or `deleted`. `running` means that the build succeeded, not that the agents are connected: see " +
			"`resources[].agents[].status`."),
		"reason":     view.TextAttribute("Why it was made, such as `initiator`, `autostart`, `autostop` or `dashboard`. New servers add reasons."),
		"created_at": view.TextAttribute("When the build was queued."),
		"updated_at": view.TextAttribute("When the build last changed."),
		"deadline": view.TextAttribute("When the server will stop the workspace; null without autostop and while the build runs. A stopped " +
			"workspace can show one."),
		"max_deadline":          view.TextAttribute("The latest time `deadline` can be moved to, by the policy of the template; null when there is no limit."),
		"daily_cost":            view.NumberAttribute("Sum of the daily cost of the resources, in credits of the deployment's quota."),
		"initiator_id":          view.TextAttribute("UUID of the user who asked for the build."),
		"initiator_name":        view.TextAttribute("Username of the user who asked for the build."),
		"template_version_id":   view.TextAttribute("UUID of the template version that was built."),
		"template_version_name": view.TextAttribute("Name of the template version that was built."),
		"workspace_id":          view.TextAttribute("UUID of the workspace."),
		"workspace_name":        view.TextAttribute("Name of the workspace."),
		"workspace_owner_id":    view.TextAttribute("UUID of the workspace's owner."),
		"workspace_owner_name":  view.TextAttribute("Username of the workspace's owner."),
		"job": schema.SingleNestedAttribute{
			MarkdownDescription: "The provisioner job that runs the build.",
			Computed:            true,
			Attributes:          jobAttributes(),
		},
		"resources": schema.ListNestedAttribute{
			MarkdownDescription: "The Terraform resources the build made, in the template's order; before Coder 2.9 those with agents first, " +
				"then by name. Empty until the build has succeeded; in `coderws_workspaces` null with `include_resources = false`.",
			Computed:     true,
			NestedObject: schema.NestedAttributeObject{Attributes: resourceAttributes()},
		},
		"template_version_preset_id": view.TextAttribute("UUID of the preset whose parameter values the build has, null without one and " +
			"before Coder 2.22."),
		"matched_provisioners": schema.SingleNestedAttribute{
			MarkdownDescription: "The provisioners that could run the job while it waits; all zero afterwards. Null before Coder 2.19.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"count":              view.NumberAttribute("How many have the tags the job asks for."),
				"available":          view.NumberAttribute("How many of them are there and not busy."),
				"most_recently_seen": view.TextAttribute("When one of them was last heard of, null when none was."),
			},
		},
		"has_ai_task":        view.TruthAttribute("Whether the build has a Coder task. Null until it has succeeded, and before Coder 2.24."),
		"has_external_agent": view.TruthAttribute("Whether an agent runs outside of the build's resources. Null until it has succeeded, and before Coder 2.26."),
	}
}

// jobAttributes describes [jobView].
func jobAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":     view.TextAttribute("UUID of the job."),
		"status": view.TextAttribute("`pending`, `running`, `succeeded`, `canceling`, `canceled` or `failed`."),
		"error":  view.TextAttribute("Why the job failed, null when it did not. The full story is in the build's log."),
		"error_code": view.TextAttribute("Kind of the failure where the server knows it, such as `REQUIRED_TEMPLATE_VARIABLES` or " +
			"`INSUFFICIENT_QUOTA`; otherwise null."),
		"created_at":      view.TextAttribute("When the job was queued."),
		"started_at":      view.TextAttribute("When a provisioner took the job, null before."),
		"completed_at":    view.TextAttribute("When the job ended, null before."),
		"canceled_at":     view.TextAttribute("When somebody asked to cancel the job, null when nobody did."),
		"file_id":         view.TextAttribute("UUID of the template's source archive."),
		"worker_id":       view.TextAttribute("UUID of the provisioner that took the job, null before."),
		"queue_position":  view.NumberAttribute("Place in the queue while the job waits, otherwise 0; always 0 before Coder 0.25."),
		"queue_size":      view.NumberAttribute("Length of the queue while the job waits, otherwise 0; always 0 before Coder 0.25."),
		"logs_overflowed": view.TruthAttribute("Whether the build's log was cut off because it is too long. Null before Coder 2.26."),
		"tags": schema.MapAttribute{
			MarkdownDescription: "Tags a provisioner must have to take the job.",
			Computed:            true,
			ElementType:         types.StringType,
		},
	}
}
