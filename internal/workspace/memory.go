package workspace

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// Keys of the private state. What is there without its key being known, in a
// state that another version has written, is ignored.
const (
	// privateParametersBuild is the id of the build whose parameters the state
	// holds.
	privateParametersBuild = "parameters_build"
	// privateUpdate is the update that did not come to its end, as JSON of
	// [lifecycle.Unfinished].
	privateUpdate = "update"
)

// privateState is what the framework's requests and responses offer of it.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateStateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// unfinishedIn reads the update under way; nil when there is none.
func unfinishedIn(value []byte) *lifecycle.Unfinished {
	unfinished := new(lifecycle.Unfinished)
	if len(value) == 0 || json.Unmarshal(value, unfinished) != nil {
		return nil
	}
	return unfinished
}

// rememberUpdate keeps the update under way, or forgets it.
func rememberUpdate(ctx context.Context, private privateStateWriter, unfinished *lifecycle.Unfinished) diag.Diagnostics {
	if unfinished == nil {
		return private.SetKey(ctx, privateUpdate, nil) // removes it
	}
	value, _ := json.Marshal(unfinished) // ids and texts always can be
	return private.SetKey(ctx, privateUpdate, value)
}

// privateText is a text as private state wants it: JSON.
func privateText(s string) []byte {
	text, _ := json.Marshal(s) // a string always can
	return text
}

// ProviderData is what the provider hands to the resource and the list: its
// client, and what this process has seen of workspaces.
type ProviderData struct {
	Client *coder.Client

	mu   sync.Mutex
	seen map[uuid.UUID]seenWorkspace
}

// seenWorkspace is a workspace that is in Terraform's state.
type seenWorkspace struct {
	lifecycle.Have

	formerOwner string // as the state had it; "" when it had none
}

// NewProviderData is the data for a client.
func NewProviderData(client *coder.Client) *ProviderData {
	return &ProviderData{Client: client, seen: map[uuid.UUID]seenWorkspace{}}
}

// saw notes a workspace that is in Terraform's state, and what its owner was
// called there, who may have been renamed since.
func (d *ProviderData) saw(w *coder.Workspace, formerOwner string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen[w.ID] = seenWorkspace{lifecycle.Have{ID: w.ID, Name: w.Name, OwnerID: w.OwnerID, OwnerName: w.OwnerName}, formerOwner}
}

// formerOwner is what the owner of a workspace was called in the state before
// this process has refreshed it; "" when that is not known.
func (d *ProviderData) formerOwner(id uuid.UUID) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.seen[id].formerOwner
}

// hasSeen tells a plan from the second plan that Terraform makes within an
// apply, once all values are known. Nothing in the request does, but Terraform
// starts the provider anew for the apply and refreshes before a plan only. A
// plan with -refresh=false looks like an apply's, and so must not replace.
func (d *ProviderData) hasSeen(id uuid.UUID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, ok := d.seen[id]
	return ok
}

// replacedBy is the workspace that a create has to replace, if any: one of the
// same owner and name that is in Terraform's state. So it is where a workspace
// is tainted, or replaced on demand: then Terraform plans a plain create.
func (d *ProviderData) replacedBy(want lifecycle.Want) *lifecycle.Have {
	name, named := want.Name.Get()
	if !named || want.OwnerName.IsUnknown() {
		return nil
	}
	owner, owned := want.OwnerName.Get()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, seen := range d.seen {
		if strings.EqualFold(seen.Name, name) && (!owned || strings.EqualFold(seen.OwnerName, owner) || strings.EqualFold(seen.formerOwner, owner)) {
			return &seen.Have
		}
	}
	return nil
}
