package template

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// find reads the template that the configuration names; nil when there is an
// error.
func (d *dataSource) find(ctx context.Context, config *model) (*coder.Template, diag.Diagnostics) {
	if config.ID.IsNull() {
		return d.findByName(ctx, config.Name.ValueString(), config.Organization.ValueString())
	}
	id := config.ID.UUID()
	template, err := d.client.Template(ctx, id)
	switch {
	case coder.KindOf(err) == coder.NotVisible:
		return nil, at(path.Root("id"), "Template id not found",
			fmt.Sprintf("There is no template %s on the deployment, or the provider's token may not see it. `coder templates list` shows the ones it may use.", id))
	case err != nil:
		return nil, diagnose.Error("Unable to read the template by id", fmt.Sprintf("read template %s", id), err, diagnose.Fields{})
	}
	if template.OrganizationName == "" {
		// Coder <2.14 does not send it. Who may not read the organization goes
		// without.
		if organization, err := d.client.Lookup().Organization(ctx, template.OrganizationID); err == nil {
			template.OrganizationName = organization.Name
		}
	}
	return template, nil
}

// findByName looks a name up in one organization or, without any, in all that
// the token may read.
func (d *dataSource) findByName(ctx context.Context, name, organization string) (*coder.Template, diag.Diagnostics) {
	among, diags := d.organizations(ctx, organization)
	if diags.HasError() {
		return nil, diags
	}
	var found []*coder.Template
	for i := range among {
		// Asked one by one: the lists of Coder ≥2.23 leave deprecated templates
		// out, and before 2.13 there is none over all organizations.
		template, err := d.client.TemplateByName(ctx, among[i].ID, name)
		switch {
		case err == nil:
			template.OrganizationName = among[i].Name
			found = append(found, template)
		case coder.KindOf(err) != coder.NotVisible:
			return nil, diagnose.Error("Unable to look up the template", fmt.Sprintf("find template %q in organization %q", name, among[i].Name), err, diagnose.Fields{})
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		if len(among) == 0 {
			return nil, at(path.Root("name"), "Template name not found",
				fmt.Sprintf("The provider's token sees no organization in which to look for a template %q. One with restricted scopes needs organization:read as well as template:read. An id needs no organization.", name))
		}
		return nil, at(path.Root("name"), "Template name not found",
			fmt.Sprintf("There is no template %q in %s, or the provider's token may not see it. `coder templates list` shows the ones it may use.", name, organizationNames(among)))
	}
	places := make([]string, len(found))
	for i, template := range found {
		places[i] = fmt.Sprintf("  - organization %q: template %s", template.OrganizationName, template.ID)
	}
	return nil, at(path.Root("name"), "Template name is ambiguous",
		fmt.Sprintf("%d organizations have a template %q:\n%s\n\nSet organization to one of them, or use the template's id instead of its name.", len(found), name, strings.Join(places, "\n")))
}

// organizations are those to look in: the configured one, by id or name, or
// all that the token may read.
func (d *dataSource) organizations(ctx context.Context, configured string) ([]coder.Organization, diag.Diagnostics) {
	if id, err := uuid.Parse(configured); err == nil && len(configured) == 36 { // names are never that long
		organization, err := d.client.Organization(ctx, id)
		if coder.KindOf(err) == coder.NotVisible {
			return nil, at(path.Root("organization"), "Organization id not found",
				fmt.Sprintf("There is no organization %s on the deployment, or the provider's token may not see it.", id))
		}
		if err != nil {
			return nil, diagnose.Error("Unable to read the organization", fmt.Sprintf("read organization %s", id), err, diagnose.Fields{})
		}
		return []coder.Organization{*organization}, nil
	}
	all, err := d.client.Organizations(ctx)
	if err != nil {
		return nil, diagnose.Error("Unable to list the organizations", "list the organizations that may have the template", err, diagnose.Fields{})
	}
	if configured == "" {
		return all, nil
	}
	for i := range all {
		if strings.EqualFold(all[i].Name, configured) {
			return all[i : i+1], nil
		}
	}
	return nil, at(path.Root("organization"), "Organization name not found",
		fmt.Sprintf("The provider's token sees no organization %q, but %s. Give the organization's name, not its display name, or its id.", configured, organizationNames(all)))
}

// organizationNames is for texts: `organization "a"`, `organizations "a", "b"`.
func organizationNames(organizations []coder.Organization) string {
	names := make([]string, len(organizations))
	for i := range organizations {
		names[i] = fmt.Sprintf("%q", organizations[i].Name)
	}
	switch len(names) {
	case 0:
		return "none"
	case 1:
		return "organization " + names[0]
	default:
		return "the organizations " + strings.Join(names, ", ")
	}
}

// chooseVersion reads the version to show: the configured or the active one.
// It must be imported, because its parameters are not known before.
func (d *dataSource) chooseVersion(ctx context.Context, config *model, template *coder.Template) (*coder.TemplateVersion, diag.Diagnostics) {
	attribute, wanted := path.Empty(), template.ActiveVersionID.String()
	read := func() (*coder.TemplateVersion, error) { return d.client.TemplateVersion(ctx, template.ActiveVersionID) }
	switch {
	case !config.VersionID.IsNull():
		attribute, wanted = path.Root("version_id"), config.VersionID.ValueString()
		read = func() (*coder.TemplateVersion, error) { return d.client.TemplateVersion(ctx, config.VersionID.UUID()) }
	case !config.VersionName.IsNull():
		attribute, wanted = path.Root("version_name"), fmt.Sprintf("%q", config.VersionName.ValueString())
		read = func() (*coder.TemplateVersion, error) {
			return d.client.TemplateVersionByName(ctx, template.ID, config.VersionName.ValueString())
		}
	}
	refuse := func(reason string) (*coder.TemplateVersion, diag.Diagnostics) {
		return nil, at(attribute, "Template version cannot be shown", reason)
	}
	version, err := read()
	switch {
	case coder.KindOf(err) == coder.NotVisible, err == nil && version.TemplateID != template.ID:
		return refuse(fmt.Sprintf("Template %q has no version %s. `coder templates versions list %[1]s` shows the ones it has.", template.Name, wanted))
	case err != nil:
		return nil, diagnose.Error("Unable to read the version to show", fmt.Sprintf("read version %s of template %q", wanted, template.Name), err, diagnose.Fields{})
	case !version.Job.Done():
		return refuse(fmt.Sprintf("Version %q of template %q is still being imported, so its parameters are not known yet. Run Terraform again when that has ended.", version.Name, template.Name))
	case version.Job.Status != coder.JobSucceeded:
		return refuse(fmt.Sprintf("The import of version %q of template %q has %s: %s. Choose another version.", version.Name, template.Name, version.Job.Status, version.Job.Error))
	}
	return version, nil
}

// at is one error, at an attribute unless the path is empty.
func at(attribute path.Path, summary, detail string) diag.Diagnostics {
	if attribute.Equal(path.Empty()) {
		return diag.Diagnostics{diag.NewErrorDiagnostic(summary, detail)}
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(attribute, summary, detail)}
}
