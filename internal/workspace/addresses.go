package workspace

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"golang.org/x/sync/errgroup"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// addresses are what one plan does at all addresses. Terraform plans each by
// itself, in no order, and so destroys a workspace at the address it had, without
// a word of its coming back at another: an import where a moved block belongs,
// another key of for_each, a list that has lost its first element.
type addresses struct {
	staying map[uuid.UUID]struct{}
	leaving map[uuid.UUID]leavingWorkspace
	// coming are the names that are given, to new workspaces and others, by their
	// lower case.
	coming map[string][]comingName
}

// leavingWorkspace is one that a plan destroys, as of the state until it is
// looked at.
type leavingWorkspace struct {
	lifecycle.Have

	isLookedAt, isGone bool
}

// comingName is a name that a plan gives. The owner is told by id or name;
// neither is the token's user.
type comingName struct {
	name, ownerName string
	ownerID         uuid.UUID
	isNew           bool
}

func newAddresses() addresses {
	return addresses{staying: map[uuid.UUID]struct{}{}, leaving: map[uuid.UUID]leavingWorkspace{}, coming: map[string][]comingName{}}
}

// leaves notes that the plan destroys a workspace, and refuses it where the plan
// keeps it as well, or gives its name to another one.
func (d *ProviderData) leaves(ctx context.Context, state *resourceModel) diag.Diagnostics {
	left := leavingWorkspace{Have: lifecycle.Have{
		ID: workspaceID(state), Name: state.Name.ValueString(),
		OwnerID: parseUUID(state.OwnerID.ValueString()), OwnerName: state.OwnerName.ValueString(),
	}}
	d.mu.Lock()
	d.leaving[left.ID] = left
	_, isStaying := d.staying[left.ID]
	isAlone := !isStaying && len(d.coming) == 0
	d.mu.Unlock()
	if isAlone {
		return nil
	}
	left = d.lookAt(ctx, left)
	if isStaying {
		return leavesAndStays(&left)
	}
	d.mu.Lock()
	coming := d.coming[strings.ToLower(left.Name)]
	d.mu.Unlock()
	for _, name := range coming {
		if d.isOf(ctx, name, &left) {
			return leavesItsName(&left)
		}
	}
	return nil
}

// lookAt is what a workspace that leaves is called now. Terraform (1.11) plans to
// destroy what has left the configuration before it refreshes it: the state can
// have an old name, or none after a move from another resource, and be of one that
// is there no more.
func (d *ProviderData) lookAt(ctx context.Context, left leavingWorkspace) leavingWorkspace {
	if left.isLookedAt {
		return left
	}
	left.isLookedAt = true
	w, err := d.Client.ReadWorkspace(ctx, left.ID)
	switch {
	case isGone(w, err):
		left.isGone = true
	case err == nil:
		left.Name, left.OwnerID, left.OwnerName = w.Name, w.OwnerID, w.OwnerName
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.leaving[left.ID] = left
	return left
}

// stays notes that the plan keeps a workspace, under the name that is wanted.
func (d *ProviderData) stays(ctx context.Context, have *lifecycle.Have, want lifecycle.Want) diag.Diagnostics {
	d.mu.Lock()
	left, isLeaving := d.leaving[have.ID]
	_, isStaying := d.staying[have.ID]
	d.staying[have.ID] = struct{}{}
	d.mu.Unlock()
	switch {
	case isLeaving:
		left = d.lookAt(ctx, left)
		return leavesAndStays(&left)
	case isStaying:
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("id"), "Workspace is at two addresses",
			fmt.Sprintf("Terraform has workspace %q (%s) at two addresses, each of which may undo what the other does. Have Terraform forget one of them: by a removed block with destroy = false, or by terraform state rm.",
				have.OwnerName+"/"+have.Name, have.ID))}
	}
	if name, _ := want.Name.Get(); want.Name.Differs(have.Name) {
		return d.gives(ctx, comingName{name: name, ownerID: have.OwnerID})
	}
	return nil
}

// staysAlone notes that the plan keeps a workspace as it is. Where it is at
// another address, too, it notes nothing and is false.
func (d *ProviderData) staysAlone(id uuid.UUID) bool {
	if d == nil {
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	_, isLeaving := d.leaving[id]
	_, isStaying := d.staying[id]
	if isLeaving || isStaying {
		return false
	}
	d.staying[id] = struct{}{}
	return true
}

// mostLooks is at how many workspaces that leave is looked at the same time.
const mostLooks = 50

// comes notes that the plan makes a workspace.
func (d *ProviderData) comes(ctx context.Context, want lifecycle.Want) diag.Diagnostics {
	name, isKnown := want.Name.Get()
	if !isKnown || want.OwnerName.IsUnknown() {
		return nil
	}
	return d.gives(ctx, comingName{name: name, ownerName: known(want.OwnerName), isNew: true})
}

func (d *ProviderData) gives(ctx context.Context, name comingName) diag.Diagnostics {
	key := strings.ToLower(name.name)
	d.mu.Lock()
	others := d.coming[key]
	d.coming[key] = append(others, name)
	leaving := slices.Collect(maps.Values(d.leaving))
	d.mu.Unlock()
	var looks errgroup.Group // at the same time, so that they share requests
	looks.SetLimit(mostLooks)
	for i := range leaving {
		looks.Go(func() error {
			leaving[i] = d.lookAt(ctx, leaving[i])
			return nil
		})
	}
	_ = looks.Wait()
	for i := range leaving {
		if d.isOf(ctx, name, &leaving[i]) {
			return leavesItsName(&leaving[i])
		}
	}
	for _, other := range others {
		// Terraform plans a replacement as a change first, of the same address.
		if name.isNew && other.isNew && strings.EqualFold(name.ownerName, other.ownerName) {
			return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("name"), "Two new workspaces would have one name",
				fmt.Sprintf("The plan makes more than one workspace %q of one owner, whose workspaces differ in their names, not counting upper and lower case. Give each its own name or owner_name: with for_each by each.key, with count by count.index.\n\n%s", name.name, destroyAllTheSame))}
		}
	}
	return nil
}

// isOf tells whether a name is that of a workspace.
func (d *ProviderData) isOf(ctx context.Context, name comingName, w *leavingWorkspace) bool {
	switch {
	case !strings.EqualFold(name.name, w.Name):
		return false
	case name.ownerID != uuid.Nil:
		return name.ownerID == w.OwnerID
	case strings.EqualFold(name.ownerName, w.OwnerName):
		return true
	}
	owner := coder.Me
	if name.ownerName != "" {
		owner = name.ownerName // a new name of the same user, perhaps
	}
	user, err := d.Client.Lookup().User(ctx, owner)
	return err == nil && user.ID == w.OwnerID
}

func leavesAndStays(w *leavingWorkspace) diag.Diagnostics {
	if w.isGone {
		return nil
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic("Workspace would be destroyed at one address and kept at another",
		fmt.Sprintf("Terraform has workspace %q (%s) at two addresses, and would destroy it at the one that has left the configuration. It is one workspace, so the other address would lose it, too.\n\n"+
			"Where the resource has got another address, write a moved block from the old address to the new one, in place of an import. "+
			"Or have Terraform forget the old address: by a removed block with destroy = false, or by terraform state rm. To destroy the workspace, take both out of the configuration.\n\n%s",
			w.OwnerName+"/"+w.Name, w.ID, destroyAllTheSame))}
}

func leavesItsName(w *leavingWorkspace) diag.Diagnostics {
	if w.isGone {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("name"), "Workspace would be destroyed and its name given to another",
		fmt.Sprintf("Workspace %q (%s) has left the configuration and would be destroyed, while the resource at another address gets its name. Terraform does both at the same time, "+
			"so Coder would refuse the name, and the workspace would be gone.\n\n"+
			"If both are meant to be the same workspace, since the resource has got another name, module or key, write a moved block from the old address to the new one. "+
			"If it is to be destroyed, do that first: terraform apply with -target= and its address, then plan again.\n\n%s",
			w.OwnerName+"/"+w.Name, w.ID, destroyAllTheSame))}
}

// destroyAllTheSame is the way out where not the one resource stands in the way
// that an error is shown at.
const destroyAllTheSame = "To destroy everything all the same, whatever the configuration says: terraform destroy -refresh=false."
