package diagnose_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// A plan's error says how to destroy all the same, unless that is in vain, too.
func TestWithWayOut(t *testing.T) {
	t.Parallel()
	gone := &coder.Error{Method: http.MethodGet, Status: http.StatusNotFound, Message: "Resource not found or you do not have access to this resource"}
	diags := diagnose.UnreadableWorkspace("the list", "read workspace x", gone)
	diags = append(diags, diag.NewErrorDiagnostic("Wrong", "That is wrong."), diag.NewWarningDiagnostic("Odd", "That is odd."))
	ended := diagnose.WithWayOut(diags, "the list")
	if len(ended) != len(diags) {
		t.Fatalf("there are %v", ended)
	}
	for i, want := range []bool{false, true, false} {
		if got := strings.Contains(ended[i].Detail(), "terraform destroy -refresh=false"); got != want {
			t.Errorf("%q has the way out: %t", ended[i].Summary(), got)
		}
	}
	if ended[0].Summary() != "Workspace is not visible" {
		t.Errorf("it is %q", ended[0].Summary())
	}
}
