package workspace

import (
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// timeValue is an instant as RFC 3339 text in UTC, null when it is zero. Rows
// read back from a server can carry its database's zone, so only the UTC form
// is stable.
func timeValue(t time.Time) types.String {
	if t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339Nano))
}

// stringOrNull is null for the empty string. Only for fields that the server
// leaves out, or that are empty, when there is nothing to say.
func stringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// uuidOrNull is null for the nil UUID, which the client has where the server
// sends none.
func uuidOrNull(id uuid.UUID) types.String {
	if id == uuid.Nil {
		return types.StringNull()
	}
	return types.StringValue(id.String())
}
