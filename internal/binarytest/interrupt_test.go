//go:build unix

package binarytest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

const (
	createRoute = "POST /organizations/{organization}/members/{user}/workspaces"
	buildRoute  = "POST /workspaces/{workspace}/builds"
	extendRoute = "PUT /workspaces/{workspace}/extend"
	watchRoute  = "GET /workspaces/{workspace}/watch"
	address     = "coderws_workspace.dev"
)

// scene is a deployment with a template whose builds last until the test ends
// them, and a Terraform configuration with one workspace.
type scene struct {
	*acctest.Deployment
	*terraform
	template string
	slow     atomic.Bool // builds that begin now do not end by themselves
}

// onFakes runs a test on a fake of each version.
func onFakes(t *testing.T, body func(t *testing.T, s *scene)) {
	t.Helper()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		d.SkipUnlessFake(t, "only a fake ends a build when the test says so")
		s := &scene{Deployment: d, terraform: newTerraform(t)}
		template := codertest.BasicTemplate()
		template.Version.BuildTime = func(string, map[string]string) time.Duration {
			if s.slow.Load() {
				return endless
			}
			return time.Millisecond
		}
		s.template = d.Fake.AddTemplate(template).ID.String()
		s.workspace(t, 2)
		body(t, s)
	})
}

const endless = time.Hour

// workspace configures a workspace with a number of CPUs.
func (s *scene) workspace(t *testing.T, cpu int) {
	t.Helper()
	s.configure(t, s.ProviderConfig(), fmt.Sprintf("resource \"coderws_workspace\" \"dev\" {\n  name        = \"dev\"\n  template_id = %q\n  parameters = {\n    cpu = \"%d\"\n  }\n}\n", s.template, cpu))
}

// present is the one workspace that the deployment holds.
func (s *scene) present(t *testing.T) codertest.Workspace {
	t.Helper()
	all := s.Fake.Workspaces()
	if len(all) != 1 {
		t.Fatalf("the deployment holds %d workspaces, want 1", len(all))
	}
	return all[0]
}

// untilBuilding waits until the build is running and the provider waits for it.
func (s *scene) untilBuilding(t *testing.T, status string) {
	t.Helper()
	eventually(t, "the workspace is "+status+" and the provider waits", func() bool {
		all := s.Fake.Workspaces()
		return len(all) == 1 && all[0].Status == status && s.RequestCounts()[watchRoute] > 0
	})
}

// endBuild ends the running build; those that follow are quick.
func (s *scene) endBuild(t *testing.T, status string) {
	t.Helper()
	s.slow.Store(false)
	s.Fake.Advance(2 * endless)
	eventually(t, "the workspace is "+status, func() bool { return s.present(t).Status == status })
}

// wantStored checks that the workspace, and nothing else, is in the state and
// not marked for replacement.
func (s *scene) wantStored(t *testing.T) {
	t.Helper()
	stored := s.state(t)
	if len(stored) != 1 || stored[0].Address != address || stored[0].Values["id"] != s.present(t).ID.String() {
		t.Fatalf("the state holds %v", stored)
	}
	if stored[0].Tainted {
		t.Error("the workspace is tainted: the next apply would destroy it")
	}
}

func (s *scene) wantRequests(t *testing.T, want int, request string) {
	t.Helper()
	if got := s.RequestCounts()[request]; got != want {
		t.Errorf("%d requests %s, want %d", got, request, want)
	}
}

func TestInterrupt_create(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, s *scene) {
		s.slow.Store(true)
		apply := s.start(t, "apply", "-auto-approve")
		s.untilBuilding(t, "starting")
		apply.interrupt(t)
		output, _ := apply.wait(t)
		mustContain(t, output, "Workspace creation interrupted", `Workspace "dev" exists and is in the state`)
		s.wantStored(t)

		// The build goes on: neither it nor its end makes work for Terraform.
		s.planEmpty(t)
		s.endBuild(t, "running")
		s.planEmpty(t)
		s.run(t, 0, "apply", "-auto-approve")
		s.wantRequests(t, 1, createRoute)
		s.wantRequests(t, 0, buildRoute)
	})
}

// Nothing is known against agents that were not waited for to the end.
func TestInterrupt_createWaitingForAgents(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, s *scene) {
		s.configure(t, s.ProviderConfig(), fmt.Sprintf("resource \"coderws_workspace\" \"dev\" {\n  name            = \"dev\"\n  template_id     = %q\n  wait_for_agents = true\n}\n", s.template))
		apply := s.start(t, "apply", "-auto-approve")
		eventually(t, "the provider looks at the agents again and again", func() bool {
			counts := s.RequestCounts()
			return counts["GET /workspaces"]+counts["GET /workspaces/{workspace}"] > 2
		})
		apply.interrupt(t)
		output, _ := apply.wait(t)
		mustContain(t, output, "Workspace creation interrupted", `Workspace "dev" exists and is in the state`)
		if strings.Contains(output, "Agents did not become ready") {
			t.Errorf("agents are blamed:\n%s", output)
		}
		s.wantStored(t)
		s.planEmpty(t)
	})
}

// What follows the first build, here the extension to a deadline, is left to
// the next apply.
func TestInterrupt_createWithDeadline(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, s *scene) {
		deadline := s.Fake.Now().Add(30 * time.Hour).UTC().Truncate(time.Second)
		s.configure(t, s.ProviderConfig(), fmt.Sprintf("resource \"coderws_workspace\" \"dev\" {\n  name        = \"dev\"\n  template_id = %q\n  ttl_ms      = 28800000\n  deadline    = %q\n}\n", s.template, deadline.Format(time.RFC3339)))
		s.slow.Store(true)
		apply := s.start(t, "apply", "-auto-approve")
		s.untilBuilding(t, "starting")
		apply.interrupt(t)
		apply.wait(t)
		s.wantStored(t)
		s.wantRequests(t, 0, extendRoute)

		s.endBuild(t, "running")
		s.run(t, 0, "apply", "-auto-approve")
		s.wantRequests(t, 1, extendRoute)
		if got := s.present(t).Deadline; !got.Equal(deadline) {
			t.Errorf("the deadline is %v, want %v", got, deadline)
		}
		s.planEmpty(t)
	})
}

// The interrupt comes before the answer to the request that creates the
// workspace: it exists, but Terraform has not learnt its id yet.
func TestInterrupt_createRequest(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, s *scene) {
		s.slow.Store(true)
		arrived := make(chan struct{})
		s.Fake.AddFault(codertest.Fault{
			Method: http.MethodPost, Route: "/organizations/{organization}/members/{user}/workspaces", Times: 1,
			Before: func(r *http.Request) {
				close(arrived)
				<-r.Context().Done() // the client is gone, but the server acts
			},
		})
		apply := s.start(t, "apply", "-auto-approve")
		select {
		case <-arrived:
		case <-time.After(patience):
			t.Fatal("there was no request to create the workspace")
		}
		apply.interrupt(t)
		output, _ := apply.wait(t)
		mustContain(t, output, "Workspace creation interrupted")
		s.wantStored(t)

		eventually(t, "the build is running", func() bool { return s.present(t).Status == "starting" })
		s.endBuild(t, "running")
		s.planEmpty(t)
		s.wantRequests(t, 1, createRoute)
	})
}

func TestInterrupt_update(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, s *scene) {
		s.run(t, 0, "apply", "-auto-approve")
		id := s.present(t).ID

		s.Fake.ResetRequests()
		s.slow.Store(true)
		s.workspace(t, 4)
		apply := s.start(t, "apply", "-auto-approve")
		// A running workspace takes new parameters by stop and start.
		s.untilBuilding(t, "stopping")
		apply.interrupt(t)
		output, status := apply.wait(t)
		if status == 0 {
			t.Error("the apply succeeded, although the update was interrupted")
		}
		mustContain(t, output, "Build did not end", "interrupted")
		s.wantStored(t)
		s.wantRequests(t, 1, buildRoute)

		s.endBuild(t, "stopped")
		s.run(t, 2, "plan", "-input=false", "-detailed-exitcode")
		s.run(t, 0, "apply", "-auto-approve")
		s.planEmpty(t)
		if w := s.present(t); w.Parameters["cpu"] != "4" || w.ID != id || w.Deleted {
			t.Errorf("the workspace is %+v, want workspace %s with 4 CPUs", w, id)
		}
		s.wantStored(t)
	})
}

// The next apply comes while the build of the interrupted one still runs.
func TestInterrupt_updateGoesOn(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, s *scene) {
		s.run(t, 0, "apply", "-auto-approve")
		s.Fake.ResetRequests()
		s.slow.Store(true)
		s.workspace(t, 4)
		apply := s.start(t, "apply", "-auto-approve")
		s.untilBuilding(t, "stopping")
		apply.interrupt(t)
		apply.wait(t)

		s.Fake.ResetRequests()
		apply = s.start(t, "apply", "-auto-approve")
		s.untilBuilding(t, "stopping")
		s.wantRequests(t, 0, buildRoute)
		s.slow.Store(false)
		s.Fake.Advance(2 * endless)
		if _, status := apply.wait(t); status != 0 {
			t.Errorf("the second apply ended with %d", status)
		}
		if cpu := s.present(t).Parameters["cpu"]; cpu != "4" {
			t.Errorf("the workspace has %s CPUs, want 4", cpu)
		}
		s.planEmpty(t)
	})
}

func TestInterrupt_destroy(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, s *scene) {
		s.run(t, 0, "apply", "-auto-approve")

		s.Fake.ResetRequests()
		s.slow.Store(true)
		destroy := s.start(t, "destroy", "-auto-approve")
		s.untilBuilding(t, "deleting")
		destroy.interrupt(t)
		output, status := destroy.wait(t)
		if status == 0 {
			t.Error("the destroy succeeded, although it was interrupted")
		}
		mustContain(t, output, "Workspace was not deleted", "interrupted")
		s.wantStored(t)

		// The next destroy follows the build that is under way.
		s.Fake.ResetRequests()
		destroy = s.start(t, "destroy", "-auto-approve")
		s.untilBuilding(t, "deleting")
		s.endBuild(t, "deleted")
		if _, status := destroy.wait(t); status != 0 {
			t.Errorf("the second destroy ended with %d", status)
		}
		s.wantRequests(t, 0, buildRoute)
		if stored := s.state(t); len(stored) != 0 {
			t.Errorf("the state still holds %v", stored)
		}
	})
}

// The delete build ends between the interrupted destroy and the next command.
func TestInterrupt_destroyEndsAlone(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, s *scene) {
		s.run(t, 0, "apply", "-auto-approve")
		s.Fake.ResetRequests()
		s.slow.Store(true)
		destroy := s.start(t, "destroy", "-auto-approve")
		s.untilBuilding(t, "deleting")
		destroy.interrupt(t)
		destroy.wait(t)
		s.endBuild(t, "deleted")

		s.run(t, 0, "destroy", "-auto-approve")
		s.wantRequests(t, 1, buildRoute)
		if stored := s.state(t); len(stored) != 0 {
			t.Errorf("the state still holds %v", stored)
		}
	})
}

// A provider that dies in the middle of a create cannot tell Terraform of the
// workspace. The next apply must say what to do about it, and that must work.
func TestKilledProvider_create(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, s *scene) {
		s.slow.Store(true)
		apply := s.start(t, "apply", "-auto-approve")
		s.untilBuilding(t, "starting")
		s.killProvider(t)
		// What Terraform says depends on how it learns of the death: "Plugin did
		// not respond" or "Request cancelled".
		if _, status := apply.wait(t); status != 1 {
			t.Errorf("the apply ended with %d, want 1", status)
		}
		if stored := s.state(t); len(stored) != 0 {
			t.Errorf("the state holds %v", stored)
		}

		s.endBuild(t, "running")
		output := s.run(t, 1, "apply", "-auto-approve")
		mustContain(t, output, "Workspace exists already", `with coderws_workspace.dev`, "terraform import coderws_workspace.")
		if stored := s.state(t); len(stored) != 0 {
			t.Errorf("somebody's workspace got into the state: %v", stored)
		}

		s.run(t, 0, "import", "-input=false", address, "admin/dev")
		s.wantStored(t)
		s.run(t, 0, "apply", "-auto-approve")
		s.planEmpty(t)
		if w := s.present(t); w.Deleted || w.BuildNumber != 1 {
			t.Errorf("the workspace is %+v, want it as it was created", w)
		}
	})
}
