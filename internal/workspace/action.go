package workspace

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

var (
	_ action.ActionWithConfigure  = (*workspaceAction)(nil)
	_ action.ActionWithModifyPlan = (*workspaceAction)(nil)
)

// NewStartAction is the action coderws_workspace_start.
func NewStartAction() action.Action {
	return &workspaceAction{
		verb: "start", description: startDescription, arguments: startArguments(),
		want: func(*actionModel) lifecycle.Want { return lifecycle.Want{RunState: lifecycle.Value(lifecycle.Running)} },
	}
}

// NewStopAction is the action coderws_workspace_stop.
func NewStopAction() action.Action {
	return &workspaceAction{
		verb: "stop", description: stopDescription,
		want: func(*actionModel) lifecycle.Want { return lifecycle.Want{RunState: lifecycle.Value(lifecycle.Stopped)} },
	}
}

// NewRestartAction is the action coderws_workspace_restart.
func NewRestartAction() action.Action {
	return &workspaceAction{
		verb: "restart", description: restartDescription, arguments: restartArguments(),
		want: func(*actionModel) lifecycle.Want {
			// Nothing of an action is remembered, so that any version is new.
			return lifecycle.Want{RunState: lifecycle.Value(lifecycle.Running), EphemeralVersion: lifecycle.Value(int64(1))}
		},
	}
}

// NewUpdateAction is the action coderws_workspace_update.
func NewUpdateAction() action.Action {
	return &workspaceAction{
		verb: "update", description: updateDescription, arguments: updateArguments(),
		want: func(m *actionModel) lifecycle.Want {
			want := lifecycle.Want{ActiveVersion: m.TemplateVersionID.IsNull(), Repair: true}
			if !want.ActiveVersion {
				want.VersionID = lifecycle.Value(m.TemplateVersionID.UUID())
			}
			if len(m.EphemeralParameters.Elements()) > 0 {
				want.EphemeralVersion = lifecycle.Value(int64(1))
			}
			return want
		},
	}
}

// NewExtendAction is the action coderws_workspace_extend.
func NewExtendAction() action.Action {
	return &workspaceAction{
		verb: "extend", description: extendDescription, arguments: extendArguments(),
		want: func(*actionModel) lifecycle.Want { return lifecycle.Want{DeadlineNow: true} },
	}
}

// workspaceAction is any of the actions on one workspace. They differ in what
// they may be told and in what they do.
type workspaceAction struct {
	verb        string // what the action does, and the end of its type name
	description string
	arguments   map[string]schema.Attribute       // beside those that all have
	want        func(*actionModel) lifecycle.Want // what it is for, beside what all may be told

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
	want := a.wantOf(&model)
	decision, err := newLifecycle(a.client, nil).DecideCreate(ctx, lifecycle.Want{Deadline: want.Deadline}, &lifecycle.Have{}, false)
	if err != nil {
		resp.Diagnostics.Append(decisionError(err)...)
		return
	}
	resp.Diagnostics.Append(a.place(problemDiagnostics(decision.Problems), &model)...)
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

	tell := func(line string) {
		if ctx.Err() == nil { // else nobody may be listening, and sending blocks
			resp.SendProgress(action.InvokeProgressEvent{Message: line})
		}
	}
	run := &lifecycle.Run{Want: a.wantOf(&model), Have: lifecycle.Have{ID: model.WorkspaceID.UUID()}, Allowed: lifecycle.ChangeAll}
	if !model.By.IsNull() {
		run.ExtendBy, diags = model.By.ValueGoDuration()
		resp.Diagnostics.Append(diags...)
	}
	doing := fmt.Sprintf("%s workspace %s", a.verb, model.WorkspaceID.ValueString())
	err := newLifecycle(a.client, tell).Run(ctx, run)
	if kind := coder.KindOf(err); kind == coder.Gone || run.Have.Fresh == nil && kind == coder.NotVisible {
		resp.Diagnostics.AddAttributeError(path.Root("workspace_id"), "No workspace to act on",
			fmt.Sprintf("Could not %s: it was deleted, never existed, or the provider's token may not see it.", doing))
		return
	}
	resp.Diagnostics.Append(a.place(runDiagnostics(ctx, a.client, run, err, operation{doing: doing, unended: "Build did not end"}), &model)...)
	if err == nil {
		a.report(run, tell)
	}
}

// wantOf is what an invocation asks for.
func (a *workspaceAction) wantOf(model *actionModel) lifecycle.Want {
	want := a.want(model)
	want.InPlace = true
	want.Parameters.Known = parameterValues(model.Parameters)
	want.Ephemeral.Known = parameterValues(model.EphemeralParameters)
	want.WaitForAgents = model.WaitForAgents.ValueBool()
	if !model.Until.IsNull() && !model.Until.IsUnknown() {
		if until, diags := model.Until.ValueRFC3339Time(); !diags.HasError() {
			want.Deadline = lifecycle.Value(until)
		}
	}
	return want
}

// place points diagnostics at the arguments of the action.
func (a *workspaceAction) place(diags diag.Diagnostics, model *actionModel) diag.Diagnostics {
	var placed diag.Diagnostics
	for _, d := range diags {
		at := path.Root("workspace_id")
		if located, ok := d.(diag.DiagnosticWithPath); ok {
			setting := located.Path().Steps()[0].String()
			if _, has := a.arguments[setting]; has {
				at = located.Path()
			} else if setting == lifecycle.AtDeadline && model.By.IsNull() {
				at = path.Root("until")
			} else if setting == lifecycle.AtDeadline {
				at = path.Root("by")
			}
		}
		if d.Severity() == diag.SeverityError {
			placed.AddAttributeError(at, d.Summary(), d.Detail())
		} else {
			placed.AddAttributeWarning(at, d.Summary(), d.Detail())
		}
	}
	return placed
}

// report tells how the workspace is after the action.
func (a *workspaceAction) report(run *lifecycle.Run, tell func(line string)) {
	state := fmt.Sprintf("is %s", run.Have.Build.Status)
	already := " already"
	for _, step := range run.Done {
		switch step := step.(type) {
		case lifecycle.BuildStep:
			already = ""
		case lifecycle.Extend:
			state, already = fmt.Sprintf("runs until %s, not %s", step.To.UTC().Format(time.RFC3339), step.From.UTC().Format(time.RFC3339)), ""
		}
	}
	switch {
	case already == "":
	case run.Want.DeadlineNow && run.Have.Build.Deadline.IsZero():
		return // a warning says why
	case run.Want.DeadlineNow:
		state = fmt.Sprintf("runs until %s", run.Have.Build.Deadline.UTC().Format(time.RFC3339))
	case run.Want.Repair:
		state = fmt.Sprintf("has template version %q", run.Have.Fresh.LatestBuild.TemplateVersionName)
	}
	tell(fmt.Sprintf("Workspace %s/%s %s%s", run.Have.OwnerName, run.Have.Name, state, already))
}
