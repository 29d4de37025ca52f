package template

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

func decode[T any](t *testing.T, text string) *T {
	t.Helper()
	value := new(T)
	if err := json.Unmarshal([]byte(text), value); err != nil {
		t.Fatal(err)
	}
	return value
}

func texts(values ...string) []types.String {
	list := make([]types.String, len(values))
	for i, value := range values {
		list[i] = types.StringValue(value)
	}
	return list
}

const (
	templateID = "4a36ea2a-e2cc-4898-a839-26b235ac00df"
	versionID  = "e06f0bed-2b94-4a1a-a514-fc0d28b53d3a"
	oldID      = "fb526533-760d-4dd2-b4c8-75c0db2999e1"
)

// The schedule policy as the releases at both ends of the range spell it.
func TestShow_policy(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, answer string
		want         model // the policy alone
	}{
		{
			name: "seed",
			answer: `{"allow_user_autostart": true, "allow_user_autostop": false, "default_ttl_ms": 1, "max_ttl_ms": 2, "failure_ttl_ms": 3,
				"inactivity_ttl_ms": 4, "locked_ttl_ms": 5}`,
			want: model{
				AllowUserAutostart: types.BoolValue(true), AllowUserAutostop: types.BoolValue(false),
				DefaultTTLMillis: types.Int64Value(1), MaxTTLMillis: types.Int64Value(2), FailureTTLMillis: types.Int64Value(3),
				TimeTilDormantMillis: types.Int64Value(4), TimeTilDormantAutoDeleteMillis: types.Int64Value(5),
				Deprecated: types.BoolValue(false), RequireActiveVersion: types.BoolValue(false), UseClassicParameterFlow: types.BoolValue(true),
			},
		},
		{
			name: "v2.35.1",
			answer: `{"allow_user_autostart": false, "allow_user_autostop": true, "default_ttl_ms": 1, "activity_bump_ms": 2, "failure_ttl_ms": 3,
				"time_til_dormant_ms": 4, "time_til_dormant_autodelete_ms": 5, "deprecated": true, "deprecation_message": "use another",
				"require_active_version": true, "use_classic_parameter_flow": false,
				"autostop_requirement": {"days_of_week": ["sunday"], "weeks": 2}, "autostart_requirement": {"days_of_week": ["monday", "friday"]}}`,
			want: model{
				AllowUserAutostart: types.BoolValue(false), AllowUserAutostop: types.BoolValue(true),
				DefaultTTLMillis: types.Int64Value(1), ActivityBumpMillis: types.Int64Value(2), FailureTTLMillis: types.Int64Value(3),
				TimeTilDormantMillis: types.Int64Value(4), TimeTilDormantAutoDeleteMillis: types.Int64Value(5),
				Deprecated: types.BoolValue(true), DeprecationMessage: types.StringValue("use another"),
				RequireActiveVersion: types.BoolValue(true), UseClassicParameterFlow: types.BoolValue(false),
				AutostopRequirement:  &autostopRequirementView{DaysOfWeek: texts("sunday"), Weeks: types.Int64Value(2)},
				AutostartRequirement: &autostartRequirementView{DaysOfWeek: texts("monday", "friday")},
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shown := show(decode[coder.Template](t, tt.answer), &coder.TemplateVersion{}, nil, nil, nil)
			got := model{
				AllowUserAutostart: shown.AllowUserAutostart, AllowUserAutostop: shown.AllowUserAutostop,
				DefaultTTLMillis: shown.DefaultTTLMillis, MaxTTLMillis: shown.MaxTTLMillis, ActivityBumpMillis: shown.ActivityBumpMillis,
				FailureTTLMillis: shown.FailureTTLMillis, TimeTilDormantMillis: shown.TimeTilDormantMillis,
				TimeTilDormantAutoDeleteMillis: shown.TimeTilDormantAutoDeleteMillis, AutostopRequirement: shown.AutostopRequirement,
				AutostartRequirement: shown.AutostartRequirement, Deprecated: shown.Deprecated, DeprecationMessage: shown.DeprecationMessage,
				RequireActiveVersion: shown.RequireActiveVersion, UseClassicParameterFlow: shown.UseClassicParameterFlow,
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("policy differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestShow_parameters(t *testing.T) {
	t.Parallel()
	answer := decode[[]coder.TemplateVersionParameter](t, `[
		{"name": "disk", "display_name": "Disk", "description": "In GB.", "icon": "/disk.svg", "type": "number", "form_type": "slider",
			"default_value": "10", "mutable": true, "ephemeral": true, "required": false, "options": [], "validation_error": "between {min} and {max}",
			"validation_min": 1, "validation_max": 100, "validation_monotonic": "increasing"},
		{"name": "zone", "description": "", "icon": "", "type": "string", "default_value": "", "mutable": false, "required": true,
			"options": [{"name": "A", "value": "a", "description": "The first.", "icon": "/a.svg"}], "validation_regex": "^[a-z]$"}
	]`)
	presets := decode[[]coder.Preset](t, `[
		{"ID": "`+oldID+`", "Name": "big", "Description": "For builds.", "Icon": "/big.svg", "Default": true, "DesiredPrebuildInstances": 2,
			"Parameters": [{"Name": "disk", "Value": "80"}]},
		{"ID": "`+versionID+`", "Name": "plain", "Parameters": null}
	]`)
	got := show(&coder.Template{}, &coder.TemplateVersion{}, *answer, *presets, nil)

	wantParameters := []parameterView{
		{
			Name: types.StringValue("disk"), DisplayName: types.StringValue("Disk"), Description: types.StringValue("In GB."),
			Icon: types.StringValue("/disk.svg"), Type: types.StringValue("number"), FormType: types.StringValue("slider"),
			DefaultValue: types.StringValue("10"), Required: types.BoolValue(false), Mutable: types.BoolValue(true), Ephemeral: types.BoolValue(true),
			Options: []optionView{}, ValidationError: types.StringValue("between {min} and {max}"),
			ValidationMin: types.Int64Value(1), ValidationMax: types.Int64Value(100), ValidationMonotonic: types.StringValue("increasing"),
		},
		{
			Name: types.StringValue("zone"), Description: types.StringValue(""), Icon: types.StringValue(""), Type: types.StringValue("string"),
			Required: types.BoolValue(true), Mutable: types.BoolValue(false), Ephemeral: types.BoolValue(false),
			Options: []optionView{{
				Name: types.StringValue("A"), Value: types.StringValue("a"), Description: types.StringValue("The first."), Icon: types.StringValue("/a.svg"),
			}},
			ValidationRegex: types.StringValue("^[a-z]$"),
		},
	}
	if diff := cmp.Diff(wantParameters, got.Parameters); diff != "" {
		t.Errorf("parameters differ (-want +got):\n%s", diff)
	}
	wantPresets := []presetView{
		{
			ID: types.StringValue(oldID), Name: types.StringValue("big"), Description: types.StringValue("For builds."), Icon: types.StringValue("/big.svg"),
			Default: types.BoolValue(true), DesiredPrebuildInstances: types.Int64Value(2),
			Parameters: map[string]types.String{"disk": types.StringValue("80")},
		},
		{
			ID: types.StringValue(versionID), Name: types.StringValue("plain"), Default: types.BoolValue(false), Parameters: map[string]types.String{},
		},
	}
	if diff := cmp.Diff(wantPresets, got.Presets); diff != "" {
		t.Errorf("presets differ (-want +got):\n%s", diff)
	}
}

// The newest versions come first, and only so many of them.
func TestShow_versions(t *testing.T) {
	t.Parallel()
	versions := make([]coder.TemplateVersion, maxVersions+1)
	for i := range versions {
		versions[i].Name = fmt.Sprint("v", i)
	}
	got := show(&coder.Template{}, &coder.TemplateVersion{}, nil, nil, versions).Versions
	if len(got) != maxVersions || got[0].Name.ValueString() != fmt.Sprint("v", maxVersions) || got[maxVersions-1].Name.ValueString() != "v1" {
		t.Errorf("%d versions from %s to %s", len(got), got[0].Name, got[len(got)-1].Name)
	}

	two := decode[[]coder.TemplateVersion](t, `[
		{"id": "`+oldID+`", "name": "v1", "message": "first", "archived": true, "created_at": "2026-11-23T09:45:43.2113+01:00",
			"created_by": {"id": "`+templateID+`", "username": "ada"}, "job": {"status": "failed", "error": "terraform plan: exit status 1"}},
		{"id": "`+versionID+`", "name": "v2", "job": {"status": "succeeded"}}
	]`)
	active := (*two)[1].ID
	got = show(&coder.Template{ActiveVersionID: active}, &coder.TemplateVersion{}, nil, nil, *two).Versions
	want := []versionView{
		{
			ID: types.StringValue(versionID), Name: types.StringValue("v2"), Active: types.BoolValue(true), Archived: types.BoolValue(false),
			ImportStatus: types.StringValue("succeeded"),
		},
		{
			ID: types.StringValue(oldID), Name: types.StringValue("v1"), Message: types.StringValue("first"), Active: types.BoolValue(false),
			Archived: types.BoolValue(true), CreatedAt: types.StringValue("2026-11-23T08:45:43.2113Z"), CreatedByID: types.StringValue(templateID),
			CreatedByName: types.StringValue("ada"), ImportStatus: types.StringValue("failed"),
			ImportError: types.StringValue("terraform plan: exit status 1"),
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("versions differ (-want +got):\n%s", diff)
	}
}
