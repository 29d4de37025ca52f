package workspace

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
	"github.com/coderws/terraform-provider-coderws/internal/validate"
)

// Schema implements [resource.Resource].
func (r *workspaceResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{}
	for _, group := range []map[string]schema.Attribute{placementAttributes(), settingAttributes(), buildSettingAttributes(), protectionAttributes(), stableAttributes()} {
		for name, attribute := range group {
			attributes[name] = attribute
		}
	}
	attributes["latest_build"] = latestBuildAttribute()

	resp.Schema = schema.Schema{
		MarkdownDescription: "A Coder workspace: a development environment built from a template for one owner.\n\n" +
			"Creating it starts its first build and waits until that has ended. Name, schedule, TTL and deadline change in place without a build; " +
			"new parameter values take one. Autostop, autostart and what people do in the dashboard are normal life, not drift, " +
			"unless they touch something you configured. Agents and apps are in the data source of the same name.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"timeouts": positiveTimeouts(timeouts.Block(ctx, timeouts.Opts{
				Create: true, Read: true, Update: true, Delete: true,
				CreateDescription: "How long creating may take in all, the wait for the first build included, as in `30m`. Default `20m`.",
				ReadDescription:   "How long reading may take, at least `5s`. Default `5m`.",
				UpdateDescription: "How long an update may take in all, builds included. Default `20m`.",
				DeleteDescription: "How long deleting may take in all, the delete build included. Default `20m`.",
			})),
		},
	}
}

// positiveTimeouts refuses limits within which nothing can be done, not even
// mended: those of a state hold for the next read and for destroying, too.
func positiveTimeouts(block schema.Block) schema.Block {
	nested, ok := block.(schema.SingleNestedBlock)
	if !ok {
		return block
	}
	for name, attribute := range nested.Attributes {
		if limit, ok := attribute.(schema.StringAttribute); ok {
			limit.Validators = append(limit.Validators, validate.PositiveDuration())
			nested.Attributes[name] = limit
		}
	}
	return nested
}

// placementAttributes say what the workspace is and where it belongs.
func placementAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": schema.StringAttribute{
			MarkdownDescription: "Name of the workspace, unique per owner without regard to case: 1 to 32 letters and digits with single hyphens between them, not `new` or `create`. " +
				"Changing it renames the workspace in place. Deployments of Coder 2.6 and newer forbid renames unless they are started with `--allow-workspace-renames`; there the plan fails.",
			Required:   true,
			Validators: []validator.String{validate.WorkspaceName()},
		},
		"template_id": schema.StringAttribute{
			MarkdownDescription: "Id (UUID) of the template to build the workspace from. Changing it replaces the workspace.",
			CustomType:          customtype.UUIDType{},
			Required:            true,
		},
		"owner_name": schema.StringAttribute{
			MarkdownDescription: "Username of the owner, in any case. Default: the user whose token the provider uses. " +
				"Creating for someone else needs the deployment's owner role or the organization's admin role. Changing it replaces the workspace.",
			CustomType:    customtype.UsernameType{},
			Optional:      true,
			Computed:      true,
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"organization_id": schema.StringAttribute{
			MarkdownDescription: "Id (UUID) of the organization. Default, and only possible value: the template's organization.",
			CustomType:          customtype.UUIDType{},
			Optional:            true,
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
	}
}

// buildSettingAttributes take a build to change.
func buildSettingAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"template_version_id": schema.StringAttribute{
			MarkdownDescription: "Id (UUID) of the template version to pin the workspace to. Changing it takes a build: a running workspace is stopped and started with the new version, a stopped one stays stopped and uses it at its next start. " +
				"Left out, a new workspace takes the template's active version and later stays on whatever version it has. To follow the active version, set it to `active_version_id` of the data source `coderws_template`. Creating from a chosen version needs Coder 2.2.",
			CustomType: customtype.UUIDType{},
			Optional:   true,
			Computed:   true,
		},
		"desired_status": schema.StringAttribute{
			MarkdownDescription: "Keep the workspace `running` or `stopped`: a start or stop build brings it there, also when its last build failed or was canceled. " +
				"Left out, running or not is left to users and schedules. Creating a stopped workspace takes two builds, since Coder builds every new one by starting it.",
			Optional:   true,
			Validators: []validator.String{stringvalidator.OneOf(string(lifecycle.Running), string(lifecycle.Stopped))},
		},
		"preset": schema.StringAttribute{
			MarkdownDescription: "Name or id of a preset of the template version: a set of parameter values, for which Coder may have a workspace built in advance. Its values win over `parameters`, so a name must not have another value there. Changing it takes a build with the new preset's values; removing it keeps the values. What it gives an ephemeral parameter counts for that build alone. Needs Coder 2.22.",
			Optional:            true,
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"ephemeral_parameters": schema.MapAttribute{
			MarkdownDescription: "Values of ephemeral parameters, which count for one build only, by name. They go with every build that Terraform starts and are kept in neither state nor plan, so they may be secret. Needs Terraform 1.11 or OpenTofu 1.11, and Coder 0.26.",
			ElementType:         types.StringType,
			Optional:            true,
			WriteOnly:           true,
			Validators:          []validator.Map{mapvalidator.ValueStringsAre(validate.NotNull())},
		},
		"ephemeral_parameters_version": schema.Int64Attribute{
			MarkdownDescription: "A number of your choice. Terraform cannot see that `ephemeral_parameters` change; changing this number builds the workspace once with their present values.",
			Optional:            true,
		},
		"wait_for_agents": schema.BoolAttribute{
			MarkdownDescription: "After a start also wait until every agent is connected and its startup script has ended well. Templates without agents never wait. When agents are not ready in time, that is an error; a new workspace is then replaced by the next apply, unless `terraform untaint` keeps it. Default `false`.",
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(false),
		},
		"parameters": schema.MapAttribute{
			MarkdownDescription: "Values of template parameters by name. All values are strings: numbers and booleans as Terraform writes them, lists as `jsonencode([…])`. " +
				"Only the names given here are managed and checked for drift; the template's defaults fill the rest. " +
				"Changing a value takes a build: a running workspace is stopped and started, a stopped one stays stopped and uses the value at its next start. " +
				"Changing a parameter that the template declares immutable replaces the workspace. Removing a name stops managing it and keeps its value. " +
				"Messages never show a value of free text, which may be secret: where Coder or the log of a build repeats one, they say `(value of NAME)`. Numbers, booleans and options are shown.",
			ElementType: types.StringType,
			Optional:    true,
			Validators: []validator.Map{
				mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1)),
				mapvalidator.ValueStringsAre(validate.NotNull()),
			},
		},
	}
}

// settingAttributes change in place by their own calls, without a build.
func settingAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"automatic_updates": schema.StringAttribute{
			MarkdownDescription: "`always`: an autostart updates the workspace to the template's active version; `never`: it does not. Left out, a new workspace gets Coder's default, `never`, and later changes made elsewhere are left alone. Needs Coder 2.3; null on older servers.",
			Optional:            true,
			Computed:            true,
			Validators:          []validator.String{stringvalidator.OneOf("always", "never")},
		},
		"dormant": schema.BoolAttribute{
			MarkdownDescription: "Whether the workspace is dormant: set aside, not started by its schedule, and deleted after a time where its template says so. `true` makes it dormant and stops nothing: one that runs keeps running unless `desired_status` is `stopped`; `false` wakes it. " +
				"Left out, dormancy is left to users and to the template's policy. A start wakes a workspace, so `true` goes with no `desired_status` of `running`. Changes in place. Needs Coder 0.25.",
			Optional: true,
		},
		"autostart_schedule": schema.StringAttribute{
			MarkdownDescription: "When the workspace starts by itself: five cron fields, optionally after a time zone, as in `CRON_TZ=Europe/Berlin 30 8 * * 1-5`. " +
				"Day of month and month must be `*`; Sunday is 0; UTC without `CRON_TZ=`. Leave it out for no schedule; one set elsewhere is then removed. Changes in place.",
			Optional:   true,
			Validators: []validator.String{validate.AutostartSchedule()},
		},
		"ttl_ms": schema.Int64Attribute{
			MarkdownDescription: "Milliseconds after a start until the workspace stops by itself: whole minutes from `60000` to `2592000000` (30 days; 7 days before Coder 0.27), or `0` for no autostop. " +
				"Left out, a new workspace takes the template's default and later changes made elsewhere are left alone; taking the attribute out keeps the value and leaves it to others, too. To go back to the template's default, set `default_ttl_ms` of the data source `coderws_template`. " +
				"Changes in place and counts from the next start: the deadline of a running build does not move, except that Coder 2.19 and newer drop it with `0`.",
			Optional:   true,
			Computed:   true,
			Validators: []validator.Int64{validate.WholeMinutes()},
		},
		"deadline": schema.StringAttribute{
			MarkdownDescription: "Keep the running build up at least until this time (RFC 3339, as in `2026-12-24T18:00:00Z`), at least 30 minutes from now when it is set. " +
				"It is sent when its value changes, and again when the running build would stop earlier. " +
				"A time that has passed since, a stopped workspace and one without autostop need nothing and are no drift. The server's own value is `latest_build.deadline`.",
			CustomType: timetypes.RFC3339Type{},
			Optional:   true,
		},
	}
}

// protectionAttributes say how the workspace may end. Coder knows nothing of
// them.
func protectionAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"deletion_protection": schema.BoolAttribute{
			MarkdownDescription: "Fail every plan that would destroy or replace the workspace, until this is set to `false` and applied. It protects from Terraform only, not from the dashboard. Default `false`.",
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(false),
		},
		"orphan_on_destroy": schema.BoolAttribute{
			MarkdownDescription: "When the delete build fails, delete the workspace from Coder all the same and leave its resources behind wherever they are. Needs permission to update the template. Default `false`.",
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(false),
		},
	}
}

// stableAttributes are decided by the server at creation. Names in them change
// only when an administrator renames a template, user or organization.
func stableAttributes() map[string]schema.Attribute {
	stable := func(description string) schema.StringAttribute {
		return schema.StringAttribute{
			MarkdownDescription: description,
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		}
	}
	return map[string]schema.Attribute{
		"id":                stable("Id (UUID) of the workspace."),
		"owner_id":          stable("Id (UUID) of the owner."),
		"organization_name": stable("Name of the organization."),
		"template_name":     stable("Name of the template."),
		"created_at":        stable("When the workspace was created (RFC 3339, UTC)."),
		"url": schema.StringAttribute{
			MarkdownDescription: "Address of the workspace's page in the dashboard, below the provider's `url`.",
			Computed:            true, // a rename changes it
		},
	}
}

// latestBuildAttribute is one line about the latest build. What moves by itself
// or is long has its place in the data source: Terraform encodes the whole state
// anew at every change, and reports what has moved as drift.
func latestBuildAttribute() schema.SingleNestedAttribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	return schema.SingleNestedAttribute{
		MarkdownDescription: "The newest build of the workspace, as of the last refresh.",
		Computed:            true,
		Attributes: map[string]schema.Attribute{
			"id":                    text("Id (UUID) of the build."),
			"build_number":          schema.Int64Attribute{MarkdownDescription: "Number of the build, from 1.", Computed: true},
			"transition":            text("What the build did: `start`, `stop` or `delete`."),
			"status":                text("Status of the build and so of the workspace: `pending`, `starting`, `running`, `stopping`, `stopped`, `failed`, `canceling`, `canceled`, `deleting` or `deleted`."),
			"template_version_name": text("Name of the template version it was built from, whose id is `template_version_id`."),
			"deadline":              text("When the server will stop the workspace (RFC 3339, UTC); null without autostop. A stopped workspace can still show one."),
			"max_deadline":          text("The latest time the deadline can be moved to (RFC 3339, UTC); null without such a limit."),
		},
	}
}
