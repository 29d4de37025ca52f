package acl_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
)

// A list that has another address now, its key of for_each being another one, is
// not ended at the old address after it was made at the new one. Terraform does
// both in any order.
func TestACL_otherAddress(t *testing.T) {
	t.Parallel()
	newest(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		server := d.Server(t)
		workspace, diags := server.Apply(t, "coderws_workspace", nil, acctest.Values{"name": acctest.Name(t, "acl"), "template_id": template.ID})
		if diags.HasError() {
			t.Fatal(diags)
		}
		id := acctest.Text(workspace.State, "id")
		configured := acctest.Values{"workspace_id": id, "groups": map[string]string{"Everyone": "use"}}
		list, diags := server.Apply(t, "coderws_workspace_acl", nil, configured)
		if diags.HasError() {
			t.Fatal(diags)
		}
		for range 2 {
			server.Configure(t)
			moved, diags := server.Apply(t, "coderws_workspace_acl", nil, configured)
			if diags = append(diags, server.Destroy(t, "coderws_workspace_acl", list)...); diags.HasError() {
				t.Fatal(diags)
			}
			if err := compare(t.Context(), d, uuid.MustParse(id), []string{"Everyone use"}); err != nil {
				t.Error(err)
			}
			list = moved
		}
		server.Configure(t)
		first, diags := server.Apply(t, "coderws_workspace_acl", list, acctest.Values{"workspace_id": id, "groups": map[string]string{"Everyone": "admin"}})
		if diags.HasError() {
			t.Fatal(diags)
		}
		if _, diags := server.Apply(t, "coderws_workspace_acl", list, acctest.Values{"workspace_id": id}); !strings.Contains(diags.String(), "Workspace has two lists") {
			t.Errorf("the second of two lists: %s", diags)
		}
		if err := compare(t.Context(), d, uuid.MustParse(id), []string{"Everyone admin"}); err != nil {
			t.Error(err)
		}
		list = first
		server.Configure(t)
		if diags := server.Destroy(t, "coderws_workspace_acl", list); diags.HasError() {
			t.Error(diags)
		}
		if err := compare(t.Context(), d, uuid.MustParse(id), nil); err != nil {
			t.Error(err)
		}
		if diags := server.Destroy(t, "coderws_workspace", workspace); diags.HasError() {
			t.Error(diags)
		}
	})
}
