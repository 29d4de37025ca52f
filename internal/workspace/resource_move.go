package workspace

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	tfpath "github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// MoveState implements [resource.ResourceWithMoveState]: workspaces that a
// generic REST provider manages go on as resources of this one. Their state
// gives the id; the refresh that follows fills the rest, as after an import.
func (r *workspaceResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveState}}
}

func moveState(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	read := genericSources[genericSource{path.Base(strings.ToLower(req.SourceProviderAddress)), req.SourceTypeName}]
	if read == nil {
		resp.Diagnostics.AddError("Resource cannot become a workspace",
			fmt.Sprintf("A %s of the provider %s cannot become a %s; a restapi_object of Mastercard/restapi and a restful_resource of magodo/restful can. "+
				"Take the `moved` block out, and adopt the workspace with an `import` block.", req.SourceTypeName, req.SourceProviderAddress, ResourceType))
		return
	}
	id, problem := read(parseGenericState(req.SourceRawState))
	if problem != "" {
		resp.Diagnostics.AddError("Object of a REST provider is no workspace",
			fmt.Sprintf("The %s to move is no workspace, as far as its state tells: %s. "+
				"Take the `moved` block out. If it is a workspace all the same, adopt it with an `import` block, and have the old resource forgotten by a `removed` block.", req.SourceTypeName, problem))
		return
	}
	resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, tfpath.Root("id"), id.String())...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.TargetIdentity, id)...)
	resp.Diagnostics.Append(resp.TargetPrivate.SetKey(ctx, privateMoved, []byte("true"))...)
}

// checkRefreshed refuses to plan with a state of which nothing but the id is
// known: everything would look like a change.
func checkRefreshed(state *resourceModel) diag.Diagnostics {
	if !state.Name.IsNull() {
		return nil
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic("Moved workspace has not been read yet",
		fmt.Sprintf("Of workspace %s the state has only the id so far. Run Terraform without -refresh=false.", state.ID.ValueString()))}
}

// genericSource is a resource type of a provider; of the address only the last
// part counts, since mirrors and forks have other hosts and namespaces.
type genericSource struct{ provider, resource string }

// genericSources find the workspace in a state, or say what is wrong with it.
var genericSources = map[genericSource]func(genericState) (id uuid.UUID, problem string){
	{"restapi", "restapi_object"}:   genericState.ofRestapi,
	{"restful", "restful_resource"}: genericState.ofRestful,
}

// genericState is what is needed of the states that these providers write, in
// all versions of their schemas.
type genericState struct {
	ID       string `json:"id"`
	Path     string `json:"path"`
	ReadPath string `json:"read_path"`
	// The API's newest answer: a text of restapi and of old versions of restful,
	// of newer ones a value of any type with its type.
	APIResponse     json.RawMessage `json:"api_response"`
	Output          json.RawMessage `json:"output"`
	SensitiveOutput json.RawMessage `json:"sensitive_output"`
}

func parseGenericState(raw *tfprotov6.RawState) genericState {
	var state genericState
	if raw != nil {
		_ = json.Unmarshal(raw.JSON, &state) // what is not there is missed by what looks for it
	}
	return state
}

// ofRestapi: the id is the object's; the path tells what it is, or the answer.
func (s genericState) ofRestapi() (uuid.UUID, string) {
	id, err := uuid.Parse(s.ID)
	if err != nil {
		return uuid.Nil, fmt.Sprintf("its id %q is no UUID", s.ID)
	}
	at := s.ReadPath
	if at == "" {
		at = strings.TrimSuffix(s.Path, "/") + "/{id}"
	}
	if _, of := lastElements(at); of == "workspaces" || workspaceIn(s.APIResponse) == id {
		return id, ""
	}
	return uuid.Nil, fmt.Sprintf("it is read from %q, and not from …/workspaces/{id}", at)
}

// ofRestful: the id is the path that the object is read from.
func (s genericState) ofRestful() (uuid.UUID, string) {
	last, of := lastElements(s.ID)
	if id, err := uuid.Parse(last); err == nil && of == "workspaces" {
		return id, ""
	}
	for _, answer := range []json.RawMessage{s.Output, s.SensitiveOutput} {
		if id := workspaceIn(answer); id != uuid.Nil {
			return id, ""
		}
	}
	return uuid.Nil, fmt.Sprintf("it is read from %q, and not from …/workspaces/UUID", s.ID)
}

// lastElements are the last element of a path, and the one before it.
func lastElements(at string) (last, before string) {
	at, _, _ = strings.Cut(at, "?")
	at = path.Clean(at)
	return path.Base(at), path.Base(path.Dir(at))
}

// workspaceIn is the id of the workspace that an answer is about; nil when it is
// about something else.
func workspaceIn(answer json.RawMessage) uuid.UUID {
	var text string
	if json.Unmarshal(answer, &text) == nil {
		answer = json.RawMessage(text)
	}
	var object struct {
		ID          uuid.UUID       `json:"id"`
		LatestBuild *struct{}       `json:"latest_build"`
		Value       json.RawMessage `json:"value"`
	}
	switch {
	case json.Unmarshal(answer, &object) != nil:
		return uuid.Nil
	case object.LatestBuild != nil:
		return object.ID
	case len(object.Value) > 0:
		return workspaceIn(object.Value)
	default:
		return uuid.Nil
	}
}
