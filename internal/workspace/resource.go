// Package workspace is everything the provider says about Coder workspaces:
// the resource coderws_workspace, the list of the same name, the data sources,
// and the actions. Start reading here.
package workspace

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// ResourceType is the type name of the resource.
const ResourceType = "coderws_workspace"

var (
	_ resource.ResourceWithConfigure   = (*workspaceResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*workspaceResource)(nil)
	_ resource.ResourceWithImportState = (*workspaceResource)(nil)
	_ resource.ResourceWithIdentity    = (*workspaceResource)(nil)
	_ resource.ResourceWithMoveState   = (*workspaceResource)(nil)
)

// NewResource is the managed resource coderws_workspace.
func NewResource() resource.Resource {
	return &workspaceResource{}
}

type workspaceResource struct {
	data *ProviderData // nil until the provider is configured
}

func (r *workspaceResource) client() *coder.Client { return r.data.Client }

func (r *workspaceResource) lifecycle() *lifecycle.Lifecycle { return newLifecycle(r.data.Client, nil) }

// newLifecycle decides about workspaces and acts on them, with notes in
// Terraform's log.
func newLifecycle(client *coder.Client, progress func(line string)) *lifecycle.Lifecycle {
	return &lifecycle.Lifecycle{
		Client: client, Progress: progress, Log: logNote,
		// Nobody else reads them, and they cost requests.
		LogBuilds: os.Getenv("TF_LOG") != "" || os.Getenv("TF_LOG_PROVIDER") != "",
	}
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
	data, ok := req.ProviderData.(*ProviderData)
	if !ok {
		resp.Diagnostics.AddError("Unexpected provider data for the workspace resource",
			fmt.Sprintf("Expected workspace data, got %T. This is a bug in the provider.", req.ProviderData))
		return
	}
	r.data = data
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

// interrupted tells whether the user stopped Terraform, as opposed to a time
// limit that ran out.
func interrupted(ctx context.Context) bool {
	return errors.Is(context.Cause(ctx), context.Canceled)
}
