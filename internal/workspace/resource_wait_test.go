package workspace_test

import (
	"fmt"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// Whatever breaks the event stream, the wait goes on by polling.
func TestWorkspaceResource_watchBreaks(t *testing.T) {
	t.Parallel()
	faults := map[string]codertest.Fault{
		"refused":         {Status: http.StatusInternalServerError, Body: `{"message":"no"}`},
		"HTML by a proxy": {Status: http.StatusOK, ContentType: "text/html", Body: "<html>log in</html>"},
		"connection cut":  {DropBefore: true},
		"bad gateway":     {Status: http.StatusBadGateway, ContentType: "text/html", Body: "<html>bad gateway</html>"},
	}
	for _, version := range acctest.Versions {
		for title, fault := range faults {
			t.Run(version+"/"+title, func(t *testing.T) {
				t.Parallel()
				d := acctest.NewFake(t, codertest.Options{Version: version, BuildTime: 200 * time.Millisecond})
				template := d.Template(t, acctest.Basic)
				fault.Method, fault.Route = http.MethodGet, "/workspaces/{workspace}/watch"
				d.Fake.AddFault(fault)
				acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{{
					Config:            workspaceConfig(d, "one", template.ID),
					ConfigPlanChecks:  planned(plancheck.ResourceActionCreate),
					ConfigStateChecks: []statecheck.StateCheck{buildAttribute("status", knownvalue.StringExact("running"))},
				}}})
			})
		}
	}
}

// All connections are cut in the middle of the wait; the server then answers
// nothing for a while.
func TestWorkspaceResource_connectionKilledDuringWait(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version, BuildTime: time.Second})
			template := d.Template(t, acctest.Basic)
			d.Fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: "/workspaces/{workspace}/watch", Times: 1, Before: func(*http.Request) {
				time.AfterFunc(300*time.Millisecond, d.Fake.CloseWatches)
			}})
			d.Fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: "/workspacebuilds/{workspacebuild}", Times: 3, Skip: 1, DropBefore: true})
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{{
				Config:            workspaceConfig(d, "one", template.ID),
				ConfigPlanChecks:  planned(plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{buildAttribute("status", knownvalue.StringExact("running"))},
			}}})
			if got, want := writes(d), (map[string]int{postWorkspace: 1, postBuild: 1}); !maps.Equal(got, want) {
				t.Errorf("sent %v, want %v", got, want)
			}
		})
	}
}

// Another build is active, the scheduler's or a person's: it is waited for.
func TestWorkspaceResource_waitsForOtherBuilds(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version, BuildTime: 400 * time.Millisecond})
			template := d.Template(t, acctest.Basic)
			var id uuid.UUID
			stop := func() {
				if _, err := d.Client.CreateBuild(t.Context(), id, coder.CreateBuildRequest{Transition: coder.TransitionStop}); err != nil {
					t.Error(err)
				}
			}
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				{Config: workspaceConfig(d, "one", template.ID), Check: capture(&id)},
				{
					PreConfig:        stop,
					Config:           workspaceConfig(d, "one", template.ID, `parameters = { cpu = "5" }`),
					ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				},
				{ // and deleting waits too
					PreConfig: stop,
					Config:    workspaceConfig(d, "one", template.ID, `parameters = { cpu = "5" }`),
					Destroy:   true,
				},
			}})
		})
	}
}

// The limits of update and delete end their waits too, and the next apply goes
// on from there.
func TestWorkspaceResource_timeoutOfUpdateAndDelete(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version, BuildTime: 2 * time.Second})
			template := d.Template(t, acctest.Basic)
			config := func(cpu int, limit string) string {
				return workspaceConfig(d, "slow", template.ID, fmt.Sprintf("parameters = { cpu = \"%d\" }", cpu), fmt.Sprintf("timeouts {\n update = %q\n delete = %[1]q\n }", limit))
			}
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				{Config: config(2, "1s")},
				{Config: config(3, "1s"), ExpectError: message("Build did not end in time")},
				{ // it was running, and is again
					Config: config(3, "5m"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					ConfigStateChecks: []statecheck.StateCheck{buildAttribute("status", knownvalue.StringExact("running"))},
				},
				{Config: config(3, "1s"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate)},
				{Config: config(3, "1s"), Destroy: true, ExpectError: message("Workspace was not deleted in time")},
				{ // the delete build went on
					PreConfig: func() {
						for range 100 {
							if all := d.Fake.Workspaces(); all[0].Deleted {
								return
							}
							<-time.After(100 * time.Millisecond)
						}
						t.Error("the workspace is still there")
					},
					Config:  config(3, "1s"),
					Destroy: true,
				},
			}})
		})
	}
}

// A build that waits in the queue when its workspace is destroyed is cancelled
// where the server makes sure that it has not begun, and else awaited.
func TestWorkspaceResource_destroyWhileQueued(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			slow := codertest.SlowTemplate() // lets its users cancel
			template := d.Fake.AddTemplate(slow)
			d.Fake.HoldBuilds(true)
			goesOn := codertest.Fault{Method: http.MethodPost, Route: "/workspaces/{workspace}/builds", Before: func(*http.Request) { d.Fake.HoldBuilds(false) }}
			cancels := 1
			if version == "seed" {
				cancels = 0
				goesOn.Method, goesOn.Route, goesOn.Skip = http.MethodGet, "/workspaces/{workspace}/watch", 1 // the first is the create's
			}
			d.Fake.AddFault(goesOn)
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				{Config: workspaceConfig(d, "queued", template.ID.String(), "timeouts {\n create = \"1s\"\n }"), ExpectError: message("in time")},
			}})
			if n := d.RequestCount(http.MethodPatch, "/workspacebuilds/{workspacebuild}/cancel"); n != cancels {
				t.Errorf("%d builds were cancelled, want %d", n, cancels)
			}
			if n := d.RequestCounts()[postBuild]; n != 1 {
				t.Errorf("%d delete builds were requested", n)
			}
		})
	}
}

// The time limit ends the wait, not the build; the workspace is in the state.
func TestWorkspaceResource_timeout(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version, BuildTime: 3 * time.Second})
			template := d.Template(t, acctest.Basic)
			config := func(limit string) string {
				return workspaceConfig(d, "slow", template.ID, fmt.Sprintf("timeouts {\n create = %q\n }", limit))
			}
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				{Config: config("1s"), ExpectError: message("Workspace did not become ready in time")},
				{Config: config("5m"), ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate)},
			}})
			for _, w := range d.Fake.Workspaces() {
				if !w.Deleted {
					t.Errorf("workspace %s was left behind", w.Name)
				}
			}
		})
	}
}

// The token expires while the first build runs: the workspace is in the state,
// and the apply after a new login goes on from there.
func TestWorkspaceResource_signedOutDuringWait(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version, BuildTime: 500 * time.Millisecond})
			template := d.Template(t, acctest.Basic)
			for _, route := range []string{"/workspaces/{workspace}/watch", "/workspacebuilds/{workspacebuild}", "/workspaces/{workspace}"} {
				d.Fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: route, Status: http.StatusUnauthorized, Body: `{"message":"You are signed out or your session has expired."}`})
			}
			config := workspaceConfig(d, "one", template.ID)
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				{Config: config, ExpectError: message("Coder does not accept the session token")},
				{
					PreConfig:        d.Fake.ClearFaults,
					Config:           config,
					ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
				},
			}})
			all := d.Fake.Workspaces()
			for _, w := range all {
				if !w.Deleted {
					t.Errorf("workspace %s was lost: it is left behind", w.ID)
				}
			}
			if len(all) != 2 { // the interrupted one and its replacement
				t.Errorf("%d workspaces were made", len(all))
			}
		})
	}
}
