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

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// recoveryTime is how long a look at the server may take after the operation
// itself was stopped.
const recoveryTime = 15 * time.Second

// Create implements [resource.Resource].
func (r *workspaceResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	limit, diags := plan.Timeouts.Create(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	want := wantOf(objectOf(req.Config.Raw))
	created, err := r.lifecycle().Create(ctx, want)
	if err != nil {
		resp.Diagnostics.Append(createDiagnostics(want, err)...)
		return
	}

	// From here on the workspace exists: whatever happens, it is in the state.
	r.data.saw(created.Workspace, nil, plan.DeletionProtection.ValueBool())
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, created.Workspace.ID)...)
	store := func(w *coder.Workspace, parametersOf uuid.UUID) {
		known := plan
		known.settle(r.client(), w)
		done := context.WithoutCancel(ctx)
		resp.Diagnostics.Append(resp.State.Set(done, &known)...)
		resp.Diagnostics.Append(rememberParametersBuild(done, resp.Private, parametersOf, &known)...)
	}
	store(created.Workspace, created.Build.ID)

	want.AwaitBuild = created.Build.ID
	run := &lifecycle.Run{Want: want, Have: created.Begin(want), Allowed: lifecycle.ChangeAll}
	err = r.lifecycle().Run(ctx, run)
	for ctx.Err() == nil && !firstBuildEnded(run, err) {
		less, ok := run.Want.Without(err)
		if !ok {
			break
		}
		// An error would have Terraform replace the workspace. The next plan
		// tries again, or says what stands in the way.
		resp.Diagnostics.Append(asWarnings(runDiagnostics(ctx, r.client(), &lifecycle.Run{Want: run.Want, Have: run.Have}, err, creating))...)
		run.Want = less
		err = r.lifecycle().Run(ctx, run)
	}
	switch {
	case err == nil || firstBuildEnded(run, err):
		diags = runDiagnostics(ctx, r.client(), run, err, creating)
		resp.Diagnostics.Append(afterFirstBuild(created, run, err, diags)...)
		r.nameOrganization(ctx, run.Have.Fresh, &plan)
		parametersOf := created.Build.ID
		if err == nil {
			parametersOf = run.Have.Build.ID
		}
		store(run.Have.Fresh, parametersOf)
	default:
		resp.Diagnostics.Append(problemDiagnostics(run.Warnings)...)
		r.recoverCreate(ctx, run, err, func(w *coder.Workspace) { store(w, created.Build.ID) }, &resp.Diagnostics)
	}
}

var creating = operation{doing: "set up the new workspace", unended: "Workspace did not become ready"}

// createDiagnostics words a create that made no workspace.
func createDiagnostics(want lifecycle.Want, err error) diag.Diagnostics {
	var diags diag.Diagnostics
	var refusal *lifecycle.Refusal
	var lookup *lifecycle.LookupError
	name, owner := known(want.Name), known(want.OwnerName)
	ownerText := fmt.Sprintf("user %q", owner)
	if owner == "" {
		owner, ownerText = coder.Me, "the token's user"
	}
	doing := fmt.Sprintf("create workspace %q for %s", name, ownerText)
	switch kind := coder.KindOf(err); {
	case errors.As(err, &refusal):
		return problemDiagnostics(refusal.Problems)
	case errors.As(err, &lookup):
		return decisionError(err)
	case kind == coder.NameTaken:
		diags.AddAttributeError(path.Root("name"), "Workspace exists already",
			diagnose.Detail(doing, err)+fmt.Sprintf("\n\nThe command to take it over: terraform import coderws_workspace.NAME %s/%s"+
				"\n\nIf it is the workspace that this one is to replace (create_before_destroy): the two cannot exist at the same time under one name. Give the new one another name, or remove create_before_destroy.", owner, name))
	case kind == coder.NotVisible, kind == coder.UnknownUser:
		diags.Append(diagnose.Error("Unable to create the workspace", doing, err, diagnose.WorkspaceFields())...)
		diags.AddAttributeWarning(path.Root("owner_name"), "Owner may not exist",
			fmt.Sprintf("Coder answers \"not found\" when %s does not exist, is no member of the template's organization, or the token's user may not create workspaces there.", ownerText))
	case coder.IsUnclear(err):
		diags.AddError("Unable to create the workspace", diagnose.Detail(doing, err)+
			fmt.Sprintf("\n\nIf Coder has made it, the next apply finds its name taken. Take it over then: terraform import, the address of this resource, and %s/%s.", owner, name))
	default:
		diags.Append(diagnose.Error("Unable to create the workspace", doing, err, diagnose.WorkspaceFields())...)
	}
	return diags
}

// firstBuildEnded tells whether the run came as far as the end of the first
// build, whatever followed then.
func firstBuildEnded(run *lifecycle.Run, err error) bool {
	var failed *lifecycle.BuildFailed
	var agents *lifecycle.AgentsFailed
	if errors.As(err, &failed) || errors.As(err, &agents) {
		return true
	}
	for _, step := range run.Done {
		if _, awaited := step.(lifecycle.Await); awaited {
			return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
		}
	}
	return false
}

// afterFirstBuild softens what went wrong once the workspace was there and
// fine: an error would have Terraform replace it, while the next plan brings
// about what is left. That its agents did not become ready is an error.
func afterFirstBuild(created *lifecycle.Created, run *lifecycle.Run, err error, diags diag.Diagnostics) diag.Diagnostics {
	var failed *lifecycle.BuildFailed
	var agents *lifecycle.AgentsFailed
	switch {
	case errors.As(err, &failed) && failed.Build.ID == created.Build.ID:
		return diags
	case errors.As(err, &agents) && run.Have.Build.ID == created.Build.ID:
		return append(diags, untaintHint(created.Workspace))
	default:
		return asWarnings(diags)
	}
}

// recoverCreate ends a create that did not see the end of its first build: the
// state gets what exists by now.
func (r *workspaceResource) recoverCreate(ctx context.Context, run *lifecycle.Run, err error, store func(*coder.Workspace), diags *diag.Diagnostics) {
	recovery, cancel := context.WithTimeout(context.WithoutCancel(ctx), recoveryTime)
	defer cancel()
	if current, readErr := r.client().Workspace(recovery, run.Have.ID); readErr == nil {
		store(current)
	}
	if interrupted(ctx) {
		// No error: Terraform would mark the workspace tainted and replace it.
		diags.AddWarning("Workspace creation interrupted",
			fmt.Sprintf("Workspace %q exists and is in the state; its start goes on in Coder: %s. The next plan shows how it came out.", run.Have.Name, r.client().WorkspaceURL(run.Have.OwnerName, run.Have.Name)))
		return
	}
	diags.Append(runDiagnostics(ctx, r.client(), &lifecycle.Run{Have: run.Have}, err, creating)...)
	diags.Append(untaintHint(run.Have.Fresh))
}

// untaintHint goes with the error of a create whose first build did not fail.
// Terraform taints whatever was created with an error.
func untaintHint(created *coder.Workspace) diag.Diagnostic {
	return diag.NewWarningDiagnostic("New workspace would be replaced",
		fmt.Sprintf("Workspace %q exists and is in the state, but because of the error Terraform has marked it as tainted: the next apply replaces it. If it turns out to be fine, keep it with `terraform untaint` and the address of this resource, then apply.", created.Name))
}
