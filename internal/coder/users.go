package coder

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// Me names the owner of the token wherever a user is asked for.
const Me = "me"

// User is a person or service account of the deployment.
type User struct {
	ID              uuid.UUID   `json:"id"`
	Username        string      `json:"username"`
	Name            string      `json:"name"`
	Email           string      `json:"email"`
	Status          string      `json:"status"`
	CreatedAt       time.Time   `json:"created_at"`
	OrganizationIDs []uuid.UUID `json:"organization_ids"`
}

// User reads a user by username, UUID or [Me].
func (c *Client) User(ctx context.Context, user string) (*User, error) {
	return call[User](ctx, c, http.MethodGet, nil, nil, "users", user)
}

// Organization groups users and templates.
type Organization struct {
	ID          uuid.UUID `json:"id"`
	Name        string    `json:"name"`
	DisplayName string    `json:"display_name"`
	IsDefault   bool      `json:"is_default"` // Coder ≥2.9
}

// Organization reads an organization by id.
func (c *Client) Organization(ctx context.Context, id uuid.UUID) (*Organization, error) {
	return call[Organization](ctx, c, http.MethodGet, nil, nil, "organizations", id.String())
}

// UserOrganizations lists the organizations of a user that the token may read.
func (c *Client) UserOrganizations(ctx context.Context, user string) ([]Organization, error) {
	return callList[Organization](ctx, c, nil, "users", user, "organizations")
}

// UserOrganization reads an organization of a user by its name. A user who is
// no member of it may still read it.
func (c *Client) UserOrganization(ctx context.Context, user, name string) (*Organization, error) {
	return call[Organization](ctx, c, http.MethodGet, nil, nil, "users", user, "organizations", name)
}

// Organizations lists the organizations that the token may read: all of them
// for an owner of the deployment. Before Coder 2.14, which cannot list those,
// it has only the ones that the token's user belongs to.
func (c *Client) Organizations(ctx context.Context) ([]Organization, error) {
	own, err := c.UserOrganizations(ctx, Me)
	if err != nil || !c.ServerVersion().AtLeast(2, 14) {
		return own, err
	}
	return callList[Organization](ctx, c, nil, "organizations")
}

// BuildInfo describes the deployment.
type BuildInfo struct {
	ExternalURL  string `json:"external_url"`
	Version      string `json:"version"`
	DashboardURL string `json:"dashboard_url"`
}

// BuildInfo reads the deployment's version and addresses. It needs no token.
func (c *Client) BuildInfo(ctx context.Context) (*BuildInfo, error) {
	return call[BuildInfo](ctx, c, http.MethodGet, nil, nil, "buildinfo")
}
