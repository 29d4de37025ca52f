package token

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// record is what Terraform keeps of an open token until it is closed: in memory,
// never in a state or a plan.
type record struct {
	Owner     string        `json:"owner"`
	ID        string        `json:"id"`
	Name      string        `json:"name"`
	Lifetime  time.Duration `json:"lifetime"`
	ExpiresAt time.Time     `json:"expires_at"`
	// Key is the token itself, "" where the server does not prolong it.
	Key string `json:"key,omitempty"`
}

// privateRecord is the key of the record in the private data.
const privateRecord = "token"

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func (t record) remember(ctx context.Context, private privateWriter) diag.Diagnostics {
	value, _ := json.Marshal(t) // texts and numbers always can be
	return private.SetKey(ctx, privateRecord, value)
}

func recall(ctx context.Context, private privateReader) (record, diag.Diagnostics) {
	var token record
	value, diags := private.GetKey(ctx, privateRecord)
	if !diags.HasError() && json.Unmarshal(value, &token) != nil {
		diags.AddError("Unexpected private data of a token", "Terraform gave back something else than it had been given. This is a bug in the provider.")
	}
	return token, diags
}

// String names the token.
func (t record) String() string {
	if t.Owner == coder.Me {
		return fmt.Sprintf("token %q", t.Name)
	}
	return fmt.Sprintf("token %q of user %q", t.Name, t.Owner)
}

// left says how long a token lives that could not be deleted, and how to end it.
func (t record) left() string {
	return fmt.Sprintf("The %s can live until %s. To end it before, use `coder tokens remove %s`.",
		t, t.ExpiresAt.UTC().Format(time.RFC3339), cmp.Or(t.ID, t.Name))
}
