package acctest

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// MoveSource is an instance of another type, of another provider, as its state
// has it.
type MoveSource struct {
	Provider      string
	Type          string
	SchemaVersion int64
	Attributes    string // JSON
}

// Move turns the instance of another type into one of a resource, as a moved
// block does before anything is read.
func (s *Server) Move(t testing.TB, resource string, source MoveSource) (*Instance, Diagnostics) {
	t.Helper()
	moved, err := s.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: source.Provider, SourceTypeName: source.Type, SourceSchemaVersion: source.SchemaVersion,
		SourceState: &tfprotov6.RawState{JSON: []byte(source.Attributes)}, TargetTypeName: resource,
	})
	if err != nil {
		t.Fatal(err)
	}
	if Diagnostics(moved.Diagnostics).HasError() {
		return nil, moved.Diagnostics
	}
	return s.instance(t, resource, moved.TargetState, moved.TargetIdentity, moved.TargetPrivate), moved.Diagnostics
}
