package workspace

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/view"
)

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
		TemplateVersionName: view.String(b.TemplateVersionName),
		Deadline:            view.Time(b.Deadline),
		MaxDeadline:         view.Time(b.MaxDeadline),
		DailyCost:           types.Int64Value(b.DailyCost),
		CreatedAt:           view.Time(b.CreatedAt),
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

// withBuildDeadline is the build with another deadline.
func withBuildDeadline(build types.Object, deadline types.String) types.Object {
	if build.IsNull() || build.IsUnknown() {
		return build
	}
	attributes := build.Attributes()
	attributes["deadline"] = deadline
	return types.ObjectValueMust(latestBuildTypes, attributes)
}

var (
	agentTypes = map[string]attr.Type{
		"id":               types.StringType,
		"name":             types.StringType,
		"status":           types.StringType,
		"lifecycle_state":  types.StringType,
		"operating_system": types.StringType,
		"architecture":     types.StringType,
		"apps":             types.ListType{ElemType: types.ObjectType{AttrTypes: appTypes}},
	}
	appTypes = map[string]attr.Type{
		"slug":         types.StringType,
		"display_name": types.StringType,
		"url":          types.StringType,
		"health":       types.StringType,
	}
)

// agentsFromAPI lists the agents of a build in the order of its resources.
func agentsFromAPI(b *coder.WorkspaceBuild) types.List {
	agents := []attr.Value{}
	for agent := range b.Agents() {
		apps := make([]attr.Value, len(agent.Apps))
		for i, app := range agent.Apps {
			apps[i] = types.ObjectValueMust(appTypes, map[string]attr.Value{
				"slug":         types.StringValue(app.Slug),
				"display_name": view.String(app.DisplayName),
				"url":          view.String(app.URL),
				"health":       types.StringValue(app.Health),
			})
		}
		agents = append(agents, types.ObjectValueMust(agentTypes, map[string]attr.Value{
			"id":               types.StringValue(agent.ID.String()),
			"name":             types.StringValue(agent.Name),
			"status":           types.StringValue(agent.Status),
			"lifecycle_state":  types.StringValue(agent.LifecycleState),
			"operating_system": types.StringValue(agent.OperatingSystem),
			"architecture":     types.StringValue(agent.Architecture),
			"apps":             types.ListValueMust(types.ObjectType{AttrTypes: appTypes}, apps),
		}))
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: agentTypes}, agents)
}
