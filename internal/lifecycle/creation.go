package lifecycle

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// creation refuses what a create would be refused for. A plain create asks the
// server for no more than it needs anyway, since nothing is lost when it is
// refused. Where another workspace is destroyed first, all is asked that can be
// known.
func (d *decider) creation(replacing bool) {
	if replacing {
		d.ownerOfReplacement()
		d.nameOfReplacement()
	} else {
		d.ownerOfCreation()
	}
	d.automaticUpdatesTooNew()
	d.dormancyForbidden()
	id, known := d.want.TemplateID.Get()
	if replacing && d.want.TemplateID.IsAbsent() {
		id, known = d.have.TemplateID, true
	}
	if !known {
		return
	}
	template, answered := learn[*coder.Template](d, TemplateOf{id})
	if !answered {
		return
	}
	if template == nil {
		d.templateMissing(id)
		return
	}
	if organization, known := d.want.OrganizationID.Get(); known && organization != template.OrganizationID {
		d.reject(AtOrganization, "Template belongs to another organization",
			fmt.Sprintf("The template %q is in organization %s, not in %s. Remove organization_id, or choose a template of that organization.", template.Name, template.OrganizationID, organization))
	}
	if template.Deprecated {
		d.reject(AtTemplate, "Template is deprecated",
			fmt.Sprintf("The template %q gets no new workspaces, only the existing ones go on: %s. Choose another template.", template.Name, strings.TrimRight(template.DeprecationMessage, ". \n")))
	}
	if replacing && !d.refused() {
		d.mayCreateAgain(template)
	}
	d.schedulePolicy(template)
	d.ttlPolicy(template)
	d.buildOfCreation(template, replacing)
}

// buildOfCreation checks version, preset and values of a first build.
func (d *decider) buildOfCreation(template *coder.Template, replacing bool) {
	if d.want.VersionID.IsUnknown() || d.want.Preset.IsUnknown() {
		return
	}
	version := template.ActiveVersionID
	if chosen, known := d.want.VersionID.Get(); known && chosen != version {
		if d.have.Server.Before(2, 2) {
			d.reject(AtVersion, "Server cannot create from a chosen version",
				fmt.Sprintf("The deployment runs Coder %s, which creates workspaces from the template's active version (%s) only; a choice needs Coder 2.2. Remove template_version_id, or set it once the workspace exists.", d.have.Server, version))
		}
		version = chosen
	}
	if version != template.ActiveVersionID || replacing {
		d.version(version, template.ID)
	}
	if d.refused() || len(d.Open) > 0 {
		return
	}
	if replacing {
		d.externalAuth(version, d.ownerName())
		if template.RequireActiveVersion && version != template.ActiveVersionID {
			d.activeVersionOfCreation(template, version)
		}
	}
	var preset *coder.Preset
	if !d.want.Preset.IsAbsent() {
		if preset = d.preset(version); preset == nil {
			return
		}
		d.presetClash(preset)
	}
	in := d.input(preset)
	owner := uuid.Nil
	if classic := template.UseClassicParameterFlow; classic != nil && !*classic && d.have.Server.AtLeast(2, 24) {
		if d.want.OwnerName.IsUnknown() {
			return // the form may depend on the owner
		}
		user, answered := learn[*coder.User](d, UserNamed{d.ownerName()})
		if !answered || user == nil {
			return
		}
		owner = user.ID
	}
	for _, problem := range d.judge(template, version, owner, in) {
		d.valueProblem(problem, in)
	}
}

// ownerName is the user whom a create is for.
func (d *decider) ownerName() string {
	if name, known := d.want.OwnerName.Get(); known && name != "" {
		return name
	}
	return coder.Me
}

// ownerOfCreation warns of an owner who is not there, but may come to be in the
// same apply, and of one whom nobody may have meant.
func (d *decider) ownerOfCreation() {
	name, known := d.want.OwnerName.Get()
	namesake := d.have.Namesake
	if d.want.OwnerName.IsAbsent() && namesake != nil {
		d.warn(AtOwner, "New workspace may get another owner",
			fmt.Sprintf("Without owner_name the new workspace %q would belong to the user of the provider's token, and there is one of that name that belongs to %q. If this is to replace it, because it is tainted for instance, set owner_name = %[2]q to keep the owner.", namesake.Name, namesake.OwnerName))
	}
	if !known {
		return
	}
	user, answered := learn[*coder.User](d, UserNamed{name})
	if !answered || user != nil {
		return
	}
	detail := fmt.Sprintf("There is no user %q, or the provider's token may not see the account. Unless this apply makes that user, it cannot create the workspace.", name)
	if namesake != nil {
		detail += fmt.Sprintf(" There is a workspace %q of %q: if this is to replace that one, because it is tainted for instance, it would be destroyed first, and for nothing. Correct owner_name, or see terraform untaint.", namesake.Name, namesake.OwnerName)
	}
	d.warn(AtOwner, "New workspace may have no owner", detail)
}

// ownerOfReplacement refuses a replacement for nobody, and one that would give
// the workspace to somebody else without a word.
func (d *decider) ownerOfReplacement() {
	name, configured := d.want.OwnerName.Get()
	switch {
	case d.want.OwnerName.IsUnknown() || configured && strings.EqualFold(name, d.have.OwnerName):
	case configured:
		user, answered := learn[*coder.User](d, UserNamed{name})
		switch {
		case !answered:
		case user == nil:
			d.reject(AtOwner, "Owner of the replacement does not exist",
				fmt.Sprintf("Workspace %q of %q would be replaced by one of user %q, and there is none on the deployment, or the provider's token may not see the account. To keep the owner, write owner_name = %q.",
					d.have.Name, d.have.OwnerName, name, d.have.OwnerName))
		case user.ID != d.have.OwnerID && d.have.OwnerWas(name):
			d.ownerRenamed(name)
		}
	default:
		me, answered := learn[*coder.User](d, UserNamed{coder.Me})
		switch {
		case answered && me == nil:
			d.reject(AtOwner, "Owner of the replacement is not known",
				fmt.Sprintf("Workspace %q belongs to %q and has to be replaced. Without owner_name the new one would belong to the user of the provider's token, who that token may not read: one with restricted scopes needs user:read. Set owner_name = %[2]q to keep the owner.",
					d.have.Name, d.have.OwnerName))
		case answered && me.ID != d.have.OwnerID:
			d.reject(AtOwner, "Replacement would have another owner",
				fmt.Sprintf("Workspace %q belongs to %q and has to be replaced. Without owner_name the new one would belong to %q, the user of the provider's token. Set owner_name = %q to keep the owner, or %q to change it.",
					d.have.Name, d.have.OwnerName, me.Username, d.have.OwnerName, me.Username))
		}
	}
}

// nameOfReplacement refuses a name that another workspace of the owner has. It
// is looked up where owner or name change: else the name is that of the
// workspace that goes.
func (d *decider) nameOfReplacement() {
	name, known := d.want.Name.Get()
	if !known || d.want.OwnerName.IsUnknown() {
		return
	}
	owner, configured := d.want.OwnerName.Get()
	if !configured || strings.EqualFold(owner, d.have.OwnerName) {
		owner = d.have.OwnerName
		if strings.EqualFold(name, d.have.Name) {
			return
		}
	}
	other, answered := learn[*coder.Workspace](d, WorkspaceNamed{owner, name})
	if answered && other != nil && other.ID != d.have.ID {
		d.reject(AtName, "Name of the replacement is taken",
			fmt.Sprintf("The workspace would be replaced by %s/%s, and another workspace (%s) has that name. Choose another name, or delete that workspace first.", owner, name, other.ID))
	}
}

// externalAuth refuses a version that could not be built, since the owner has
// not logged in to a service that it needs. The server tells it of the token's
// own user only.
func (d *decider) externalAuth(version uuid.UUID, owner string) {
	if d.have.Server.Before(2, 3) || d.want.OwnerName.IsUnknown() {
		return
	}
	if owner != coder.Me {
		me, answered := learn[*coder.User](d, UserNamed{coder.Me})
		if !answered || me == nil || !strings.EqualFold(me.Username, owner) {
			return
		}
	}
	missing, answered := learn[[]string](d, MissingAuthOf{version})
	if answered && len(missing) > 0 {
		d.reject(AtTemplate, "External authentication is missing",
			fmt.Sprintf("The template needs its user to be logged in to: %s. Log in to it in the dashboard, under Account, External Authentication (/settings/external-auth), then plan again.", strings.Join(missing, ", ")))
	}
}

// activeVersionOfCreation refuses a version that the token may not start.
func (d *decider) activeVersionOfCreation(template *coder.Template, version uuid.UUID) {
	if !d.may(updateOf(template.ID)) {
		d.reject(AtVersion, "Only the active version can be created",
			fmt.Sprintf("Template %q lets only its administrators create from other versions than the active one, which is %s, and not from %s. Remove template_version_id, or set it to the active version.", template.Name, template.ActiveVersionID, version))
	}
}
