package portshare_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
)

// A share that has another address now is not ended at the old one after it was
// found at the new one.
func TestPortShare_otherAddress(t *testing.T) {
	t.Parallel()
	releases(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		server := d.Server(t)
		workspace, diags := server.Apply(t, "coderws_workspace", nil, acctest.Values{"name": acctest.Name(t, "share"), "template_id": template.ID})
		if diags.HasError() {
			t.Fatal(diags)
		}
		id := uuid.MustParse(acctest.Text(workspace.State, "id"))
		configured := acctest.Values{"workspace_id": id.String(), "agent_name": "main", "port": 8080, "share_level": "public"}
		share, diags := server.Apply(t, "coderws_workspace_port_share", nil, configured)
		if diags.HasError() {
			t.Fatal(diags)
		}
		number := func() int {
			t.Helper()
			shared, err := d.Client.PortShares(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			return len(shared)
		}
		server.Configure(t)
		moved, diags := server.Apply(t, "coderws_workspace_port_share", nil, configured)
		if diags = append(diags, server.Destroy(t, "coderws_workspace_port_share", share)...); diags.HasError() {
			t.Fatal(diags)
		}
		if n := number(); n != 1 {
			t.Errorf("%d ports are shared", n)
		}
		if _, diags := server.Apply(t, "coderws_workspace_port_share", nil, configured); !strings.Contains(diags.String(), "Port is shared at two addresses") {
			t.Errorf("the second of two shares: %s", diags)
		}
		if _, diags := server.Apply(t, "coderws_workspace_port_share", moved, acctest.Values{"workspace_id": id.String(), "agent_name": "main", "port": 8080, "share_level": "authenticated"}); !strings.Contains(diags.String(), "Port is shared at two addresses") {
			t.Errorf("the change of a second share: %s", diags)
		}
		server.Configure(t)
		if diags := server.Destroy(t, "coderws_workspace_port_share", moved); diags.HasError() {
			t.Error(diags)
		}
		if n := number(); n != 0 {
			t.Errorf("%d ports are shared", n)
		}
		if diags := server.Destroy(t, "coderws_workspace", workspace); diags.HasError() {
			t.Error(diags)
		}
	})
}
