package workspace

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/validate"
)

const (
	startDescription = "Starts a workspace and waits until it runs. One that runs already is left alone. A dormant one is woken first.\n\n" +
		"It starts with the template version and the parameters of its last build. Where the template requires its active version, an outdated workspace needs `coderws_workspace_update` before."
	stopDescription = "Stops a workspace and waits until that is done. One that is stopped already is left alone. " +
		"A workspace whose last build failed or was canceled is stopped too, which takes down what it left running."
	restartDescription = "Stops a workspace if it runs, starts it, and waits until it runs again. A stopped one is just started. " +
		"New values of parameters go with the start."
	updateDescription = "Brings a workspace to the active version of its template, or to a given one, and waits until that is done. " +
		"A running workspace is stopped, then started with the new version; a stopped one takes it by another stop build and stays stopped. One that has the version already is left alone, unless there are new values of parameters or its last build did not succeed."
	extendDescription = "Lets a running workspace stop later than it would: moves the deadline of its running build, once. It never moves it to an earlier time. " +
		"The next start counts anew; to keep a workspace up for longer as a rule, set `ttl_ms` of the resource.\n\n" +
		"A deadline that is late enough already is left alone. A workspace without autostop runs until somebody stops it, so that there is nothing to extend: that is a warning. " +
		"A workspace that does not run, a time less than 30 minutes away and one beyond the template's limit are errors."
	actionNote = "\n\nA build that is under way, somebody's or the server's own, is waited for first. The lines of the build's log are shown as they come.\n\n" +
		"Actions need Terraform 1.14; OpenTofu has none."
)

// Schema implements [action.Action].
func (a *workspaceAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"workspace_id": schema.StringAttribute{
			MarkdownDescription: "Id (UUID) of the workspace.",
			CustomType:          customtype.UUIDType{},
			Required:            true,
		},
	}
	maps.Copy(attributes, a.arguments)
	resp.Schema = schema.Schema{
		MarkdownDescription: a.description + actionNote,
		Attributes:          attributes,
		Blocks: map[string]schema.Block{
			"timeouts": positiveInvokeTimeout(timeouts.BlockWithOpts(ctx, timeouts.Opts{
				InvokeDescription: "How long the action may take in all, builds included, as in `30m`. Default `20m`.",
			})),
		},
	}
}

// positiveInvokeTimeout is positiveTimeouts for the block of an action, which has
// types of its own.
func positiveInvokeTimeout(block schema.Block) schema.Block {
	nested, ok := block.(schema.SingleNestedBlock)
	if !ok {
		return block
	}
	if limit, ok := nested.Attributes["invoke"].(schema.StringAttribute); ok {
		limit.Validators = append(limit.Validators, validate.PositiveDuration())
		nested.Attributes["invoke"] = limit
	}
	return nested
}

// read reads the arguments that the action has.
func (a *workspaceAction) read(ctx context.Context, config tfsdk.Config) (model actionModel, diags diag.Diagnostics) {
	for name, target := range map[string]any{
		"workspace_id":         &model.WorkspaceID,
		"timeouts":             &model.Timeouts,
		"template_version_id":  &model.TemplateVersionID,
		"parameters":           &model.Parameters,
		"ephemeral_parameters": &model.EphemeralParameters,
		"wait_for_agents":      &model.WaitForAgents,
		"until":                &model.Until,
		"by":                   &model.By,
	} {
		if _, ok := a.arguments[name]; ok || name == "workspace_id" || name == "timeouts" {
			diags.Append(config.GetAttribute(ctx, path.Root(name), target)...)
		}
	}
	return model, diags
}

func startArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"wait_for_agents": schema.BoolAttribute{
			MarkdownDescription: "After the start also wait until every agent is connected and its startup script has ended well. Templates without agents never wait. Default `false`.",
			Optional:            true,
		},
	}
}

func restartArguments() map[string]schema.Attribute {
	arguments := startArguments()
	arguments["parameters"] = schema.MapAttribute{
		MarkdownDescription: "New values of template parameters by name, which the workspace then keeps. All values are strings: numbers and booleans as Terraform writes them, lists as `jsonencode([…])`. " +
			"The others keep their values. They are checked before anything is stopped. Where the resource `coderws_workspace` manages the same name, its next plan goes back to its own value.",
		ElementType: types.StringType,
		Optional:    true,
		Validators: []validator.Map{
			mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1)),
			mapvalidator.ValueStringsAre(validate.NotNull()),
		},
	}
	arguments["ephemeral_parameters"] = schema.MapAttribute{
		// Not write-only: framework 1.19 refuses those arguments of an action,
		// whatever the Terraform.
		MarkdownDescription: "Values of ephemeral parameters by name, which count for this build only. They are in no state, but a plan saved to a file holds them.",
		ElementType:         types.StringType,
		Optional:            true,
		Validators:          []validator.Map{mapvalidator.ValueStringsAre(validate.NotNull())},
	}
	return arguments
}

func updateArguments() map[string]schema.Attribute {
	arguments := restartArguments()
	arguments["template_version_id"] = schema.StringAttribute{
		MarkdownDescription: "Id (UUID) of the template version to bring the workspace to. Default: the template's active version.",
		CustomType:          customtype.UUIDType{},
		Optional:            true,
	}
	return arguments
}

func extendArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"until": schema.StringAttribute{
			MarkdownDescription: "Time until which the workspace is to run at least (RFC 3339, as in `2026-12-24T18:00:00Z`), at least 30 minutes from now. Either this or `by`.",
			CustomType:          timetypes.RFC3339Type{},
			Optional:            true,
			Validators:          []validator.String{stringvalidator.ExactlyOneOf(path.MatchRoot("until"), path.MatchRoot("by"))},
		},
		"by": schema.StringAttribute{
			MarkdownDescription: "How much later the workspace is to stop, as in `2h` or `1h30m`: counted from its present deadline, so that each run of the action adds to it. Either this or `until`.",
			CustomType:          timetypes.GoDurationType{},
			Optional:            true,
			Validators:          []validator.String{validate.PositiveDuration()},
		},
	}
}
