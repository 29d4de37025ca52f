package coder

import (
	"context"
	"net/http"

	"github.com/google/uuid"
)

// Right is something that a token may do or not: by the roles of its user, by
// what is shared with that user, and by the token's own scopes. It is about one
// object where there is an ID, else about all of an organization, or about those
// of one owner there.
type Right struct {
	Action, Type                string // such as "update" and "template"
	ID, OwnerID, OrganizationID uuid.UUID
}

// The types of what rights are about.
const (
	TypeTemplate  = "template"
	TypeWorkspace = "workspace"
)

// May asks whether the token has a right.
func (c *Client) May(ctx context.Context, right Right) (bool, error) {
	const question = "it"
	type object struct {
		Type           string    `json:"resource_type"`
		ID             uuid.UUID `json:"resource_id,omitzero"`
		OwnerID        uuid.UUID `json:"owner_id,omitzero"`
		OrganizationID uuid.UUID `json:"organization_id,omitzero"`
	}
	type check struct {
		Object object `json:"object"`
		Action string `json:"action"`
	}
	body := struct {
		Checks map[string]check `json:"checks"`
	}{map[string]check{question: {object{right.Type, right.ID, right.OwnerID, right.OrganizationID}, right.Action}}}
	answer, err := call[map[string]bool](ctx, c, http.MethodPost, nil, body, "authcheck")
	if err != nil {
		return false, err
	}
	return (*answer)[question], nil
}
