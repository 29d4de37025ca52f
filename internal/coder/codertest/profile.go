package codertest

import (
	"net/http"
	"strings"
)

// putProfile changes a user's names.
func (c *call) putProfile() reply {
	d := c.d
	u, rep, found := c.readableUser()
	if !found {
		return rep
	}
	type UpdateUserProfileRequest struct {
		Username string `json:"username"`
		Name     string `json:"name"`
	}
	var b UpdateUserProfileRequest
	if rep, valid := c.decode(&b); !valid {
		return rep
	}
	if invalid := d.checkProfile(b.Username, b.Name); invalid != nil {
		return validationFailed(invalid...)
	}
	if b.Username != u.username && !c.user.isOwner() && d.since(2, 28) {
		return notFound() // before, users could rename themselves
	}
	if other := d.usersByName[strings.ToLower(b.Username)]; other != nil && other != u {
		return d.usernameTaken(other, b.Username)
	}
	if u != c.user && !c.user.isOwner() {
		return unauthorizedWrite("Internal error updating user.")
	}
	d.rename(u, b.Username)
	if d.since(2, 7) {
		u.name = b.Name
	}
	return ok(d.userJSON(u))
}

func (d *Deployment) checkProfile(username, name string) []validation {
	const longestName = 128
	var invalid []validation
	switch {
	case username == "":
		invalid = append(invalid, failedTag("username", "required", username))
	case !d.validName(username):
		invalid = append(invalid, failedTag("username", "username", username))
	}
	if d.since(2, 7) && (len(name) > longestName || strings.TrimSpace(name) != name) {
		invalid = append(invalid, failedTag("name", "user_real_name", name))
	}
	return invalid
}

func (d *Deployment) usernameTaken(other *user, username string) reply {
	if d.since(2, 6) {
		return refuse(http.StatusConflict, "A user with this username already exists.", validation{"username", "This username is already in use."})
	}
	rep := problem{Message: "User already exists."}
	if other.username == username { // another case was refused without a reason
		rep.Validations = []validation{{"username", "this value is already in use and should be unique"}}
	}
	return reply{status: http.StatusConflict, body: rep}
}

// rename gives a user another name. Workspaces, builds and templates show it at once: they refer to the user by id.
func (d *Deployment) rename(u *user, username string) {
	delete(d.usersByName, strings.ToLower(u.username))
	d.usersByName[strings.ToLower(username)] = u
	u.username, u.updated = username, d.now()
	for _, w := range d.workspaceList {
		if w.owner == u {
			w.forgetResources() // the addresses of apps have the name in them
		}
	}
}

// RenameUser gives a user another name, as an administrator does in the dashboard. The old one is free afterwards.
func (d *Deployment) RenameUser(from, to string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if other := d.usersByName[strings.ToLower(to)]; other != nil && !strings.EqualFold(from, to) {
		panic("codertest: user " + to + " exists")
	}
	d.rename(d.usersByName[strings.ToLower(from)], to)
}
