package codertest

import "github.com/google/uuid"

// prebuildsOwner is the system user who owns the workspaces that wait to be claimed.
var prebuildsOwner = uuid.MustParse("c42fdf75-3097-471c-8c33-fb52454d81c0")

// CreatePrebuild makes a workspace that was built in advance and waits to be claimed, as servers since 2.22 have them
// (licensed).
func (d *Deployment) CreatePrebuild(name string, template uuid.UUID) uuid.UUID {
	d.mu.Lock()
	if d.users[prebuildsOwner] == nil {
		u := d.newUser("prebuilds", "")
		delete(d.users, u.id)
		u.id = prebuildsOwner
		d.users[u.id] = u
	}
	d.mu.Unlock()
	return d.CreateWorkspace("prebuilds", name, template, nil)
}
