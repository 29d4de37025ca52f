package workspace

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// recoveryTime is how long a look at the server may take after the operation
// itself was stopped.
const recoveryTime = 15 * time.Second

// Create implements [resource.Resource].
func (r *workspaceResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var config, plan resourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	limit, diags := plan.Timeouts.Create(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	workspace, diags := r.createWorkspace(ctx, &config, &plan)
	resp.Diagnostics.Append(diags...)
	if workspace == nil {
		return
	}

	// From here on the workspace exists: whatever happens, it is in the state.
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, workspace.ID)...)
	store := func(w *coder.Workspace) {
		known := plan
		known.settle(w)
		resp.Diagnostics.Append(resp.State.Set(context.WithoutCancel(ctx), &known)...)
	}
	store(workspace)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, privateParametersBuild, privateText(workspace.LatestBuild.ID.String()))...)
	resp.Diagnostics.Append(setFlag(ctx, resp.Private, privateTTLManaged, !config.TTLMillis.IsNull())...)

	finished, err := r.finishCreate(ctx, &plan, workspace, &resp.Diagnostics)
	if err != nil {
		r.recoverCreate(ctx, workspace, err, store, &resp.Diagnostics)
		return
	}
	r.nameOrganization(ctx, finished, &plan)
	store(finished)
}

// createWorkspace posts the workspace. It returns nil when there is none.
func (r *workspaceResource) createWorkspace(ctx context.Context, config, plan *resourceModel) (*coder.Workspace, diag.Diagnostics) {
	var diags diag.Diagnostics
	organization, request := plan.OrganizationID.UUID(), plan.toCreateRequest()
	request.RichParameterValues = append(request.RichParameterValues, buildParameters(config.EphemeralParameters)...)
	activeMatters := request.TemplateVersionID != uuid.Nil || !plan.Preset.IsNull()
	if organization == uuid.Nil || activeMatters {
		readTemplate := r.client.Lookup().Template
		if activeMatters { // the active version can move on during a long apply
			readTemplate = r.client.Template
		}
		template, err := readTemplate(ctx, plan.TemplateID.UUID())
		if err != nil {
			diags.Append(templateUnreadable(plan.TemplateID.UUID(), err)...)
			return nil, diags
		}
		organization = template.OrganizationID
		if request.TemplateVersionID == template.ActiveVersionID { // the one way to say so that every server knows
			request.TemplateID, request.TemplateVersionID = template.ID, uuid.Nil
		}
		version := template.ActiveVersionID
		if request.TemplateVersionID != uuid.Nil {
			version = request.TemplateVersionID
		}
		preset, problem := r.choosePreset(ctx, plan, version)
		diags.Append(problem...)
		if diags.HasError() {
			return nil, diags
		}
		if preset != nil {
			request.TemplateVersionPresetID = preset.ID
		}
	}
	owner := coder.Me
	if name := plan.OwnerName.ValueString(); name != "" {
		owner = name
	}

	begun := r.client.ServerNow()
	workspace, err := r.client.CreateWorkspace(ctx, organization, owner, request)
	if coder.IsUnclear(err) {
		if adopted := r.adopt(ctx, owner, plan, begun); adopted != nil {
			tflog.Warn(ctx, "The answer to the create request was lost; the workspace it made was found", map[string]any{"workspace_id": adopted.ID.String()})
			return adopted, diags
		}
	}
	doing := fmt.Sprintf("create workspace %q for %s", plan.Name.ValueString(), ownerText(owner))
	switch {
	case err == nil:
		return workspace, diags
	case coder.IsConflict(err):
		diags.AddAttributeError(path.Root("name"), "Workspace exists already",
			diagnose.Detail(doing, err)+fmt.Sprintf("\n\nThe command for the latter: terraform import coderws_workspace.NAME %s/%s", owner, plan.Name.ValueString()))
	case coder.IsNotFound(err):
		diags.Append(diagnose.Error("Unable to create the workspace", doing, err, diagnose.WorkspaceFields())...)
		diags.AddAttributeWarning(path.Root("owner_name"), "Owner may not exist",
			fmt.Sprintf("Coder answers \"not found\" when %s does not exist, is no member of organization %s, or the token's user may not create workspaces there.", ownerText(owner), organization))
	default:
		diags.Append(diagnose.Error("Unable to create the workspace", doing, err, diagnose.WorkspaceFields())...)
	}
	return nil, diags
}

// adoptAfter are the pauses between looks for a workspace whose create request
// had no clear answer: behind a proxy that gave up, the server may still be at
// it.
var adoptAfter = []time.Duration{0, time.Second, 3 * time.Second}

// adopt looks for the workspace that a create request with a lost answer may
// have made; nil when there is none. It must be this token's, from this
// template and made or claimed since the request began; anything else is left
// alone.
func (r *workspaceResource) adopt(ctx context.Context, owner string, plan *resourceModel, begun time.Time) *coder.Workspace {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recoveryTime)
	defer cancel()

	for _, wait := range adoptAfter {
		if pause(ctx, wait) != nil {
			return nil
		}
		workspace, err := r.client.WorkspaceByOwnerAndName(ctx, owner, plan.Name.ValueString())
		if err == nil {
			if r.isOurs(ctx, workspace, plan, begun) {
				return workspace
			}
			return nil
		}
	}
	return nil
}

func (r *workspaceResource) isOurs(ctx context.Context, workspace *coder.Workspace, plan *resourceModel, begun time.Time) bool {
	if workspace.TemplateID != plan.TemplateID.UUID() || workspace.Name != plan.Name.ValueString() {
		return false
	}
	since := workspace.CreatedAt
	if workspace.LatestBuild.BuildNumber > 1 {
		// A prebuild is older and has been built before, but being claimed
		// moves updated_at, which nothing else does.
		since = workspace.UpdatedAt
	}
	if since.Before(begun.Add(-clockGrain)) {
		return false
	}
	me, err := r.client.Lookup().User(ctx, coder.Me)
	return err == nil && workspace.LatestBuild.InitiatorID == me.ID
}

// finishCreate does what the POST could not carry, waits for the first build
// and returns the workspace as it is then.
func (r *workspaceResource) finishCreate(ctx context.Context, plan *resourceModel, created *coder.Workspace, diags *diag.Diagnostics) (*coder.Workspace, error) {
	if err := r.complete(ctx, plan, created); err != nil {
		return nil, err
	}
	finished, err := r.await(ctx, created.ID, &created.LatestBuild)
	if err != nil {
		return nil, err
	}
	workspace := finished.Workspace
	problem := r.buildProblem(ctx, &finished.Build)
	diags.Append(problem...)

	if problem.HasError() {
		return r.newest(ctx, created.ID, workspace)
	}

	if plan.DesiredStatus.ValueString() == desiredStopped {
		stopped, err := r.build(ctx, created.ID, coder.CreateBuildRequest{Transition: coder.TransitionStop})
		if err != nil {
			return nil, err
		}
		// As below: the next plan stops it.
		diags.Append(warnings(r.buildProblem(ctx, &stopped.Build))...)
		finished, workspace = stopped, stopped.Workspace
	} else if plan.WaitForAgents.ValueBool() {
		ready, problem := r.awaitAgents(ctx, created.ID)
		diags.Append(problem...)
		if problem.HasError() {
			diags.Append(untaintHint(created))
		}
		workspace = ready
	}

	if deadline := plan.deadlineTime(); !deadline.IsZero() {
		sent, extended := r.extend(ctx, created.ID, latestBuildFromAPI(&finished.Build), deadline)
		// The workspace is fine; failing now would have Terraform replace it.
		// The next plan tries again.
		diags.Append(warnings(extended)...)
		if sent {
			workspace = nil
		}
	}
	return r.newest(ctx, created.ID, workspace)
}

// complete sends what the POST could not carry: 0 in it means the template's
// default TTL, and a claimed prebuild has not got all of what the POST said:
// never the automatic updates, before Coder 2.26 neither TTL nor schedule.
// Before the build has ended, so that a default TTL to be cleared never becomes
// a deadline.
func (r *workspaceResource) complete(ctx context.Context, plan *resourceModel, created *coder.Workspace) error {
	if ttl := plan.TTLMillis; !ttl.IsUnknown() && ttl.ValueInt64() != ttlMillis(created) {
		if err := r.client.PutTTL(ctx, created.ID, ttlPointer(ttl)); err != nil {
			return fmt.Errorf("setting the TTL: %w", err)
		}
	}
	if !plan.AutostartSchedule.Equal(types.StringPointerValue(created.AutostartSchedule)) {
		if err := r.client.PutAutostart(ctx, created.ID, plan.AutostartSchedule.ValueStringPointer()); err != nil {
			return fmt.Errorf("setting the autostart schedule: %w", err)
		}
	}
	if updates := plan.AutomaticUpdates.ValueString(); updates != "" && updates != created.AutomaticUpdates {
		if err := r.client.PutAutomaticUpdates(ctx, created.ID, updates); err != nil {
			return fmt.Errorf("setting automatic updates: %w", err)
		}
	}
	return nil
}

// newest is the workspace if it was just read, else it is read now.
func (r *workspaceResource) newest(ctx context.Context, id uuid.UUID, read *coder.Workspace) (*coder.Workspace, error) {
	if read != nil {
		return read, nil
	}
	return r.client.Workspace(ctx, id)
}

// recoverCreate ends a create that did not see its end: the state gets what
// exists by now.
func (r *workspaceResource) recoverCreate(ctx context.Context, created *coder.Workspace, err error, store func(*coder.Workspace), diags *diag.Diagnostics) {
	recovery, cancel := context.WithTimeout(context.WithoutCancel(ctx), recoveryTime)
	defer cancel()
	if current, readErr := r.client.Workspace(recovery, created.ID); readErr == nil {
		store(current)
	}

	url := r.client.WorkspaceURL(created.OwnerName, created.Name)
	if !diags.HasError() { // the build has not failed
		defer func() {
			if diags.HasError() {
				diags.Append(untaintHint(created))
			}
		}()
	}
	if interrupted(ctx) {
		// No error: Terraform would mark the workspace tainted and replace it.
		diags.AddWarning("Workspace creation interrupted",
			fmt.Sprintf("Workspace %q exists and is in the state; its first build goes on in Coder: %s. The next plan shows how it came out.", created.Name, url))
		return
	}
	var refusal *coder.Error
	if errors.As(err, &refusal) && refusal.Method != "GET" {
		diags.Append(diagnose.Error("Unable to complete the new workspace", fmt.Sprintf("set up workspace %q after creating it", created.Name), err, diagnose.WorkspaceFields())...)
		return
	}
	diags.Append(r.waitProblem(err, "Workspace did not become ready", created.OwnerName, created.Name)...)
}

// untaintHint goes with the error of a create whose first build did not fail.
// Terraform taints whatever was created with an error.
func untaintHint(created *coder.Workspace) diag.Diagnostic {
	return diag.NewWarningDiagnostic("New workspace would be replaced",
		fmt.Sprintf("Workspace %q exists and is in the state, but because of the error Terraform has marked it as tainted: the next apply replaces it. If it turns out to be fine, keep it with `terraform untaint` and the address of this resource, then apply.", created.Name))
}

// warnings turns errors into warnings.
func warnings(diags diag.Diagnostics) diag.Diagnostics {
	var soft diag.Diagnostics
	for _, d := range diags {
		switch at, hasPath := d.(diag.DiagnosticWithPath); {
		case d.Severity() != diag.SeverityError:
			soft.Append(d)
		case hasPath:
			soft.AddAttributeWarning(at.Path(), d.Summary(), d.Detail())
		default:
			soft.AddWarning(d.Summary(), d.Detail())
		}
	}
	return soft
}

func ownerText(owner string) string {
	if owner == coder.Me {
		return "the token's user"
	}
	return fmt.Sprintf("user %q", owner)
}
