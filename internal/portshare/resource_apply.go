package portshare

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// Create implements [resource.Resource]. The server would change a share that
// exists without a word; so it is looked for first.
func (r *shareResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	share := r.shared.Hold("port/" + plan.importID())
	defer share.Release()
	if share.IsTaken {
		resp.Diagnostics.Append(sharedTwice(&plan)...)
		return
	}
	present, diags := r.find(ctx, &plan, "")
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	switch {
	case present == nil:
		resp.Diagnostics.Append(r.put(ctx, &plan)...)
	case *present != plan.share():
		resp.Diagnostics.AddAttributeError(path.Root("port"), "Port is shared already",
			fmt.Sprintf("The %s is shared already, with the level %q and the protocol %q. A new resource would change that without showing it. "+
				"Import it, and the plan shows what changes: terraform import, the address of this resource, and %s.",
				&plan, present.ShareLevel, present.Protocol, plan.importID()))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	share.IsTaken = true
	plan.URL = r.address(ctx, &plan, nil)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// sharedTwice refuses a share that another address of the same apply has.
func sharedTwice(plan *model) diag.Diagnostics {
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("port"), "Port is shared at two addresses",
		fmt.Sprintf("Another %s of this apply shares the %s. Take one of them out of the configuration, and have Terraform forget it, if it is in the state: by a removed block with destroy = false, or by terraform state rm.", resourceType, plan))}
}

// find is the share as it is on the server; nil when there is none. Kept is as in
// [diagnose.UnreadableWorkspace].
func (r *shareResource) find(ctx context.Context, m *model, kept string) (*coder.PortShare, diag.Diagnostics) {
	id := m.WorkspaceID.UUID()
	shares, err := r.client.PortShares(ctx, id)
	doing := fmt.Sprintf("list the shared ports of workspace %s", id)
	switch kind := coder.KindOf(err); {
	case kind == coder.UnknownRoute:
		return nil, cannotShare(r.client)
	case kind == coder.NotVisible:
		return nil, diagnose.UnreadableWorkspace(kept, doing, err)
	case err != nil:
		return nil, diagnose.Error("Unable to list the shared ports of the workspace", doing, err, diagnose.Fields{})
	}
	for _, share := range shares {
		if share.AgentName == m.AgentName.ValueString() && share.Port == m.Port.ValueInt64() {
			return &share, nil
		}
	}
	return nil, nil
}

// put shares the port as planned.
func (r *shareResource) put(ctx context.Context, plan *model) diag.Diagnostics {
	err := r.client.SharePort(ctx, plan.share())
	doing := fmt.Sprintf("share %s", plan)
	switch coder.KindOf(err) {
	case coder.UnknownRoute:
		return cannotShare(r.client)
	case coder.NotVisible:
		return diagnose.UnreadableWorkspace(keptShare, doing, err)
	case coder.UnknownAgent:
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("agent_name"), "Workspace has no such agent",
			diagnose.Detail(doing, err)+"\n\n"+r.agents(ctx, plan))}
	case coder.PortLevelTooHigh:
		return diagnose.Error("Unable to share the port", doing, err, diagnose.Fields{Refused: path.Root("share_level")})
	default:
		return diagnose.Error("Unable to share the port", doing, err, diagnose.Fields{Attributes: map[string]path.Path{
			"share_level": path.Root("share_level"), "port": path.Root("port"),
		}})
	}
}

// agents says which agents the workspace has instead.
func (r *shareResource) agents(ctx context.Context, plan *model) string {
	workspace, err := r.client.ReadWorkspace(ctx, plan.WorkspaceID.UUID())
	switch {
	case coder.KindOf(err) == coder.Gone:
		return "The workspace was deleted."
	case err != nil:
		return ""
	case workspace.LatestBuild.Transition != coder.TransitionStart:
		return fmt.Sprintf("The workspace is %s.", workspace.LatestBuild.Status)
	}
	var names []string
	for _, part := range workspace.LatestBuild.Resources {
		for i := range part.Agents {
			names = append(names, fmt.Sprintf("%q", part.Agents[i].Name))
		}
	}
	if len(names) == 0 {
		return "Its template has no agents."
	}
	return "Its agents: " + strings.Join(names, ", ") + "."
}

// address is where the port is opened, null when it cannot be told. The
// workspace is read if it is nil.
func (r *shareResource) address(ctx context.Context, m *model, workspace *coder.Workspace) types.String {
	host, err := r.client.Lookup().AppHost(ctx)
	if err == nil && host != "" && workspace == nil {
		workspace, err = r.client.ReadWorkspace(ctx, m.WorkspaceID.UUID())
	}
	if err != nil || host == "" {
		return types.StringNull()
	}
	return types.StringValue(r.client.PortURL(workspace, m.AgentName.ValueString(), m.Port.ValueInt64(), m.Protocol.ValueString(), host))
}

// Update implements [resource.Resource]: level and protocol change in place.
func (r *shareResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	var plan, prior model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	if resp.Diagnostics.HasError() {
		return
	}
	share := r.shared.Hold("port/" + plan.importID())
	defer share.Release()
	if share.IsTaken {
		resp.Diagnostics.Append(sharedTwice(&plan)...)
		return
	}
	if plan.share() != prior.share() {
		resp.Diagnostics.Append(r.put(ctx, &plan)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	share.IsTaken = true
	plan.URL = r.address(ctx, &plan, nil)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Delete implements [resource.Resource].
func (r *shareResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	share := r.shared.Hold("port/" + state.importID())
	defer share.Release()
	if share.IsTaken { // the resource has another address now
		return
	}
	id := state.WorkspaceID.UUID()
	err := r.client.UnsharePort(ctx, id, state.AgentName.ValueString(), state.Port.ValueInt64())
	doing := fmt.Sprintf("end the sharing of %s", &state)
	switch coder.KindOf(err) {
	case coder.NoPortShare, coder.Gone: // it is not shared
	case coder.NotVisible:
		resp.Diagnostics.Append(diagnose.UnreadableWorkspace(keptShare, doing, err)...)
	default:
		resp.Diagnostics.Append(diagnose.Error("Unable to end the sharing of the port", doing, err, diagnose.Fields{})...)
	}
}
