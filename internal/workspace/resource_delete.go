package workspace

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// Delete implements [resource.Resource].
func (r *workspaceResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := state.Timeouts.Delete(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	// A tainted workspace is replaced without a plan of its destruction.
	resp.Diagnostics.Append(checkProtection(&state)...)
	replacement, diags := req.Private.GetKey(ctx, privateReplacement)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, privateReplacement, nil)...) // another deletion is for itself
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	run := &lifecycle.Run{
		Want:    lifecycle.Want{Deleted: true, Orphan: state.OrphanOnDestroy.ValueBool()},
		Have:    lifecycle.Have{ID: workspaceID(&state), Name: state.Name.ValueString(), OwnerName: state.OwnerName.ValueString()},
		Allowed: lifecycle.ChangeAll,

		Replacement: replacementIn(replacement),
	}
	err := r.lifecycle().Run(ctx, run)
	resp.Diagnostics.Append(runDiagnostics(ctx, r.client(), run, err,
		operation{doing: fmt.Sprintf("delete workspace %q", state.Name.ValueString()), unended: "Workspace was not deleted"})...)
}

// isGone tells whether a read found that the workspace exists no longer. In
// the instant its delete build ends it can still be read, with that status.
func isGone(workspace *coder.Workspace, err error) bool {
	if err != nil {
		return coder.KindOf(err) == coder.Gone
	}
	return workspace.LatestBuild.Status == coder.StatusDeleted
}
