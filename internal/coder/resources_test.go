package coder_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// withResources is a build with resources in the order in which a server that
// sorts them sends them, or shuffled.
func withResources(shuffled bool) string {
	resource := func(kind, name, agents string) string {
		return fmt.Sprintf(`{"id":%q,"type":%q,"name":%q,"agents":[%s]}`, uuid.NewSHA1(uuid.Nil, []byte(kind+name)), kind, name, agents)
	}
	agent := func(name, apps string) string { return fmt.Sprintf(`{"name":%q,"apps":[%s]}`, name, apps) }
	mix := func(parts ...string) string {
		if shuffled {
			rand.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		}
		return strings.Join(parts, ",")
	}
	resources := mix(
		resource("vm", "zeta", mix(agent("b", ""), agent("a", mix(`{"slug":"y"}`, `{"slug":"x"}`)))),
		resource("vm", "main", agent("c", "")),
		resource("disk", "home", ""), resource("net", "home", ""), resource("disk", "logs", ""),
	)
	return withID(buildID, `"job":{"status":"succeeded"},"status":"running","resources":[`+resources+`]`)
}

// shown is a build as a list of what is in it.
func shown(b *coder.WorkspaceBuild) string {
	var parts []string
	for _, resource := range b.Resources {
		parts = append(parts, resource.Type+"."+resource.Name)
		for _, agent := range resource.Agents {
			parts = append(parts, agent.Name)
			for _, app := range agent.Apps {
				parts = append(parts, app.Slug)
			}
		}
	}
	return strings.Join(parts, " ")
}

// However a workspace is read, what is in it comes in the same order each time:
// in the server's, which the template's author can choose, or, before Coder 2.9
// and where the version is not known, by name.
func TestResources_Order(t *testing.T) {
	t.Parallel()
	const (
		sorted = "vm.main c vm.zeta a x y b disk.home net.home disk.logs"
		asSent = "vm.zeta b a y x vm.main c disk.home net.home disk.logs"
	)
	reads := map[string]func(context.Context, *coder.Client) (*coder.WorkspaceBuild, error){
		"by id": func(ctx context.Context, c *coder.Client) (*coder.WorkspaceBuild, error) {
			w, err := c.Workspace(ctx, workspaceID)
			return &w.LatestBuild, err
		},
		"with others": func(ctx context.Context, c *coder.Client) (*coder.WorkspaceBuild, error) {
			w, err := c.ReadWorkspace(ctx, workspaceID)
			return &w.LatestBuild, err
		},
		"by name": func(ctx context.Context, c *coder.Client) (*coder.WorkspaceBuild, error) {
			w, err := c.WorkspaceByOwnerAndName(ctx, coder.Me, "dev")
			return &w.LatestBuild, err
		},
		"in a list": func(ctx context.Context, c *coder.Client) (*coder.WorkspaceBuild, error) {
			list, err := c.AllWorkspaces(ctx, coder.WorkspaceSearch{})
			return &list[0].LatestBuild, err
		},
		"the build": func(ctx context.Context, c *coder.Client) (*coder.WorkspaceBuild, error) {
			return c.Build(ctx, buildID)
		},
		"at the end of a wait": func(ctx context.Context, c *coder.Client) (*coder.WorkspaceBuild, error) {
			finished, err := c.WaitForBuild(ctx, workspaceID, buildID, nil)
			if err == nil && finished.Workspace != nil {
				return &finished.Workspace.LatestBuild, nil
			}
			return &finished.Build, err
		},
	}
	for version, want := range map[string]string{seedVersion: sorted, "v2.8.5": sorted, noRelease: sorted, "v2.9.0": asSent, newVersion: asSent} {
		for name, read := range reads {
			t.Run(version+" "+name, func(t *testing.T) {
				t.Parallel()
				client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
					build := withResources(want == sorted)
					workspace := withID(workspaceID, `"latest_build":`+build)
					switch path := req.URL.Path; {
					case strings.HasSuffix(path, "/watch"):
						resp, err := stream(ping, "event: data\ndata: "+workspace+"\n\n")(req)
						resp.Header.Set("X-Coder-Build-Version", version)
						return resp, err
					case strings.Contains(path, "/workspacebuilds/"):
						return answer(req, 200, build, "X-Coder-Build-Version", version), nil
					case strings.HasSuffix(path, "/workspaces"):
						return answer(req, 200, `{"count":1,"workspaces":[`+workspace+`]}`, "X-Coder-Build-Version", version), nil
					default:
						return answer(req, 200, workspace, "X-Coder-Build-Version", version), nil
					}
				})
				for range 10 {
					build, err := read(t.Context(), client)
					if err != nil {
						t.Fatal(err)
					}
					if got := shown(build); got != want {
						t.Errorf("%s, want %s", got, want)
					}
				}
			})
		}
	}
}
