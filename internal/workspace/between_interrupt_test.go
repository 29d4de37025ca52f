package workspace_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// slowly is a template whose builds of one transition take an hour while that is
// wanted.
type slowly struct {
	*flow

	slow     atomic.Value // a transition, or ""
	template codertest.TemplateInfo
}

func newSlowly(d *flow, template codertest.Template) *slowly {
	s := &slowly{flow: d}
	s.slow.Store("")
	template.Version.BuildTime = func(transition string, _ map[string]string) time.Duration {
		if s.slow.Load() == transition {
			return time.Hour
		}
		return time.Millisecond
	}
	s.template = d.add(template)
	return s
}

// takesLong lets builds of a transition take an hour from now on; "" none.
func (s *slowly) takesLong(transition string) func() {
	return func() { s.slow.Store(transition) }
}

// hourLater lets the build under way end, and those that follow be quick.
func (s *slowly) hourLater() {
	s.slow.Store("")
	s.Fake.Advance(2 * time.Hour)
}

// config has a time limit that is long enough for everything but an hour.
func (s *slowly) config(lines ...string) string {
	return workspaceConfig(s.Deployment, "one", s.template.ID.String(), append(lines, "timeouts {\n    update = \"4s\"\n  }")...)
}

// A start that took longer than the time limit went well in the end. A person
// who stops the workspace later finds it stopped after the next change, too.
func TestBetween_timedOutStartIsForgotten(t *testing.T) {
	t.Parallel()
	onReleases(t, func(t *testing.T, d *flow) {
		s := newSlowly(d, codertest.BasicTemplate())
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: s.config(cpu(2)), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{PreConfig: s.takesLong("start"), Config: s.config(cpu(3)), ExpectError: message("Build did not end in time")},
			{
				PreConfig:        do(sent(t, d.Deployment, map[string]int{postBuild: 2}), s.hourLater),
				Config:           s.config(cpu(3)),
				ConfigPlanChecks: emptyPlan,
				Check:            checks(holds(t, d.Deployment, "running", map[string]string{"cpu": "3"}), wrote(t, d.Deployment, nothing)),
			},
			{
				PreConfig:        person(t, d.Deployment, "stop", codertest.BuildRequest{}),
				Config:           s.config(cpu(3)),
				ConfigPlanChecks: emptyPlan,
			},
			{
				Config:           s.config(cpu(4)),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            checks(holds(t, d.Deployment, "stopped", map[string]string{"cpu": "4"}), wrote(t, d.Deployment, map[string]int{postBuild: 1})),
			},
		}})
	})
}

// The same where the person stops the workspace before Terraform looks again.
func TestBetween_timedOutStartThenStopped(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, d *flow) {
		s := newSlowly(d, codertest.BasicTemplate())
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: s.config(cpu(2)), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{PreConfig: s.takesLong("start"), Config: s.config(cpu(3)), ExpectError: message("Build did not end in time")},
			{
				PreConfig:        do(sent(t, d.Deployment, map[string]int{postBuild: 2}), s.hourLater, person(t, d.Deployment, "stop", codertest.BuildRequest{})),
				Config:           s.config(cpu(4)),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            checks(holds(t, d.Deployment, "stopped", map[string]string{"cpu": "4"}), wrote(t, d.Deployment, map[string]int{postBuild: 1})),
			},
		}})
	})
}

// An update that was left between its stop and its start goes on to the start,
// also where the configuration has gone back.
func TestBetween_updateLeftAfterItsStopGoesOn(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]int{"on": 3, "back": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onNewest(t, func(t *testing.T, d *flow) {
				s := newSlowly(d, codertest.BasicTemplate())
				acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
					{Config: s.config(cpu(2)), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
					{PreConfig: s.takesLong("stop"), Config: s.config(cpu(3)), ExpectError: message("Build did not end in time")},
					{
						PreConfig:        do(sent(t, d.Deployment, map[string]int{postBuild: 1}), s.hourLater),
						Config:           s.config(cpu(n)),
						ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
						Check: checks(holds(t, d.Deployment, "running", map[string]string{"cpu": map[int]string{2: "2", 3: "3"}[n]}),
							wrote(t, d.Deployment, map[string]int{postBuild: 1})),
					},
				}})
			})
		})
	}
}

// A start that outlived the time limit and then failed is repeated.
func TestBetween_timedOutStartThenFails(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, d *flow) {
		s := newSlowly(d, codertest.BasicTemplate())
		fails := func() {
			s.slow.Store("")
			d.Fake.FailActiveBuild(present(t, d.Deployment).ID, codertest.ApplyFailed)
		}
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: s.config(cpu(2)), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{PreConfig: s.takesLong("start"), Config: s.config(cpu(3)), ExpectError: message("Build did not end in time")},
			// While it is under way there is nothing to plan.
			{PreConfig: sent(t, d.Deployment, map[string]int{postBuild: 2}), Config: s.config(cpu(3)), ConfigPlanChecks: emptyPlan},
			{
				PreConfig: fails, Config: s.config(cpu(3)), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: checks(holds(t, d.Deployment, "running", map[string]string{"cpu": "3"}), wrote(t, d.Deployment, map[string]int{postBuild: 1})),
			},
		}})
	})
}

// Somebody cancels the start of an update: it has not come to its end, and is
// planned again.
func TestBetween_canceledStartIsRepeated(t *testing.T) {
	t.Parallel()
	onReleases(t, func(t *testing.T, d *flow) {
		s := newSlowly(d, codertest.BasicTemplate())
		cancel := func() {
			s.slow.Store("start")
			// Watched for the second time, it is the start.
			d.Fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: "/workspaces/{workspace}/watch", Before: func(*http.Request) {
				if w := present(t, d.Deployment); w.BuildNumber == 3 {
					d.Fake.Advance(time.Second)
					d.Fake.CancelActiveBuild(w.ID)
				}
			}})
		}
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: s.config(cpu(2)), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{PreConfig: cancel, Config: s.config(cpu(3)), ExpectError: message("Start of the workspace was canceled")},
			{
				PreConfig: do(sent(t, d.Deployment, map[string]int{postBuild: 2}), d.Fake.ClearFaults, s.takesLong("")),
				Config:    s.config(cpu(3)), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: checks(holds(t, d.Deployment, "running", map[string]string{"cpu": "3"}), wrote(t, d.Deployment, map[string]int{postBuild: 1})),
			},
		}})
	})
}
