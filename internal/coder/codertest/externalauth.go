package codertest

import (
	"fmt"
	"net/http"
	"strings"
)

// ExternalAuth is a service, such as a Git host, that the owner of a workspace has to log in to.
type ExternalAuth struct {
	ID string
	// Type is the kind of service, such as "github"; the ID when it is empty.
	Type, DisplayName, Icon string
	// Optional ones (since 2.9) may be left out.
	Optional bool
}

// SetExternalAuth links a user to a provider of external authentication, as logging in there does, or undoes that.
func (d *Deployment) SetExternalAuth(username, provider string, linked bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.usersByName[strings.ToLower(username)].linked[provider] = linked
}

// versionExternalAuth lists the services of a version with what the caller, not an owner, has done about them.
func (c *call) versionExternalAuth() reply {
	d := c.d
	v, rep, found := c.version()
	if !found {
		return rep
	}
	list := []any{}
	for _, a := range v.ExternalAuth {
		path, kind := "/external-auth/", a.Type
		if !d.since(2, 3) {
			path = "/gitauth/"
		}
		if kind == "" {
			kind = a.ID
		}
		o := object{
			"id": a.ID, "type": kind, "authenticate_url": "http://" + c.r.Host + path + a.ID, "authenticated": c.user.linked[a.ID],
		}
		d.field(o, 2, 3, "display_name", a.DisplayName)
		d.field(o, 2, 3, "display_icon", a.Icon)
		if a.Optional {
			d.field(o, 2, 9, "optional", true)
		}
		list = append(list, o)
	}
	return ok(list)
}

// refuseUnlinked refuses a new workspace whose owner has not logged in to all required services (since 2.35). Older servers
// leave that to the template.
func (c *call) refuseUnlinked(v *version, owner *user) (reply, bool) {
	if !c.d.since(2, 35) {
		return reply{}, false
	}
	rep := problem{Message: "External authentication is required to create a workspace with this template."}
	var missing []string
	for _, a := range v.ExternalAuth {
		if a.Optional || owner.linked[a.ID] {
			continue
		}
		name := a.DisplayName
		if name == "" {
			name = a.ID
		}
		missing = append(missing, name)
		rep.Validations = append(rep.Validations, validation{"external_auth", a.ID})
	}
	if missing == nil {
		return reply{}, false
	}
	rep.Detail = fmt.Sprintf("The workspace owner must authenticate with the following external auth providers: %s.", strings.Join(missing, ", "))
	return reply{status: http.StatusForbidden, body: rep}, true
}
