package workspace

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// ImportState implements [resource.ResourceWithImportState]: by identity, or by
// a text that is the id, owner/name, or the address of the workspace's page in
// the dashboard. The refresh that follows fills the rest.
func (r *workspaceResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ctx, cancel := context.WithTimeout(ctx, defaultReadTimeout)
	defer cancel()

	var id uuid.UUID
	var diags diag.Diagnostics
	if req.ID == "" {
		id, diags = identityID(ctx, req.Identity)
	} else {
		id, diags = r.namedID(ctx, req.ID)
	}
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id.String())...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, id)...)
}

// namedID is the id of the workspace that a text names.
func (r *workspaceResource) namedID(ctx context.Context, text string) (uuid.UUID, diag.Diagnostics) {
	var diags diag.Diagnostics
	if id, err := uuid.Parse(text); err == nil && len(text) == 36 { // names are never that long
		return id, diags
	}
	owner, name, ok := ownerAndName(text)
	if !ok {
		diags.AddError("Invalid import id",
			fmt.Sprintf("%q names no workspace. Give the workspace's id (a UUID), OWNER/NAME, or the address of its page in the dashboard (https://coder.example.com/@OWNER/NAME).", text))
		return uuid.Nil, diags
	}
	if foreign := foreignPage(ctx, r.client(), text); foreign != "" {
		diags.AddError("Workspace to import is on another deployment", foreign)
		return uuid.Nil, diags
	}
	workspace, err := r.client().WorkspaceByOwnerAndName(ctx, owner, name)
	switch kind := coder.KindOf(err); {
	case kind == coder.NotVisible, kind == coder.UnknownUser, kind == coder.UnknownRoute && !areNames(owner, name):
		diags.AddError("Workspace to import not found",
			fmt.Sprintf("User %q has no workspace %q on this deployment, or the provider's token may not see it.", owner, name))
		return uuid.Nil, diags
	case err != nil:
		return uuid.Nil, diagnose.Error("Unable to look up the workspace to import", fmt.Sprintf("read workspace %s/%s", owner, name), err, diagnose.Fields{})
	default:
		return workspace.ID, diags
	}
}

// areNames tells whether there can be a workspace of an owner and a name. With a
// slash in one of them, Coder takes the request for another one.
func areNames(owner, name string) bool { return customtype.IsName(owner) && customtype.IsName(name) }

// foreignPage says that a page is on another deployment, where the namesake here
// would be another workspace; "" when it is not, or when text is no address.
func foreignPage(ctx context.Context, client *coder.Client, text string) string {
	if !strings.Contains(text, "://") {
		return ""
	}
	isOwn, own, err := client.IsOwnPage(ctx, text)
	switch {
	case isOwn:
		return ""
	case err != nil:
		return diagnose.Detail(fmt.Sprintf("find out whether %q is on this deployment", text), err)
	default:
		return fmt.Sprintf("The page %q is not on the provider's deployment, %s. Give OWNER/NAME for a workspace there, or configure the provider for the other deployment.",
			text, strings.Join(own, ", also called "))
	}
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
		name, _, _ = strings.Cut(name, ".") // of WORKSPACE.AGENT
		return owner, name, owner != "" && name != ""
	}
	owner, name, ok = strings.Cut(strings.TrimPrefix(id, "@"), "/")
	return owner, name, ok && owner != "" && name != "" && !strings.Contains(name, "/")
}
