package workspace_test

import (
	"fmt"
	"net/http"
	"net/url"
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

const (
	createRoute = "/organizations/{organization}/members/{user}/workspaces"
	buildRoute  = "/workspaces/{workspace}/builds"
	namedRoute  = "/users/{user}/workspace/{workspacename}"
)

// before does something once, when a request arrives.
func before(d *acctest.Deployment, method, route string, something func()) {
	d.Fake.AddFault(codertest.Fault{Method: method, Route: route, Times: 1, Before: func(*http.Request) { something() }})
}

// storedCPU checks what the state has.
func storedCPU(n string) []statecheck.StateCheck {
	return []statecheck.StateCheck{attribute("parameters", knownvalue.MapExact(map[string]knownvalue.Check{"cpu": knownvalue.StringExact(n)}))}
}

// The answer to the create is lost, and before the workspace is looked for
// somebody builds it with other values. It is still the one that was made; the
// state does not claim values that it does not have, and in the end it has what
// is configured.
func TestBetween_createAnswerLostWhileSomebodyBuilds(t *testing.T) {
	t.Parallel()
	for transition, status := range map[string]string{"stop": "stopped", "start": "running"} {
		for _, who := range []string{"admin", "carol"} {
			t.Run(who+" "+transition, func(t *testing.T) {
				t.Parallel()
				onNewest(t, func(t *testing.T, d *flow) {
					d.Fake.AddUser("carol")
					template := d.add(codertest.BasicTemplate())
					config := workspaceConfig(d.Deployment, "one", template.ID.String(), ownedBy("carol"), cpu(3))
					lose := func() {
						d.Fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: createRoute, Times: 1, DropAfter: true})
						before(d.Deployment, http.MethodGet, namedRoute, func() {
							d.Fake.Advance(time.Second) // the first build ends
							if _, err := d.Fake.Build(present(t, d.Deployment).ID, who, transition, codertest.BuildRequest{Parameters: map[string]string{"cpu": "7"}}); err != nil {
								t.Error(err)
							}
						})
					}
					acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
						{
							PreConfig: lose, Config: config, ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
							Check: holds(t, d.Deployment, status, map[string]string{"cpu": "3"}), ConfigStateChecks: storedCPU("3"),
						},
					}})
					if n := d.RequestCounts()[postWorkspace]; n != 1 {
						t.Errorf("%d workspaces were asked for", n)
					}
				})
			})
		}
	}
}

// The create never arrived, and somebody makes a workspace of that name in that
// moment. It is not taken over: neither one that its owner has made, nor one of
// the token's own user with other values.
func TestBetween_createLostWhileSomebodyCreates(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ user, cpu string }{
		"owner": {"carol", "3"}, "own user": {"admin", "4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onReleases(t, func(t *testing.T, d *flow) {
				carol := d.Fake.AddUser("carol")
				template := d.add(codertest.BasicTemplate())
				token := d.Token
				if test.user == "carol" {
					token = carol.Token
				}
				dashboard := clientOf(t, d.Deployment, token)
				theirs := func() {
					d.Fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: createRoute, Times: 1, DropBefore: true, Before: func(*http.Request) {
						if _, err := dashboard.CreateWorkspace(t.Context(), template.OrganizationID, "carol", coder.CreateWorkspaceRequest{
							Name: "one", TemplateID: template.ID, RichParameterValues: []coder.BuildParameter{{Name: "cpu", Value: test.cpu}},
						}); err != nil {
							t.Error(err)
						}
					}})
				}
				acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
					{
						PreConfig:   theirs,
						Config:      workspaceConfig(d.Deployment, "one", template.ID.String(), ownedBy("carol"), cpu(3)),
						ExpectError: message("Unable to create the workspace"),
					},
				}})
				if w := present(t, d.Deployment); w.Parameters["cpu"] != test.cpu || w.BuildNumber != 1 {
					t.Errorf("the workspace of somebody else is %+v", w)
				}
			})
		})
	}
}

// clientOf makes requests with another token.
func clientOf(t *testing.T, d *acctest.Deployment, token string) *coder.Client {
	t.Helper()
	target, err := url.Parse(d.URL)
	if err != nil {
		t.Fatal(err)
	}
	return coder.New(coder.Config{URL: target, Token: token})
}

// A build never arrived, and somebody builds in that moment: theirs is not taken
// for ours. In the end the workspace has what is configured.
func TestBetween_buildLostWhileSomebodyBuilds(t *testing.T) {
	t.Parallel()
	for _, who := range []string{"admin", "carol"} {
		for skip, name := range []string{"stop", "start"} {
			t.Run(who+" at the "+name, func(t *testing.T) {
				t.Parallel()
				onNewest(t, func(t *testing.T, d *flow) {
					d.Fake.AddUser("carol")
					template := d.add(codertest.BasicTemplate())
					config := func(n int) string {
						return workspaceConfig(d.Deployment, "one", template.ID.String(), ownedBy("carol"), cpu(n))
					}
					theirs := func() {
						d.Fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: buildRoute, Skip: skip, Times: 1, DropBefore: true, Before: func(*http.Request) {
							if _, err := d.Fake.Build(present(t, d.Deployment).ID, who, name, codertest.BuildRequest{Parameters: map[string]string{"cpu": "7"}}); err != nil {
								t.Error(err)
							}
							d.Fake.Advance(time.Second)
						}})
					}
					var id uuid.UUID
					status := map[string]string{"stop": "stopped", "start": "running"}[name]
					lost := resource.TestStep{PreConfig: theirs, Config: config(3), ExpectError: message("Unable to build the workspace")}
					if who == "admin" && name == "stop" {
						// The token's own user has stopped it: that is all that was asked for.
						lost.ExpectError, lost.Check, status = nil, holds(t, d.Deployment, "running", map[string]string{"cpu": "3"}), "running"
					}
					acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
						{Config: config(2), Check: capture(&id)},
						lost,
						{
							PreConfig: d.Fake.ClearFaults, Config: config(3),
							Check:             checks(same(&id), holds(t, d.Deployment, status, map[string]string{"cpu": "3"})),
							ConfigStateChecks: storedCPU("3"),
						},
					}})
				})
			})
		}
	}
}

// The answer to a build is lost, and somebody builds after it and before it is
// looked for: ours is found and is not made again where it is not needed.
func TestBetween_buildAnswerLostThenSomebodyBuilds(t *testing.T) {
	t.Parallel()
	for _, cpus := range []string{"", "7"} {
		t.Run(fmt.Sprintf("cpu %q", cpus), func(t *testing.T) {
			t.Parallel()
			onReleases(t, func(t *testing.T, d *flow) {
				template := d.add(codertest.BasicTemplate())
				config := func(n int) string {
					return workspaceConfig(d.Deployment, "one", template.ID.String(), cpu(n))
				}
				theirs := codertest.BuildRequest{}
				if cpus != "" {
					theirs.Parameters = map[string]string{"cpu": cpus}
				}
				lose := func() {
					d.Fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: buildRoute, Skip: 1, Times: 1, DropAfter: true})
					before(d.Deployment, http.MethodGet, buildRoute, func() {
						d.Fake.Advance(time.Second) // ours ends
						if _, err := d.Fake.Build(present(t, d.Deployment).ID, "admin", "stop", theirs); err != nil {
							t.Error(err)
						}
					})
				}
				acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
					{Config: config(2), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
					{
						PreConfig: lose, Config: config(3), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
						Check: holds(t, d.Deployment, "stopped", map[string]string{"cpu": "3"}), ConfigStateChecks: storedCPU("3"),
					},
				}})
			})
		})
	}
}
