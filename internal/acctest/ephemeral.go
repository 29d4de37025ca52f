package acctest

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Opened is an ephemeral resource that is open.
type Opened struct {
	Result map[string]tftypes.Value
	// RenewAt is when Terraform is to renew it; zero for never.
	RenewAt time.Time

	private []byte
}

// Open opens an ephemeral resource as far as its configuration is valid; nil when
// there is an error.
func (s *Server) Open(t testing.TB, ephemeral string, values Values) (*Opened, Diagnostics) {
	t.Helper()
	schema, ok := s.schemas.EphemeralResourceSchemas[ephemeral]
	if !ok {
		t.Fatalf("there is no ephemeral resource %s", ephemeral)
	}
	config := newObject(t, schema.ValueType(), values)
	valid, err := s.ValidateEphemeralResourceConfig(t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: ephemeral, Config: config})
	if err != nil {
		t.Fatal(err)
	}
	if Diagnostics(valid.Diagnostics).HasError() {
		return nil, valid.Diagnostics
	}
	opened, err := s.OpenEphemeralResource(t.Context(), &tfprotov6.OpenEphemeralResourceRequest{TypeName: ephemeral, Config: config})
	if err != nil {
		t.Fatal(err)
	}
	diags := append(Diagnostics(valid.Diagnostics), opened.Diagnostics...)
	if diags.HasError() {
		return nil, diags
	}
	return &Opened{Result: readObject(t, schema.ValueType(), opened.Result), RenewAt: opened.RenewAt, private: opened.Private}, diags
}

// Renew renews an ephemeral resource.
func (s *Server) Renew(t testing.TB, ephemeral string, opened *Opened) Diagnostics {
	t.Helper()
	renewed, err := s.RenewEphemeralResource(t.Context(), &tfprotov6.RenewEphemeralResourceRequest{TypeName: ephemeral, Private: opened.private})
	if err != nil {
		t.Fatal(err)
	}
	opened.RenewAt = renewed.RenewAt // Terraform closes with the first private data
	return renewed.Diagnostics
}

// Close closes an ephemeral resource.
func (s *Server) Close(t testing.TB, ephemeral string, opened *Opened) Diagnostics {
	t.Helper()
	closed, err := s.CloseEphemeralResource(t.Context(), &tfprotov6.CloseEphemeralResourceRequest{TypeName: ephemeral, Private: opened.private})
	if err != nil {
		t.Fatal(err)
	}
	return closed.Diagnostics
}
