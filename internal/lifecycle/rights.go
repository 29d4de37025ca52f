package lifecycle

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// What a token may do is looked at where a workspace would be taken down that
// the same token cannot bring up again. A token that may do neither takes nothing
// down, and may well plan what another applies.

func updateOf(template uuid.UUID) coder.Right {
	return coder.Right{Action: "update", Type: coder.TypeTemplate, ID: template}
}

// may tells whether the token has a right, true while that is not known.
func (d *decider) may(right coder.Right) bool {
	may, answered := learn[bool](d, May{right})
	return may || !answered
}

// mayOnlyTakeDown tells whether the token may do something with the workspace.
func (d *decider) mayOnlyTakeDown(action string) bool {
	may, _ := learn[bool](d, May{coder.Right{Action: action, Type: coder.TypeWorkspace, ID: d.have.ID}})
	return may
}

// mayStartAgain refuses to stop a workspace that the token may not start. Before
// Coder 2.27, which gives tokens scopes, whoever may stop may start.
func (d *decider) mayStartAgain() {
	if d.have.Server.Before(2, 27) {
		return
	}
	// Who administers the organization is asked for once, however many workspaces
	// there are.
	if d.may(coder.Right{Action: "start", Type: coder.TypeWorkspace, OrganizationID: d.have.OrganizationID}) ||
		d.may(coder.Right{Action: "start", Type: coder.TypeWorkspace, ID: d.have.ID}) || !d.mayOnlyTakeDown("stop") {
		return
	}
	d.reject("", "Token may stop the workspace but not start it",
		fmt.Sprintf("What is new takes a stop and a start of workspace %q, and the provider's token lacks the right to start it: it would stay down. "+
			"Use a token that may do both. One with restricted scopes needs workspace:start as well as workspace:stop.", d.have.Name))
}

// mayCreateAgain refuses to delete a workspace for one that the token may not
// create.
func (d *decider) mayCreateAgain(template *coder.Template) {
	owner, ownerName := d.have.OwnerID, d.have.OwnerName
	if name, configured := d.want.OwnerName.Get(); configured && !strings.EqualFold(name, ownerName) {
		user, answered := learn[*coder.User](d, UserNamed{name})
		if !answered || user == nil {
			return
		}
		owner, ownerName = user.ID, user.Username
	}
	if d.want.OwnerName.IsUnknown() || d.mayCreate(owner, template) || !d.mayOnlyTakeDown("delete") {
		return
	}
	d.reject("", "Token may delete the workspace but not create its replacement",
		fmt.Sprintf("Workspace %q would be deleted, and the provider's token lacks a right to create a new one for %q from the template %q. "+
			"Use a token that may do both: of a deployment Owner or an organization admin, or of %[2]q itself; the template must allow its use. "+
			"One with restricted scopes needs workspace:create, workspace:start and template:use as well as workspace:delete.",
			d.have.Name, ownerName, template.Name))
}

// mayCreate tells whether the token may create a workspace, as far as the server
// tells: to create one also starts it, for which tokens have had a scope since
// Coder 2.27, and uses its template, which Coder checks since 2.19.
func (d *decider) mayCreate(owner uuid.UUID, template *coder.Template) bool {
	right := coder.Right{Action: "create", Type: coder.TypeWorkspace, OwnerID: owner, OrganizationID: template.OrganizationID}
	start := right
	start.Action = "start"
	return d.may(right) &&
		(d.have.Server.Before(2, 27) || d.may(start)) &&
		(d.have.Server.Before(2, 19) || d.may(coder.Right{Action: "use", Type: coder.TypeTemplate, ID: template.ID}))
}
