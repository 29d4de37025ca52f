package coder

import (
	"context"
	"net/http"

	"github.com/google/uuid"
)

// The levels of a port share: who may open the port besides the owner.
const (
	LevelOrganization  = "organization"  // members of the workspace's organization (Coder ≥2.24)
	LevelAuthenticated = "authenticated" // everybody with an account
	LevelPublic        = "public"        // everybody
)

// PortShare is a port of an agent that others may open. It belongs to the
// workspace, not to a build: it outlives a stop and even the deletion.
type PortShare struct {
	WorkspaceID uuid.UUID `json:"workspace_id,omitzero"`
	AgentName   string    `json:"agent_name"`
	Port        int64     `json:"port"`
	ShareLevel  string    `json:"share_level"`
	Protocol    string    `json:"protocol"` // http or https
}

func (s *PortShare) identity() uuid.UUID { return s.WorkspaceID }

type portShares struct {
	Shares []PortShare `json:"shares"`
}

func (s *portShares) lacksLists() bool { return s.Shares == nil }

// PortShares lists the shared ports of a workspace, deleted or not (Coder ≥2.9).
func (c *Client) PortShares(ctx context.Context, workspace uuid.UUID) ([]PortShare, error) {
	list, err := call[portShares](ctx, c, http.MethodGet, nil, nil, "workspaces", workspace.String(), "port-share")
	if err != nil {
		return nil, err
	}
	return list.Shares, nil
}

// SharePort shares a port, or changes how it is shared; the workspace is in the
// share. The latest build must have the agent, so that nothing can be shared
// while the workspace is stopped.
func (c *Client) SharePort(ctx context.Context, share PortShare) error {
	workspace := share.WorkspaceID.String()
	share.WorkspaceID = uuid.Nil // it stands in the path
	_, err := call[PortShare](ctx, c, http.MethodPost, nil, share, "workspaces", workspace, "port-share")
	return err
}

// UnsharePort ends the sharing of a port. [NoPortShare] says that there was none.
func (c *Client) UnsharePort(ctx context.Context, workspace uuid.UUID, agent string, port int64) error {
	body := struct {
		AgentName string `json:"agent_name"`
		Port      int64  `json:"port"`
	}{agent, port}
	return c.send(ctx, http.MethodDelete, body, "workspaces", workspace.String(), "port-share")
}
