package customtype

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var (
	_ basetypes.StringTypable                    = UUIDType{}
	_ basetypes.StringValuableWithSemanticEquals = UUID{}
	_ xattr.ValidateableAttribute                = UUID{}
)

// UUIDType is a string that must be a UUID in its usual form of 36 characters.
type UUIDType struct {
	basetypes.StringType
}

// UUID is a value of [UUIDType]. Upper and lower case mean the same; Coder
// answers in lower case.
type UUID struct {
	basetypes.StringValue
}

// UUIDValue is the known value of id.
func UUIDValue(id uuid.UUID) UUID {
	return UUID{basetypes.NewStringValue(id.String())}
}

// UUIDUnknown is the value not known yet.
func UUIDUnknown() UUID {
	return UUID{basetypes.NewStringUnknown()}
}

// Equal implements [attr.Type].
func (t UUIDType) Equal(o attr.Type) bool {
	_, ok := o.(UUIDType)
	return ok
}

// String implements [attr.Type].
func (t UUIDType) String() string { return "customtype.UUIDType" }

// ValueType implements [attr.Type].
func (t UUIDType) ValueType(context.Context) attr.Value { return UUID{} }

// ValueFromString implements [basetypes.StringTypable].
func (t UUIDType) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return UUID{in}, nil
}

// ValueFromTerraform implements [attr.Type].
func (t UUIDType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	s, err := stringFromTerraform(ctx, in)
	return UUID{s}, err
}

// Type implements [attr.Value].
func (v UUID) Type(context.Context) attr.Type { return UUIDType{} }

// Equal implements [attr.Value]; it compares letter by letter.
func (v UUID) Equal(o attr.Value) bool {
	other, ok := o.(UUID)
	return ok && v.StringValue.Equal(other.StringValue)
}

// StringSemanticEquals tells whether both name the same object.
func (v UUID) StringSemanticEquals(_ context.Context, o basetypes.StringValuable) (bool, diag.Diagnostics) {
	other, ok := o.(UUID)
	return ok && v.Same(other), nil
}

// Same tells whether both are known and name the same object.
func (v UUID) Same(other UUID) bool {
	return known(v.StringValue) && known(other.StringValue) && strings.EqualFold(v.ValueString(), other.ValueString())
}

// UUID is the value; the nil UUID while it is null, unknown or malformed.
func (v UUID) UUID() uuid.UUID {
	id, err := parseUUID(v.ValueString())
	if err != nil {
		return uuid.Nil
	}
	return id
}

// notYet is the key of a context in which ids are not checked.
type notYet struct{}

// WithoutIDs is a context in which values are validated that may have ids made up
// by a mock: Terraform has them validated, but hands no mocked object on to a plan
// or a read, where they are checked as they are decoded.
func WithoutIDs(ctx context.Context) context.Context {
	return context.WithValue(ctx, notYet{}, true)
}

// ValidateAttribute refuses what is not a UUID, except in a context made by
// [WithoutIDs].
func (v UUID) ValidateAttribute(ctx context.Context, req xattr.ValidateAttributeRequest, resp *xattr.ValidateAttributeResponse) {
	if !known(v.StringValue) || ctx.Value(notYet{}) != nil {
		return
	}
	if _, err := parseUUID(v.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid UUID",
			fmt.Sprintf("%q is not a UUID such as 8f5a1d4e-2c3b-4a59-9f0e-6d7c8b9a0f1e. Use the object's id, not its name.", v.ValueString()))
	}
}

// parseUUID reads the dashed form only: the parser's other forms (braces, URN,
// 32 digits) are refused by Coder in paths.
func parseUUID(s string) (uuid.UUID, error) {
	if len(s) != 36 {
		return uuid.Nil, fmt.Errorf("%q has %d characters, not 36", s, len(s))
	}
	return uuid.Parse(s)
}
