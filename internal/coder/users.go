package coder

import (
	"context"
	"net/http"

	"github.com/google/uuid"
)

// Me names the owner of the token wherever a user is asked for.
const Me = "me"

// User is a person or service account of the deployment.
type User struct {
	ID       uuid.UUID `json:"id"`
	Username string    `json:"username"`
}

// User reads a user by username, UUID or [Me].
func (c *Client) User(ctx context.Context, user string) (*User, error) {
	return call[User](ctx, c, http.MethodGet, nil, nil, "users", user)
}

// Organization groups users and templates.
type Organization struct {
	ID        uuid.UUID `json:"id"`
	Name      string    `json:"name"`
	IsDefault bool      `json:"is_default"` // Coder ≥2.9
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

// BuildInfo describes the deployment. There is an external_url as well, which is
// the address of Coder's source code.
type BuildInfo struct {
	Version      string `json:"version"`
	DashboardURL string `json:"dashboard_url"` // the access URL
}

const buildInfo = "buildinfo"

// BuildInfo reads the deployment's version and address. It needs no token.
func (c *Client) BuildInfo(ctx context.Context) (*BuildInfo, error) {
	info, err := call[BuildInfo](ctx, c, http.MethodGet, nil, nil, buildInfo)
	if err == nil {
		version := ParseVersion(info.Version)
		c.version.CompareAndSwap(nil, &version) // a header, which is newer, counts for more
	}
	return info, err
}
