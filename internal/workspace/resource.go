// Package workspace is everything the provider says about Coder workspaces:
// the resource coderws_workspace, the list of the same name, the data sources,
// and the actions. Start reading here.
package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// ResourceType is the type name of the resource.
const ResourceType = "coderws_workspace"

// Time limits that hold where the timeouts block says nothing.
const (
	defaultTimeout     = 20 * time.Minute
	defaultReadTimeout = 5 * time.Minute
)

var (
	_ resource.ResourceWithConfigure   = (*workspaceResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*workspaceResource)(nil)
	_ resource.ResourceWithImportState = (*workspaceResource)(nil)
	_ resource.ResourceWithIdentity    = (*workspaceResource)(nil)
)

// NewResource is the managed resource coderws_workspace.
func NewResource() resource.Resource {
	return &workspaceResource{}
}

type workspaceResource struct {
	builder
}

// Metadata implements [resource.Resource].
func (r *workspaceResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = ResourceType
}

// Configure implements [resource.ResourceWithConfigure].
func (r *workspaceResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	if req.ProviderData == nil {
		return
	}
	client, ok := req.ProviderData.(*coder.Client)
	if !ok {
		resp.Diagnostics.AddError("Unexpected provider data for the workspace resource",
			fmt.Sprintf("Expected a Coder client, got %T. This is a bug in the provider.", req.ProviderData))
		return
	}
	r.client = client
}

// Read implements [resource.Resource].
func (r *workspaceResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := state.Timeouts.Read(ctx, defaultReadTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	id := workspaceID(&state)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, id)...)
	workspace, err := r.client.ReadWorkspace(ctx, id, coder.ReadHint{
		Owner:        state.OwnerName.ValueString(),
		Organization: state.OrganizationName.ValueString(),
	})
	switch {
	case coder.IsNotFound(err):
		resp.Diagnostics.AddWarning("Workspace not found",
			fmt.Sprintf("Coder knows no workspace %s (%s), or the provider's token may not see it any more. Terraform takes it for deleted. If it still exists, give the token access again and refresh before you apply.", id, state.Name.ValueString()))
		resp.State.RemoveResource(ctx)
		return
	case isGone(workspace, err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(diagnose.Error("Unable to read the workspace", fmt.Sprintf("read workspace %s", id), err, diagnose.Fields{})...)
		return
	}

	if state.Name.IsNull() { // just imported
		state.setDefaults()
	}
	state.fromAPI(workspace)
	r.warnOfFailedBuild(workspace, &state, &resp.Diagnostics)
	r.nameOrganization(ctx, workspace, &state)
	resp.Diagnostics.Append(r.refreshParameters(ctx, workspace, &state, req.Private, resp.Private)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// warnOfFailedBuild points out a failed build that nothing will repair: with a
// desired status the plan does.
func (r *workspaceResource) warnOfFailedBuild(workspace *coder.Workspace, state *resourceModel, diags *diag.Diagnostics) {
	latest := &workspace.LatestBuild
	if latest.Status != coder.StatusFailed || !latest.Done() || !state.DesiredStatus.IsNull() {
		return
	}
	diags.AddWarning("The workspace's latest build failed",
		fmt.Sprintf("Build %d (%s) of workspace %q failed: %s. See %s/builds/%d. Terraform leaves it so; set desired_status to have it repaired.",
			latest.BuildNumber, latest.Transition, workspace.Name, diagnose.Clean(latest.Job.Error), r.client.WorkspaceURL(workspace.OwnerName, workspace.Name), latest.BuildNumber))
}

// nameOrganization fills the name that Coder <2.14 does not send with the
// workspace. It is looked up once; without permission it stays null.
func (r *workspaceResource) nameOrganization(ctx context.Context, workspace *coder.Workspace, model *resourceModel) {
	if workspace.OrganizationName != "" || model.OrganizationName.ValueString() != "" {
		return
	}
	model.OrganizationName = types.StringNull()
	if organization, err := r.client.Lookup().Organization(ctx, workspace.OrganizationID); err == nil {
		model.OrganizationName = types.StringValue(organization.Name)
	}
}

// refreshParameters brings the managed parameters up to date. The values
// belong to a build and never change after it, so they are read only when the
// latest build is another than the one they were read from.
func (r *workspaceResource) refreshParameters(ctx context.Context, workspace *coder.Workspace, state *resourceModel, before privateState, after privateStateWriter) diag.Diagnostics {
	managed := parameterValues(state.Parameters)
	if len(managed) == 0 {
		return nil
	}
	known, diags := before.GetKey(ctx, privateParametersBuild)
	build := privateText(workspace.LatestBuild.ID.String())
	if diags.HasError() || string(known) == string(build) {
		return diags
	}
	present, err := readParameters(ctx, r.client, workspace.LatestBuild.ID)
	if err != nil {
		diags.Append(diagnose.Error("Unable to read the parameters of the latest build", fmt.Sprintf("read the parameters of build %s", workspace.LatestBuild.ID), err, diagnose.Fields{})...)
		return diags
	}
	for name := range managed {
		if value, ok := present[name]; ok {
			managed[name] = value
		}
	}
	state.Parameters = parametersMap(managed)
	diags.Append(after.SetKey(ctx, privateParametersBuild, build)...)
	return diags
}

// Keys of the private state.
const (
	// privateParametersBuild is the id of the build whose parameters the state
	// holds.
	privateParametersBuild = "parameters_build"
	// privateResume is true while a running workspace was stopped for an update
	// that did not come to its start: the next update starts it.
	privateResume = "resume"
	// privateTTLManaged is true while ttl_ms is configured.
	privateTTLManaged = "ttl_managed"
)

// privateState is what the framework's requests and responses offer of it.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateStateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// privateText is a text as private state wants it: JSON.
func privateText(s string) []byte {
	text, _ := json.Marshal(s) // a string always can
	return text
}

// getFlag reads a flag of the private state; it is false until it is set.
func getFlag(ctx context.Context, private privateState, key string) (bool, diag.Diagnostics) {
	value, diags := private.GetKey(ctx, key)
	return string(value) == "true", diags
}

// setFlag keeps a flag only while it is true, which [PlansNothing] relies on.
func setFlag(ctx context.Context, private privateStateWriter, key string, value bool) diag.Diagnostics {
	if !value {
		return private.SetKey(ctx, key, nil) // removes it
	}
	return private.SetKey(ctx, key, []byte("true"))
}

func workspaceID(m *resourceModel) uuid.UUID {
	return parseUUID(m.ID.ValueString())
}

// parseUUID reads an id that the server sent; the nil UUID for anything else.
func parseUUID(s string) uuid.UUID {
	id, err := uuid.Parse(s)
	if err != nil {
		return uuid.Nil
	}
	return id
}

func sameName(a, b types.String) bool {
	return !a.IsUnknown() && !b.IsUnknown() && strings.EqualFold(a.ValueString(), b.ValueString())
}

// interrupted tells whether the user stopped Terraform, as opposed to a time
// limit that ran out.
func interrupted(ctx context.Context) bool {
	return errors.Is(context.Cause(ctx), context.Canceled)
}

var objectAsOptions = basetypes.ObjectAsOptions{}
