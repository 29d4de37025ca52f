package acl

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// shared is whom a workspace is shared with: roles by id.
type shared struct {
	users, groups map[uuid.UUID]string
	names         map[uuid.UUID]string // nil where they were not told
	gone          bool                 // the workspace was deleted
}

// read looks at a workspace. The workspace itself tells what is to be known, so
// that many are read with few requests; only old servers have to be asked for
// each list. Kept is as in [diagnose.UnreadableWorkspace].
func (r *aclResource) read(ctx context.Context, id uuid.UUID, kept string) (*shared, diag.Diagnostics) {
	workspace, err := r.client.ReadWorkspace(ctx, id)
	switch {
	case coder.KindOf(err) == coder.Gone, err == nil && workspace.LatestBuild.Status == coder.StatusDeleted:
		return &shared{gone: true}, nil
	case err != nil:
		return nil, diagnose.UnreadableWorkspace(kept, fmt.Sprintf("read workspace %s", id), err)
	case !r.client.ServerVersion().AtLeast(2, 32):
		return r.readNames(ctx, id)
	}
	found := &shared{users: map[uuid.UUID]string{}, groups: map[uuid.UUID]string{}}
	for _, actor := range workspace.SharedWith {
		roles := found.users
		if actor.Type == "group" {
			roles = found.groups
		}
		roles[actor.ID] = ""
		if len(actor.Roles) > 0 {
			roles[actor.ID] = actor.Roles[0]
		}
	}
	return found, nil
}

// keptList is what stays in the state of a workspace that cannot be seen.
const keptList = "the list"

// readNames reads the list itself, which has the names.
func (r *aclResource) readNames(ctx context.Context, id uuid.UUID) (*shared, diag.Diagnostics) {
	list, err := r.client.ACL(ctx, id)
	if err != nil {
		if diags := noSharing(r.client, err); diags != nil {
			return nil, diags
		}
		return nil, diagnose.Error("Unable to read the ACL of the workspace", fmt.Sprintf("read whom workspace %s is shared with", id), err, diagnose.Fields{})
	}
	found := &shared{users: map[uuid.UUID]string{}, groups: map[uuid.UUID]string{}, names: map[uuid.UUID]string{}}
	for _, user := range list.Users {
		found.users[user.ID], found.names[user.ID] = user.Role, user.Username
	}
	for _, group := range list.Groups {
		found.groups[group.ID], found.names[group.ID] = group.Role, group.Name
	}
	return found, nil
}

// noSharing words the refusal of a server that cannot share; nil for all others.
func noSharing(client *coder.Client, err error) diag.Diagnostics {
	if coder.KindOf(err) == coder.UnknownRoute {
		return cannotShare(client)
	}
	return nil
}

// Read implements [resource.Resource].
func (r *aclResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id := state.WorkspaceID.UUID()
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{WorkspaceID: customtype.UUIDValue(id)})...)
	found, diags := r.read(ctx, id, keptList)
	if !diags.HasError() && !found.gone && found.names == nil && found.hasOthers(&state) {
		found, diags = r.readNames(ctx, id)
	}
	resp.Diagnostics.Append(diags...)
	switch {
	case diags.HasError():
	case found.gone:
		resp.State.RemoveResource(ctx)
	default:
		state.Users, state.UserIDs = found.keyed(state.Users, state.UserIDs, found.users)
		state.Groups, state.GroupIDs = found.keyed(state.Groups, state.GroupIDs, found.groups)
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
}

// hasOthers tells whether somebody is in the list whom the state does not know.
func (s *shared) hasOthers(state *model) bool {
	for _, list := range []struct {
		roles map[uuid.UUID]string
		ids   types.Map
	}{{s.users, state.UserIDs}, {s.groups, state.GroupIDs}} {
		known := map[uuid.UUID]bool{}
		for _, id := range idsIn(list.ids) {
			known[id] = true
		}
		for id := range list.roles {
			if !known[id] {
				return true
			}
		}
	}
	return false
}

// keyed are roles and ids by the keys of the state. Who is new has the name as
// key, or the id if somebody else has the name there.
func (s *shared) keyed(roles, ids types.Map, found map[uuid.UUID]string) (types.Map, types.Map) {
	keyedRoles, keyedIDs := map[string]string{}, map[string]uuid.UUID{}
	placed := map[uuid.UUID]bool{}
	for key, id := range idsIn(ids) {
		if role, there := found[id]; there {
			keyedRoles[key], keyedIDs[key], placed[id] = role, id, true
		}
	}
	for id, role := range found {
		if placed[id] {
			continue
		}
		key := s.names[id]
		if _, used := keyedIDs[key]; used || key == "" {
			key = id.String()
		}
		keyedRoles[key], keyedIDs[key] = role, id
	}
	return roleMap(keyedRoles, roles), idMap(keyedIDs)
}
