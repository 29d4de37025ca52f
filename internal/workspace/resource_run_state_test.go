package workspace_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
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

// From every status a workspace can be in, to both desired ones.
func TestWorkspaceResource_desiredStatus(t *testing.T) {
	t.Parallel()
	failAt := func(at string) []coder.BuildParameter { return []coder.BuildParameter{{Name: "fail_at", Value: at}} }
	from := map[string]struct {
		outside          *coder.CreateBuildRequest // what happened outside of Terraform
		running, stopped plancheck.ResourceActionType
	}{
		"running":       {nil, plancheck.ResourceActionNoop, plancheck.ResourceActionUpdate},
		"stopped":       {&coder.CreateBuildRequest{Transition: coder.TransitionStop}, plancheck.ResourceActionUpdate, plancheck.ResourceActionNoop},
		"failed start":  {&coder.CreateBuildRequest{Transition: coder.TransitionStart, RichParameterValues: failAt("apply")}, plancheck.ResourceActionUpdate, plancheck.ResourceActionUpdate},
		"failed delete": {&coder.CreateBuildRequest{Transition: coder.TransitionDelete, RichParameterValues: failAt("delete")}, plancheck.ResourceActionUpdate, plancheck.ResourceActionUpdate},
		"deleted":       {&coder.CreateBuildRequest{Transition: coder.TransitionDelete}, plancheck.ResourceActionCreate, plancheck.ResourceActionCreate},
		"failed stop":   {&coder.CreateBuildRequest{Transition: coder.TransitionStop, RichParameterValues: failAt("stop")}, plancheck.ResourceActionUpdate, plancheck.ResourceActionUpdate},
	}
	for _, version := range acctest.Versions {
		for title, test := range from {
			for desired, action := range map[string]plancheck.ResourceActionType{"running": test.running, "stopped": test.stopped} {
				t.Run(version+"/"+title+" to "+desired, func(t *testing.T) {
					t.Parallel()
					d := acctest.NewFake(t, codertest.Options{Version: version})
					template := d.Template(t, acctest.Failing)
					// The values that made the build fail are mended by the
					// same update that brings the run state about.
					config := func(lines ...string) string {
						return workspaceConfig(d, "one", template.ID, append(lines, `parameters = { fail_at = "never" }`)...)
					}
					var id uuid.UUID
					acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
						{Config: config(fmt.Sprintf("desired_status = %q", "running")), Check: capture(&id)},
						{
							PreConfig: func() {
								if test.outside != nil {
									build(t, d, id, *test.outside)
								}
							},
							Config:           config(fmt.Sprintf("desired_status = %q", desired)),
							ConfigPlanChecks: planned(action),
							ConfigStateChecks: []statecheck.StateCheck{
								attribute("desired_status", knownvalue.StringExact(desired)),
								buildAttribute("status", knownvalue.StringExact(desired)),
							},
						},
					}})
				})
			}
		}
	}
}

// A cancelled build leads nowhere: it is started or stopped as desired.
func TestWorkspaceResource_desiredStatusAfterCancel(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		for _, desired := range []string{"running", "stopped"} {
			t.Run(version+"/"+desired, func(t *testing.T) {
				t.Parallel()
				d := acctest.NewFake(t, codertest.Options{Version: version})
				template := d.Template(t, acctest.Basic)
				config := workspaceConfig(d, "one", template.ID, fmt.Sprintf("desired_status = %q", desired))
				var id uuid.UUID
				acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
					{Config: config, Check: capture(&id)},
					{
						PreConfig: func() {
							d.Fake.HoldBuilds(true)
							defer d.Fake.HoldBuilds(false)
							queued, err := d.Client.CreateBuild(t.Context(), id, coder.CreateBuildRequest{Transition: coder.TransitionStart})
							if err != nil {
								t.Fatal(err)
							}
							if err := d.Client.CancelBuild(t.Context(), queued.ID, false); err != nil {
								t.Fatal(err)
							}
							if b, err := d.Client.Build(t.Context(), queued.ID); err != nil || b.Status != coder.StatusCanceled {
								t.Fatal(b, err)
							}
						},
						Config:           config,
						ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
						ConfigStateChecks: []statecheck.StateCheck{
							attribute("desired_status", knownvalue.StringExact(desired)),
							buildAttribute("status", knownvalue.StringExact(desired)),
						},
					},
				}})
			})
		}
	}
}

// Where only the active version may be built, a refused start says which that
// is.
func TestWorkspaceResource_requiresActiveVersion(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	strict := codertest.BasicTemplate()
	strict.RequireActiveVersion = true
	info := d.Fake.AddTemplate(strict)
	member := d.Fake.AddUser("member")
	config := func(lines ...string) string {
		return d.ProviderConfigFor(member.Token) + strings.TrimPrefix(workspaceConfig(d, "one", info.ID.String(), lines...), d.ProviderConfig())
	}
	var active uuid.UUID
	acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
		{Config: config(`desired_status = "stopped"`)},
		{
			PreConfig:   func() { active = d.Fake.PublishVersion(info.ID, codertest.BasicTemplate().Version) },
			Config:      config(`desired_status = "running"`),
			ExpectError: message("Template requires its active version"),
		},
	}})
	if active == uuid.Nil {
		t.Error("no version was published")
	}
	acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
		{Config: strings.ReplaceAll(config(fmt.Sprintf("template_version_id = %q", active), `desired_status = "running"`), `"one"`, `"two"`)},
	}})
}

// While a build is under way, where it leads counts, and the update waits. One
// that is being cancelled leads nowhere.
func TestWorkspaceResource_desiredStatusDuringBuild(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		for _, transition := range []coder.Transition{coder.TransitionStart, coder.TransitionStop} {
			for _, desired := range []string{"running", "stopped"} {
				for _, cancel := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s/%s to %s, cancelled %t", version, transition, desired, cancel), func(t *testing.T) {
						t.Parallel()
						d := acctest.NewFake(t, codertest.Options{Version: version, BuildTime: 700 * time.Millisecond})
						template := d.Template(t, acctest.Basic)
						config := workspaceConfig(d, "one", template.ID, fmt.Sprintf("desired_status = %q", desired), `ttl_ms = 60000`)
						var id uuid.UUID
						acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
							{Config: workspaceConfig(d, "one", template.ID), Check: capture(&id)},
							{
								PreConfig: func() { buildUnderWay(t, d, id, transition, cancel) },
								Config:    config,
							},
							{
								PreConfig:        func() { waitForStatus(t, d, "one", coder.Status(desired)) },
								Config:           config,
								ConfigPlanChecks: emptyPlan,
								ConfigStateChecks: []statecheck.StateCheck{
									attribute("desired_status", knownvalue.StringExact(desired)),
									buildAttribute("status", knownvalue.StringExact(desired)),
								},
							},
						}})
					})
				}
			}
		}
	}
}

// buildUnderWay leaves a build running, or being cancelled.
func buildUnderWay(t *testing.T, d *acctest.Deployment, workspace uuid.UUID, transition coder.Transition, cancel bool) {
	t.Helper()
	queued, err := d.Client.CreateBuild(t.Context(), workspace, coder.CreateBuildRequest{Transition: transition})
	if err != nil || !cancel {
		if err != nil {
			t.Error(err)
		}
		return
	}
	for queued.Status == coder.StatusPending { // cancelled in the queue, it would end at once
		if queued, err = d.Client.Build(t.Context(), queued.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Client.CancelBuild(t.Context(), queued.ID, false); err != nil {
		t.Error(err)
	}
}

func TestWorkspaceResource_createStopped(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{{
			Config:           workspaceConfig(d, acctest.Name(t, "stopped"), template.ID, `desired_status = "stopped"`),
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				buildAttribute("status", knownvalue.StringExact("stopped")),
				buildAttribute("build_number", knownvalue.Int64Exact(2)),
			},
		}}})
	})
}

// Pin, move the pin, be moved by someone else, let go.
func TestWorkspaceResource_templateVersion(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			template := d.Template(t, acctest.Basic)
			first := template.ActiveVersionID
			published := d.Fake.PublishVersion(uuid.MustParse(template.ID), codertest.BasicTemplate().Version)
			second := published.String()
			foreign := d.Template(t, acctest.Basic).ActiveVersionID
			pin := func(id string) string { return fmt.Sprintf("template_version_id = %q", id) }
			var id uuid.UUID
			is := func(version, status string, number int64) []statecheck.StateCheck {
				return []statecheck.StateCheck{
					attribute("template_version_id", knownvalue.StringExact(version)),
					buildAttribute("status", knownvalue.StringExact(status)),
					buildAttribute("build_number", knownvalue.Int64Exact(number)),
				}
			}
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				{Config: workspaceConfig(d, "one", template.ID, pin(foreign)), ExpectError: message("Template version cannot be used")},
				{Config: workspaceConfig(d, "one", template.ID, pin(uuid.NewString())), ExpectError: message("There is no template version")},
				{ // unset: the active one
					Config:            workspaceConfig(d, "one", template.ID),
					ConfigPlanChecks:  planned(plancheck.ResourceActionCreate),
					Check:             capture(&id),
					ConfigStateChecks: is(second, "running", 1),
				},
				{ // a running one is stopped and started
					Config:            workspaceConfig(d, "one", template.ID, pin(first)),
					ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
					ConfigStateChecks: is(first, "running", 3),
				},
				{ // somebody updated it: drift
					PreConfig: func() {
						build(t, d, id, coder.CreateBuildRequest{Transition: coder.TransitionStop, TemplateVersionID: &published})
					},
					Config:            workspaceConfig(d, "one", template.ID, pin(first)),
					ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
					ConfigStateChecks: is(first, "stopped", 5), // it stays stopped
				},
				{ // let go: it stays where it is
					Config:            workspaceConfig(d, "one", template.ID),
					ConfigPlanChecks:  emptyPlan,
					ConfigStateChecks: is(first, "stopped", 5),
				},
				{ // version, value and run state at once: one build
					Config:            workspaceConfig(d, "one", template.ID, pin(second), `parameters = { cpu = "3" }`, `desired_status = "running"`),
					ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
					ConfigStateChecks: is(second, "running", 6),
				},
			}})
		})
	}
}

func TestWorkspaceResource_createFromVersion(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			template := d.Template(t, acctest.Basic)
			active := d.Fake.PublishVersion(uuid.MustParse(template.ID), codertest.BasicTemplate().Version).String()
			older := resource.TestStep{
				Config:            workspaceConfig(d, "one", template.ID, fmt.Sprintf("template_version_id = %q", template.ActiveVersionID)),
				ConfigStateChecks: []statecheck.StateCheck{attribute("template_version_id", knownvalue.StringExact(template.ActiveVersionID))},
			}
			if version == "seed" {
				older.ConfigStateChecks, older.ExpectError = nil, message("Server cannot create from a chosen version")
			}
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				older,
				{
					Config:            workspaceConfig(d, "one", template.ID, fmt.Sprintf("template_version_id = %q", active)),
					ConfigStateChecks: []statecheck.StateCheck{attribute("template_version_id", knownvalue.StringExact(active))},
				},
			}})
		})
	}
}

func TestWorkspaceResource_automaticUpdates(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	template := d.Template(t, acctest.Basic)
	set := func(value string) string {
		return workspaceConfig(d, "one", template.ID, fmt.Sprintf("automatic_updates = %q", value))
	}
	acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
		{Config: set("sometimes"), ExpectError: message("value must be one of")},
		{Config: set("always"), ConfigStateChecks: []statecheck.StateCheck{attribute("automatic_updates", knownvalue.StringExact("always"))}},
		{Config: set("never"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate)},
		{Config: workspaceConfig(d, "one", template.ID), ConfigPlanChecks: emptyPlan},
	}})
	if n := d.RequestCount(http.MethodPut, ""); n != 1 {
		t.Errorf("%d PUTs were sent", n)
	}

	old := acctest.NewFake(t, codertest.Options{Version: "seed"})
	template = old.Template(t, acctest.Basic)
	acctest.Test(t, old, resource.TestCase{Steps: []resource.TestStep{
		{Config: workspaceConfig(old, "one", template.ID, `automatic_updates = "never"`), ExpectError: message("automatic updates need Coder 2.3")},
		{Config: workspaceConfig(old, "one", template.ID), ConfigStateChecks: []statecheck.StateCheck{attribute("automatic_updates", knownvalue.Null())}},
		{Config: workspaceConfig(old, "one", template.ID, `automatic_updates = "never"`), ExpectError: message("Server has no automatic updates")},
	}})
}

func TestWorkspaceResource_waitForAgents(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			template := d.Template(t, acctest.Basic)
			agentless := codertest.BasicTemplate()
			agentless.Name, agentless.Version.Resources = "agentless", nil
			none := d.Fake.AddTemplate(agentless)
			// The agents change their state once the provider looks.
			become := func(status, lifecycle string) func() {
				return func() {
					d.Fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: "/workspaces/{workspace}", Times: 1, Before: func(*http.Request) {
						for _, w := range d.Fake.Workspaces() {
							if !w.Deleted {
								d.Fake.SetAgents(w.ID, status, lifecycle)
							}
						}
					}})
				}
			}
			config := func(template string) string {
				return workspaceConfig(d, "one", template, `wait_for_agents = true`, "timeouts {\n create = \"5s\"\n }")
			}
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				{PreConfig: become("connected", "ready"), Config: config(template.ID), ConfigPlanChecks: planned(plancheck.ResourceActionCreate)},
				{Config: config(none.ID.String()), ConfigPlanChecks: planned(plancheck.ResourceActionReplace)},
				{Config: config(none.ID.String()), Destroy: true},
				{PreConfig: become("connected", "start_error"), Config: config(template.ID), ExpectError: message(`its agent "main" is connected, start_error`)},
				{Config: config(template.ID), ExpectError: message("Agents did not become ready in time")},
			}})
		})
	}
}

// A failed build that nobody asked to repair is pointed out, not touched.
func TestWorkspaceResource_failedBuildIsNoDrift(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Failing)
		name := acctest.Name(t, "later")
		config := workspaceConfig(d, name, template.ID)
		var id uuid.UUID
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: workspaceConfig(d, name, template.ID, `parameters = { fail_at = "never" }`), Check: capture(&id)},
			{Config: config},
			{
				PreConfig: func() {
					build(t, d, id, coder.CreateBuildRequest{Transition: coder.TransitionStart, RichParameterValues: []coder.BuildParameter{{Name: "fail_at", Value: "apply"}}})
				},
				Config:            config,
				ConfigPlanChecks:  emptyPlan,
				ConfigStateChecks: []statecheck.StateCheck{buildAttribute("status", knownvalue.StringExact("failed"))},
			},
		}})
	})
}

// Coder 2.1 to 2.29 refuses to start a dormant workspace until it is woken.
func TestWorkspaceResource_startsDormant(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v2.10.0", "v2.35.1"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			template := d.Template(t, acctest.Basic)
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				{Config: workspaceConfig(d, "one", template.ID, `desired_status = "stopped"`)},
				{
					PreConfig: func() {
						for _, w := range d.Fake.Workspaces() {
							makeDormant(t, d, w.ID)
						}
					},
					Config:            workspaceConfig(d, "one", template.ID, `desired_status = "running"`),
					ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
					ConfigStateChecks: []statecheck.StateCheck{buildAttribute("status", knownvalue.StringExact("running"))},
				},
			}})
		})
	}
}

// makeDormant puts a workspace to sleep, as the server does after a while.
func makeDormant(t *testing.T, d *acctest.Deployment, id uuid.UUID) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, d.URL+"/api/v2/workspaces/"+id.String()+"/dormant", strings.NewReader(`{"dormant":true}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Coder-Session-Token", d.Token)
	response := httptest.NewRecorder()
	d.Fake.ServeHTTP(response, request)
	if response.Code != http.StatusOK {
		t.Fatal(response.Code, response.Body)
	}
}
