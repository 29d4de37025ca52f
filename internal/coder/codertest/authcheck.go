package codertest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/google/uuid"
)

// authCheck tells which of some actions the caller may do. It knows templates and workspaces by id, and workspaces of an
// owner or an organization; about everything else it says no.
func (c *call) authCheck() reply {
	const most = 10
	type AuthorizationCheck struct {
		Object authObject `json:"object"`
		Action string     `json:"action"`
	}
	type AuthorizationRequest struct {
		Checks map[string]AuthorizationCheck `json:"checks"`
	}
	var b AuthorizationRequest
	if rep, valid := c.decode(&b); !valid {
		return rep
	}
	ids := 0
	for _, check := range b.Checks {
		if check.Object.ResourceID != "" {
			ids++
		}
	}
	if ids > most {
		return refuse(http.StatusBadRequest, fmt.Sprintf(
			`Endpoint only supports using "resource_id" field %d times, found %d usages. Remove %d objects with this field set.`, most, ids, ids-most))
	}
	answers := object{}
	for _, name := range slices.Sorted(maps.Keys(b.Checks)) {
		check := b.Checks[name]
		allowed, rep, valid := c.may(name, check.Action, check.Object)
		if !valid {
			return rep
		}
		answers[name] = allowed
	}
	return ok(answers)
}

type authObject struct {
	ResourceType   string `json:"resource_type"`
	ResourceID     string `json:"resource_id"`
	OwnerID        string `json:"owner_id"`
	OrganizationID string `json:"organization_id"`
}

// may answers the check of one name.
func (c *call) may(name, action string, of authObject) (bool, reply, bool) {
	d, kind, rawID := c.d, of.ResourceType, of.ResourceID
	if kind == "" {
		return false, refuse(http.StatusBadRequest, fmt.Sprintf(`Object's "resource_type" field must be defined for key %q.`, name)), false
	}
	if rawID == "" {
		own := of.OwnerID == c.user.id.String() && slices.ContainsFunc(c.user.orgs, func(o *organization) bool { return o.id.String() == of.OrganizationID })
		known := slices.Contains([]string{"create", "read", "update", "delete", "start", "stop"}, action)
		return kind == "workspace" && known && (own || c.user.isOwner()), reply{}, true
	}
	id, err := uuid.Parse(rawID)
	if err != nil {
		return false, refuse(http.StatusBadRequest, fmt.Sprintf("Object %q id is not a valid uuid.", rawID), validation{"resource_id", err.Error()}), false
	}
	switch kind {
	case "template":
		t := d.templates[id]
		return t != nil && d.mayReadTemplate(c.user, t) && (action == "read" || action == "use" || action == "update" && c.user.managesTemplates()), reply{}, true
	case "workspace":
		w := d.workspaces[id]
		if w == nil || !d.mayRead(c.user, w) {
			return false, reply{}, true
		}
		switch action {
		case "read":
			return true, reply{}, true
		case "update":
			return d.mayWrite(c.user, w), reply{}, true
		case start, stop, remove:
			return d.mayBuild(c.user, w, action), reply{}, true
		default:
			return false, reply{}, true
		}
	case "user", "group":
		return false, reply{}, true
	}
	message := fmt.Sprintf(`Object type %q does not support "resource_id" field.`, kind)
	return false, refuse(http.StatusBadRequest, message, validation{"resource_type", message}), false
}
