package workspace

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
	"github.com/coderws/terraform-provider-coderws/internal/view"
)

// resourceModel is configuration, plan and state of the resource.
type resourceModel struct {
	ID                types.String        `tfsdk:"id"`
	Name              types.String        `tfsdk:"name"`
	TemplateID        customtype.UUID     `tfsdk:"template_id"`
	OwnerName         customtype.Username `tfsdk:"owner_name"`
	OwnerID           types.String        `tfsdk:"owner_id"`
	OrganizationID    customtype.UUID     `tfsdk:"organization_id"`
	OrganizationName  types.String        `tfsdk:"organization_name"`
	TemplateName      types.String        `tfsdk:"template_name"`
	CreatedAt         types.String        `tfsdk:"created_at"`
	URL               types.String        `tfsdk:"url"`
	TemplateVersionID customtype.UUID     `tfsdk:"template_version_id"`
	Preset            types.String        `tfsdk:"preset"`
	Parameters        types.Map           `tfsdk:"parameters"`
	// EphemeralParameters are write-only: null everywhere but in the configuration.
	EphemeralParameters        types.Map         `tfsdk:"ephemeral_parameters"`
	EphemeralParametersVersion types.Int64       `tfsdk:"ephemeral_parameters_version"`
	DesiredStatus              types.String      `tfsdk:"desired_status"`
	AutomaticUpdates           types.String      `tfsdk:"automatic_updates"`
	WaitForAgents              types.Bool        `tfsdk:"wait_for_agents"`
	DeletionProtection         types.Bool        `tfsdk:"deletion_protection"`
	OrphanOnDestroy            types.Bool        `tfsdk:"orphan_on_destroy"`
	Dormant                    types.Bool        `tfsdk:"dormant"`
	AutostartSchedule          types.String      `tfsdk:"autostart_schedule"`
	TTLMillis                  types.Int64       `tfsdk:"ttl_ms"`
	Deadline                   timetypes.RFC3339 `tfsdk:"deadline"`
	LatestBuild                types.Object      `tfsdk:"latest_build"`
	Timeouts                   timeouts.Value    `tfsdk:"timeouts"`
}

// setDefaults fills in what Coder knows nothing of, for a workspace that comes
// from there and not from a configuration.
func (m *resourceModel) setDefaults() {
	m.WaitForAgents, m.DeletionProtection, m.OrphanOnDestroy = types.BoolValue(false), types.BoolValue(false), types.BoolValue(false)
}

// fromAPI takes over everything the server knows of the workspace. Parameters
// come from another call, the configured deadline and the timeouts are known
// to Terraform alone.
func (m *resourceModel) fromAPI(client *coder.Client, w *coder.Workspace) {
	m.ID = types.StringValue(w.ID.String())
	m.Name = types.StringValue(w.Name)
	m.TemplateID = customtype.UUIDValue(w.TemplateID)
	m.OwnerName = customtype.UsernameValue(w.OwnerName)
	m.OwnerID = types.StringValue(w.OwnerID.String())
	m.OrganizationID = customtype.UUIDValue(w.OrganizationID)
	if w.OrganizationName != "" { // Coder ≥2.14; looked up once for older ones
		m.OrganizationName = types.StringValue(w.OrganizationName)
	}
	m.TemplateName = types.StringValue(w.TemplateName)
	m.CreatedAt = view.Time(w.CreatedAt)
	m.URL = types.StringValue(client.WorkspaceURL(w.OwnerName, w.Name))
	m.AutostartSchedule = types.StringPointerValue(w.AutostartSchedule)
	m.TTLMillis = types.Int64Value(ttlMillis(w))
	m.TemplateVersionID = customtype.UUIDValue(w.LatestBuild.TemplateVersionID)
	m.AutomaticUpdates = view.String(w.AutomaticUpdates) // null before Coder 2.3
	if !m.Dormant.IsNull() {
		m.Dormant = types.BoolValue(w.IsDormant())
	}
	if !m.DesiredStatus.IsNull() {
		m.DesiredStatus = types.StringValue(desiredStatus(&w.LatestBuild))
	}
	m.LatestBuild = latestBuild(&w.LatestBuild)
}

// settle fills what the plan left unknown and keeps what it promised: between
// plan and apply the server may have moved on by itself, which the next
// refresh shows.
func (m *resourceModel) settle(client *coder.Client, w *coder.Workspace) {
	read := resourceModel{OrganizationName: m.OrganizationName}
	read.fromAPI(client, w)
	if read.OrganizationName.IsUnknown() {
		read.OrganizationName = types.StringNull()
	}

	settle(&m.ID, read.ID)
	settle(&m.OwnerName, read.OwnerName)
	settle(&m.OwnerID, read.OwnerID)
	settle(&m.OrganizationID, read.OrganizationID)
	settle(&m.OrganizationName, read.OrganizationName)
	settle(&m.TemplateName, read.TemplateName)
	settle(&m.CreatedAt, read.CreatedAt)
	settle(&m.URL, read.URL)
	settle(&m.TTLMillis, read.TTLMillis)
	settle(&m.TemplateVersionID, read.TemplateVersionID)
	settle(&m.AutomaticUpdates, read.AutomaticUpdates)
	settle(&m.LatestBuild, read.LatestBuild)
	if deadline := m.LatestBuild.Attributes()["deadline"]; deadline != nil && deadline.IsUnknown() {
		m.LatestBuild = withBuildDeadline(m.LatestBuild, view.Time(w.LatestBuild.Deadline))
	}
}

// settle replaces a planned value that is still unknown.
func settle[T attr.Value](planned *T, read T) {
	if (*planned).IsUnknown() {
		*planned = read
	}
}

// latestBuildTypes are the types of what latest_build has.
var latestBuildTypes = func() map[string]attr.Type {
	kinds := map[string]attr.Type{}
	for name, attribute := range latestBuildAttribute().Attributes {
		kinds[name] = attribute.GetType()
	}
	return kinds
}()

func latestBuild(b *coder.WorkspaceBuild) types.Object {
	return types.ObjectValueMust(latestBuildTypes, map[string]attr.Value{
		"id":           types.StringValue(b.ID.String()),
		"build_number": types.Int64Value(b.BuildNumber),
		"transition":   types.StringValue(string(b.Transition)),
		"status":       types.StringValue(string(b.Status)),
		// The answers of the two POSTs leave the name empty.
		"template_version_name": view.String(b.TemplateVersionName),
		"deadline":              view.Time(b.Deadline),
		"max_deadline":          view.Time(b.MaxDeadline),
	})
}

// latestBuildID is the id of the latest build in the state; "" when there is
// none.
func (m *resourceModel) latestBuildID() string {
	id, _ := m.LatestBuild.Attributes()["id"].(types.String)
	return id.ValueString()
}

// withBuildDeadline is the build with another deadline.
func withBuildDeadline(build types.Object, deadline types.String) types.Object {
	if build.IsNull() || build.IsUnknown() {
		return build
	}
	attributes := build.Attributes()
	attributes["deadline"] = deadline
	return types.ObjectValueMust(latestBuildTypes, attributes)
}

// ttlMillis is the TTL of a workspace with "no autostop" as 0.
func ttlMillis(w *coder.Workspace) int64 {
	if w.TTLMillis == nil {
		return 0
	}
	return *w.TTLMillis
}

// desiredStatus is the run state that a build has reached or leads to. A build
// that failed or was canceled has led to none; its status stands for itself,
// which differs from everything that can be desired.
func desiredStatus(b *coder.WorkspaceBuild) string {
	build := lifecycle.Build{Transition: b.Transition, Status: b.Status}
	if state := build.LeadsTo(); state != "" {
		return string(state)
	}
	return string(b.Status)
}
