package diagnose

import (
	"net/http"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// Fields says which attribute answers for which part of a request, so that a
// refusal points at the right line of the configuration. The zero value maps
// nothing.
type Fields struct {
	// Attributes are the attributes by the API's name of the field.
	Attributes map[string]path.Path
	// Parameters is the map attribute that holds template parameters by their
	// names.
	Parameters path.Path
	// Refused is the attribute to point at when the server finds the request
	// itself wrong (400) and names no field. It suits calls that change one
	// thing only.
	Refused path.Path
}

// WorkspaceFields is the mapping for everything that changes a workspace.
func WorkspaceFields() Fields {
	schedule := path.Root("autostart_schedule")
	return Fields{
		Attributes: map[string]path.Path{
			"name":        path.Root("name"),
			"owner_name":  path.Root("owner_name"),
			"template_id": path.Root("template_id"),
			"ttl_ms":      path.Root("ttl_ms"),
			"deadline":    path.Root("deadline"),
			// The server names the field "schedule", even where the request
			// has it as "autostart_schedule".
			"schedule":           schedule,
			"autostart_schedule": schedule,
		},
		Parameters: path.Root("parameters"),
	}
}

// AtRefused returns the mapping with another attribute for refusals that name
// no field.
func (f Fields) AtRefused(at path.Path) Fields {
	f.Refused = at
	return f
}

// fieldGroup is what the server said about one attribute; the path is empty
// for what belongs to none.
type fieldGroup struct {
	at          path.Path
	validations []coder.Validation
}

// group sorts the field errors of an answer by attribute, in the server's
// order, those without an attribute last. There is always at least one group.
func (f Fields) group(refusal *coder.Error) []fieldGroup {
	if len(refusal.Validations) == 0 {
		return []fieldGroup{{at: f.unnamed(refusal)}}
	}

	var groups []fieldGroup
	var rest []coder.Validation
next:
	for _, validation := range refusal.Validations {
		at := f.attribute(refusal, validation.Field)
		if isEmpty(at) {
			rest = append(rest, validation)
			continue
		}
		for i := range groups {
			if groups[i].at.Equal(at) {
				groups[i].validations = append(groups[i].validations, validation)
				continue next
			}
		}
		groups = append(groups, fieldGroup{at, []coder.Validation{validation}})
	}

	switch {
	case len(groups) == 0:
		groups = append(groups, fieldGroup{f.unnamed(refusal), rest})
	case len(rest) > 0:
		groups = append(groups, fieldGroup{path.Empty(), rest})
	}
	return groups
}

// attribute finds the attribute for the server's name of a field. With dynamic
// parameters (Coder ≥2.24) that name is a parameter's, and it may well be
// "name".
func (f Fields) attribute(refusal *coder.Error, field string) path.Path {
	if refusal.Kind() == coder.ParametersRefused {
		return f.parameter(field)
	}
	if at, ok := f.Attributes[field]; ok {
		return at
	}
	return path.Empty()
}

func (f Fields) parameter(name string) path.Path {
	switch {
	case isEmpty(f.Parameters):
		return path.Empty()
	case name == "":
		return f.Parameters
	default:
		return f.Parameters.AtMapKey(name)
	}
}

// unnamed finds the attribute for a refusal without field errors.
func (f Fields) unnamed(refusal *coder.Error) path.Path {
	switch refusal.Kind() {
	case coder.ParametersRefused:
		if names := refusal.Parameters(); len(names) == 1 {
			return f.parameter(names[0])
		}
		return f.parameter("")
	case coder.RenamesOff:
		return f.Attributes["name"]
	case coder.UnknownUser:
		return f.Attributes["owner_name"]
	case coder.LifetimeRefused:
		return f.Attributes["lifetime"]
	case coder.ScopeRefused:
		return f.Attributes["scopes"]
	case coder.Foreign, coder.TLSExpected:
		return path.Empty()
	default:
		// Other statuses are about the token, the network, the server, or the
		// state the workspace is in.
		if refusal.Status == http.StatusBadRequest {
			return f.Refused
		}
		return path.Empty()
	}
}
