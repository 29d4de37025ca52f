package workspace

import (
	"strings"
	"testing"
)

func TestOwnerAndName(t *testing.T) {
	t.Parallel()
	for id, want := range map[string][2]string{
		"alice/dev":                             {"alice", "dev"},
		"me/dev":                                {"me", "dev"},
		"@alice/dev":                            {"alice", "dev"},
		"https://coder.example.com/@alice/dev":  {"alice", "dev"},
		"https://coder.example.com/@alice/dev/": {"alice", "dev"},
		"https://coder.example.com/@alice/dev.main/x":           {"alice", "dev"},
		"https://coder.example.com/@alice/dev/builds/3?q=1#top": {"alice", "dev"},
		"https://example.com/coder/@alice/dev":                  {"alice", "dev"},
		"":                                                      {},
		"dev":                                                   {},
		"/dev":                                                  {},
		"alice/":                                                {},
		"alice/dev/extra":                                       {},
		"https://coder.example.com/workspaces":                  {},
		"https://coder.example.com/@alice":                      {},
		"https://%zz/@alice/dev":                                {},
	} {
		owner, name, ok := ownerAndName(id)
		if ok != (want != [2]string{}) || (ok && [2]string{owner, name} != want) {
			t.Errorf("%q: got %q, %q, %t", id, owner, name, ok)
		}
	}
}

// Whatever is given to import, an owner and a name of it are something to ask
// the server for.
func FuzzOwnerAndName(f *testing.F) {
	for _, id := range []string{"alice/dev", "@alice/dev", "https://coder.example.com/@alice/dev.main/x", "://", "https://%zz/@a/b", "@/", "//", "a/b/c", "x://y/@a/b%2Fc"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		owner, name, ok := ownerAndName(id)
		if !ok {
			return
		}
		if owner == "" || name == "" || strings.Contains(owner, "/") || strings.Contains(name, "/") {
			t.Errorf("%q is read as owner %q, name %q", id, owner, name)
		}
	})
}
