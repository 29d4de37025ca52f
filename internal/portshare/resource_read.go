package portshare

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// keptShare is what stays in the state of a workspace that cannot be seen.
const keptShare = "the share"

// Read implements [resource.Resource]. The shares of a deleted workspace are
// still listed, so it takes a look at the workspace, too.
func (r *shareResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	state.WorkspaceID = customtype.UUIDValue(state.WorkspaceID.UUID())
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	id := state.WorkspaceID.UUID()
	workspace, err := r.client.ReadWorkspace(ctx, id)
	switch {
	case coder.KindOf(err) == coder.Gone, err == nil && workspace.LatestBuild.Status == coder.StatusDeleted:
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(diagnose.UnreadableWorkspace(keptShare, fmt.Sprintf("read workspace %s", id), err)...)
		return
	}
	present, diags := r.find(ctx, &state, keptShare)
	resp.Diagnostics.Append(diags...)
	switch {
	case diags.HasError():
	case present == nil:
		resp.State.RemoveResource(ctx)
	default:
		state.ShareLevel, state.Protocol = types.StringValue(present.ShareLevel), types.StringValue(present.Protocol)
		state.URL = r.address(ctx, &state, workspace)
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
}
