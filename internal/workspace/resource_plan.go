package workspace

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// replaceIfOther replaces the workspace when an attribute names another object.
// Another spelling of the same name is no change: semantic equality does not
// run between configuration and prior state.
func replaceIfOther() planmodifier.String {
	const description = "Another value replaces the workspace; another spelling of the same does not."
	return stringplanmodifier.RequiresReplaceIf(
		func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
			resp.RequiresReplace = !sameName(req.StateValue, req.PlanValue)
		}, description, description)
}

// ModifyPlan implements [resource.ResourceWithModifyPlan].
func (r *workspaceResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() { // destroy
		var state resourceModel
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		resp.Diagnostics.Append(checkProtection(&state)...)
		return
	}
	if r.client == nil { // the provider's own configuration is not known yet
		return
	}
	var config, plan resourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}

	if req.State.Raw.IsNull() {
		resp.Diagnostics.Append(r.planCreate(ctx, &config, &plan)...)
		return
	}

	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if plan.replaces(&state) {
		resp.Diagnostics.Append(checkProtection(&state)...)
		return
	}
	managed, diags := getFlag(ctx, req.Private, privateTTLManaged)
	resp.Diagnostics.Append(diags...)
	planner := updatePlanner{resource: r, config: &config, plan: &plan, state: &state, ttlManaged: managed}
	replace := planner.run(ctx)
	resp.RequiresReplace = append(resp.RequiresReplace, replace...)
	resp.Diagnostics.Append(planner.diags...)
	if len(replace) > 0 {
		resp.Diagnostics.Append(checkProtection(&state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// replaces tells whether the schema's plan modifiers replace the workspace.
func (m *resourceModel) replaces(state *resourceModel) bool {
	return !m.TemplateID.Same(state.TemplateID) || !m.OwnerName.Same(state.OwnerName) || !m.OrganizationID.Same(state.OrganizationID)
}

// planCreate refuses what the server would refuse or silently change.
func (r *workspaceResource) planCreate(ctx context.Context, config, plan *resourceModel) diag.Diagnostics {
	var diags diag.Diagnostics
	if deadline := plan.deadlineTime(); !deadline.IsZero() {
		diags.Append(checkNewDeadline(path.Root("deadline"), latestBuildModel{}, deadline, r.client.ServerNow())...)
	}
	if plan.TemplateID.IsUnknown() {
		return diags
	}
	template, err := r.client.Lookup().Template(ctx, plan.TemplateID.UUID())
	if err != nil {
		diags.Append(templateUnreadable(plan.TemplateID.UUID(), err)...)
		return diags
	}
	if id := plan.OrganizationID; !id.IsNull() && !id.IsUnknown() && id.UUID() != template.OrganizationID {
		diags.AddAttributeError(path.Root("organization_id"), "Template belongs to another organization",
			fmt.Sprintf("The template %q is in organization %s, not in %s. Remove organization_id, or choose a template of that organization.", template.Name, template.OrganizationID, id.UUID()))
	}
	diags.Append(r.checkSchedulePolicy(template, plan)...)
	diags.Append(r.checkTTLPolicy(template, plan)...)
	diags.Append(r.checkAutomaticUpdates(plan)...)
	if id := plan.TemplateVersionID; !id.IsNull() && !id.IsUnknown() && id.UUID() != template.ActiveVersionID {
		if version := r.client.ServerVersion(); version.Known() && !version.AtLeast(2, 2) {
			diags.AddAttributeError(path.Root("template_version_id"), "Server cannot create from a chosen version",
				fmt.Sprintf("The deployment runs Coder %s, which creates workspaces from the template's active version (%s) only; a choice needs Coder 2.2. Remove template_version_id, or set it once the workspace exists.", version, template.ActiveVersionID))
		}
		diags.Append(r.checkVersion(ctx, id.UUID(), template.ID)...)
	}
	if !diags.HasError() {
		diags.Append(r.checkCreateParameters(ctx, config, template)...)
	}
	return diags
}

// updatePlanner completes the plan of an update in place.
type updatePlanner struct {
	resource            *workspaceResource
	config, plan, state *resourceModel
	ttlManaged          bool
	diags               diag.Diagnostics
}

// run returns the paths that force a replacement.
func (p *updatePlanner) run(ctx context.Context) path.Paths {
	p.planName(ctx)
	p.planSchedule(ctx)
	p.planTTL(ctx)
	p.planAutomaticUpdates()
	newVersion := p.planVersion(ctx)
	replace, newValues := p.planParameters(ctx, newVersion)
	build := newVersion || newValues || p.planRunState()
	if p.diags.HasError() || len(replace) > 0 {
		return replace
	}
	p.planLatestBuild(ctx, build)
	return nil
}

// planName asks the deployment whether it allows renames, which nothing but a
// workspace tells.
func (p *updatePlanner) planName(ctx context.Context) {
	if p.plan.Name.IsUnknown() || p.plan.Name.Equal(p.state.Name) {
		return
	}
	id := workspaceID(p.state)
	workspace, err := p.resource.client.Workspace(ctx, id)
	if err != nil {
		if !coder.IsGone(err) { // a workspace that is gone is the refresh's matter
			p.diags.Append(diagnose.Error("Unable to check whether renames are allowed", fmt.Sprintf("read workspace %s", id), err, diagnose.Fields{})...)
		}
		return
	}
	if !workspace.RenamesAllowed() {
		p.diags.AddAttributeError(path.Root("name"), "Deployment forbids renaming workspaces",
			fmt.Sprintf("The workspace is called %q and cannot become %q: this deployment does not allow renames, because a template that uses the name could lose data at the next build.\n\n"+
				"Either keep the name %q, or let an administrator start the Coder server with --allow-workspace-renames (CODER_ALLOW_WORKSPACE_RENAMES=true). "+
				"To give up the workspace and everything in it for a new one, destroy this resource first (terraform destroy -target=…), then apply.",
				workspace.Name, p.plan.Name.ValueString(), workspace.Name))
	}
}

func (p *updatePlanner) planSchedule(ctx context.Context) {
	if p.plan.AutostartSchedule.IsUnknown() || p.plan.AutostartSchedule.Equal(p.state.AutostartSchedule) {
		return
	}
	if template := p.readTemplate(ctx); template != nil {
		p.diags.Append(p.resource.checkSchedulePolicy(template, p.plan)...)
	}
}

// planTTL keeps a TTL that is not configured, except right after it was taken
// out of the configuration: then the template's default comes back.
func (p *updatePlanner) planTTL(ctx context.Context) {
	if p.config.TTLMillis.IsNull() {
		p.plan.TTLMillis = p.state.TTLMillis
		if p.ttlManaged {
			if template := p.readTemplate(ctx); template != nil {
				p.plan.TTLMillis = types.Int64Value(template.DefaultTTLMillis)
			}
		}
		return
	}
	if p.plan.TTLMillis.IsUnknown() || p.plan.TTLMillis.Equal(p.state.TTLMillis) {
		return
	}
	if template := p.readTemplate(ctx); template != nil {
		p.diags.Append(p.resource.checkTTLPolicy(template, p.plan)...)
	}
}

func (p *updatePlanner) planAutomaticUpdates() {
	if p.config.AutomaticUpdates.IsNull() {
		p.plan.AutomaticUpdates = p.state.AutomaticUpdates
		return
	}
	p.diags.Append(p.resource.checkAutomaticUpdates(p.plan)...)
}

// planVersion tells whether the update builds another template version. Without
// a configured one the workspace stays on what it has.
func (p *updatePlanner) planVersion(ctx context.Context) bool {
	if p.config.TemplateVersionID.IsNull() {
		p.plan.TemplateVersionID = p.state.TemplateVersionID
		return false
	}
	if p.plan.TemplateVersionID.IsUnknown() {
		return true
	}
	if p.plan.TemplateVersionID.Same(p.state.TemplateVersionID) {
		return false
	}
	p.diags.Append(p.resource.checkVersion(ctx, p.plan.TemplateVersionID.UUID(), p.state.TemplateID.UUID())...)
	return true
}

// planRunState tells whether the update starts or stops the workspace. The
// state holds the run state as the refresh found it.
func (p *updatePlanner) planRunState() bool {
	if p.plan.DesiredStatus.IsUnknown() {
		return true
	}
	return p.plan.DesiredStatus.ValueString() != "" && p.plan.DesiredStatus.ValueString() != p.state.runState()
}

func (p *updatePlanner) readTemplate(ctx context.Context) *coder.Template {
	if p.diags.HasError() {
		return nil
	}
	template, err := p.resource.client.Lookup().Template(ctx, p.state.TemplateID.UUID())
	if err != nil {
		p.diags.Append(templateUnreadable(p.state.TemplateID.UUID(), err)...)
		return nil
	}
	return template
}

// parametersUnreadable words a failed look at the present values.
func parametersUnreadable(build latestBuildModel, err error) diag.Diagnostics {
	return diagnose.Error("Unable to read the workspace's parameters", fmt.Sprintf("read the parameters of build %s", build.ID.ValueString()), err, diagnose.Fields{})
}

// planLatestBuild says that the latest build changes only where this plan
// changes it, so that other plans show no noise.
func (p *updatePlanner) planLatestBuild(ctx context.Context, build bool) {
	if build {
		p.plan.LatestBuild = types.ObjectUnknown(latestBuildTypes)
		p.plan.Agents = types.ListUnknown(types.ObjectType{AttrTypes: agentTypes})
		p.plan.Outdated = types.BoolUnknown()
		return
	}
	p.plan.LatestBuild, p.plan.Agents, p.plan.Outdated = p.state.LatestBuild, p.state.Agents, p.state.Outdated

	deadlineMoves := p.planDeadline(ctx)
	// Coder ≥2.19 drops the running deadline together with the TTL.
	ttlCleared := !p.plan.TTLMillis.Equal(p.state.TTLMillis) && p.plan.TTLMillis.ValueInt64() == 0
	if deadlineMoves || ttlCleared {
		p.plan.LatestBuild = withBuildDeadline(p.plan.LatestBuild, types.StringUnknown())
	}
}

// planDeadline tells whether the update moves the running build's deadline.
func (p *updatePlanner) planDeadline(ctx context.Context) bool {
	if p.plan.Deadline.IsUnknown() {
		return true
	}
	deadline := p.plan.deadlineTime()
	if deadline.IsZero() {
		return false
	}
	build, now := p.state.latestBuild(ctx), p.resource.client.ServerNow()
	if !deadline.Equal(p.state.deadlineTime()) {
		p.diags.Append(checkNewDeadline(path.Root("deadline"), build, deadline, now)...)
		return !build.runningUntil().IsZero()
	}
	return extensionDue(build, deadline, now)
}
