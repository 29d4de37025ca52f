package coder

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
)

// Template is what workspaces are built from. Pointers are nil where the
// server's release does not know the field.
type Template struct {
	ID                           uuid.UUID `json:"id"`
	CreatedAt                    time.Time `json:"created_at"`
	UpdatedAt                    time.Time `json:"updated_at"`
	CreatedByID                  uuid.UUID `json:"created_by_id"`
	CreatedByName                string    `json:"created_by_name"`
	OrganizationID               uuid.UUID `json:"organization_id"`
	OrganizationName             string    `json:"organization_name"` // "" before Coder 2.13
	Name                         string    `json:"name"`
	DisplayName                  string    `json:"display_name"`
	Description                  string    `json:"description"`
	Icon                         string    `json:"icon"`
	ActiveVersionID              uuid.UUID `json:"active_version_id"`
	DefaultTTLMillis             int64     `json:"default_ttl_ms"` // 0 means no autostop
	AllowUserAutostart           bool      `json:"allow_user_autostart"`
	AllowUserAutostop            bool      `json:"allow_user_autostop"`
	AllowUserCancelWorkspaceJobs bool      `json:"allow_user_cancel_workspace_jobs"`
	RequireActiveVersion         bool      `json:"require_active_version"`
	// MaxPortShareLevel is how far ports may be shared: "owner", which is not at
	// all, or one of the levels of a [PortShare]; "" before Coder 2.9.
	MaxPortShareLevel  string `json:"max_port_share_level"`
	Deprecated         bool   `json:"deprecated"`
	DeprecationMessage string `json:"deprecation_message"`
	// UseClassicParameterFlow is nil before Coder 2.23, which has only that
	// flow.
	UseClassicParameterFlow *bool `json:"use_classic_parameter_flow"`

	// The rest of the schedule policy, in milliseconds; 0 means off. Only
	// licensed deployments act on it.

	ActivityBumpMillis *int64 `json:"activity_bump_ms"` // Coder ≥2.9
	MaxTTLMillis       *int64 `json:"max_ttl_ms"`       // Coder ≤2.9
	FailureTTLMillis   *int64 `json:"failure_ttl_ms"`
	// Two periods that Coder 2.1 renamed: how long a workspace may be unused
	// before it becomes dormant, and dormant before it is deleted.
	TimeTilDormantMillis           *int64 `json:"time_til_dormant_ms"`
	InactivityTTLMillis            *int64 `json:"inactivity_ttl_ms"` // before
	TimeTilDormantAutoDeleteMillis *int64 `json:"time_til_dormant_autodelete_ms"`
	LockedTTLMillis                *int64 `json:"locked_ttl_ms"` // before

	AutostopRequirement  *AutostopRequirement  `json:"autostop_requirement"`  // Coder ≥2.2
	AutostartRequirement *AutostartRequirement `json:"autostart_requirement"` // Coder ≥2.4
}

// AutostopRequirement is when running workspaces of a template must be stopped,
// in the quiet hours of their owners.
type AutostopRequirement struct {
	DaysOfWeek []string `json:"days_of_week"` // lower-case English names; none means never
	Weeks      int64    `json:"weeks"`        // every how many weeks
}

// AutostartRequirement is on which days autostart may happen.
type AutostartRequirement struct {
	DaysOfWeek []string `json:"days_of_week"` // lower-case English names; none means never
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
	Message        string         `json:"message"`  // Coder ≥0.27
	Archived       bool           `json:"archived"` // Coder ≥2.3
	Job            ProvisionerJob `json:"job"`      // of the import
	CreatedBy      struct {
		ID       uuid.UUID `json:"id"`
		Username string    `json:"username"`
	} `json:"created_by"`
}

// TemplateVersion reads a template version by id.
func (c *Client) TemplateVersion(ctx context.Context, id uuid.UUID) (*TemplateVersion, error) {
	return call[TemplateVersion](ctx, c, http.MethodGet, nil, nil, "templateversions", id.String())
}

// TemplateVersionByName reads a version of a template.
func (c *Client) TemplateVersionByName(ctx context.Context, template uuid.UUID, name string) (*TemplateVersion, error) {
	return call[TemplateVersion](ctx, c, http.MethodGet, nil, nil, "templates", template.String(), "versions", name)
}

// TemplateVersions lists all versions of a template, archived ones too, the
// oldest first.
func (c *Client) TemplateVersions(ctx context.Context, template uuid.UUID) ([]TemplateVersion, error) {
	query := url.Values{"include_archived": {"true"}} // Coder <2.3 ignores it and archives nothing
	return callList[TemplateVersion](ctx, c, query, "templates", template.String(), "versions")
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

// ExternalAuth is a service, such as a Git host, that the builds of a template
// version log in to in the name of a user.
type ExternalAuth struct {
	ID          string `json:"id"`
	DisplayName string `json:"display_name"`
	// Authenticated tells whether the token's user has logged in to it.
	Authenticated bool `json:"authenticated"`
	Optional      bool `json:"optional"`
}

// ExternalAuth lists the services that a template version needs, as they are
// for the token's user. Coder ≥2.3; see [UnknownRoute].
func (c *Client) ExternalAuth(ctx context.Context, version uuid.UUID) ([]ExternalAuth, error) {
	return callList[ExternalAuth](ctx, c, nil, "templateversions", version.String(), "external-auth")
}
