package diagnose

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// notVisible is the summary for a workspace that cannot be seen.
const notVisible = "Workspace is not visible"

// UnreadableWorkspace words a failed look at a workspace; doing is as in [Error].
// That it is not to be seen does not mean that it is gone: Coder keeps deleted
// workspaces for ever, and says 410 of them. Kept is what stays in the state for
// that reason, such as "workspace 1f2e…"; "" when there is nothing yet.
func UnreadableWorkspace(kept, doing string, err error) diag.Diagnostics {
	if coder.KindOf(err) == coder.NotVisible && kept != "" {
		return diag.Diagnostics{diag.NewErrorDiagnostic(notVisible,
			Detail(doing, err)+fmt.Sprintf("\n\nCoder would call a deleted workspace deleted. So nothing was changed, and %s stays in the state. "+
				"If its deployment is gone for good, forget it: terraform state rm and the address of this resource.", kept))}
	}
	return Error("Unable to read the workspace", doing, err, Fields{})
}

// WithWayOut ends the errors of a plan of something that exists, such as "the
// workspace". Terraform plans the configuration before it plans a destroy, unless
// it does not refresh: what is wrong in it must not keep anybody from destroying.
// What cannot be seen cannot be destroyed either.
func WithWayOut(diags diag.Diagnostics, what string) diag.Diagnostics {
	var ended diag.Diagnostics
	for _, d := range diags {
		if d.Summary() == notVisible {
			ended.Append(d)
			continue
		}
		ended.Append(WithAdvice(diag.Diagnostics{d}, "To destroy "+what+" all the same, whatever the configuration says: terraform destroy -refresh=false, with -target= and the address of this resource for it alone.")...)
	}
	return ended
}

// WithAdvice adds a paragraph to every error.
func WithAdvice(diags diag.Diagnostics, advice string) diag.Diagnostics {
	var ended diag.Diagnostics
	for _, d := range diags {
		detail := d.Detail() + "\n\n" + advice
		at, hasPath := d.(diag.DiagnosticWithPath)
		switch {
		case d.Severity() != diag.SeverityError:
		case hasPath:
			d = diag.NewAttributeErrorDiagnostic(at.Path(), d.Summary(), detail)
		default:
			d = diag.NewErrorDiagnostic(d.Summary(), detail)
		}
		ended.Append(d)
	}
	return ended
}
