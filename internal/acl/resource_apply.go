package acl

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// Create implements [resource.Resource].
func (r *aclResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.Append(r.apply(ctx, req.Plan, nil, &resp.State, resp.Identity)...)
}

// Update implements [resource.Resource].
func (r *aclResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(r.apply(ctx, req.Plan, &req.State, &resp.State, resp.Identity)...)
}

// apply sends what the plan has shown, and nothing else: whom somebody has given
// access since then keeps it until the next plan shows that.
func (r *aclResource) apply(ctx context.Context, planned tfsdk.Plan, before, after *tfsdk.State, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	var plan, prior model
	diags := planned.Get(ctx, &plan)
	if before != nil {
		diags.Append(before.Get(ctx, &prior)...)
	}
	if diags.HasError() {
		return diags
	}
	// What the plan has shown counts, what it has left open is looked up.
	shown := plan
	diags.Append(r.identify(ctx, &plan, &shown, true)...)
	if diags.HasError() {
		return diags
	}
	id := plan.WorkspaceID.UUID()
	list := r.shared.Hold("acl/" + id.String())
	defer list.Release()
	if list.IsTaken {
		diags.AddAttributeError(path.Root("workspace_id"), "Workspace has two lists of whom it is shared with",
			fmt.Sprintf("Another %s of this apply has the list of workspace %s, which is one and whole: each would take away what the other gives. Put all users and groups into one of them, take the other out of the configuration, "+
				"and have Terraform forget it, if it is in the state: by a removed block with destroy = false, or by terraform state rm.", resourceType, id))
		return diags
	}
	if change := change(&prior, &plan); !change.IsEmpty() {
		// Coder takes the change of a deleted workspace as well.
		if there, problems := r.read(ctx, id, keptList); !problems.HasError() && there.gone {
			return append(diags, deleted(&plan))
		}
		woken, err := r.awake(ctx, id, func() error { return r.client.PatchACL(ctx, id, change) })
		diags.Append(woken...)
		if err != nil {
			kept := keptList
			if before == nil {
				kept = ""
			}
			return append(diags, r.refused(&plan, change, kept, err)...)
		}
	}
	list.IsTaken = true
	diags.Append(identity.Set(ctx, identityModel{WorkspaceID: customtype.UUIDValue(id)})...)
	return append(diags, after.Set(ctx, &plan)...)
}

// refused words why the list could not be changed.
func (r *aclResource) refused(plan *model, change coder.ACLChange, kept string, err error) diag.Diagnostics {
	if diags := noSharing(r.client, err); diags != nil {
		return diags
	}
	id := plan.WorkspaceID.ValueString()
	keys := map[uuid.UUID]string{}
	for _, ids := range []map[string]uuid.UUID{idsIn(plan.UserIDs), idsIn(plan.GroupIDs)} {
		for key, id := range ids {
			keys[id] = key
		}
	}
	var changed []string
	for _, roles := range []map[uuid.UUID]string{change.UserRoles, change.GroupRoles} {
		for id := range roles {
			name := id.String()
			if key := keys[id]; key != "" && key != name {
				name = fmt.Sprintf("%s (%s)", key, id)
			}
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	doing := fmt.Sprintf("change the access of %s to workspace %s", strings.Join(changed, ", "), id)
	switch coder.KindOf(err) {
	case coder.NotVisible:
		return diagnose.UnreadableWorkspace(kept, doing, err)
	case coder.Forbidden:
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to share the workspace", diagnose.Detail(doing, err)+
			"\n\nCoder also answers so where the deployment has sharing disabled (CODER_DISABLE_WORKSPACE_SHARING), and to all but service accounts where the organization lets only those share their workspaces.")}
	default:
		return diagnose.Error("Unable to share the workspace", doing, err, diagnose.Fields{Attributes: map[string]path.Path{
			"user_roles": path.Root("users"), "group_roles": path.Root("groups"),
		}})
	}
}

// Delete implements [resource.Resource].
func (r *aclResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id := state.WorkspaceID.UUID()
	list := r.shared.Hold("acl/" + id.String())
	defer list.Release()
	if list.IsTaken { // the resource has another address now
		return
	}
	doing := fmt.Sprintf("end the sharing of workspace %s", id)
	woken, err := r.awake(ctx, id, func() error { return r.client.ClearACL(ctx, id) })
	resp.Diagnostics.Append(woken...)
	switch coder.KindOf(err) {
	case coder.Gone, coder.SharingOff: // nobody has access by it
	case coder.NotVisible:
		resp.Diagnostics.Append(diagnose.UnreadableWorkspace(keptList, doing, err)...)
	case coder.UnknownRoute:
		resp.Diagnostics.Append(cannotShare(r.client)...)
	case coder.Forbidden:
		resp.Diagnostics.AddError("Token may not end the sharing of the workspace",
			diagnose.Detail(doing, err)+"\n\nWhoever has access by this very list cannot end it: that takes the workspace's owner or an administrator.")
	default:
		resp.Diagnostics.Append(diagnose.Error("Unable to end the sharing of the workspace", doing, err, diagnose.Fields{})...)
	}
}
