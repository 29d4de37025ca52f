package acl

import (
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
)

type model struct {
	WorkspaceID customtype.UUID `tfsdk:"workspace_id"`
	Users       types.Map       `tfsdk:"users"`
	Groups      types.Map       `tfsdk:"groups"`
	UserIDs     types.Map       `tfsdk:"user_ids"`
	GroupIDs    types.Map       `tfsdk:"group_ids"`
}

// texts are the known elements of a map.
func texts(m types.Map) map[string]string {
	known := map[string]string{}
	for key, value := range m.Elements() {
		if text, ok := value.(types.String); ok && !text.IsNull() && !text.IsUnknown() {
			known[key] = text.ValueString()
		}
	}
	return known
}

// idsIn are the known ids in a map.
func idsIn(m types.Map) map[string]uuid.UUID {
	known := map[string]uuid.UUID{}
	for key, text := range texts(m) {
		if id, ok := parseID(text); ok {
			known[key] = id
		}
	}
	return known
}

// idMap is the attribute for ids by key; the nil UUID stands for one that is not
// known yet.
func idMap(ids map[string]uuid.UUID) types.Map {
	elements := make(map[string]attr.Value, len(ids))
	for key, id := range ids {
		elements[key] = types.StringValue(id.String())
		if id == uuid.Nil {
			elements[key] = types.StringUnknown()
		}
	}
	return types.MapValueMust(types.StringType, elements)
}

// settled is the attribute for ids in a plan: those that no rename can change
// until the apply. Whom a new name stands for the apply finds out: were it known
// before, Terraform would take it for a fault of the provider when the name has
// come to be nobody's or somebody else's.
func settled(ids types.Map, remembered map[string]uuid.UUID) types.Map {
	if ids.IsUnknown() {
		return ids
	}
	known, shown := idsIn(ids), map[string]uuid.UUID{}
	for key := range ids.Elements() {
		shown[key] = uuid.Nil
		if _, isID := parseID(key); isID || key == coder.GroupEveryone || known[key] == remembered[key] {
			shown[key] = known[key]
		}
	}
	return idMap(shown)
}

// roleMap is the attribute for roles by key. An empty one stays null where it
// was: both mean nobody.
func roleMap(roles map[string]string, before types.Map) types.Map {
	if len(roles) == 0 && before.IsNull() {
		return before
	}
	elements := make(map[string]attr.Value, len(roles))
	for key, role := range roles {
		elements[key] = types.StringValue(role)
	}
	return types.MapValueMust(types.StringType, elements)
}

// granted are the roles by id.
func granted(roles, ids types.Map) map[uuid.UUID]string {
	byID := map[uuid.UUID]string{}
	known := idsIn(ids)
	for key, role := range texts(roles) {
		if id, ok := known[key]; ok {
			byID[id] = role
		}
	}
	return byID
}

// changes is what makes one set of roles into another.
func changes(from, to map[uuid.UUID]string) map[uuid.UUID]string {
	changed := map[uuid.UUID]string{}
	for id, role := range to {
		if from[id] != role {
			changed[id] = role
		}
	}
	for id := range from {
		if _, stays := to[id]; !stays {
			changed[id] = ""
		}
	}
	return changed
}

// change is what makes the list of one model into that of another.
func change(from, to *model) coder.ACLChange {
	return coder.ACLChange{
		UserRoles:  changes(granted(from.Users, from.UserIDs), granted(to.Users, to.UserIDs)),
		GroupRoles: changes(granted(from.Groups, from.GroupIDs), granted(to.Groups, to.GroupIDs)),
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
