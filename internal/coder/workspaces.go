package coder

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
)

// Workspace is one development environment of one owner.
//
// Times are zero when the server reports null, leaves the field out, or sends
// its year-1 placeholder. Pointer fields are nil on servers that do not know
// them yet.
type Workspace struct {
	ID        uuid.UUID `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt moves at creation and when a prebuild is claimed, never by
	// rename, schedule, TTL or builds: it is no change marker.
	UpdatedAt           time.Time `json:"updated_at"`
	LastUsedAt          time.Time `json:"last_used_at"`
	DeletingAt          time.Time `json:"deleting_at"`
	DormantAt           time.Time `json:"dormant_at"`    // Coder ≥2.2
	LockedAt            time.Time `json:"locked_at"`     // the same in Coder 0.25 to 2.1
	NextStartAt         time.Time `json:"next_start_at"` // Coder ≥2.19
	Name                string    `json:"name"`
	OwnerID             uuid.UUID `json:"owner_id"`
	OwnerName           string    `json:"owner_name"`
	OrganizationID      uuid.UUID `json:"organization_id"`
	OrganizationName    string    `json:"organization_name"` // "" before Coder 2.14
	TemplateID          uuid.UUID `json:"template_id"`
	TemplateName        string    `json:"template_name"`
	TemplateDisplayName string    `json:"template_display_name"`
	TemplateIcon        string    `json:"template_icon"`

	TemplateAllowUserCancelWorkspaceJobs bool      `json:"template_allow_user_cancel_workspace_jobs"`
	TemplateActiveVersionID              uuid.UUID `json:"template_active_version_id"` // nil UUID before Coder 2.2
	TemplateRequireActiveVersion         bool      `json:"template_require_active_version"`
	// TemplateUseClassicParameterFlow is nil before Coder 2.23, which has only
	// that flow.
	TemplateUseClassicParameterFlow *bool `json:"template_use_classic_parameter_flow"`

	// AutostartSchedule is returned byte for byte as it was sent; nil when
	// there is none.
	AutostartSchedule *string `json:"autostart_schedule"`
	// TTLMillis is nil when autostop is off. Coder ≥2.11 reports the
	// template's default instead when the template forbids user autostop.
	TTLMillis *int64 `json:"ttl_ms"`
	// AutomaticUpdates is "always" or "never"; "" before Coder 2.3.
	AutomaticUpdates string `json:"automatic_updates"`
	// AllowRenames is a deployment setting. Before Coder 2.6 it is absent and
	// renames are always allowed.
	AllowRenames *bool            `json:"allow_renames"`
	Favorite     *bool            `json:"favorite"` // true only for the owner's own token
	IsPrebuild   *bool            `json:"is_prebuild"`
	Outdated     bool             `json:"outdated"`
	Health       *WorkspaceHealth `json:"health"`
	LatestBuild  WorkspaceBuild   `json:"latest_build"`
	// LatestAppStatus is what an app last said of its work (Coder ≥2.21).
	LatestAppStatus *AppStatus `json:"latest_app_status"`
	TaskID          uuid.UUID  `json:"task_id"` // nil UUID when it belongs to no task
	// SharedWith are others who may use the workspace (Coder ≥2.30, and until
	// 2.31 only where sharing is switched on). A user's name in it is not the
	// username.
	SharedWith []SharedActor `json:"shared_with"`
}

// prebuildsOwner is the system user who owns the workspaces that Coder ≥2.22
// has built in advance, until somebody claims them.
var prebuildsOwner = uuid.MustParse("c42fdf75-3097-471c-8c33-fb52454d81c0")

// IsUnclaimed tells whether the workspace was built in advance and waits for
// somebody to claim it. Coder ≥2.25 also says so in IsPrebuild.
func (w *Workspace) IsUnclaimed() bool { return w.OwnerID == prebuildsOwner }

// RenamesAllowed tells whether the deployment accepts a new name for the
// workspace.
func (w *Workspace) RenamesAllowed() bool {
	return w.AllowRenames == nil || *w.AllowRenames
}

// IsDormant tells whether the workspace sleeps: for want of use, or since
// somebody has put it to sleep.
func (w *Workspace) IsDormant() bool { return !w.DormantAt.IsZero() || !w.LockedAt.IsZero() }

// WorkspaceHealth sums up the agents of a workspace (Coder ≥0.26). A stopped
// workspace is healthy.
type WorkspaceHealth struct {
	Healthy       bool        `json:"healthy"`
	FailingAgents []uuid.UUID `json:"failing_agents"`
}

// AppStatus is what an app, such as a coding agent, reports of its work.
type AppStatus struct {
	CreatedAt time.Time `json:"created_at"`
	AgentID   uuid.UUID `json:"agent_id"`
	AppID     uuid.UUID `json:"app_id"`
	State     string    `json:"state"` // working, idle, complete or failure
	Message   string    `json:"message"`
	URI       string    `json:"uri"`
}

// SharedActor is a user or group a workspace is shared with.
type SharedActor struct {
	ID    uuid.UUID `json:"id"`
	Type  string    `json:"actor_type"` // user or group
	Name  string    `json:"name"`
	Roles []string  `json:"roles"` // use or admin
}

// CreateWorkspaceRequest is the body of [Client.CreateWorkspace].
type CreateWorkspaceRequest struct {
	Name string `json:"name"`
	// TemplateID is the template to use the active version of. Leave it zero
	// when TemplateVersionID is set: Coder ≥2.2 wants exactly one of them.
	TemplateID uuid.UUID `json:"template_id,omitzero"`
	// TemplateVersionID is for Coder ≥2.2 only; older servers do not know it.
	TemplateVersionID uuid.UUID `json:"template_version_id,omitzero"`
	// TemplateVersionPresetID is for Coder ≥2.22. The preset's values win over
	// RichParameterValues.
	TemplateVersionPresetID uuid.UUID `json:"template_version_preset_id,omitzero"`
	// AutomaticUpdates is "always" or "never"; older servers than Coder 2.3
	// ignore it.
	AutomaticUpdates string `json:"automatic_updates,omitempty"`
	// AutostartSchedule nil or "" means none.
	AutostartSchedule *string `json:"autostart_schedule,omitempty"`
	// TTLMillis nil or 0 means the template's default, not "no autostop".
	TTLMillis           *int64           `json:"ttl_ms,omitempty"`
	RichParameterValues []BuildParameter `json:"rich_parameter_values,omitempty"`
}

// CreateWorkspace creates a workspace for user (username, UUID or "me") and
// starts its first build. The answer comes before anything ran: its build is
// pending, has no deadline, no resources and no template version name.
//
// The request is never repeated after an unclear answer; see [IsUnclear].
//
// It posts to the organization's endpoint, which every version knows. Coder
// ≥2.14 ignores the organization in the path in favour of the template's. That
// endpoint knows members only; on Coder ≥2.14 another one takes over for a
// user who is none, such as an owner of the deployment.
func (c *Client) CreateWorkspace(ctx context.Context, organization uuid.UUID, user string, req CreateWorkspaceRequest) (*Workspace, error) {
	workspace, err := call[Workspace](ctx, c, http.MethodPost, nil, req, "organizations", organization.String(), "members", user, "workspaces")
	if KindOf(err) == NotVisible && c.ServerVersion().AtLeast(2, 14) {
		if other, second := call[Workspace](ctx, c, http.MethodPost, nil, req, "users", user, "workspaces"); KindOf(second) != NotVisible {
			return other, second
		}
	}
	return workspace, err
}

// Workspace reads a workspace by id. One that was deleted is [Gone].
func (c *Client) Workspace(ctx context.Context, id uuid.UUID) (*Workspace, error) {
	return call[Workspace](ctx, c, http.MethodGet, nil, nil, "workspaces", id.String())
}

// WorkspaceByOwnerAndName reads a workspace that is not deleted. Owner is a
// username, a UUID or "me"; owner and name match without regard to case. There
// is none if the answer is [NotVisible] or, before Coder 2.32, [UnknownUser].
func (c *Client) WorkspaceByOwnerAndName(ctx context.Context, owner, name string) (*Workspace, error) {
	return call[Workspace](ctx, c, http.MethodGet, nil, nil, "users", owner, "workspace", name)
}

// AnyWorkspace reads a workspace by id, deleted or not.
func (c *Client) AnyWorkspace(ctx context.Context, id uuid.UUID) (*Workspace, error) {
	return call[Workspace](ctx, c, http.MethodGet, includeDeleted, nil, "workspaces", id.String())
}

// AnyWorkspaceByOwnerAndName reads a workspace like
// [Client.WorkspaceByOwnerAndName] or, when there is none, the newest of that
// name that was deleted.
func (c *Client) AnyWorkspaceByOwnerAndName(ctx context.Context, owner, name string) (*Workspace, error) {
	return call[Workspace](ctx, c, http.MethodGet, includeDeleted, nil, "users", owner, "workspace", name)
}

var includeDeleted = url.Values{"include_deleted": {"true"}}

// RenameWorkspace gives a workspace a new name. It starts no build. Refused
// with 400 where the deployment forbids renames (Coder ≥2.6, the default).
func (c *Client) RenameWorkspace(ctx context.Context, id uuid.UUID, name string) error {
	body := struct {
		Name string `json:"name"`
	}{name}
	return c.send(ctx, http.MethodPatch, body, "workspaces", id.String())
}

// PutAutostart sets the autostart schedule; nil clears it.
func (c *Client) PutAutostart(ctx context.Context, id uuid.UUID, schedule *string) error {
	body := struct {
		Schedule *string `json:"schedule"`
	}{schedule}
	return c.send(ctx, http.MethodPut, body, "workspaces", id.String(), "autostart")
}

// PutTTL sets the time until autostop in milliseconds, cut down to whole
// minutes by the server; nil switches autostop off. The deadline of a running
// build does not move, except that Coder ≥2.19 drops it when the TTL is
// cleared.
func (c *Client) PutTTL(ctx context.Context, id uuid.UUID, ttlMillis *int64) error {
	body := struct {
		TTLMillis *int64 `json:"ttl_ms"`
	}{ttlMillis}
	return c.send(ctx, http.MethodPut, body, "workspaces", id.String(), "ttl")
}

// PutExtend moves the deadline of the running build, forwards or backwards.
// The server refuses with 409 when the workspace is not started, still
// building or has no deadline, and with 400 when the time is less than 29
// minutes away or beyond the build's maximum.
func (c *Client) PutExtend(ctx context.Context, id uuid.UUID, deadline time.Time) error {
	body := struct {
		Deadline time.Time `json:"deadline"`
	}{deadline.UTC()}
	return c.send(ctx, http.MethodPut, body, "workspaces", id.String(), "extend")
}

// PutAutomaticUpdates sets "always" or "never" (Coder ≥2.3). Always means that
// an autostart uses the template's active version.
func (c *Client) PutAutomaticUpdates(ctx context.Context, id uuid.UUID, updates string) error {
	body := struct {
		AutomaticUpdates string `json:"automatic_updates"`
	}{updates}
	return c.send(ctx, http.MethodPut, body, "workspaces", id.String(), "autoupdates")
}

// PutDormant puts a workspace to sleep, which does not stop it, or wakes it
// (Coder ≥0.25). Coder 0.26 to 2.29 wants the latter before a start; newer ones
// do it by themselves.
func (c *Client) PutDormant(ctx context.Context, id uuid.UUID, dormant bool) error {
	var err error
	if version := c.ServerVersion(); version.Known() && !version.AtLeast(2, 2) {
		body := struct {
			Lock bool `json:"lock"`
		}{dormant}
		err = c.send(ctx, http.MethodPut, body, "workspaces", id.String(), "lock")
	} else {
		body := struct {
			Dormant bool `json:"dormant"`
		}{dormant}
		err = c.send(ctx, http.MethodPut, body, "workspaces", id.String(), "dormant")
	}
	if KindOf(err) == Unchanged { // it was so already
		return nil
	}
	return err
}
