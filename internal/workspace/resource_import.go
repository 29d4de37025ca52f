package workspace

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// ImportState implements [resource.ResourceWithImportState]: by id, by
// owner/name, or by the address of the workspace's page in the dashboard. The
// refresh that follows fills the rest.
func (r *workspaceResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ctx, cancel := context.WithTimeout(ctx, defaultReadTimeout)
	defer cancel()

	if id, err := uuid.Parse(req.ID); err == nil && len(req.ID) == 36 { // names are never that long
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id.String())...)
		return
	}
	owner, name, ok := ownerAndName(req.ID)
	if !ok {
		resp.Diagnostics.AddError("Invalid import id",
			fmt.Sprintf("%q names no workspace. Give the workspace's id (a UUID), OWNER/NAME, or the address of its page in the dashboard (https://coder.example.com/@OWNER/NAME).", req.ID))
		return
	}
	workspace, err := r.client.WorkspaceByOwnerAndName(ctx, owner, name)
	if coder.IsNotFound(err) {
		resp.Diagnostics.AddError("Workspace to import not found",
			fmt.Sprintf("User %q has no workspace %q on this deployment, or the provider's token may not see it.", owner, name))
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Error("Unable to look up the workspace to import", fmt.Sprintf("read workspace %s/%s", owner, name), err, diagnose.Fields{})...)
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), workspace.ID.String())...)
}

// ownerAndName reads OWNER/NAME and …/@OWNER/NAME, with whatever follows the
// name in the dashboard.
func ownerAndName(id string) (owner, name string, ok bool) {
	if strings.Contains(id, "://") {
		u, err := url.Parse(id)
		if err != nil {
			return "", "", false
		}
		_, id, ok = strings.Cut(u.Path, "/@")
		if !ok {
			return "", "", false
		}
		owner, rest, _ := strings.Cut(id, "/")
		name, _, _ = strings.Cut(rest, "/")
		return owner, name, owner != "" && name != ""
	}
	owner, name, ok = strings.Cut(strings.TrimPrefix(id, "@"), "/")
	return owner, name, ok && owner != "" && name != "" && !strings.Contains(name, "/")
}
