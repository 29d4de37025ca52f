package coder_test

import (
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

func TestWorkspaceSearch(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		search coder.WorkspaceSearch
		want   string
	}{
		"everything":     {coder.WorkspaceSearch{}, ""},
		"owner":          {coder.WorkspaceSearch{Owner: "me"}, "owner:me"},
		"all, in order":  {coder.WorkspaceSearch{HasAgent: "connected", Status: coder.StatusRunning, Name: "dev", Template: "docker", Owner: "alice"}, "owner:alice template:docker name:dev status:running has-agent:connected"},
		"plain signs":    {coder.WorkspaceSearch{Name: "a-b_c.9"}, "name:a-b_c.9"},
		"upper case":     {coder.WorkspaceSearch{Owner: "Alice"}, `owner:"Alice"`},
		"blank":          {coder.WorkspaceSearch{Template: "my template"}, `template:"my template"`},
		"colon":          {coder.WorkspaceSearch{Name: "a:b"}, `name:"a:b"`},
		"colon at end":   {coder.WorkspaceSearch{Name: ":a:"}, `name:":a:"`},
		"only a colon":   {coder.WorkspaceSearch{Name: ":"}, `name:":"`},
		"another key":    {coder.WorkspaceSearch{Name: "x owner:bob"}, `name:"x owner:bob"`},
		"slash, comma":   {coder.WorkspaceSearch{Name: "a/b,c"}, `name:"a/b,c"`},
		"other alphabet": {coder.WorkspaceSearch{Name: "größe"}, `name:"größe"`},
		"query":          {coder.WorkspaceSearch{Query: `owner:me  "x y": name:`}, `owner:me  "x y": name:`},
	}
	for name, tt := range tests {
		got, err := tt.search.String()
		if err != nil || got != tt.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, tt.want)
		}
	}
}

func TestWorkspaceSearch_Inexpressible(t *testing.T) {
	t.Parallel()
	tests := map[string]coder.WorkspaceSearch{
		"owner":     {Owner: `a"b`},
		"template":  {Owner: "me", Template: `"`},
		"name":      {Name: `x" owner:"bob`},
		"status":    {Status: `"running"`},
		"has-agent": {HasAgent: `x"`},
		"query":     {Query: "owner:me", Name: "dev"},
	}
	for field, search := range tests {
		got, err := search.String()
		if got != "" {
			t.Errorf("%s: search is %q", field, got)
		}
		if e := as[*coder.SearchError](t, err); e.Field != field || e.Detail == "" {
			t.Errorf("%s: error is %v", field, e)
		}
	}
}
