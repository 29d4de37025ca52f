package workspace

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// Update implements [resource.Resource]. It sends only what changed: name,
// schedule, TTL, automatic updates, then what takes a build, then the deadline.
func (r *workspaceResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var config, plan, state resourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := plan.Timeouts.Update(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	resume, diags := getFlag(ctx, req.Private, privateResume)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, workspaceID(&state))...) // a state of Terraform <1.12 has none

	// State follows step by step, so that a failure half way leaves in it what
	// really was done and the next plan goes on from there.
	update := workspaceUpdate{resource: r, config: &config, plan: &plan, state: &state, build: state.latestBuild(ctx).ID.ValueString(), resume: resume}
	state.Timeouts = plan.Timeouts
	state.WaitForAgents, state.DeletionProtection, state.OrphanOnDestroy = plan.WaitForAgents, plan.DeletionProtection, plan.OrphanOnDestroy
	resp.Diagnostics.Append(update.run(ctx)...)
	done := context.WithoutCancel(ctx)
	resp.Diagnostics.Append(setFlag(done, resp.Private, privateResume, update.resume)...)
	resp.Diagnostics.Append(setFlag(done, resp.Private, privateTTLManaged, !config.TTLMillis.IsNull())...)
	if resp.Diagnostics.HasError() {
		update.build = "" // the next refresh reads what the builds have left
	}
	resp.Diagnostics.Append(resp.Private.SetKey(done, privateParametersBuild, privateText(update.build))...)
	if resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(done, &state)...)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(done, &plan)...)
}

// workspaceUpdate is one update on its way from state to plan.
type workspaceUpdate struct {
	resource            *workspaceResource
	config, plan, state *resourceModel
	latest              *coder.Workspace // read after the last change; nil before
	build               string           // id of the build whose parameters the plan's are
	resume              bool             // it was stopped for an update and is to run again
}

func (u *workspaceUpdate) run(ctx context.Context) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, step := range []func(context.Context) diag.Diagnostics{
		u.rename, u.schedule, u.ttl, u.automaticUpdates, u.rebuild, u.deadline, u.read,
	} {
		diags.Append(step(ctx)...)
		if diags.HasError() {
			return diags
		}
	}
	return diags
}

func (u *workspaceUpdate) rename(ctx context.Context) diag.Diagnostics {
	if u.plan.Name.Equal(u.state.Name) {
		return nil
	}
	from, to := u.state.Name.ValueString(), u.plan.Name.ValueString()
	if err := u.resource.client.RenameWorkspace(ctx, workspaceID(u.state), to); err != nil {
		return diagnose.Error("Unable to rename the workspace", fmt.Sprintf("rename workspace %q to %q", from, to), err,
			diagnose.WorkspaceFields().AtRefused(path.Root("name")))
	}
	u.state.Name = u.plan.Name
	return nil
}

func (u *workspaceUpdate) schedule(ctx context.Context) diag.Diagnostics {
	if u.plan.AutostartSchedule.Equal(u.state.AutostartSchedule) {
		return nil
	}
	if err := u.resource.client.PutAutostart(ctx, workspaceID(u.state), u.plan.AutostartSchedule.ValueStringPointer()); err != nil {
		return diagnose.Error("Unable to change the autostart schedule", fmt.Sprintf("set the autostart schedule of workspace %q to %s", u.state.Name.ValueString(), u.plan.AutostartSchedule), err,
			diagnose.WorkspaceFields().AtRefused(path.Root("autostart_schedule")))
	}
	u.state.AutostartSchedule = u.plan.AutostartSchedule
	return nil
}

func (u *workspaceUpdate) ttl(ctx context.Context) diag.Diagnostics {
	if u.plan.TTLMillis.IsUnknown() || u.plan.TTLMillis.Equal(u.state.TTLMillis) {
		return nil
	}
	if err := u.resource.client.PutTTL(ctx, workspaceID(u.state), ttlPointer(u.plan.TTLMillis)); err != nil {
		return diagnose.Error("Unable to change the TTL", fmt.Sprintf("set the TTL of workspace %q to %d ms", u.state.Name.ValueString(), u.plan.TTLMillis.ValueInt64()), err,
			diagnose.WorkspaceFields().AtRefused(path.Root("ttl_ms")))
	}
	u.state.TTLMillis = u.plan.TTLMillis
	return nil
}

func (u *workspaceUpdate) automaticUpdates(ctx context.Context) diag.Diagnostics {
	updates := u.plan.AutomaticUpdates
	if updates.IsNull() || updates.IsUnknown() || updates.Equal(u.state.AutomaticUpdates) {
		return nil
	}
	err := u.resource.client.PutAutomaticUpdates(ctx, workspaceID(u.state), updates.ValueString())
	if coder.IsUnknownRoute(err) {
		return u.resource.checkAutomaticUpdates(u.plan) // by now the server's version is known
	}
	if err != nil {
		return diagnose.Error("Unable to change automatic updates", fmt.Sprintf("set the automatic updates of workspace %q to %q", u.state.Name.ValueString(), updates.ValueString()), err,
			diagnose.WorkspaceFields().AtRefused(path.Root("automatic_updates")))
	}
	u.state.AutomaticUpdates = updates
	return nil
}

// read ends the update with the workspace as the server has it now.
func (u *workspaceUpdate) read(ctx context.Context) diag.Diagnostics {
	workspace, err := u.workspace(ctx)
	if err != nil {
		return diagnose.Error("Unable to read the workspace after the update", fmt.Sprintf("read workspace %q", u.state.Name.ValueString()), err, diagnose.Fields{})
	}
	u.plan.settle(workspace)
	return nil
}

// workspace is the newest reading; it reads when there is none.
func (u *workspaceUpdate) workspace(ctx context.Context) (*coder.Workspace, error) {
	if u.latest != nil {
		return u.latest, nil
	}
	workspace, err := u.resource.client.Workspace(ctx, workspaceID(u.state))
	if err != nil {
		return nil, err
	}
	u.latest = workspace
	return workspace, nil
}

// deadline extends the running build when the configured deadline is new or
// the build would stop before it.
func (u *workspaceUpdate) deadline(ctx context.Context) diag.Diagnostics {
	deadline := u.plan.deadlineTime()
	if deadline.IsZero() {
		u.state.Deadline = u.plan.Deadline
		return nil
	}
	build := u.state.latestBuild(ctx)
	if u.build != build.ID.ValueString() { // there is a newer one
		workspace, err := u.workspace(ctx)
		if err != nil {
			return diagnose.Error("Unable to read the new build", fmt.Sprintf("read workspace %q", u.state.Name.ValueString()), err, diagnose.Fields{})
		}
		build = latestBuildFromAPI(&workspace.LatestBuild)
	}
	if deadline.Equal(u.state.deadlineTime()) && !extensionDue(build, deadline, u.resource.client.ServerNow()) {
		u.state.Deadline = u.plan.Deadline
		return nil
	}
	sent, diags := u.resource.extend(ctx, workspaceID(u.state), build, deadline)
	if sent {
		u.latest = nil
	}
	if !diags.HasError() {
		u.state.Deadline = u.plan.Deadline
	}
	return diags
}
