package customtype_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/customtype"
)

const id = "8f5a1d4e-2c3b-4a59-9f0e-6d7c8b9a0f1e"

// fromTerraform makes a value the way the framework does.
func fromTerraform(t *testing.T, typ attr.Type, value any) attr.Value {
	t.Helper()
	v, err := typ.ValueFromTerraform(t.Context(), tftypes.NewValue(tftypes.String, value))
	if err != nil {
		t.Fatal(err)
	}
	if !v.Type(t.Context()).Equal(typ) {
		t.Errorf("%v has type %v, want %v", v, v.Type(t.Context()), typ)
	}
	return v
}

func accepts(t *testing.T, v attr.Value) bool {
	t.Helper()
	var resp xattr.ValidateAttributeResponse
	v.(xattr.ValidateableAttribute).ValidateAttribute(t.Context(), xattr.ValidateAttributeRequest{Path: path.Root("x")}, &resp)
	return !resp.Diagnostics.HasError()
}

func TestValidation(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		typ    attr.Type
		value  any
		accept bool
	}{
		{customtype.UUIDType{}, id, true},
		{customtype.UUIDType{}, "8F5A1D4E-2C3B-4A59-9F0E-6D7C8B9A0F1E", true},
		{customtype.UUIDType{}, nil, true},
		{customtype.UUIDType{}, tftypes.UnknownValue, true},
		{customtype.UUIDType{}, "", false},
		{customtype.UUIDType{}, "basic", false},
		{customtype.UUIDType{}, "8f5a1d4e2c3b4a599f0e6d7c8b9a0f1e", false},
		{customtype.UUIDType{}, "{" + id + "}", false},
		{customtype.UUIDType{}, "urn:uuid:" + id, false},
		{customtype.UUIDType{}, "8f5a1d4e-2c3b-4a59-9f0e-6d7c8b9a0f1g", false},
		{customtype.UsernameType{}, "alice", true},
		{customtype.UsernameType{}, "Alice-2", true},
		{customtype.UsernameType{}, tftypes.UnknownValue, true},
		{customtype.UsernameType{}, nil, true},
		{customtype.UsernameType{}, "me", false},
		{customtype.UsernameType{}, "ME", false},
		{customtype.UsernameType{}, "", false},
		{customtype.UsernameType{}, "alice@example.com", false},
		{customtype.UsernameType{}, id, false},
	} {
		if got := accepts(t, fromTerraform(t, test.typ, test.value)); got != test.accept {
			t.Errorf("%v %v: accepted %t, want %t", test.typ, test.value, got, test.accept)
		}
	}
}

func TestSemanticEquality(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		typ  attr.Type
		a, b any
		same bool
	}{
		{customtype.UUIDType{}, id, "8F5A1D4E-2C3B-4A59-9F0E-6D7C8B9A0F1E", true},
		{customtype.UUIDType{}, id, "00000000-2c3b-4a59-9f0e-6d7c8b9a0f1e", false},
		{customtype.UUIDType{}, id, nil, false},
		{customtype.UUIDType{}, id, tftypes.UnknownValue, false},
		{customtype.UsernameType{}, "alice", "Alice", true},
		{customtype.UsernameType{}, "alice", "bob", false},
		{customtype.UsernameType{}, tftypes.UnknownValue, tftypes.UnknownValue, false},
	} {
		a := fromTerraform(t, test.typ, test.a).(basetypes.StringValuableWithSemanticEquals)
		b := fromTerraform(t, test.typ, test.b).(basetypes.StringValuable)
		same, diags := a.StringSemanticEquals(t.Context(), b)
		if same != test.same || diags.HasError() {
			t.Errorf("%v and %v: same %t (%v), want %t", test.a, test.b, same, diags, test.same)
		}
		if exact := a.Equal(b); exact != (test.a == test.b) {
			t.Errorf("%v and %v: Equal %t", test.a, test.b, exact)
		}
	}
}

func TestUUID(t *testing.T) {
	t.Parallel()
	if got := customtype.UUIDValue(uuid.MustParse(id)).UUID().String(); got != id {
		t.Errorf("got %s", got)
	}
	if got := customtype.UUIDUnknown().UUID(); got != uuid.Nil {
		t.Errorf("an unknown id is %s, not the nil UUID", got)
	}
}
