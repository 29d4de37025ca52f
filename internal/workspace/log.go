package workspace

import (
	"context"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/coderws/terraform-provider-coderws/internal/printable"
)

// logNote writes to Terraform's log, fit to be printed.
func logNote(ctx context.Context, note string, fields map[string]any) {
	tflog.Info(ctx, printable.Clean(note), printable.Fields(fields))
}
