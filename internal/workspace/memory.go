package workspace

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
	"github.com/coderws/terraform-provider-coderws/internal/handover"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// Keys of the private state. What is there without its key being known, in a
// state that another version has written, is ignored.
const (
	// privateParametersBuild is the id of the build whose parameters the state
	// holds. It is left out where that is the latest build in the state.
	privateParametersBuild = "parameters_build"
	// privateUpdate is the update that no apply has seen come to its end, as JSON
	// of [lifecycle.Unfinished].
	privateUpdate = "update"
	// privateReplacement is in plans only: the configuration that a workspace is
	// replaced for. Terraform hands it to the destruction, and nothing else of it.
	privateReplacement = "replacement"
	// privateFormerOwners are what the owner was called before, since the last
	// update, as a JSON list: whoever has such a name now is not meant by a
	// configuration that has it still.
	privateFormerOwners = "former_owners"
	// privateMoved marks a state that came from another resource and was not
	// read since.
	privateMoved = "moved"
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

// rememberReplacement keeps in a plan what a workspace is replaced for, but for
// what is to be kept nowhere.
func rememberReplacement(ctx context.Context, private privateStateWriter, config tftypes.Value) diag.Diagnostics {
	kept := objectOf(config)
	kept["ephemeral_parameters"] = withoutValues(kept["ephemeral_parameters"])
	encoded, _ := tfprotov6.NewDynamicValue(config.Type(), tftypes.NewValue(config.Type(), map[string]tftypes.Value(kept))) // it came so
	value, _ := json.Marshal(encoded.MsgPack)                                                                               // bytes always can be
	return private.SetKey(ctx, privateReplacement, value)
}

// withoutValues are the names of a map of texts.
func withoutValues(values tftypes.Value) tftypes.Value {
	elements := objectOf(values)
	if elements == nil {
		return values
	}
	for name := range elements {
		elements[name] = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	}
	return tftypes.NewValue(values.Type(), map[string]tftypes.Value(elements))
}

// replacementIn is what a workspace is replaced for; nil when it is not.
func replacementIn(value []byte) *lifecycle.Want {
	var encoded []byte
	if len(value) == 0 || json.Unmarshal(value, &encoded) != nil {
		return nil
	}
	config := attributesOf(&tfprotov6.DynamicValue{MsgPack: encoded}, planTypes().object)
	if config == nil {
		return nil
	}
	want := wantOf(config)
	return &want
}

// parametersBuild is the id of the build whose parameters the state holds.
func parametersBuild(ctx context.Context, private privateState, state *resourceModel) (string, diag.Diagnostics) {
	value, diags := private.GetKey(ctx, privateParametersBuild)
	var build string
	if len(value) == 0 || json.Unmarshal(value, &build) != nil {
		return state.latestBuildID(), diags
	}
	return build, diags
}

// rememberParametersBuild keeps the id of the build whose parameters the state
// holds; the nil UUID is none.
func rememberParametersBuild(ctx context.Context, private privateStateWriter, build uuid.UUID, state *resourceModel) diag.Diagnostics {
	if build.String() == state.latestBuildID() {
		return private.SetKey(ctx, privateParametersBuild, nil) // removes it
	}
	value, _ := json.Marshal(build) // an id always can be
	return private.SetKey(ctx, privateParametersBuild, value)
}

// formerOwners are what the owner of a workspace was called before.
func formerOwners(ctx context.Context, private privateState) ([]string, diag.Diagnostics) {
	value, diags := private.GetKey(ctx, privateFormerOwners)
	return formerOwnersIn(value), diags
}

func formerOwnersIn(value []byte) []string {
	var names []string
	if len(value) == 0 || json.Unmarshal(value, &names) != nil {
		return nil
	}
	return names
}

// rememberFormerOwners keeps what the owner was called before, or forgets it.
func rememberFormerOwners(ctx context.Context, private privateStateWriter, names []string) diag.Diagnostics {
	if len(names) == 0 {
		return private.SetKey(ctx, privateFormerOwners, nil) // removes it
	}
	value, _ := json.Marshal(names) // texts always can be
	return private.SetKey(ctx, privateFormerOwners, value)
}

// ProviderData is what the provider hands to the resource and the list: its
// client, and what this process has seen of workspaces.
type ProviderData struct {
	Client *coder.Client

	mu   sync.Mutex
	seen map[uuid.UUID]seenWorkspace
	// hasRefreshed tells that there was something in the state to refresh.
	hasRefreshed bool
	// planned are existing workspaces by the digest of their configuration.
	planned map[configurationDigest]plannedWorkspace
	addresses

	shared handover.Objects
}

// seenWorkspace is a workspace that is in Terraform's state.
type seenWorkspace struct {
	lifecycle.Have

	isProtected bool
}

// CoderClient is the client, for resources of other packages.
func (d *ProviderData) CoderClient() *coder.Client { return d.Client }

// Handover is what of lists and shares this process has changed, for resources of
// other packages.
func (d *ProviderData) Handover() *handover.Objects { return &d.shared }

// NewProviderData is the data for a client.
func NewProviderData(client *coder.Client) *ProviderData {
	return &ProviderData{Client: client, seen: map[uuid.UUID]seenWorkspace{}, planned: map[configurationDigest]plannedWorkspace{}, addresses: newAddresses()}
}

// refreshes notes that there is something in the state, if only of a workspace
// that is gone.
func (d *ProviderData) refreshes() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hasRefreshed = true
}

// withWayOut ends the errors of a plan of a new workspace, which would keep
// anybody from destroying those that there are; see [diagnose.WithWayOut].
func (d *ProviderData) withWayOut(diags diag.Diagnostics) diag.Diagnostics {
	if d == nil {
		return diags
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.hasRefreshed {
		return diags
	}
	return diagnose.WithAdvice(diags, destroyAllTheSame)
}

// saw notes a workspace that is in Terraform's state, what its owner was called
// before, and whether it is protected.
func (d *ProviderData) saw(w *coder.Workspace, formerOwners []string, isProtected bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen[w.ID] = seenWorkspace{lifecycle.Have{ID: w.ID, Name: w.Name, OwnerID: w.OwnerID, OwnerName: w.OwnerName, FormerOwners: formerOwners}, isProtected}
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

// replacedBy is the workspace in Terraform's state that a create replaces; nil
// when there is none. Of a workspace that is tainted or replaced on demand
// Terraform plans a plain create. It is told by its configuration, see
// [ProviderData.Planning], or by owner and name, which no two workspaces share. Namesake is one of another owner than
// the create would have: it may be that one, or not.
func (d *ProviderData) replacedBy(ctx context.Context, config tftypes.Value, want lifecycle.Want) (replaced, namesake *seenWorkspace) {
	if onDemand := replacedOnDemand(ctx); onDemand != nil && config.IsFullyKnown() { // else others may look the same
		return onDemand, nil
	}
	d.mu.Lock()
	var named []seenWorkspace
	name, _ := want.Name.Get()
	for _, seen := range d.seen {
		if strings.EqualFold(seen.Name, name) {
			named = append(named, seen)
		}
	}
	d.mu.Unlock()
	if len(named) == 0 || want.OwnerName.IsUnknown() {
		return nil, nil
	}
	owner, configured := want.OwnerName.Get()
	me := uuid.Nil
	if !configured {
		user, err := d.Client.Lookup().User(ctx, coder.Me)
		if err != nil {
			return nil, nil // what follows will say so
		}
		me = user.ID
	}
	for _, seen := range named {
		if configured && (strings.EqualFold(seen.OwnerName, owner) || seen.OwnerWas(owner)) || !configured && seen.OwnerID == me {
			return &seen, nil
		}
	}
	return nil, &named[0]
}
