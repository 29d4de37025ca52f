package portshare

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// ModifyPlan implements [resource.ResourceWithModifyPlan]. It checks what the
// server and the template allow, as far as that is known.
func (r *shareResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
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
	gone := false
	if !diags.HasError() {
		var problems diag.Diagnostics
		gone, problems = r.checkLevel(ctx, &plan, &prior)
		diags.Append(problems...)
	}
	if exists || gone { // a refresh forgets the share of a deleted workspace
		diags = diagnose.WithWayOut(diags, "the share")
	}
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}

	plan.URL = types.StringUnknown()
	if exists && plan.isAt(&prior) && plan.Protocol.Equal(prior.Protocol) {
		plan.URL = prior.URL
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// isAt tells whether two models are about the same port.
func (m *model) isAt(other *model) bool {
	return m.WorkspaceID.Same(other.WorkspaceID) && m.AgentName.Equal(other.AgentName) && m.Port.Equal(other.Port)
}

// checkLevel checks a new level, as far as server and template can be seen. The
// server has the last word. Gone tells that the workspace was deleted: Coder goes
// on listing its shares, so that making one anew would seem to work every time.
func (r *shareResource) checkLevel(ctx context.Context, plan, prior *model) (gone bool, diags diag.Diagnostics) {
	if plan.ShareLevel.IsUnknown() || plan.isAt(prior) && plan.ShareLevel.Equal(prior.ShareLevel) {
		return false, nil
	}
	level, highest := plan.ShareLevel.ValueString(), ""
	if !plan.WorkspaceID.IsUnknown() {
		highest, gone = r.highestLevel(ctx, plan.WorkspaceID.UUID())
	}
	server := r.client.ServerVersion() // the look at the template may have told it
	at := path.Root("share_level")
	switch {
	case server.Before(2, 9):
		diags = cannotShare(r.client)
	case gone:
		diags.AddAttributeError(path.Root("workspace_id"), "Workspace of the port was deleted",
			fmt.Sprintf("Workspace %s was deleted. Take the id of one that exists, best of a coderws_workspace resource: then its port is shared, too, when it is made anew.", plan.WorkspaceID.ValueString()))
	case level == coder.LevelOrganization && server.Before(2, 24):
		diags.AddAttributeError(at, "Server does not know the level \"organization\"",
			fmt.Sprintf("The level takes Coder 2.24, and this server is of version %s. Choose %q, which lets in everybody with an account, or %q.",
				server, coder.LevelAuthenticated, coder.LevelPublic))
	case !within(level, highest):
		diags.AddAttributeError(at, "Template does not allow the share level",
			fmt.Sprintf("The template of the workspace allows ports to be shared up to the level %q, and this is %q. %s", highest, level, remedyFor(highest)))
	}
	return gone, diags
}

func remedyFor(highest string) string {
	if highest == "owner" {
		return "That is with nobody. A template admin can raise the limit."
	}
	return "Lower the level, or have a template admin raise the limit."
}

// highestLevel is what the workspace's template allows, "" where that cannot be
// seen. Gone tells that the workspace was deleted.
func (r *shareResource) highestLevel(ctx context.Context, id uuid.UUID) (highest string, gone bool) {
	workspace, err := r.client.ReadWorkspace(ctx, id)
	if err != nil {
		return "", coder.KindOf(err) == coder.Gone
	}
	template, err := r.client.Lookup().Template(ctx, workspace.TemplateID)
	if err != nil {
		return "", false
	}
	return template.MaxPortShareLevel, false
}

// within tells whether a level is not above the highest. Levels that nobody
// knows are left to the server.
func within(level, highest string) bool {
	order := []string{"owner", coder.LevelOrganization, coder.LevelAuthenticated, coder.LevelPublic}
	limit := slices.Index(order, highest)
	return limit < 0 || slices.Index(order, level) <= limit
}

// cannotShare says what the server lacks.
func cannotShare(client *coder.Client) diag.Diagnostics {
	return diag.Diagnostics{diag.NewErrorDiagnostic("Server cannot share ports",
		fmt.Sprintf("Sharing ports takes Coder 2.9. This server is of version %s.", client.ServerVersion()))}
}
