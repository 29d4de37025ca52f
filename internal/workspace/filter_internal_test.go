package workspace

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

func TestFilterModel_Search(t *testing.T) {
	t.Parallel()
	yes := true
	noon := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	model := filterModel{
		Owner: types.StringValue("me"), Organization: types.StringValue("coder"), Template: types.StringValue("docker"),
		Name: types.StringValue("dev"), Status: types.StringValue("running"), HasAgent: types.StringValue("connected"),
		Outdated: types.BoolValue(true), Dormant: types.BoolValue(true), Favorite: types.BoolValue(true), Shared: types.BoolValue(true),
		SharedWithUser: types.StringValue("alice"), SharedWithGroup: types.StringValue("crew"), Parameter: types.StringValue("cpu=4"),
		LastUsedAfter: types.StringValue("2026-01-31"), LastUsedBefore: types.StringValue("2026-01-31T13:00:00+01:00"),
		DeletingBy: types.StringValue("2026-02-28"),
	}
	want := coder.WorkspaceSearch{
		Owner: "me", Organization: "coder", Template: "docker", Name: "dev", Status: coder.StatusRunning, HasAgent: "connected",
		Outdated: &yes, Dormant: &yes, Favorite: &yes, Shared: &yes, SharedWithUser: "alice", SharedWithGroup: "crew", Parameter: "cpu=4", LastUsedAfter: noon.Truncate(24 * time.Hour), LastUsedBefore: noon,
		DeletingBefore: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
	}
	got, diags := model.search()
	if diff := cmp.Diff(want, got); diff != "" || diags.HasError() {
		t.Errorf("search (-want +got):\n%s%v", diff, diags)
	}

	unknown := filterModel{Owner: types.StringUnknown(), Outdated: types.BoolUnknown(), LastUsedBefore: types.StringUnknown(), DeletingBy: types.StringUnknown()}
	if _, diags := unknown.search(); diags.HasError() {
		t.Errorf("unknown filters: %v", diags)
	}
}

// Of a date the whole day in UTC counts, of a time that very instant.
func TestFilterModel_DeletingBy(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"2026-01-31":                  time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC),
		"2026-01-31T12:00:00Z":        time.Date(2026, 1, 31, 12, 0, 0, 1, time.UTC),
		"2026-01-31T11:59:59.999999Z": time.Date(2026, 1, 31, 11, 59, 59, 999_999_001, time.UTC),
		"2026-01-31T23:00:00-01:00":   time.Date(2026, 2, 1, 0, 0, 0, 1, time.UTC),
	} {
		model := filterModel{DeletingBy: types.StringValue(text), Query: types.StringValue("outdated:true")}
		search, diags := model.search()
		if !search.DeletingBefore.Equal(want) || search.Query != "outdated:true" || diags.HasError() {
			t.Errorf("%s: before %v with query %q, want %v; %v", text, search.DeletingBefore, search.Query, want, diags)
		}
	}
}

func TestDateOrTime_Rejects(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "soon", "2026-1-31", "2026-02-30", "31.01.2026", "2026-01-31T18:00:00", "2026-01-31 18:00:00Z"} {
		if at, _, err := dateOrTime(text); err == nil {
			t.Errorf("dateOrTime(%q) = %v, want an error", text, at)
		}
	}
}
