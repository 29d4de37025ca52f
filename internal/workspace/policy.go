package workspace

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// checkProtection refuses to plan the end of a protected workspace.
func checkProtection(state *resourceModel) diag.Diagnostics {
	var diags diag.Diagnostics
	if state.DeletionProtection.ValueBool() {
		diags.AddAttributeError(path.Root("deletion_protection"), "Workspace is protected from deletion",
			fmt.Sprintf("This plan would destroy workspace %q (to replace it, perhaps), and with it everything in it. If that is meant, set deletion_protection to false, apply that alone, and plan again.", state.Name.ValueString()))
	}
	return diags
}

// templateUnreadable words a failed look-up of the template.
func templateUnreadable(id uuid.UUID, err error) diag.Diagnostics {
	if coder.IsNotFound(err) {
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("template_id"), "Template not found",
			fmt.Sprintf("There is no template %s on the deployment, or the provider's token may not see it. `coder templates list` shows the ones it may use.", id))}
	}
	return diagnose.Error("Unable to read the template", fmt.Sprintf("read template %s", id), err, diagnose.Fields{})
}

// checkSchedulePolicy refuses a schedule on a template that forbids them (a
// licensed policy). The server would take it at create and never act on it.
func (r *workspaceResource) checkSchedulePolicy(template *coder.Template, plan *resourceModel) diag.Diagnostics {
	var diags diag.Diagnostics
	if !template.AllowUserAutostart && plan.AutostartSchedule.ValueString() != "" {
		diags.AddAttributeError(path.Root("autostart_schedule"), "Template forbids autostart schedules",
			fmt.Sprintf("The template %q does not let users choose when their workspaces start. Remove autostart_schedule, or let an administrator allow it in the template's schedule settings.", template.Name))
	}
	return diags
}

// checkTTLPolicy refuses a TTL that the server would refuse or ignore. Coder
// ≥2.11 reports the template's own value where the template forbids others.
func (r *workspaceResource) checkTTLPolicy(template *coder.Template, plan *resourceModel) diag.Diagnostics {
	var diags diag.Diagnostics
	ttl := plan.TTLMillis
	if ttl.IsNull() || ttl.IsUnknown() {
		return diags
	}
	version := r.client.ServerVersion()
	switch {
	case !template.AllowUserAutostop && ttl.ValueInt64() != template.DefaultTTLMillis:
		diags.AddAttributeError(path.Root("ttl_ms"), "Template forbids a TTL of its users' choice",
			fmt.Sprintf("The template %q sets the time until autostop for all its workspaces (%d ms). Remove ttl_ms, or let an administrator allow it in the template's schedule settings.", template.Name, template.DefaultTTLMillis))
	case version.Known() && !version.AtLeast(0, 27) && ttl.ValueInt64() > maxTTLBefore027.Milliseconds():
		diags.AddAttributeError(path.Root("ttl_ms"), "TTL is too long for this server",
			fmt.Sprintf("The deployment runs Coder %s, which accepts at most %d ms (7 days); 30 days need Coder 0.27.", version, maxTTLBefore027.Milliseconds()))
	}
	return diags
}

// maxTTLBefore027 is the longest TTL that Coder accepts before 0.27. It really
// refuses 7 days and a minute, and takes 7 days.
const maxTTLBefore027 = 7 * 24 * time.Hour

// checkVersion refuses a template version that cannot be built.
func (b *builder) checkVersion(ctx context.Context, id, template uuid.UUID) diag.Diagnostics {
	var diags diag.Diagnostics
	refuse := func(reason string) diag.Diagnostics {
		diags.AddAttributeError(path.Root("template_version_id"), "Template version cannot be used", reason)
		return diags
	}
	version, err := b.client.Lookup().TemplateVersion(ctx, id)
	switch {
	case coder.IsNotFound(err):
		return refuse(fmt.Sprintf("There is no template version %s on the deployment, or the provider's token may not see it. `coder templates versions list NAME` shows the versions of a template.", id))
	case err != nil:
		return diagnose.Error("Unable to read the template version", fmt.Sprintf("read template version %s", id), err, diagnose.Fields{})
	case version.TemplateID != template:
		return refuse(fmt.Sprintf("Version %q (%s) belongs to another template than %s.", version.Name, id, template))
	case version.Archived:
		return refuse(fmt.Sprintf("Version %q (%s) is archived. Choose another, or unarchive it.", version.Name, id))
	case version.Job.Done() && version.Job.Status != coder.JobSucceeded:
		return refuse(fmt.Sprintf("The import of version %q (%s) has %s: %s. Choose another version.", version.Name, id, diagnose.Clean(string(version.Job.Status)), diagnose.Clean(version.Job.Error)))
	}
	return diags
}

// checkAutomaticUpdates refuses the setting on servers that do not know it.
func (r *workspaceResource) checkAutomaticUpdates(plan *resourceModel) diag.Diagnostics {
	var diags diag.Diagnostics
	version := r.client.ServerVersion()
	if plan.AutomaticUpdates.ValueString() != "" && version.Known() && !version.AtLeast(2, 3) {
		diags.AddAttributeError(path.Root("automatic_updates"), "Server has no automatic updates",
			fmt.Sprintf("The deployment runs Coder %s; automatic updates need Coder 2.3. Remove automatic_updates.", version))
	}
	return diags
}
