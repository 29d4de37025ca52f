package workspace_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// A new workspace that fails to stop is there and runs: no error, which would
// have Terraform replace it. The next plan stops it.
func TestWorkspaceResource_createStoppedFails(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Failing)
		name := acctest.Name(t, "stop")
		config := func(at string) string {
			return workspaceConfig(d, name, template.ID, `desired_status = "stopped"`, fmt.Sprintf("parameters = { fail_at = %q }", at))
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config("stop"), ExpectNonEmptyPlan: true},
			{Config: config("never"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate)},
			{Config: config("never"), ConfigPlanChecks: emptyPlan},
		}})
	})
}

// A first build that fails leaves a tainted workspace, which the next apply
// replaces.
func TestWorkspaceResource_buildFails(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Failing)
		name := acctest.Name(t, "fails")
		config := func(at string) string {
			return workspaceConfig(d, name, template.ID, fmt.Sprintf("parameters = { fail_at = %q }", at))
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config("apply"), ExpectError: message("Workspace failed to start")},
			{Config: config("apply"), ExpectError: message("The last lines of the build log")},
			{
				Config:           config("never"),
				ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					buildAttribute("status", knownvalue.StringExact("running")),
				},
			},
			{ // a failing update says so; the state follows what happened
				Config:      config("apply"),
				ExpectError: message("Workspace failed to start"),
			},
			{
				Config:           config("never"),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			},
		}})
	})
}

// A delete build that fails keeps the workspace in the state.
func TestWorkspaceResource_deleteFails(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template, name := d.Template(t, acctest.Failing), acctest.Name(t, "stuck")
		config := workspaceConfig(d, name, template.ID, `parameters = { fail_at = "delete" }`)
		var id uuid.UUID
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config, Check: capture(&id)},
			{Config: config, Destroy: true, ExpectError: message("Once the cause is mended, destroy again.")},
			{ // it is still there and still managed
				Config: config,
				Check: onServer(t, d, func(w *coder.Workspace) error {
					if w.ID != id {
						return fmt.Errorf("workspace %s became %s", id, w.ID)
					}
					return nil
				}),
			},
			{
				PreConfig: func() {
					build(t, d, id, coder.CreateBuildRequest{Transition: coder.TransitionStop, RichParameterValues: []coder.BuildParameter{{Name: "fail_at", Value: "never"}}})
				},
				Config: workspaceConfig(d, name, template.ID, `parameters = { fail_at = "never" }`),
			},
		}})
	})
}

func TestWorkspaceResource_nameTaken(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		taken, other := acctest.Name(t, "taken"), acctest.Name(t, "other")
		config := func(second string) string {
			return workspaceConfig(d, taken, template.ID) + fmt.Sprintf(`
resource "coderws_workspace" "second" {
  name        = %q
  template_id = %q
  depends_on  = [coderws_workspace.test]
}
`, second, template.ID)
		}
		refused := "already exists"
		if !d.RenamesAllowed(t, template) {
			refused = "Deployment forbids renaming workspaces"
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(taken), ExpectError: message("Two new workspaces would have one name")},
			{Config: workspaceConfig(d, taken, template.ID)},
			{Config: config(taken), ExpectError: message("Workspace exists already")},
			{Config: config(taken), ExpectError: message("The command to take it over: terraform import")},
			{Config: config(other)},
			{Config: config(taken), ExpectError: message(refused)}, // renaming
			{Config: config(other), ConfigPlanChecks: emptyPlan},
		}})
	})
}

// The answer to the create request is lost after the server acted: the
// workspace is found and taken over, not made twice.
func TestWorkspaceResource_createAnswerLost(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			template := d.Template(t, acctest.Basic)
			d.Fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: "/organizations/{organization}/members/{user}/workspaces", Times: 1, DropAfter: true})
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{{
				Config:           workspaceConfig(d, "one", template.ID),
				ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			}}})
			if n := d.RequestCounts()[postWorkspace]; n != 1 {
				t.Errorf("the create request was sent %d times", n)
			}
		})
	}
}

// A workspace of that name that was there before is never taken over.
func TestWorkspaceResource_createAnswerLostButNotOurs(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			template, other := d.Template(t, acctest.Basic), d.Template(t, acctest.Basic)
			existing, err := d.Client.CreateWorkspace(t.Context(), uuid.MustParse(other.OrganizationID), coder.Me,
				coder.CreateWorkspaceRequest{Name: "one", TemplateID: uuid.MustParse(other.ID)})
			if err != nil {
				t.Fatal(err)
			}
			d.Fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: "/organizations/{organization}/members/{user}/workspaces", Status: http.StatusBadGateway, Body: "bad gateway", ContentType: "text/plain"})
			acctest.Test(t, d, resource.TestCase{
				CheckDestroy: nil,
				Steps: []resource.TestStep{{
					Config:      workspaceConfig(d, "one", template.ID),
					ExpectError: message("Unable to create the workspace"),
				}},
			})
			if w, err := d.Client.Workspace(t.Context(), existing.ID); err != nil || w.LatestBuild.BuildNumber != 1 {
				t.Errorf("the existing workspace was touched: %v, %v", w, err)
			}
		})
	}
}

// Refusals at every step end in a diagnostic, and the next apply goes on from
// what was done.
func TestWorkspaceResource_refusals(t *testing.T) {
	t.Parallel()
	signedOut := codertest.Fault{Status: http.StatusUnauthorized, Body: `{"message":"You are signed out or your session has expired. Please sign in again to continue.","detail":"API key is invalid."}`}
	forbidden := codertest.Fault{Status: http.StatusInternalServerError, Body: `{"message":"Internal error.","detail":"update workspace: unauthorized: rbac: forbidden"}`}
	at := func(fault codertest.Fault, method, route string) codertest.Fault {
		fault.Method, fault.Route, fault.Times = method, route, 1
		return fault
	}
	tests := map[string]struct {
		fault codertest.Fault
		words string
		again plancheck.ResourceActionType // what the next apply does
	}{
		"signed out at the TTL":     {at(signedOut, http.MethodPut, "/workspaces/{workspace}/ttl"), "signed out", plancheck.ResourceActionUpdate},
		"forbidden schedule":        {at(forbidden, http.MethodPut, "/workspaces/{workspace}/autostart"), "rbac: forbidden", plancheck.ResourceActionUpdate},
		"forbidden rename":          {at(forbidden, http.MethodPatch, "/workspaces/{workspace}"), "rbac: forbidden", plancheck.ResourceActionUpdate},
		"signed out at the refresh": {at(signedOut, http.MethodGet, "/workspaces/{workspace}"), "signed out", plancheck.ResourceActionUpdate},
		"start refused after stop":  {codertest.Fault{Method: http.MethodPost, Route: "/workspaces/{workspace}/builds", Skip: 1, Times: 1, Status: http.StatusInternalServerError, Body: `{"message":"no luck"}`}, "no luck", plancheck.ResourceActionUpdate},
		"signed out at the build":   {at(signedOut, http.MethodPost, "/workspaces/{workspace}/builds"), "signed out", plancheck.ResourceActionUpdate},
	}
	for _, version := range acctest.Versions {
		for title, test := range tests {
			t.Run(version+"/"+title, func(t *testing.T) {
				t.Parallel()
				d := acctest.NewFake(t, codertest.Options{Version: version})
				template := d.Template(t, acctest.Basic)
				changed := workspaceConfig(d, "two", template.ID, `ttl_ms = 60000`, `autostart_schedule = "0 9 * * 1"`, `parameters = { cpu = "5" }`)
				var id uuid.UUID
				acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
					{Config: workspaceConfig(d, "one", template.ID), Check: capture(&id)},
					{PreConfig: func() { d.Fake.AddFault(test.fault) }, Config: changed, ExpectError: message(test.words)},
					{
						Config:           changed,
						ConfigPlanChecks: planned(test.again),
						Check: onServer(t, d, func(w *coder.Workspace) error {
							if w.ID != id || w.Name != "two" || w.TTLMillis == nil || *w.TTLMillis != 60000 || w.LatestBuild.Status != coder.StatusRunning {
								return fmt.Errorf("the deployment holds %+v", w)
							}
							return nil
						}),
					},
				}})
			})
		}
	}
}

// 403 and 500 in a refresh never drop a workspace from the state; 404 and 410
// do.
func TestWorkspaceResource_refresh(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	template := d.Template(t, acctest.Basic)
	config := workspaceConfig(d, "one", template.ID)
	fault := func(status int, message string) func() {
		return func() {
			d.Fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: "/workspaces/{workspace}", Times: 1, Status: status, Body: fmt.Sprintf(`{"message":%q}`, message)})
		}
	}
	acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
		{Config: config},
		{PreConfig: fault(http.StatusForbidden, "Forbidden."), Config: config, PlanOnly: true, ExpectError: message("Unable to read the workspace")},
		{PreConfig: fault(http.StatusInternalServerError, "Internal error."), Config: config, PlanOnly: true, ExpectError: message("Unable to read the workspace")},
		{Config: config, ConfigPlanChecks: emptyPlan},
		{PreConfig: fault(http.StatusGone, "Workspace was deleted"), RefreshState: true, ExpectNonEmptyPlan: true},
		{ // it is there all the same, so its name is taken
			Config:      config,
			ExpectError: message("Workspace exists already"),
		},
		{
			Config:        config,
			ResourceName:  address,
			ImportState:   true,
			ImportStateId: "admin/one",
			// The import is verified by what follows: destroying it.
			ImportStatePersist: true,
		},
		{Config: config, ConfigPlanChecks: emptyPlan},
	}})
}

// The answer to a build request is lost after the server acted: the build is
// followed, not started twice.
func TestWorkspaceResource_buildAnswerLost(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			template := d.Template(t, acctest.Basic)
			lose := codertest.Fault{Method: http.MethodPost, Route: "/workspaces/{workspace}/builds", DropAfter: true}
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				{Config: workspaceConfig(d, "one", template.ID)},
				{ // loses every answer: stop, start, and the delete in the end
					PreConfig:         func() { d.Fake.AddFault(lose) },
					Config:            workspaceConfig(d, "one", template.ID, `parameters = { cpu = "5" }`),
					ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
					ConfigStateChecks: []statecheck.StateCheck{buildAttribute("build_number", knownvalue.Int64Exact(3))},
				},
			}})
			if n := d.RequestCounts()[postBuild]; n != 3 {
				t.Errorf("%d builds were requested", n)
			}
		})
	}
}
