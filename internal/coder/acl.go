package coder

import (
	"context"
	"net/http"

	"github.com/google/uuid"
)

// The roles that a workspace can be shared with.
const (
	RoleUse   = "use"   // see, start and stop it, and connect to it
	RoleAdmin = "admin" // what its owner may, except deleting it
)

// ACL is whom a workspace is shared with, besides its owner. Users who were
// deleted stay in it.
type ACL struct {
	Users  []ACLUser  `json:"users"`
	Groups []ACLGroup `json:"group"` // sic
}

func (a *ACL) lacksLists() bool { return a.Users == nil || a.Groups == nil }

// ACLUser is a user with a role on a workspace.
type ACLUser struct {
	ID       uuid.UUID `json:"id"`
	Username string    `json:"username"`
	Role     string    `json:"role"`
}

// ACLGroup is a group with a role on a workspace. Coder calls the one of all
// members of an organization [GroupEveryone]; it has the organization's id.
type ACLGroup struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
	Role string    `json:"role"`
}

// GroupEveryone is the name of the group that all members of an organization
// are in. Deployments without a licence have no other.
const GroupEveryone = "Everyone"

// ACL reads whom a workspace is shared with, deleted or not (Coder ≥2.26;
// until 2.31 it is an experiment). Of many workspaces [Client.ReadWorkspace]
// says the same with fewer requests, if without names; see
// [Workspace.SharedWith].
func (c *Client) ACL(ctx context.Context, workspace uuid.UUID) (*ACL, error) {
	return call[ACL](ctx, c, http.MethodGet, nil, nil, "workspaces", workspace.String(), "acl")
}

// ACLChange gives users and groups a role on a workspace, by their ids; "" takes
// theirs away. All others keep what they have.
type ACLChange struct {
	UserRoles  map[uuid.UUID]string `json:"user_roles,omitempty"`
	GroupRoles map[uuid.UUID]string `json:"group_roles,omitempty"`
}

// IsEmpty tells whether nothing changes.
func (c ACLChange) IsEmpty() bool { return len(c.UserRoles)+len(c.GroupRoles) == 0 }

// PatchACL changes whom a workspace is shared with. Coder refuses users and
// groups that do not exist, unless a role is taken away. It shares deleted
// workspaces, too, and has no way to give a role to somebody who is no member
// of the organization: the role counts for nothing then.
func (c *Client) PatchACL(ctx context.Context, workspace uuid.UUID, change ACLChange) error {
	return c.send(ctx, http.MethodPatch, change, "workspaces", workspace.String(), "acl")
}

// ClearACL shares a workspace with nobody (Coder ≥2.27).
func (c *Client) ClearACL(ctx context.Context, workspace uuid.UUID) error {
	return c.send(ctx, http.MethodDelete, nil, "workspaces", workspace.String(), "acl")
}

// Group is a group of users of an organization.
type Group struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

func (g *Group) identity() uuid.UUID { return g.ID }

// Group reads a group of an organization by its name. A deployment without a
// licence does not know the request.
func (c *Client) Group(ctx context.Context, organization uuid.UUID, name string) (*Group, error) {
	return call[Group](ctx, c, http.MethodGet, nil, nil, "organizations", organization.String(), "groups", name)
}

// member is how Coder shows a user as a member of an organization.
type member struct {
	ID       uuid.UUID `json:"user_id"`
	Username string    `json:"username"`
}

func (m *member) identity() uuid.UUID { return m.ID }

// Member reads a member of an organization by username, UUID or [Me] (Coder
// ≥2.32). Members may read each other there, while [Client.User] shows others
// to administrators only.
func (c *Client) Member(ctx context.Context, organization uuid.UUID, user string) (*User, error) {
	m, err := call[member](ctx, c, http.MethodGet, nil, nil, "organizations", organization.String(), "members", user)
	if err != nil {
		return nil, err
	}
	return &User{ID: m.ID, Username: m.Username}, nil
}
