package coder

import (
	"context"
	"net/http"

	"github.com/google/uuid"
)

// ParameterForm is what a template version asks for when certain values are
// given: in templates of Coder ≥2.24 that do not use the classic parameter flow
// parameters can depend on each other and on the owner of the workspace.
type ParameterForm struct {
	// Diagnostics are about the template as a whole. An error among them
	// refuses every build with these values.
	Diagnostics []FormDiagnostic `json:"diagnostics"`
	Parameters  []FormParameter  `json:"parameters"`
}

// FormParameter is one parameter of a form.
type FormParameter struct {
	Name         string           `json:"name"`
	DisplayName  string           `json:"display_name"`
	Description  string           `json:"description"`
	Type         string           `json:"type"`
	FormType     string           `json:"form_type"`
	Styling      FormStyling      `json:"styling"`
	Mutable      bool             `json:"mutable"`
	Ephemeral    bool             `json:"ephemeral"`
	Required     bool             `json:"required"`
	DefaultValue FormValue        `json:"default_value"`
	Options      []FormOption     `json:"options"`
	Validations  []FormValidation `json:"validations"`
	// Value is the one a build would get: the given one or the default.
	Value       FormValue        `json:"value"`
	Diagnostics []FormDiagnostic `json:"diagnostics"`
}

// FormValue is a value that may be missing.
type FormValue struct {
	Value string `json:"value"` // without meaning unless Valid
	Valid bool   `json:"valid"`
}

// FormStyling is how the dashboard shows a parameter.
type FormStyling struct {
	// MaskInput hides what is typed: the value is a secret.
	MaskInput bool `json:"mask_input"`
}

// FormOption is one allowed value of a parameter in a form.
type FormOption struct {
	Name  string    `json:"name"`
	Value FormValue `json:"value"`
}

// FormValidation is a rule for the value of a parameter in a form.
type FormValidation struct {
	Error     string `json:"validation_error"`
	Regex     string `json:"validation_regex"`
	Min       *int64 `json:"validation_min"`
	Max       *int64 `json:"validation_max"`
	Monotonic string `json:"validation_monotonic"`
}

// The severities of a [FormDiagnostic].
const (
	SeverityError   = "error"
	SeverityWarning = "warning"
)

// DiagnosticRequired is the code of the diagnostic for a missing value.
const DiagnosticRequired = "required"

// FormDiagnostic is what the server finds wrong with a form or a value.
type FormDiagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Extra    struct {
		Code string `json:"code"` // mostly ""
	} `json:"extra"`
}

// EvaluateParameters asks which parameters a template version has when these
// values are given for a workspace of that owner; the zero owner is the token's
// user. The form has every parameter, with its value and what is wrong with it.
//
// Names that the form does not have are ignored without a diagnostic. The values
// of previous builds are not known to the server: whether an immutable value
// changes, or a monotonic one moves the wrong way, it says at the build only.
//
// Coder ≥2.24; see [UnknownRoute].
func (c *Client) EvaluateParameters(ctx context.Context, version, owner uuid.UUID, inputs map[string]string) (*ParameterForm, error) {
	body := struct {
		ID      int               `json:"id"` // tells the answers on a WebSocket apart
		Inputs  map[string]string `json:"inputs"`
		OwnerID uuid.UUID         `json:"owner_id,omitzero"`
	}{ID: 1, Inputs: inputs, OwnerID: owner}
	if body.Inputs == nil {
		body.Inputs = map[string]string{}
	}
	return call[ParameterForm](ctx, c, http.MethodPost, nil, body, "templateversions", version.String(), "dynamic-parameters", "evaluate")
}

// Preset is a named set of parameter values of a template version. In a build
// they win over values given for the same parameters.
type Preset struct {
	ID          uuid.UUID         `json:"ID"` // the API writes these names with capitals
	Name        string            `json:"Name"`
	Description string            `json:"Description"` // Coder ≥2.25
	Icon        string            `json:"Icon"`        // Coder ≥2.25
	Default     bool              `json:"Default"`     // Coder ≥2.24
	Parameters  []PresetParameter `json:"Parameters"`
	// DesiredPrebuildInstances is how many workspaces the server keeps ready
	// for the preset; nil before Coder 2.25.
	DesiredPrebuildInstances *int64 `json:"DesiredPrebuildInstances"`
}

// PresetParameter is one value of a preset.
type PresetParameter struct {
	Name  string `json:"Name"`
	Value string `json:"Value"`
}

// Values are the preset's values by the names of their parameters.
func (p *Preset) Values() map[string]string {
	values := make(map[string]string, len(p.Parameters))
	for _, parameter := range p.Parameters {
		values[parameter.Name] = parameter.Value
	}
	return values
}

// Presets lists the presets of a template version; most have none. Coder ≥2.20;
// see [UnknownRoute].
func (c *Client) Presets(ctx context.Context, version uuid.UUID) ([]Preset, error) {
	return callList[Preset](ctx, c, nil, "templateversions", version.String(), "presets")
}
