package workspace

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// Delete implements [resource.Resource]. There is no DELETE in Coder: a delete
// build takes the workspace down.
func (r *workspaceResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := state.Timeouts.Delete(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	// A tainted workspace is replaced without a plan of its destruction.
	resp.Diagnostics.Append(checkProtection(&state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	id := workspaceID(&state)
	doing := fmt.Sprintf("delete workspace %q", state.Name.ValueString())
	workspace, err := r.client.Workspace(ctx, id)
	if coder.IsNotFound(err) { // a deleted workspace answers 410
		resp.Diagnostics.AddWarning("Workspace to delete not found",
			fmt.Sprintf("Coder knows no workspace %s (%s), or the provider's token may not see it any more. Terraform takes it for deleted. If it still exists, delete it in the dashboard or with `coder delete`.", id, state.Name.ValueString()))
		return
	}
	if isGone(workspace, err) {
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Error("Unable to look at the workspace before deleting it", doing, err, diagnose.Fields{})...)
		return
	}

	finished, err := r.deleteBuild(ctx, workspace)
	if err == nil && finished.Build.Job.Status != coder.JobSucceeded && state.OrphanOnDestroy.ValueBool() {
		resp.Diagnostics.Append(warnings(r.buildProblem(ctx, &finished.Build))...)
		resp.Diagnostics.AddAttributeWarning(path.Root("orphan_on_destroy"), "Workspace orphaned",
			fmt.Sprintf("The delete build of workspace %q failed, so the workspace is deleted from Coder without its resources. They may still exist and cost money where the template made them.", workspace.Name))
		finished, err = r.build(ctx, workspace.ID, coder.CreateBuildRequest{Transition: coder.TransitionDelete, Orphan: true})
	}
	switch {
	case coder.IsGone(err) && r.wasDeleted(ctx, id): // someone else was faster
	case err != nil && ctx.Err() != nil:
		resp.Diagnostics.Append(r.waitProblem(err, "Workspace was not deleted", workspace.OwnerName, workspace.Name)...)
	case err != nil:
		resp.Diagnostics.Append(diagnose.Error("Unable to delete the workspace", doing, err, diagnose.Fields{})...)
	default:
		resp.Diagnostics.Append(r.buildProblem(ctx, &finished.Build)...)
	}
}

// deleteBuild runs the delete build, or follows the one that is under way. A
// build still waiting in the queue is cancelled, since its work would only be
// undone again.
func (r *workspaceResource) deleteBuild(ctx context.Context, workspace *coder.Workspace) (*coder.FinishedBuild, error) {
	latest := &workspace.LatestBuild
	if latest.Transition == coder.TransitionDelete && !latest.Done() {
		finished, err := r.await(ctx, workspace.ID, latest)
		if err != nil || finished.Build.Job.Status == coder.JobSucceeded {
			return finished, err
		}
	} else if latest.Status == coder.StatusPending {
		// A refusal does not matter: it started meanwhile, or the template does
		// not let users cancel. Then it is waited for.
		_ = r.client.CancelBuild(ctx, latest.ID, true)
	}
	return r.build(ctx, workspace.ID, coder.CreateBuildRequest{Transition: coder.TransitionDelete})
}

// wasDeleted tells whether a workspace exists no longer by the server's plain
// word. The 404 that Coder ≤2.19 gives to a build request from somebody who may
// not make it is none.
func (r *workspaceResource) wasDeleted(ctx context.Context, id uuid.UUID) bool {
	workspace, err := r.client.Workspace(ctx, id)
	return isGone(workspace, err) && !coder.IsNotFound(err)
}

// isGone tells whether a read found that the workspace exists no longer. In
// the instant its delete build ends it can still be read, with that status.
func isGone(workspace *coder.Workspace, err error) bool {
	if err != nil {
		return coder.IsGone(err)
	}
	return workspace.LatestBuild.Status == coder.StatusDeleted
}
