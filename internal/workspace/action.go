package workspace

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

var (
	_ action.ActionWithConfigure  = (*workspaceAction)(nil)
	_ action.ActionWithModifyPlan = (*workspaceAction)(nil)
)

// NewStartAction is the action coderws_workspace_start.
func NewStartAction() action.Action {
	return &workspaceAction{
		verb: "start", description: startDescription, arguments: startArguments(),
		run: func(ctx context.Context, i *invocation) diag.Diagnostics { return i.bring(ctx, desiredRunning, false) },
	}
}

// NewStopAction is the action coderws_workspace_stop.
func NewStopAction() action.Action {
	return &workspaceAction{
		verb: "stop", description: stopDescription,
		run: func(ctx context.Context, i *invocation) diag.Diagnostics { return i.bring(ctx, desiredStopped, false) },
	}
}

// NewRestartAction is the action coderws_workspace_restart.
func NewRestartAction() action.Action {
	return &workspaceAction{
		verb: "restart", description: restartDescription, arguments: restartArguments(),
		run: func(ctx context.Context, i *invocation) diag.Diagnostics { return i.bring(ctx, desiredRunning, true) },
	}
}

// NewUpdateAction is the action coderws_workspace_update.
func NewUpdateAction() action.Action {
	return &workspaceAction{
		verb: "update", description: updateDescription, arguments: updateArguments(),
		run: func(ctx context.Context, i *invocation) diag.Diagnostics { return i.update(ctx) },
	}
}

// NewExtendAction is the action coderws_workspace_extend.
func NewExtendAction() action.Action {
	return &workspaceAction{
		verb: "extend", description: extendDescription, arguments: extendArguments(),
		run: func(ctx context.Context, i *invocation) diag.Diagnostics { return i.extend(ctx) },
	}
}

// workspaceAction is any of the actions on one workspace. They differ in what
// they may be told and in what they do.
type workspaceAction struct {
	verb        string // what the action does, and the end of its type name
	description string
	arguments   map[string]schema.Attribute // beside those that all have
	run         func(context.Context, *invocation) diag.Diagnostics

	client *coder.Client
}

// actionModel are the arguments of all actions; each has some of them.
type actionModel struct {
	WorkspaceID         customtype.UUID
	TemplateVersionID   customtype.UUID
	Parameters          types.Map
	EphemeralParameters types.Map
	WaitForAgents       types.Bool
	Until               timetypes.RFC3339
	By                  timetypes.GoDuration
	Timeouts            timeouts.Value
}

// Metadata implements [action.Action].
func (a *workspaceAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = ResourceType + "_" + a.verb
}

// Configure implements [action.ActionWithConfigure].
func (a *workspaceAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	if req.ProviderData == nil {
		return
	}
	client, ok := req.ProviderData.(*coder.Client)
	if !ok {
		resp.Diagnostics.AddError("Unexpected provider data for the workspace action",
			fmt.Sprintf("Expected a Coder client, got %T. This is a bug in the provider.", req.ProviderData))
		return
	}
	a.client = client
}

// ModifyPlan implements [action.ActionWithModifyPlan]. It refuses what is wrong
// whatever the workspace is like by then: an action that follows a create
// should not fail when the workspace is there.
func (a *workspaceAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	model, diags := a.read(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || a.client == nil { // the provider's own configuration is not known yet
		return
	}
	if until := knownTime(model.Until); !until.IsZero() {
		resp.Diagnostics.Append(checkNewDeadline(path.Root("until"), latestBuildModel{}, until, a.client.ServerNow())...)
	}
}

// Invoke implements [action.Action].
func (a *workspaceAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	model, diags := a.read(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	limit, diags := model.Timeouts.Invoke(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	invocation := &invocation{builder: builder{client: a.client}, model: model, doing: fmt.Sprintf("%s workspace %s", a.verb, model.WorkspaceID.ValueString())}
	invocation.progress = func(line string) {
		if ctx.Err() == nil { // else nobody may be listening, and sending blocks
			resp.SendProgress(action.InvokeProgressEvent{Message: line})
		}
	}
	resp.Diagnostics.Append(a.run(ctx, invocation)...)
}

// invocation is one run of an action.
type invocation struct {
	builder

	model actionModel
	doing string // what is tried, for error messages
}

// tell reports about the workspace.
func (i *invocation) tell(workspace *coder.Workspace, format string, values ...any) {
	i.progress(fmt.Sprintf("Workspace %s/%s ", workspace.OwnerName, workspace.Name) + fmt.Sprintf(format, values...))
}

// target reads the workspace once no build of it is active.
func (i *invocation) target(ctx context.Context) (*coder.Workspace, diag.Diagnostics) {
	workspace, err := i.idleWorkspace(ctx, i.model.WorkspaceID.UUID())
	switch {
	case isGone(workspace, err):
		return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("workspace_id"), "No workspace to act on",
			fmt.Sprintf("Could not %s: it was deleted, never existed, or the provider's token may not see it.", i.doing))}
	case err != nil && workspace == nil:
		return nil, diagnose.Error("Unable to look at the workspace", i.doing, err, diagnose.Fields{})
	case err != nil:
		return nil, i.buildError(ctx, workspace, err, i.doing)
	default:
		return workspace, nil
	}
}
