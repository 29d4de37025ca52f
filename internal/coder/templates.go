package coder

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// Template is what workspaces are built from.
type Template struct {
	ID                   uuid.UUID `json:"id"`
	CreatedAt            time.Time `json:"created_at"`
	UpdatedAt            time.Time `json:"updated_at"`
	OrganizationID       uuid.UUID `json:"organization_id"`
	OrganizationName     string    `json:"organization_name"` // "" before Coder 2.13
	Name                 string    `json:"name"`
	DisplayName          string    `json:"display_name"`
	Description          string    `json:"description"`
	Icon                 string    `json:"icon"`
	ActiveVersionID      uuid.UUID `json:"active_version_id"`
	DefaultTTLMillis     int64     `json:"default_ttl_ms"` // 0 means no autostop
	AllowUserAutostart   bool      `json:"allow_user_autostart"`
	AllowUserAutostop    bool      `json:"allow_user_autostop"`
	RequireActiveVersion bool      `json:"require_active_version"`
	Deprecated           bool      `json:"deprecated"`
	DeprecationMessage   string    `json:"deprecation_message"`
	// UseClassicParameterFlow is nil before Coder 2.23, which has only that
	// flow.
	UseClassicParameterFlow *bool `json:"use_classic_parameter_flow"`
}

// Template reads a template by id.
func (c *Client) Template(ctx context.Context, id uuid.UUID) (*Template, error) {
	return call[Template](ctx, c, http.MethodGet, nil, nil, "templates", id.String())
}

// TemplateByName reads a template of an organization; the name matches without
// regard to case.
func (c *Client) TemplateByName(ctx context.Context, organization uuid.UUID, name string) (*Template, error) {
	return call[Template](ctx, c, http.MethodGet, nil, nil, "organizations", organization.String(), "templates", name)
}

// Templates lists the templates of an organization. Coder ≥2.23 leaves
// deprecated ones out.
func (c *Client) Templates(ctx context.Context, organization uuid.UUID) ([]Template, error) {
	return callList[Template](ctx, c, nil, "organizations", organization.String(), "templates")
}

// TemplateVersion is one published source of a template.
type TemplateVersion struct {
	ID             uuid.UUID      `json:"id"`
	TemplateID     uuid.UUID      `json:"template_id"` // nil UUID when it belongs to none
	OrganizationID uuid.UUID      `json:"organization_id"`
	CreatedAt      time.Time      `json:"created_at"`
	UpdatedAt      time.Time      `json:"updated_at"`
	Name           string         `json:"name"`
	Message        string         `json:"message"`
	Archived       bool           `json:"archived"`
	Job            ProvisionerJob `json:"job"`
}

// TemplateVersion reads a template version by id.
func (c *Client) TemplateVersion(ctx context.Context, id uuid.UUID) (*TemplateVersion, error) {
	return call[TemplateVersion](ctx, c, http.MethodGet, nil, nil, "templateversions", id.String())
}

// TemplateVersionParameter is one parameter a template version asks for.
type TemplateVersionParameter struct {
	Name                string            `json:"name"`
	DisplayName         string            `json:"display_name"`
	Description         string            `json:"description"`
	Type                string            `json:"type"`
	FormType            string            `json:"form_type"` // Coder ≥2.24
	Mutable             bool              `json:"mutable"`
	Ephemeral           bool              `json:"ephemeral"` // Coder ≥0.26
	Required            bool              `json:"required"`
	DefaultValue        string            `json:"default_value"`
	Icon                string            `json:"icon"`
	Options             []ParameterOption `json:"options"`
	ValidationRegex     string            `json:"validation_regex"`
	ValidationError     string            `json:"validation_error"`
	ValidationMin       *int64            `json:"validation_min"`
	ValidationMax       *int64            `json:"validation_max"`
	ValidationMonotonic string            `json:"validation_monotonic"`
}

// ParameterOption is one allowed value of a parameter.
type ParameterOption struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Value       string `json:"value"`
	Icon        string `json:"icon"`
}

// RichParameters lists the parameters of a template version. While the version
// is importing the server refuses with 412, 403 or 425, by its age.
func (c *Client) RichParameters(ctx context.Context, version uuid.UUID) ([]TemplateVersionParameter, error) {
	return callList[TemplateVersionParameter](ctx, c, nil, "templateversions", version.String(), "rich-parameters")
}
