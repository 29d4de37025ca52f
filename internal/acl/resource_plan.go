package acl

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// ModifyPlan implements [resource.ResourceWithModifyPlan]. It finds out whom the
// names stand for, and shows it of those that were applied before: the apply goes
// by that.
func (r *aclResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.client == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	var plan, prior model
	diags := req.Plan.Get(ctx, &plan)
	exists := !req.State.Raw.IsNull()
	if exists {
		diags.Append(req.State.Get(ctx, &prior)...)
	}
	if !diags.HasError() {
		diags.Append(r.identify(ctx, &plan, &prior, false)...)
		diags.Append(tooOld(r.client)...)
	}
	if !exists && !diags.HasError() && !plan.WorkspaceID.IsUnknown() {
		diags.Append(r.checkUnshared(ctx, &plan)...)
	}
	if exists {
		diags = diagnose.WithWayOut(diags, "the list")
	}
	resp.Diagnostics.Append(diags...)
	if !diags.HasError() {
		plan.UserIDs, plan.GroupIDs = settled(plan.UserIDs, idsIn(prior.UserIDs)), settled(plan.GroupIDs, idsIn(prior.GroupIDs))
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	}
}

// identify fills in the ids of a plan. Prior is what was applied before, and the
// plan's own ids count more than that.
func (r *aclResource) identify(ctx context.Context, plan, prior *model, applying bool) diag.Diagnostics {
	i := &identifier{client: r.client, workspace: plan.WorkspaceID.UUID(), applying: applying}
	if !prior.WorkspaceID.IsNull() {
		i.kept = keptList
	}
	rememberedGroups := idsIn(prior.GroupIDs)
	if !plan.WorkspaceID.Same(prior.WorkspaceID) { // another organization, perhaps, with others of the same name
		rememberedGroups = nil
	}
	var diags diag.Diagnostics
	for _, list := range []struct {
		side
		roles      types.Map
		ids        *types.Map
		remembered map[string]uuid.UUID
		had        map[uuid.UUID]string
	}{
		{i.users(), plan.Users, &plan.UserIDs, idsIn(prior.UserIDs), granted(prior.Users, prior.UserIDs)},
		{i.groups(), plan.Groups, &plan.GroupIDs, rememberedGroups, granted(prior.Groups, prior.GroupIDs)},
	} {
		if list.roles.IsUnknown() {
			*list.ids = types.MapUnknown(types.StringType)
			continue
		}
		ids, problems := i.identify(ctx, list.side, list.roles, list.remembered, list.had)
		*list.ids = idMap(ids)
		diags.Append(problems...)
	}
	return diags
}

// tooOld refuses servers that are known to lack sharing.
func tooOld(client *coder.Client) diag.Diagnostics {
	if !client.ServerVersion().Before(2, 27) {
		return nil
	}
	return cannotShare(client)
}

// cannotShare says what the server lacks.
func cannotShare(client *coder.Client) diag.Diagnostics {
	return diag.Diagnostics{diag.NewErrorDiagnostic("Server cannot share workspaces",
		fmt.Sprintf("Sharing takes Coder 2.32, or 2.27 with the experiment workspace-sharing switched on. This server is of version %s.", client.ServerVersion()))}
}

// checkUnshared keeps a new resource from taking over what somebody has shared:
// that the others lose access would not be in the plan.
func (r *aclResource) checkUnshared(ctx context.Context, plan *model) diag.Diagnostics {
	shared, diags := r.read(ctx, plan.WorkspaceID.UUID(), "")
	switch {
	case diags.HasError():
		return diags
	case shared.gone:
		// The list may be in the state: a refresh forgets that of a deleted workspace.
		return diagnose.WithWayOut(diag.Diagnostics{deleted(plan)}, "the list")
	}
	var foreign []string
	for _, list := range []struct {
		noun       string
		have, want map[uuid.UUID]string
		known      bool
	}{
		{"user", shared.users, granted(plan.Users, plan.UserIDs), isKnown(plan.Users)},
		{"group", shared.groups, granted(plan.Groups, plan.GroupIDs), isKnown(plan.Groups)},
	} {
		for _, id := range slices.SortedFunc(maps.Keys(list.have), func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) }) {
			if list.known && list.want[id] != list.have[id] {
				foreign = append(foreign, fmt.Sprintf("  - %s %s: %s", list.noun, id, list.have[id]))
			}
		}
	}
	if len(foreign) == 0 {
		return diags
	}
	id := plan.WorkspaceID.ValueString()
	diags.AddAttributeError(path.Root("workspace_id"), "Workspace is shared already",
		fmt.Sprintf("Workspace %s is shared in a way that is not configured:\n%s\n\nA new resource would change that without showing it. "+
			"Import what there is, and the plan shows what changes: terraform import, the address of this resource, and %s.",
			id, strings.Join(foreign, "\n"), id))
	return diags
}

// deleted refuses to share what is gone. Coder would do it all the same, and
// nobody could see it.
func deleted(plan *model) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("workspace_id"), "Workspace to share was deleted",
		fmt.Sprintf("Workspace %s was deleted. Take the id of one that exists, best of a coderws_workspace resource: then the list is made anew with it.", plan.WorkspaceID.ValueString()))
}

// isKnown tells whether roles are known wholly.
func isKnown(roles types.Map) bool {
	return !roles.IsUnknown() && len(texts(roles)) == len(roles.Elements())
}
