package coder_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

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
		for _, version := range []string{"v0.24.1", "v2.35.1"} {
			got, err := tt.search.QueryFor(coder.ParseVersion(version))
			if err != nil || got != tt.want {
				t.Errorf("%s, %s: %q, %v, want %q", name, version, got, err, tt.want)
			}
		}
	}
}

// What a server is asked for depends on what its version can search by.
func TestWorkspaceSearch_Versions(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	evening := time.Date(2026, 1, 31, 20, 0, 0, 0, time.FixedZone("", 2*60*60))
	const newest = ""
	tests := map[string]struct {
		search coder.WorkspaceSearch
		want   map[string]string // by version
	}{
		"outdated": {
			coder.WorkspaceSearch{Owner: "me", Outdated: &yes},
			map[string]string{"v0.24.1": "owner:me", "v2.7.9": "owner:me", "v2.8.0": "owner:me outdated:true", newest: "owner:me outdated:true"},
		},
		"up to date": {coder.WorkspaceSearch{Outdated: &no}, map[string]string{"v2.7.9": "", "v2.35.1": "outdated:false"}},
		"dormant": {
			coder.WorkspaceSearch{Dormant: &yes},
			map[string]string{
				"v0.24.1": "", "v2.0.2": "", "v2.1.0": "locked_at:1970-01-01", "v2.2.0": "dormant_at:1970-01-01",
				"v2.3.0": "is-dormant:true", "v2.4.9": "is-dormant:true", "v2.5.0": "dormant:true", newest: "dormant:true",
			},
		},
		"awake": {coder.WorkspaceSearch{Dormant: &no}, map[string]string{"v0.24.1": "", "v2.3.0": "", "v2.35.1": ""}},
		"last used": {
			coder.WorkspaceSearch{LastUsedAfter: evening, LastUsedBefore: evening.Add(time.Nanosecond)},
			map[string]string{"v2.1.5": "", "v2.2.0": `last_used_after:"2026-01-31T18:00:00Z" last_used_before:"2026-01-31T18:00:00.000000001Z"`},
		},
		"organization": {coder.WorkspaceSearch{Organization: "Data science"}, map[string]string{"v2.14.0": "", "v2.15.0": `organization:"Data science"`}},
		"parameter":    {coder.WorkspaceSearch{Parameter: "region=eu-west"}, map[string]string{"v2.10.0": `param:"region=eu-west"`, newest: `param:"region=eu-west"`}},
		"shared": {
			coder.WorkspaceSearch{Shared: &no, SharedWithUser: "Alice", SharedWithGroup: "labs/crew", Favorite: &yes},
			map[string]string{
				"v2.27.0": `shared:false shared_with_user:"Alice" shared_with_group:"labs/crew"`, newest: `shared:false shared_with_user:"Alice" shared_with_group:"labs/crew"`,
			},
		},
		"favorite":    {coder.WorkspaceSearch{Favorite: &yes}, map[string]string{"v0.24.1": "", newest: ""}},
		"deleting":    {coder.WorkspaceSearch{Status: coder.StatusDeleting}, map[string]string{"v0.24.1": "", "v2.35.1": "status:deleting"}},
		"deleting by": {coder.WorkspaceSearch{DeletingBefore: evening, Query: "a/b"}, map[string]string{"v0.24.1": "a/b", "v2.35.1": "a/b"}},
	}
	for name, tt := range tests {
		for version, want := range tt.want {
			got, err := tt.search.QueryFor(coder.ParseVersion(version))
			if err != nil || got != want {
				t.Errorf("%s, %s: %q, %v, want %q", name, version, got, err, want)
			}
		}
	}

	for field, tt := range map[string]struct {
		search         coder.WorkspaceSearch
		version, takes string
	}{
		"param":             {coder.WorkspaceSearch{Parameter: "gpu"}, "v2.9.4+abc", "2.10"},
		"shared":            {coder.WorkspaceSearch{Shared: &no}, "v2.26.9", "2.27"},
		"shared_with_user":  {coder.WorkspaceSearch{SharedWithUser: "me"}, "v2.21.1", "2.27"},
		"shared_with_group": {coder.WorkspaceSearch{SharedWithGroup: "crew"}, "v0.24.1-devel", "2.27"},
	} {
		_, err := tt.search.QueryFor(coder.ParseVersion(tt.version))
		if e := as[*coder.SearchError](t, err); e.Field != field || !strings.Contains(e.Detail, tt.version) || !strings.Contains(e.Detail, "takes Coder "+tt.takes) {
			t.Errorf("%s on an old server: error is %v", field, e)
		}
	}
}

func TestWorkspaceSearch_Inexpressible(t *testing.T) {
	t.Parallel()
	tests := map[string][]coder.WorkspaceSearch{
		"owner":        {{Owner: `a"b`}},
		"organization": {{Organization: `"`}},
		"template":     {{Owner: "me", Template: `"`}},
		"name":         {{Name: `x" owner:"bob`}},
		"status":       {{Status: `"running"`}},
		"has-agent":    {{HasAgent: `x"`}},

		"shared_with_user":  {{SharedWithUser: `"me"`}},
		"shared_with_group": {{SharedWithGroup: `a"`}},
		"param":             {{Parameter: `"`}, {Parameter: "="}, {Parameter: " =x"}, {Parameter: "a="}, {Parameter: "a=b=c"}, {Parameter: "a,b"}, {Parameter: "a=b,c"}},
		"query":             {{Query: "owner:me", Name: "dev"}, {Query: "owner:me", Shared: new(bool)}, {Query: "owner:me", Parameter: "cpu"}},
	}
	for field, searches := range tests {
		for _, search := range searches {
			got, err := search.QueryFor(coder.ParseVersion("v2.35.1"))
			if got != "" {
				t.Errorf("%+v: search is %q", search, got)
			}
			if e := as[*coder.SearchError](t, err); e.Field != field || e.Detail == "" {
				t.Errorf("%+v: error is %v", search, e)
			}
			if problems := search.Check(); len(problems) != 1 {
				t.Errorf("%+v: %d problems without a server", search, len(problems))
			}
		}
	}
	if problems := (coder.WorkspaceSearch{Owner: `"`, Name: `"`}).Check(); len(problems) != 2 {
		t.Errorf("%d problems, want both", len(problems))
	}
}

func TestWorkspaceSearch_Matches(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	noon := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	organization := uuid.MustParse("44444444-4444-4444-8444-444444444444")
	workspace := func(change func(*coder.Workspace)) *coder.Workspace {
		w := &coder.Workspace{
			Name: "My-dev", OrganizationID: organization, OrganizationName: "Coder", LastUsedAt: noon,
			LatestBuild: coder.WorkspaceBuild{Status: coder.StatusFailed},
		}
		change(w)
		return w
	}
	rows := map[string]*coder.Workspace{
		"plain":    workspace(func(*coder.Workspace) {}),
		"outdated": workspace(func(w *coder.Workspace) { w.Outdated = true }),
		"dormant":  workspace(func(w *coder.Workspace) { w.DormantAt = noon }),
		"locked":   workspace(func(w *coder.Workspace) { w.LockedAt = noon }),
		"favorite": workspace(func(w *coder.Workspace) { w.Favorite = &yes }),
		"disliked": workspace(func(w *coder.Workspace) { w.Favorite = &no }),
		"later":    workspace(func(w *coder.Workspace) { w.LastUsedAt = noon.Add(1) }),
		"earlier":  workspace(func(w *coder.Workspace) { w.LastUsedAt = noon.Add(-1) }),
		"deleting": workspace(func(w *coder.Workspace) { w.DeletingAt = noon }),
		"running":  workspace(func(w *coder.Workspace) { w.LatestBuild.Status = coder.StatusRunning }),
		"named":    workspace(func(w *coder.Workspace) { w.Name = "other" }),
		"foreign":  workspace(func(w *coder.Workspace) { w.OrganizationID, w.OrganizationName = uuid.Nil, "other" }),
	}
	everything := "deleting disliked dormant earlier favorite foreign later locked named outdated plain running"
	without := func(names ...string) string {
		var kept []string
		for name := range strings.FieldsSeq(everything) {
			if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+name+" ") {
				kept = append(kept, name)
			}
		}
		return strings.Join(kept, " ")
	}
	for name, tt := range map[string]struct {
		search coder.WorkspaceSearch
		want   string
	}{
		"everything":      {coder.WorkspaceSearch{}, everything},
		"name":            {coder.WorkspaceSearch{Name: "Y-D"}, without("named")},
		"wildcard":        {coder.WorkspaceSearch{Name: "_"}, ""},
		"status":          {coder.WorkspaceSearch{Status: coder.StatusFailed}, without("running")},
		"organization":    {coder.WorkspaceSearch{Organization: "coder"}, without("foreign")},
		"organization id": {coder.WorkspaceSearch{Organization: organization.String()}, without("foreign")},
		"outdated":        {coder.WorkspaceSearch{Outdated: &yes}, "outdated"},
		"up to date":      {coder.WorkspaceSearch{Outdated: &no}, without("outdated")},
		"dormant":         {coder.WorkspaceSearch{Dormant: &yes}, "dormant locked"},
		"awake":           {coder.WorkspaceSearch{Dormant: &no}, without("dormant", "locked")},
		"favorite":        {coder.WorkspaceSearch{Favorite: &yes}, "favorite"},
		"no favorite":     {coder.WorkspaceSearch{Favorite: &no}, without("favorite")},
		"used after":      {coder.WorkspaceSearch{LastUsedAfter: noon}, without("earlier")},
		"used before":     {coder.WorkspaceSearch{LastUsedBefore: noon}, "earlier"},
		"deleting before": {coder.WorkspaceSearch{DeletingBefore: noon.Add(1)}, "deleting"},
		"not deleting":    {coder.WorkspaceSearch{DeletingBefore: noon}, ""},
	} {
		var got []string
		for row := range strings.FieldsSeq(everything) {
			if tt.search.Matches(rows[row]) {
				got = append(got, row)
			}
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
