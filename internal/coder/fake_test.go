package coder_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// The client's way through the life of a workspace, at both ends of the range
// of versions.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"seed", "v2.35.1"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			fake := codertest.New(codertest.Options{Version: version, BuildTime: 200 * time.Millisecond})
			t.Cleanup(fake.Close)
			server := httptest.NewServer(fake)
			t.Cleanup(server.Close)
			template := fake.AddTemplate(codertest.BasicTemplate())
			client := coder.New(coder.Config{URL: parse(t, server.URL), Token: fake.Token()})
			ctx := t.Context()
			// Coder ≥2.2 sends the present state; before, the build is read.
			wait := []string{"GET /workspaces/{workspace}/watch"}
			if version == "seed" {
				wait = append(wait, "GET /workspacebuilds/{workspacebuild}")
			}
			requests := func() []string {
				var list []string
				for _, request := range fake.Requests() {
					list = append(list, request.Method+" "+request.Route)
				}
				fake.ResetRequests()
				return list
			}

			begun := client.ServerNow()
			created, err := client.CreateWorkspace(ctx, template.OrganizationID, coder.Me, coder.CreateWorkspaceRequest{Name: "dev", TemplateID: template.ID})
			if err != nil {
				t.Fatal(err)
			}
			if created.CreatedAt.Before(begun.Add(-2 * time.Second)) {
				t.Errorf("created at %v, asked for at %v", created.CreatedAt, begun)
			}
			var statuses []coder.Status
			finished, err := client.WaitForBuild(ctx, created.ID, created.LatestBuild.ID, func(b *coder.WorkspaceBuild) { statuses = append(statuses, b.Status) })
			if err != nil {
				t.Fatal(err)
			}
			if last := statuses[len(statuses)-1]; last != coder.StatusRunning || finished.Build.Status != last {
				t.Errorf("statuses are %v", statuses)
			}
			if diff := cmp.Diff(append([]string{"POST /organizations/{organization}/members/{user}/workspaces"}, wait...), requests()); diff != "" {
				t.Error(diff)
			}
			read, err := client.Workspace(ctx, created.ID)
			if err != nil {
				t.Fatal(err)
			}
			if finished.Workspace != nil && len(finished.Workspace.LatestBuild.Resources) != len(read.LatestBuild.Resources) {
				t.Error("the workspace sent with the end of the build is not complete")
			}
			list, err := client.AllWorkspaces(ctx, coder.WorkspaceSearch{Owner: coder.Me, Name: "de", Status: coder.StatusRunning})
			if err != nil || len(list) != 1 || list[0].ID != created.ID {
				t.Errorf("list is %v, error %v", list, err)
			}
			if got := client.ServerVersion(); fmt.Sprint(got) != fake.Version() || got.AtLeast(2, 2) != (version != "seed") {
				t.Errorf("version is %s", got)
			}

			fake.ResetRequests()
			build, err := client.CreateBuild(ctx, created.ID, coder.CreateBuildRequest{Transition: coder.TransitionDelete})
			if err != nil {
				t.Fatal(err)
			}
			requests()
			if finished, err = client.WaitForBuild(ctx, created.ID, build.ID, nil); err != nil || finished.Build.Status != coder.StatusDeleted {
				t.Errorf("deleted: %v, error %v", finished, err)
			}
			if diff := cmp.Diff(wait, requests()); diff != "" {
				t.Error(diff)
			}
			if _, err := client.Workspace(ctx, created.ID); coder.KindOf(err) != coder.Gone {
				t.Errorf("after the delete: error is %v", err)
			}
			if _, err := client.WorkspaceByOwnerAndName(ctx, coder.Me, "dev"); coder.KindOf(err) != coder.NotVisible {
				t.Errorf("by name after the delete: error is %v", err)
			}
		})
	}
}

// Streams that end and answers that get lost do not end a wait.
func TestLifecycle_WatchesAreClosed(t *testing.T) {
	t.Parallel()
	fake := codertest.New(codertest.Options{BuildTime: 300 * time.Millisecond})
	t.Cleanup(fake.Close)
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	template := fake.AddTemplate(codertest.BasicTemplate())
	fake.AddFault(codertest.Fault{Method: "GET", Route: "/workspacebuilds/{workspacebuild}", Times: 1, DropBefore: true})
	client := coder.New(coder.Config{URL: parse(t, server.URL), Token: fake.Token()})
	created, err := client.CreateWorkspace(t.Context(), template.OrganizationID, coder.Me, coder.CreateWorkspaceRequest{Name: "dev", TemplateID: template.ID})
	if err != nil {
		t.Fatal(err)
	}
	finished, err := client.WaitForBuild(t.Context(), created.ID, created.LatestBuild.ID, func(*coder.WorkspaceBuild) { fake.CloseWatches() })
	if err != nil || finished.Build.Status != coder.StatusRunning {
		t.Errorf("build %v, error %v", finished, err)
	}
}
