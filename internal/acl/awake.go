package acl

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// awake changes the list of a workspace. Coder lets nobody change that of a
// dormant one, so that it could not be destroyed either: such a workspace is woken
// for the moment, and dormant again whatever becomes of the change.
func (r *aclResource) awake(ctx context.Context, id uuid.UUID, change func() error) (diag.Diagnostics, error) {
	refused := change()
	if coder.KindOf(refused) != coder.Forbidden {
		return nil, refused
	}
	workspace, err := r.client.ReadWorkspace(ctx, id)
	switch {
	case coder.KindOf(err) == coder.Gone: // deleted while it was dormant
		return nil, err
	case err != nil, !workspace.IsDormant(), r.client.PutDormant(ctx, id, false) != nil:
		return nil, refused
	}
	err = change()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeLimit) // an interrupt would leave it awake
	defer cancel()
	var diags diag.Diagnostics
	if left := r.client.PutDormant(ctx, id, true); left != nil {
		diags.AddWarning("Workspace is not dormant any more",
			diagnose.Detail(fmt.Sprintf("make workspace %s dormant again", id), left)+
				"\n\nCoder lets nobody change whom a dormant workspace is shared with, so this one was woken for the change.")
	}
	return diags, err
}
