//go:build unix

package binarytest_test

import (
	"fmt"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// A protected workspace that is taken out of the configuration is not destroyed.
// Neither is one that is to be replaced by -replace, or as tainted, without a
// refresh: Terraform then tells the provider nothing of a tainted one in the plan,
// so it is the apply that is refused, before it has changed anything.
func TestProtection(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	template := d.Template(t, acctest.Basic)
	tf := newTerraform(t)
	const workspace = "coderws_workspace.kept"
	block := func(protected bool) string {
		return fmt.Sprintf("resource \"coderws_workspace\" \"kept\" {\n name = \"kept\"\n template_id = %q\n deletion_protection = %t\n}\n", template.ID, protected)
	}
	configure := func(blocks ...string) { tf.configure(t, append([]string{d.ProviderConfig()}, blocks...)...) }
	refused := func(arguments ...string) {
		t.Helper()
		d.Fake.ResetRequests()
		mustContain(t, tf.run(t, 1, arguments...), "Workspace is protected from deletion")
		if d.RequestCount("POST", "/workspaces/{workspace}/builds") > 0 {
			t.Errorf("%v: %v", arguments, d.Requests())
		}
	}
	configure(block(true))
	tf.run(t, 0, "apply", "-auto-approve")

	configure()
	refused("plan")
	configure(block(true))
	tf.planEmpty(t)

	refused("plan", "-replace="+workspace, "-refresh=false")
	refused("apply", "-auto-approve", "-replace="+workspace, "-refresh=false")
	tf.run(t, 0, "taint", workspace)
	tf.run(t, 2, "plan", "-refresh=false", "-detailed-exitcode")
	refused("apply", "-auto-approve", "-refresh=false")
	configure(block(false))
	refused("apply", "-auto-approve") // the way out is another
	tf.run(t, 0, "untaint", workspace)
	tf.run(t, 0, "apply", "-auto-approve")
	tf.run(t, 0, "destroy", "-auto-approve")
}
