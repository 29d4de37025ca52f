package workspace

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
)

// resourceModel is configuration, plan and state of the resource.
type resourceModel struct {
	ID                  types.String        `tfsdk:"id"`
	Name                types.String        `tfsdk:"name"`
	TemplateID          customtype.UUID     `tfsdk:"template_id"`
	OwnerName           customtype.Username `tfsdk:"owner_name"`
	OwnerID             types.String        `tfsdk:"owner_id"`
	OrganizationID      customtype.UUID     `tfsdk:"organization_id"`
	OrganizationName    types.String        `tfsdk:"organization_name"`
	TemplateName        types.String        `tfsdk:"template_name"`
	TemplateDisplayName types.String        `tfsdk:"template_display_name"`
	TemplateIcon        types.String        `tfsdk:"template_icon"`
	CreatedAt           types.String        `tfsdk:"created_at"`
	Parameters          types.Map           `tfsdk:"parameters"`
	AutostartSchedule   types.String        `tfsdk:"autostart_schedule"`
	TTLMillis           types.Int64         `tfsdk:"ttl_ms"`
	Deadline            timetypes.RFC3339   `tfsdk:"deadline"`
	LatestBuild         types.Object        `tfsdk:"latest_build"`
	Timeouts            timeouts.Value      `tfsdk:"timeouts"`
}

// fromAPI takes over everything the server knows of the workspace. Parameters
// come from another call, the configured deadline and the timeouts are known
// to Terraform alone.
func (m *resourceModel) fromAPI(w *coder.Workspace) {
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
	m.TemplateDisplayName = types.StringValue(w.TemplateDisplayName)
	m.TemplateIcon = types.StringValue(w.TemplateIcon)
	m.CreatedAt = timeValue(w.CreatedAt)
	m.AutostartSchedule = types.StringPointerValue(w.AutostartSchedule)
	m.TTLMillis = types.Int64Value(ttlMillis(w))
	m.LatestBuild = latestBuildFromAPI(&w.LatestBuild).object()
}

// settle fills what the plan left unknown and keeps what it promised: between
// plan and apply the server may have moved on by itself, which the next
// refresh shows.
func (m *resourceModel) settle(w *coder.Workspace) {
	read := resourceModel{OrganizationName: m.OrganizationName}
	read.fromAPI(w)
	if read.OrganizationName.IsUnknown() {
		read.OrganizationName = types.StringNull()
	}

	settle(&m.ID, read.ID)
	settle(&m.OwnerName, read.OwnerName)
	settle(&m.OwnerID, read.OwnerID)
	settle(&m.OrganizationID, read.OrganizationID)
	settle(&m.OrganizationName, read.OrganizationName)
	settle(&m.TemplateName, read.TemplateName)
	settle(&m.TemplateDisplayName, read.TemplateDisplayName)
	settle(&m.TemplateIcon, read.TemplateIcon)
	settle(&m.CreatedAt, read.CreatedAt)
	settle(&m.TTLMillis, read.TTLMillis)
	settle(&m.LatestBuild, read.LatestBuild)
	if deadline := m.LatestBuild.Attributes()["deadline"]; deadline != nil && deadline.IsUnknown() {
		m.LatestBuild = withBuildDeadline(m.LatestBuild, timeValue(w.LatestBuild.Deadline))
	}
}

// settle replaces a planned value that is still unknown.
func settle[T attr.Value](planned *T, read T) {
	if (*planned).IsUnknown() {
		*planned = read
	}
}

// toCreateRequest is the part of the plan that a create can carry.
func (m *resourceModel) toCreateRequest() coder.CreateWorkspaceRequest {
	return coder.CreateWorkspaceRequest{
		Name:                m.Name.ValueString(),
		TemplateID:          m.TemplateID.UUID(),
		AutostartSchedule:   m.AutostartSchedule.ValueStringPointer(),
		TTLMillis:           ttlPointer(m.TTLMillis), // 0 means the template's default here
		RichParameterValues: buildParameters(m.Parameters),
	}
}

// deadlineTime is the configured deadline, zero when there is none yet.
func (m *resourceModel) deadlineTime() time.Time {
	if m.Deadline.IsNull() || m.Deadline.IsUnknown() {
		return time.Time{}
	}
	t, diags := m.Deadline.ValueRFC3339Time()
	if diags.HasError() {
		return time.Time{}
	}
	return t
}

// ttlMillis is the TTL of a workspace with "no autostop" as 0.
func ttlMillis(w *coder.Workspace) int64 {
	if w.TTLMillis == nil {
		return 0
	}
	return *w.TTLMillis
}

// ttlPointer is the TTL as PUT ttl wants it: nil for no autostop.
func ttlPointer(ttl types.Int64) *int64 {
	if ttl.ValueInt64() == 0 {
		return nil
	}
	return ttl.ValueInt64Pointer()
}

// buildParameters lists the known values of a parameters map by name.
func buildParameters(parameters types.Map) []coder.BuildParameter {
	values := parameterValues(parameters)
	list := make([]coder.BuildParameter, 0, len(values))
	for _, name := range sortedKeys(values) {
		list = append(list, coder.BuildParameter{Name: name, Value: values[name]})
	}
	return list
}

// latestBuildModel is the latest_build attribute.
type latestBuildModel struct {
	ID                  types.String `tfsdk:"id"`
	BuildNumber         types.Int64  `tfsdk:"build_number"`
	Transition          types.String `tfsdk:"transition"`
	Status              types.String `tfsdk:"status"`
	Reason              types.String `tfsdk:"reason"`
	TemplateVersionID   types.String `tfsdk:"template_version_id"`
	TemplateVersionName types.String `tfsdk:"template_version_name"`
	Deadline            types.String `tfsdk:"deadline"`
	MaxDeadline         types.String `tfsdk:"max_deadline"`
	DailyCost           types.Int64  `tfsdk:"daily_cost"`
	CreatedAt           types.String `tfsdk:"created_at"`
}

var latestBuildTypes = map[string]attr.Type{
	"id":                    types.StringType,
	"build_number":          types.Int64Type,
	"transition":            types.StringType,
	"status":                types.StringType,
	"reason":                types.StringType,
	"template_version_id":   types.StringType,
	"template_version_name": types.StringType,
	"deadline":              types.StringType,
	"max_deadline":          types.StringType,
	"daily_cost":            types.Int64Type,
	"created_at":            types.StringType,
}

func latestBuildFromAPI(b *coder.WorkspaceBuild) latestBuildModel {
	return latestBuildModel{
		ID:                types.StringValue(b.ID.String()),
		BuildNumber:       types.Int64Value(b.BuildNumber),
		Transition:        types.StringValue(string(b.Transition)),
		Status:            types.StringValue(string(b.Status)),
		Reason:            types.StringValue(b.Reason),
		TemplateVersionID: types.StringValue(b.TemplateVersionID.String()),
		// The answers of the two POSTs leave the name empty.
		TemplateVersionName: stringOrNull(b.TemplateVersionName),
		Deadline:            timeValue(b.Deadline),
		MaxDeadline:         timeValue(b.MaxDeadline),
		DailyCost:           types.Int64Value(b.DailyCost),
		CreatedAt:           timeValue(b.CreatedAt),
	}
}

func (b latestBuildModel) object() types.Object {
	return types.ObjectValueMust(latestBuildTypes, map[string]attr.Value{
		"id":                    b.ID,
		"build_number":          b.BuildNumber,
		"transition":            b.Transition,
		"status":                b.Status,
		"reason":                b.Reason,
		"template_version_id":   b.TemplateVersionID,
		"template_version_name": b.TemplateVersionName,
		"deadline":              b.Deadline,
		"max_deadline":          b.MaxDeadline,
		"daily_cost":            b.DailyCost,
		"created_at":            b.CreatedAt,
	})
}

// latestBuild reads the attribute back; the zero model when it is null or
// unknown.
func (m *resourceModel) latestBuild(ctx context.Context) latestBuildModel {
	var build latestBuildModel
	if !m.LatestBuild.IsNull() && !m.LatestBuild.IsUnknown() {
		// Object and model have the same fields, which a test proves.
		_ = m.LatestBuild.As(ctx, &build, objectAsOptions)
	}
	return build
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
