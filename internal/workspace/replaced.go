package workspace

import (
	"context"
	"crypto/sha256"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// To replace a workspace on demand (-replace) Terraform plans it as it is, and
// then a create with the same configuration. Nothing else in the second call
// tells that it is no new workspace.

type configurationDigest [sha256.Size]byte

// plannedWorkspace is an existing workspace as a plan has found it.
type plannedWorkspace struct {
	state   *tfprotov6.DynamicValue
	private []byte
}

type plannedKey struct{}

// Planning takes note of an existing workspace that is planned, and has a create
// know of the one with the same configuration. The data may be nil, as before
// the provider is configured.
func (d *ProviderData) Planning(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) context.Context {
	if d == nil || isNull(req.Config) {
		return ctx
	}
	digest := sha256.Sum256(req.Config.MsgPack)
	d.mu.Lock()
	defer d.mu.Unlock()
	if !isNull(req.PriorState) {
		d.planned[digest] = plannedWorkspace{req.PriorState, req.PriorPrivate}
		return ctx
	}
	if planned, ok := d.planned[digest]; ok {
		return context.WithValue(ctx, plannedKey{}, planned)
	}
	return ctx
}

func isNull(value *tfprotov6.DynamicValue) bool {
	if value == nil {
		return true
	}
	null, err := value.IsNull()
	return null || err != nil
}

// replacedOnDemand is the workspace that a planned create replaces on demand; nil
// when there is none.
func replacedOnDemand(ctx context.Context) *seenWorkspace {
	planned, ok := ctx.Value(plannedKey{}).(plannedWorkspace)
	if !ok {
		return nil
	}
	state := attributesOf(planned.state, planTypes().object)
	if state == nil {
		return nil
	}
	have := haveOf(state, nil)
	var private map[string][]byte
	_ = json.Unmarshal(planned.private, &private) // there may be none
	return &seenWorkspace{
		lifecycle.Have{ID: have.ID, Name: have.Name, OwnerID: have.OwnerID, OwnerName: have.OwnerName, FormerOwners: formerOwnersIn(private[privateFormerOwners])},
		state.flag("deletion_protection"),
	}
}
