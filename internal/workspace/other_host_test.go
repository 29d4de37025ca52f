package workspace_test

import (
	"strings"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// The address of a workspace on another deployment is never taken for the
// namesake on this one, which may as well go by a name of its own.
func TestOtherHost(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version, AccessURL: "https://coder.example.com"})
			id := createWorkspace(t, d, d.Template(t, acctest.Basic), coder.Me, "dev").String()
			s := d.Server(t)
			here := strings.TrimPrefix(d.URL, "http://")
			for _, tt := range []struct {
				address string
				is      bool
				asks    int // for the access URL
			}{
				{d.URL + "/@admin/dev", true, 0},
				{"HTTPS://" + here + "/@me/DEV/builds/1", true, 0},
				{"https://coder.example.com/@admin/dev", true, 1},
				{"http://Coder.Example.com:80/team/@admin/dev.main/terminal", true, 0},
				{"https://coder.example.com:8443/@admin/dev", false, 0},
				{"https://other.example.com/@admin/dev", false, 0},
				{"https://github.com/@admin/dev", false, 0},
			} {
				d.Fake.ResetRequests()
				read, readDiags := s.Look(t, "coderws_workspace", acctest.Values{"url": tt.address})
				asked := d.RequestCount("GET", "/buildinfo")
				imported, importDiags := s.Import(t, workspaceType, tt.address, nil)
				if asked != tt.asks || d.RequestCount("GET", "/buildinfo") != tt.asks {
					t.Errorf("%s: the access URL was asked for %d times, want %d", tt.address, asked, tt.asks)
				}
				if tt.is {
					if readDiags.HasError() || acctest.Text(read, "id") != id || importDiags.HasError() || acctest.Text(imported.State, "id") != id {
						t.Errorf("%s: %v %v", tt.address, readDiags, importDiags)
					}
					continue
				}
				host, _, _ := strings.Cut(strings.TrimPrefix(tt.address, "https://"), "/")
				for summary, diags := range map[string]acctest.Diagnostics{
					"Workspace page is on another deployment": readDiags, "Workspace to import is on another deployment": importDiags,
				} {
					if len(diags) != 1 || diags[0].Summary != summary {
						t.Errorf("%s: %v", tt.address, diags)
						continue
					}
					for _, name := range []string{host, here, "coder.example.com"} {
						if !strings.Contains(diags[0].Detail, name) {
							t.Errorf("%s: %q is not in %q", tt.address, name, diags[0].Detail)
						}
					}
				}
				if got := readDiags[0].Attribute.String(); got != `AttributeName("url")` {
					t.Errorf("%s: at %s", tt.address, got)
				}
				if n := d.RequestCount("", ""); n != tt.asks {
					t.Errorf("%s: %d requests", tt.address, n)
				}
			}
			// Names are of no host.
			if imported, diags := s.Import(t, workspaceType, "admin/dev", nil); diags.HasError() || acctest.Text(imported.State, "id") != id {
				t.Errorf("by name: %v", diags)
			}
		})
	}
}
