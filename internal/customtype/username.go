package customtype

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var (
	_ basetypes.StringTypable                    = UsernameType{}
	_ basetypes.StringValuableWithSemanticEquals = Username{}
	_ xattr.ValidateableAttribute                = Username{}
)

// UsernameType is a string that must be a username by Coder's rule.
type UsernameType struct {
	basetypes.StringType
}

// Username is a value of [UsernameType]. Coder compares usernames without
// regard to case.
type Username struct {
	basetypes.StringValue
}

// UsernameValue is the known value of name.
func UsernameValue(name string) Username {
	return Username{basetypes.NewStringValue(name)}
}

// Equal implements [attr.Type].
func (t UsernameType) Equal(o attr.Type) bool {
	_, ok := o.(UsernameType)
	return ok
}

// String implements [attr.Type].
func (t UsernameType) String() string { return "customtype.UsernameType" }

// ValueType implements [attr.Type].
func (t UsernameType) ValueType(context.Context) attr.Value { return Username{} }

// ValueFromString implements [basetypes.StringTypable].
func (t UsernameType) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return Username{in}, nil
}

// ValueFromTerraform implements [attr.Type].
func (t UsernameType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	s, err := stringFromTerraform(ctx, in)
	return Username{s}, err
}

// Type implements [attr.Value].
func (v Username) Type(context.Context) attr.Type { return UsernameType{} }

// Equal implements [attr.Value]; it compares letter by letter.
func (v Username) Equal(o attr.Value) bool {
	other, ok := o.(Username)
	return ok && v.StringValue.Equal(other.StringValue)
}

// StringSemanticEquals tells whether both name the same user.
func (v Username) StringSemanticEquals(_ context.Context, o basetypes.StringValuable) (bool, diag.Diagnostics) {
	other, ok := o.(Username)
	return ok && v.Same(other), nil
}

// Same tells whether both are known and name the same user.
func (v Username) Same(other Username) bool {
	return known(v.StringValue) && known(other.StringValue) && strings.EqualFold(v.ValueString(), other.ValueString())
}

// ValidateAttribute refuses what cannot be a username: "me", which would come
// back as another word, an e-mail address, a UUID.
func (v Username) ValidateAttribute(_ context.Context, req xattr.ValidateAttributeRequest, resp *xattr.ValidateAttributeResponse) {
	if !known(v.StringValue) {
		return
	}
	switch name := v.ValueString(); {
	case strings.EqualFold(name, "me"):
		resp.Diagnostics.AddAttributeError(req.Path, "Username cannot be \"me\"",
			"Leave the attribute out: the owner of the provider's token is meant then.")
	case !IsName(name):
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid username",
			fmt.Sprintf("%q is not a Coder username: 1 to 32 letters and digits, with single hyphens between them. E-mail addresses and user ids are not accepted.", name))
	}
}
