package workspace_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// onLooks does things while the agents of a build are waited for: the first at
// the first look at the running workspace, and so on; the last at all further
// ones.
func onLooks(d *acctest.Deployment, build int, things ...func(id uuid.UUID)) func() {
	return func() {
		d.Fake.ClearFaults()
		var looks atomic.Int32
		d.Fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: "/workspaces/{workspace}", Before: func(*http.Request) {
			for _, w := range d.Fake.Workspaces() {
				if w.Status == "running" && w.BuildNumber == build {
					things[min(int(looks.Add(1)), len(things))-1](w.ID)
				}
			}
		}})
	}
}

// agents lets the agents become something.
func agents(d *acctest.Deployment, status, lifecycle string) func(id uuid.UUID) {
	return func(id uuid.UUID) { d.Fake.SetAgents(id, status, lifecycle) }
}

// An agent that was not heard of in the template's time may still come: it is
// waited for.
func TestBetween_agentThatConnectsLate(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, f *flow) {
		d := f.Deployment
		template := d.Template(t, acctest.Basic)
		config := func(n int) string {
			return workspaceConfig(d, "one", template.ID, `wait_for_agents = true`, cpu(n))
		}
		late := func(build int) func() {
			return onLooks(d, build, agents(d, "timeout", "created"), agents(d, "timeout", "start_timeout"), agents(d, "connected", "ready"))
		}
		var id uuid.UUID
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{PreConfig: late(1), Config: config(2), Check: checks(capture(&id), wrote(t, d, map[string]int{postWorkspace: 1}))},
			{
				PreConfig: late(3), Config: config(3), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: checks(same(&id), wrote(t, d, map[string]int{postBuild: 2})),
			},
		}})
	})
}

// somebodys builds once while the agents are waited for.
func somebodys(t *testing.T, d *acctest.Deployment, transition string) func(id uuid.UUID) {
	t.Helper()
	var done atomic.Bool
	return func(id uuid.UUID) {
		if done.CompareAndSwap(false, true) {
			if _, err := d.Fake.Build(id, "admin", transition, codertest.BuildRequest{}); err != nil {
				t.Error(err)
			}
		}
	}
}

// Agents of a build that somebody else begins meanwhile do not count: after an
// update that is an error, and what the person did stays.
func TestBetween_otherBuildWhileAgentsAreAwaited(t *testing.T) {
	t.Parallel()
	for transition, status := range map[string]string{"stop": "stopped", "start": "running"} {
		t.Run(transition, func(t *testing.T) {
			t.Parallel()
			onNewest(t, func(t *testing.T, f *flow) {
				d := f.Deployment
				template := d.Template(t, acctest.Basic)
				config := func(n int, wait bool) string {
					return workspaceConfig(d, "one", template.ID, fmt.Sprintf("wait_for_agents = %t", wait), cpu(n))
				}
				var id uuid.UUID
				acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
					{Config: config(2, false), Check: checks(capture(&id), wrote(t, d, map[string]int{postWorkspace: 1}))},
					{
						PreConfig:   onLooks(d, 3, agents(d, "connecting", "created"), somebodys(t, d, transition)),
						Config:      config(3, true),
						ExpectError: message("Agents did not become ready before another build"),
					},
					{
						PreConfig:        do(d.Fake.ClearFaults, sent(t, d, map[string]int{postBuild: 2})),
						Config:           config(3, true),
						ConfigPlanChecks: emptyPlan,
						Check:            checks(same(&id), holds(t, d, status, map[string]string{"cpu": "3"}), wrote(t, d, nothing)),
					},
				}})
			})
		})
	}
}

// A new workspace whose agents are waited for while somebody builds it is not
// tainted: its own build went well.
func TestBetween_otherBuildOfANewWorkspace(t *testing.T) {
	t.Parallel()
	for transition, status := range map[string]string{"stop": "stopped", "start": "running"} {
		t.Run(transition, func(t *testing.T) {
			t.Parallel()
			onNewest(t, func(t *testing.T, f *flow) {
				d := f.Deployment
				template := d.Template(t, acctest.Basic)
				config := workspaceConfig(d, "one", template.ID, `wait_for_agents = true`, cpu(2))
				var id uuid.UUID
				acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
					{
						PreConfig: onLooks(d, 1, agents(d, "connecting", "created"), somebodys(t, d, transition)),
						Config:    config,
						Check:     checks(capture(&id), wrote(t, d, map[string]int{postWorkspace: 1})),
					},
					{
						PreConfig:        d.Fake.ClearFaults,
						Config:           config,
						ConfigPlanChecks: emptyPlan,
						Check:            checks(same(&id), holds(t, d, status, nil), wrote(t, d, nothing)),
					},
				}})
			})
		})
	}
}

// Nor is it when the build of somebody who is faster fails.
func TestBetween_failedOtherBuildOfANewWorkspace(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, f *flow) {
		d := f.Deployment
		b := newBreakable(&flow{d, false})
		config := b.config(`wait_for_agents = true`)
		var id uuid.UUID
		fails := somebodys(t, d, "start")
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{
				PreConfig: onLooks(d, 1, agents(d, "connecting", "created"), func(id uuid.UUID) {
					b.broken.Store("start")
					fails(id)
				}),
				Config: config,
				Check:  checks(capture(&id), wrote(t, d, map[string]int{postWorkspace: 1})),
			},
			{
				PreConfig:        do(d.Fake.ClearFaults, b.breaks("")),
				Config:           config,
				ConfigPlanChecks: emptyPlan,
				Check:            checks(same(&id), holds(t, d, "failed", nil), wrote(t, d, nothing)),
			},
		}})
	})
}
