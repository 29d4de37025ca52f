package customtype

import (
	"context"
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// namePattern is Coder's rule for the names of users and workspaces.
var namePattern = regexp.MustCompile(`^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$`)

// IsName tells whether a text can be the name of a user or a workspace: 1 to
// 32 letters and digits, with single hyphens between them.
func IsName(s string) bool {
	return len(s) <= 32 && namePattern.MatchString(s)
}

func known(v basetypes.StringValue) bool {
	return !v.IsNull() && !v.IsUnknown()
}

// stringFromTerraform is the common part of every ValueFromTerraform here.
func stringFromTerraform(ctx context.Context, in tftypes.Value) (basetypes.StringValue, error) {
	value, err := basetypes.StringType{}.ValueFromTerraform(ctx, in)
	if err != nil {
		return basetypes.StringValue{}, err
	}
	s, ok := value.(basetypes.StringValue)
	if !ok {
		return basetypes.StringValue{}, fmt.Errorf("unexpected value type %T", value)
	}
	return s, nil
}
