// Package view is how data sources show what Coder tells: values as Terraform
// has them, and the computed attributes that hold them. Null stands for what
// the server has nothing to say about or does not know; lists are empty rather
// than null, so that they can always be looped over.
package view

import (
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Time is an instant as RFC 3339 text in UTC, null when it is zero. Rows read
// back from a server can carry its database's zone, so only the UTC form is
// stable.
func Time(t time.Time) types.String {
	if t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339Nano))
}

// String is null for the empty string. Only for fields that mean nothing when
// they are empty.
func String(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// UUID is null for the nil UUID, which the client has where the server sends
// none.
func UUID(id uuid.UUID) types.String {
	if id == uuid.Nil {
		return types.StringNull()
	}
	return types.StringValue(id.String())
}

// List converts every element; the result is never nil.
func List[A, B any](list []A, convert func(*A) B) []B {
	result := make([]B, len(list))
	for i := range list {
		result[i] = convert(&list[i])
	}
	return result
}

// Strings are the elements as Terraform has them; never nil.
func Strings(list []string) []types.String {
	return List(list, func(s *string) types.String { return types.StringValue(*s) })
}
