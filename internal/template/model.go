package template

import (
	"cmp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/view"
)

// maxVersions bounds the list of versions: templates that are published by a
// pipeline can have thousands.
const maxVersions = 100

// model is the data source's configuration and result.
type model struct {
	ID               customtype.UUID `tfsdk:"id"`
	Name             types.String    `tfsdk:"name"`
	Organization     types.String    `tfsdk:"organization"`
	OrganizationID   types.String    `tfsdk:"organization_id"`
	OrganizationName types.String    `tfsdk:"organization_name"`
	DisplayName      types.String    `tfsdk:"display_name"`
	Description      types.String    `tfsdk:"description"`
	Icon             types.String    `tfsdk:"icon"`
	CreatedAt        types.String    `tfsdk:"created_at"`
	UpdatedAt        types.String    `tfsdk:"updated_at"`
	CreatedByID      types.String    `tfsdk:"created_by_id"`
	CreatedByName    types.String    `tfsdk:"created_by_name"`

	Deprecated                   types.Bool   `tfsdk:"deprecated"`
	DeprecationMessage           types.String `tfsdk:"deprecation_message"`
	RequireActiveVersion         types.Bool   `tfsdk:"require_active_version"`
	UseClassicParameterFlow      types.Bool   `tfsdk:"use_classic_parameter_flow"`
	AllowUserCancelWorkspaceJobs types.Bool   `tfsdk:"allow_user_cancel_workspace_jobs"`

	AllowUserAutostart             types.Bool                `tfsdk:"allow_user_autostart"`
	AllowUserAutostop              types.Bool                `tfsdk:"allow_user_autostop"`
	DefaultTTLMillis               types.Int64               `tfsdk:"default_ttl_ms"`
	MaxTTLMillis                   types.Int64               `tfsdk:"max_ttl_ms"`
	ActivityBumpMillis             types.Int64               `tfsdk:"activity_bump_ms"`
	FailureTTLMillis               types.Int64               `tfsdk:"failure_ttl_ms"`
	TimeTilDormantMillis           types.Int64               `tfsdk:"time_til_dormant_ms"`
	TimeTilDormantAutoDeleteMillis types.Int64               `tfsdk:"time_til_dormant_autodelete_ms"`
	AutostopRequirement            *autostopRequirementView  `tfsdk:"autostop_requirement"`
	AutostartRequirement           *autostartRequirementView `tfsdk:"autostart_requirement"`

	ActiveVersionID types.String    `tfsdk:"active_version_id"`
	IncludeVersions types.Bool      `tfsdk:"include_versions"`
	Versions        []versionView   `tfsdk:"versions"`
	VersionID       customtype.UUID `tfsdk:"version_id"`
	VersionName     types.String    `tfsdk:"version_name"`
	Parameters      []parameterView `tfsdk:"parameters"`
	Presets         []presetView    `tfsdk:"presets"`
}

type autostopRequirementView struct {
	DaysOfWeek []types.String `tfsdk:"days_of_week"`
	Weeks      types.Int64    `tfsdk:"weeks"`
}

type autostartRequirementView struct {
	DaysOfWeek []types.String `tfsdk:"days_of_week"`
}

type versionView struct {
	ID            types.String `tfsdk:"id"`
	Name          types.String `tfsdk:"name"`
	Message       types.String `tfsdk:"message"`
	Active        types.Bool   `tfsdk:"active"`
	Archived      types.Bool   `tfsdk:"archived"`
	CreatedAt     types.String `tfsdk:"created_at"`
	CreatedByID   types.String `tfsdk:"created_by_id"`
	CreatedByName types.String `tfsdk:"created_by_name"`
	ImportStatus  types.String `tfsdk:"import_status"`
	ImportError   types.String `tfsdk:"import_error"`
}

type parameterView struct {
	Name                types.String `tfsdk:"name"`
	DisplayName         types.String `tfsdk:"display_name"`
	Description         types.String `tfsdk:"description"`
	Icon                types.String `tfsdk:"icon"`
	Type                types.String `tfsdk:"type"`
	FormType            types.String `tfsdk:"form_type"`
	DefaultValue        types.String `tfsdk:"default_value"`
	Required            types.Bool   `tfsdk:"required"`
	Mutable             types.Bool   `tfsdk:"mutable"`
	Ephemeral           types.Bool   `tfsdk:"ephemeral"`
	Options             []optionView `tfsdk:"options"`
	ValidationRegex     types.String `tfsdk:"validation_regex"`
	ValidationError     types.String `tfsdk:"validation_error"`
	ValidationMin       types.Int64  `tfsdk:"validation_min"`
	ValidationMax       types.Int64  `tfsdk:"validation_max"`
	ValidationMonotonic types.String `tfsdk:"validation_monotonic"`
}

type optionView struct {
	Name        types.String `tfsdk:"name"`
	Value       types.String `tfsdk:"value"`
	Description types.String `tfsdk:"description"`
	Icon        types.String `tfsdk:"icon"`
}

type presetView struct {
	ID                       types.String            `tfsdk:"id"`
	Name                     types.String            `tfsdk:"name"`
	Description              types.String            `tfsdk:"description"`
	Icon                     types.String            `tfsdk:"icon"`
	Default                  types.Bool              `tfsdk:"default"`
	DesiredPrebuildInstances types.Int64             `tfsdk:"desired_prebuild_instances"`
	Parameters               map[string]types.String `tfsdk:"parameters"`
}

// show is the result for a template, one version of it with its parameters and
// presets, and all its versions, oldest first; nil shows none.
func show(t *coder.Template, version *coder.TemplateVersion, parameters []coder.TemplateVersionParameter, presets []coder.Preset, versions []coder.TemplateVersion) model {
	result := model{
		ID:               customtype.UUIDValue(t.ID),
		Name:             types.StringValue(t.Name),
		OrganizationID:   types.StringValue(t.OrganizationID.String()),
		OrganizationName: view.String(t.OrganizationName),
		DisplayName:      types.StringValue(t.DisplayName),
		Description:      types.StringValue(t.Description),
		Icon:             types.StringValue(t.Icon),
		CreatedAt:        view.Time(t.CreatedAt),
		UpdatedAt:        view.Time(t.UpdatedAt),
		CreatedByID:      view.UUID(t.CreatedByID),
		CreatedByName:    view.String(t.CreatedByName),

		Deprecated:                   types.BoolValue(t.Deprecated),
		DeprecationMessage:           view.String(t.DeprecationMessage),
		RequireActiveVersion:         types.BoolValue(t.RequireActiveVersion),
		UseClassicParameterFlow:      types.BoolValue(t.UseClassicParameterFlow == nil || *t.UseClassicParameterFlow),
		AllowUserCancelWorkspaceJobs: types.BoolValue(t.AllowUserCancelWorkspaceJobs),

		AllowUserAutostart:             types.BoolValue(t.AllowUserAutostart),
		AllowUserAutostop:              types.BoolValue(t.AllowUserAutostop),
		DefaultTTLMillis:               types.Int64Value(t.DefaultTTLMillis),
		MaxTTLMillis:                   types.Int64PointerValue(t.MaxTTLMillis),
		ActivityBumpMillis:             types.Int64PointerValue(t.ActivityBumpMillis),
		FailureTTLMillis:               types.Int64PointerValue(t.FailureTTLMillis),
		TimeTilDormantMillis:           types.Int64PointerValue(cmp.Or(t.TimeTilDormantMillis, t.InactivityTTLMillis)),
		TimeTilDormantAutoDeleteMillis: types.Int64PointerValue(cmp.Or(t.TimeTilDormantAutoDeleteMillis, t.LockedTTLMillis)),

		ActiveVersionID: types.StringValue(t.ActiveVersionID.String()),
		VersionID:       customtype.UUIDValue(version.ID),
		VersionName:     types.StringValue(version.Name),
		Parameters:      view.List(parameters, showParameter),
		Presets:         view.List(presets, showPreset),
	}
	if r := t.AutostopRequirement; r != nil {
		result.AutostopRequirement = &autostopRequirementView{DaysOfWeek: view.Strings(r.DaysOfWeek), Weeks: types.Int64Value(r.Weeks)}
	}
	if r := t.AutostartRequirement; r != nil {
		result.AutostartRequirement = &autostartRequirementView{DaysOfWeek: view.Strings(r.DaysOfWeek)}
	}
	if versions != nil {
		newest := versions[max(len(versions)-maxVersions, 0):]
		result.Versions = view.List(newest, func(v *coder.TemplateVersion) versionView { return showVersion(v, v.ID == t.ActiveVersionID) })
		slices.Reverse(result.Versions)
	}
	return result
}

func showVersion(v *coder.TemplateVersion, active bool) versionView {
	return versionView{
		ID:            types.StringValue(v.ID.String()),
		Name:          types.StringValue(v.Name),
		Message:       view.String(v.Message),
		Active:        types.BoolValue(active),
		Archived:      types.BoolValue(v.Archived),
		CreatedAt:     view.Time(v.CreatedAt),
		CreatedByID:   view.UUID(v.CreatedBy.ID),
		CreatedByName: view.String(v.CreatedBy.Username),
		ImportStatus:  types.StringValue(string(v.Job.Status)),
		ImportError:   view.String(v.Job.Error),
	}
}

func showParameter(p *coder.TemplateVersionParameter) parameterView {
	shown := parameterView{
		Name:                types.StringValue(p.Name),
		DisplayName:         view.String(p.DisplayName),
		Description:         types.StringValue(p.Description),
		Icon:                types.StringValue(p.Icon),
		Type:                types.StringValue(p.Type),
		FormType:            view.String(p.FormType),
		DefaultValue:        types.StringValue(p.DefaultValue),
		Required:            types.BoolValue(p.Required),
		Mutable:             types.BoolValue(p.Mutable),
		Ephemeral:           types.BoolValue(p.Ephemeral),
		Options:             view.List(p.Options, showOption),
		ValidationRegex:     view.String(p.ValidationRegex),
		ValidationError:     view.String(p.ValidationError),
		ValidationMin:       types.Int64PointerValue(p.ValidationMin),
		ValidationMax:       types.Int64PointerValue(p.ValidationMax),
		ValidationMonotonic: view.String(p.ValidationMonotonic),
	}
	if p.Required {
		shown.DefaultValue = types.StringNull()
	}
	return shown
}

func showOption(o *coder.ParameterOption) optionView {
	return optionView{
		Name:        types.StringValue(o.Name),
		Value:       types.StringValue(o.Value),
		Description: types.StringValue(o.Description),
		Icon:        types.StringValue(o.Icon),
	}
}

func showPreset(p *coder.Preset) presetView {
	values := make(map[string]types.String, len(p.Parameters))
	for name, value := range p.Values() {
		values[name] = types.StringValue(value)
	}
	return presetView{
		ID:                       types.StringValue(p.ID.String()),
		Name:                     types.StringValue(p.Name),
		Description:              view.String(p.Description),
		Icon:                     view.String(p.Icon),
		Default:                  types.BoolValue(p.Default),
		DesiredPrebuildInstances: types.Int64PointerValue(p.DesiredPrebuildInstances),
		Parameters:               values,
	}
}
