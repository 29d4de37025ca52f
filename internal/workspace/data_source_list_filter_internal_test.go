package workspace

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

func TestListModel_Search(t *testing.T) {
	t.Parallel()
	model := listModel{
		Owner: types.StringValue("me"), Template: types.StringValue("docker"), Name: types.StringValue("dev"),
		Status: types.StringValue("running"), HasAgent: types.StringValue("connected"),
	}
	want := coder.WorkspaceSearch{Owner: "me", Template: "docker", Name: "dev", Status: coder.StatusRunning, HasAgent: "connected"}
	if diff := cmp.Diff(want, model.search()); diff != "" {
		t.Errorf("search (-want +got):\n%s", diff)
	}
	model = listModel{Query: types.StringValue("outdated:true")}
	if diff := cmp.Diff(coder.WorkspaceSearch{Query: "outdated:true"}, model.search()); diff != "" {
		t.Errorf("search (-want +got):\n%s", diff)
	}
}

func TestListModel_Show(t *testing.T) {
	t.Parallel()
	var (
		noon    = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
		evening = time.Date(2026, 1, 31, 23, 59, 59, 999_999_000, time.UTC)
		next    = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	)
	workspace := func(name string, status coder.Status, deleting time.Time) coder.Workspace {
		return coder.Workspace{Name: name, DeletingAt: deleting, LatestBuild: coder.WorkspaceBuild{
			Status: status, Resources: []coder.WorkspaceResource{{Name: "vm"}},
		}}
	}
	for _, test := range []struct {
		name  string
		model listModel
		want  []string
	}{
		{"everything", listModel{}, []string{"kept", "noon", "evening", "next"}},
		{"a day includes its end", listModel{DeletingBy: types.StringValue("2026-01-31")}, []string{"noon", "evening"}},
		{"the day before", listModel{DeletingBy: types.StringValue("2026-01-30")}, nil},
		{"an instant includes itself", listModel{DeletingBy: types.StringValue("2026-01-31T12:00:00Z")}, []string{"noon"}},
		{"just before", listModel{DeletingBy: types.StringValue("2026-01-31T11:59:59.999999Z")}, nil},
		{"another zone", listModel{DeletingBy: types.StringValue("2026-01-31T23:00:00-01:00")}, []string{"noon", "evening", "next"}},
		{"what the server calls canceled", listModel{Status: types.StringValue("canceled")}, []string{"next"}},
		{"both", listModel{DeletingBy: types.StringValue("2026-01-31"), Status: types.StringValue("failed")}, []string{"evening"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			found := []coder.Workspace{
				workspace("kept", coder.StatusRunning, time.Time{}),
				workspace("noon", coder.StatusStopped, noon),
				workspace("evening", coder.StatusFailed, evening),
				workspace("next", coder.StatusCanceled, next),
			}
			if err := test.model.show(found, true); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, w := range test.model.Workspaces {
				got = append(got, w.Name.ValueString())
				if len(w.LatestBuild.Resources) != 1 {
					t.Errorf("%v has %d resources, want 1", w.Name, len(w.LatestBuild.Resources))
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("workspaces (-want +got):\n%s", diff)
			}
			if got := test.model.Total.ValueInt64(); got != int64(len(test.want)) {
				t.Errorf("total = %d, want %d", got, len(test.want))
			}
			if test.model.Workspaces == nil {
				t.Error("workspaces is null")
			}
		})
	}
}

// Coder ≥2.9 orders the resources by the template author's wish, which must
// not be lost; before, they come in any order.
func TestListModel_ShowOrdersResources(t *testing.T) {
	t.Parallel()
	for ordered, want := range map[bool]string{true: "z", false: "a"} {
		var model listModel
		found := []coder.Workspace{{LatestBuild: coder.WorkspaceBuild{Resources: []coder.WorkspaceResource{{Name: "z"}, {Name: "a"}}}}}
		if err := model.show(found, ordered); err != nil {
			t.Fatal(err)
		}
		if got := model.Workspaces[0].LatestBuild.Resources[0].Name.ValueString(); got != want {
			t.Errorf("ordered by the server %v: %q is first, want %q", ordered, got, want)
		}
	}
}

func TestDeletionLimit_Rejects(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "soon", "2026-1-31", "2026-02-30", "31.01.2026", "2026-01-31T18:00:00", "2026-01-31 18:00:00Z"} {
		if limit, err := deletionLimit(text); err == nil {
			t.Errorf("deletionLimit(%q) = %v, want an error", text, limit)
		}
	}
}

func TestListDataSource_ConfigureRejectsForeignData(t *testing.T) {
	t.Parallel()
	var resp datasource.ConfigureResponse
	new(listDataSource).Configure(t.Context(), datasource.ConfigureRequest{ProviderData: 1}, &resp)
	if !resp.Diagnostics.HasError() {
		t.Error("foreign provider data is accepted")
	}
}
