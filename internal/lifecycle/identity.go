package lifecycle

import (
	"fmt"
	"strings"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// identity tells whether the configuration means another workspace: another
// template, owner or organization. They are told apart by their ids, since
// names are labels that can change.
func (d *decider) identity() {
	switch {
	case d.want.TemplateID.IsUnknown():
		d.unknownIdentity(Place{Setting: AtTemplate}, "The template")
	case d.want.TemplateID.Differs(d.have.TemplateID):
		d.replaceFor(Place{Setting: AtTemplate})
	}
	switch {
	case d.want.OrganizationID.IsUnknown():
		d.unknownIdentity(Place{Setting: AtOrganization}, "The organization")
	case d.want.OrganizationID.Differs(d.have.OrganizationID) && !d.want.TemplateID.Differs(d.have.TemplateID):
		wanted, _ := d.want.OrganizationID.Get()
		d.reject(AtOrganization, "Workspace belongs to another organization",
			fmt.Sprintf("Workspace %q is in organization %s, as its template is, and not in %s. Remove organization_id, or choose a template of that organization as well.", d.have.Name, d.have.OrganizationID, wanted))
	}
	d.owner()
}

// owner compares a configured username with the workspace's owner. Where the
// names differ, the user behind the name decides.
func (d *decider) owner() {
	if d.want.OwnerName.IsUnknown() {
		d.unknownIdentity(Place{Setting: AtOwner}, "The owner")
		return
	}
	name, configured := d.want.OwnerName.Get()
	if !configured || d.have.Identified || strings.EqualFold(name, d.have.OwnerName) {
		return
	}
	user, answered := learn[*coder.User](d, UserNamed{name})
	switch {
	case !answered:
	case user == nil:
		d.reject(AtOwner, "Owner does not exist",
			fmt.Sprintf("There is no user %q on the deployment, or the provider's token may not see the account. Workspace %q belongs to user %s, whose name is %q. "+
				"If that is who %q was before being renamed, write owner_name = %q: the workspace then stays as it is.%s", name, d.have.Name, d.have.OwnerID, d.have.OwnerName, name, d.have.OwnerName, keyToo))
	case user.ID == d.have.OwnerID:
	case d.have.OwnerWas(name):
		d.ownerRenamed(name)
	default:
		d.replaceFor(Place{Setting: AtOwner})
	}
}

// keyToo goes with the advice to write another name: where that changes the
// address, the workspace would not stay.
const keyToo = " Where the name is a key of for_each, add a moved block from the old key to the new one."

func (d *decider) ownerRenamed(name string) {
	d.reject(AtOwner, "Owner was renamed",
		fmt.Sprintf("Workspace %q belongs to user %s, who was called %q and is %q now, while somebody else has become %q. Write owner_name = %q: the workspace then stays as it is.%s "+
			"To give it up for one of the new %q, destroy it first.", d.have.Name, d.have.OwnerID, name, d.have.OwnerName, name, d.have.OwnerName, keyToo, name))
}
