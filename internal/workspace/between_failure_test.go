package workspace_test

import (
	"maps"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// breakable is a template whose builds of one transition fail while that is
// wanted.
type breakable struct {
	*flow

	broken   atomic.Value // a transition, or ""
	template codertest.TemplateInfo
}

// newBreakable is the standard template, with more parameters.
func newBreakable(d *flow, more ...codertest.Parameter) *breakable {
	b := &breakable{flow: d}
	b.broken.Store("")
	template := codertest.BasicTemplate()
	template.Version.Parameters = append(template.Version.Parameters, more...)
	template.Version.Fail = func(transition string, _ map[string]string) string {
		if b.broken.Load() == transition {
			return codertest.ApplyFailed + "\nError: no capacity left"
		}
		return ""
	}
	b.template = d.add(template)
	return b
}

// breaks lets the builds of a transition fail from now on; "" none.
func (b *breakable) breaks(transition string) func() {
	return func() { b.broken.Store(transition) }
}

func (b *breakable) config(lines ...string) string {
	return workspaceConfig(b.Deployment, "one", b.template.ID.String(), lines...)
}

// step is a step that has to plan an update, which sends these builds and
// leaves the workspace in a status with a number of processors.
func (b *breakable) step(t *testing.T, before func(), processors string, builds int, status string, lines ...string) resource.TestStep {
	t.Helper()
	step := resource.TestStep{
		PreConfig:        before,
		Config:           b.config(lines...),
		ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
	}
	want := maps.Clone(nothing)
	if builds > 0 {
		want[postBuild] = builds
	} else {
		step.ConfigPlanChecks = emptyPlan
	}
	step.Check = checks(holds(t, b.Deployment, status, map[string]string{"cpu": processors}), wrote(t, b.Deployment, want))
	return step
}

// An update whose start failed is planned again until it works: "no changes"
// is not said of a workspace that the update has taken down.
func TestBetween_failedUpdateIsRepeated(t *testing.T) {
	t.Parallel()
	onReleases(t, func(t *testing.T, d *flow) {
		b := newBreakable(d)
		failed := message("Workspace failed to start")
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: b.config(cpu(2)), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{PreConfig: b.breaks("start"), Config: b.config(cpu(3)), ExpectError: failed},
			{PreConfig: sent(t, d.Deployment, map[string]int{postBuild: 2}), Config: b.config(cpu(3)), ExpectError: failed},
			{PreConfig: sent(t, d.Deployment, map[string]int{postBuild: 1}), Config: b.config(cpu(3)), PlanOnly: true, ExpectNonEmptyPlan: true},
			b.step(t, b.breaks(""), "3", 1, "running", cpu(3)),
			b.step(t, nil, "3", 0, "running", cpu(3)),
		}})
	})
}

// A configuration that goes back after a failed update gets the workspace back
// as it was: running.
func TestBetween_failedUpdateGoesBack(t *testing.T) {
	t.Parallel()
	onFlows(t, func(t *testing.T, d *flow) {
		template := d.add(codertest.FailingTemplate())
		config := func(at string) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), parameters(map[string]string{"fail_at": at}))
		}
		var id uuid.UUID
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config("never"), Check: checks(capture(&id), wrote(t, d.Deployment, map[string]int{postWorkspace: 1}))},
			{Config: config("apply"), ExpectError: message("Workspace failed to start")},
			{
				PreConfig:        sent(t, d.Deployment, map[string]int{postBuild: 2}),
				Config:           config("never"),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: checks(same(&id), holds(t, d.Deployment, "running", map[string]string{"fail_at": "never"}),
					wrote(t, d.Deployment, map[string]int{postBuild: 1})),
			},
		}})
	})
}

// What is taken out after a failed update goes back to its value from before,
// except one that Coder never takes back: that of the update stays.
func TestBetween_failedUpdateLeavesWhatCannotGoBack(t *testing.T) {
	t.Parallel()
	onFlows(t, func(t *testing.T, d *flow) {
		b := newBreakable(d, codertest.Parameter{Name: "disk", Type: "number", Default: "10", Mutable: true, Monotonic: "increasing"})
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: b.config(), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{PreConfig: b.breaks("start"), Config: b.config(parameters(map[string]string{"disk": "20", "cpu": "3"})), ExpectError: message("Workspace failed to start")},
			{
				PreConfig:        do(sent(t, d.Deployment, map[string]int{postBuild: 2}), b.breaks("")),
				Config:           b.config(),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: checks(holds(t, d.Deployment, "running", map[string]string{"disk": "20", "cpu": "2"}),
					wrote(t, d.Deployment, map[string]int{postBuild: 1})),
			},
		}})
	})
}

// The same where the stop failed, so that the workspace never was down.
func TestBetween_failedStopOfAnUpdate(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]bool{"again": false, "back": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onNewest(t, func(t *testing.T, d *flow) {
				b := newBreakable(d)
				last := b.step(t, b.breaks(""), "3", 1, "running", cpu(3))
				if back {
					last = b.step(t, b.breaks(""), "2", 1, "running", cpu(2))
				}
				acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
					{Config: b.config(cpu(2)), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
					{PreConfig: b.breaks("stop"), Config: b.config(cpu(3)), ExpectError: message("Workspace failed to stop")},
					{PreConfig: sent(t, d.Deployment, map[string]int{postBuild: 1}), Config: b.config(cpu(3)), PlanOnly: true, ExpectNonEmptyPlan: true},
					last,
				}})
			})
		})
	}
}

// A stopped workspace takes new values by a stop build. One that fails is
// repeated, and the workspace stays stopped.
func TestBetween_failedUpdateOfStoppedWorkspace(t *testing.T) {
	t.Parallel()
	onReleases(t, func(t *testing.T, d *flow) {
		b := newBreakable(d)
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: b.config(cpu(2)), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{
				PreConfig:   do(person(t, d.Deployment, "stop", codertest.BuildRequest{}), b.breaks("stop")),
				Config:      b.config(cpu(3)),
				ExpectError: message("Workspace failed to stop"),
			},
			{PreConfig: sent(t, d.Deployment, map[string]int{postBuild: 1}), Config: b.config(cpu(3)), PlanOnly: true, ExpectNonEmptyPlan: true},
			b.step(t, b.breaks(""), "3", 1, "stopped", cpu(3)),
			b.step(t, nil, "3", 0, "stopped", cpu(3)),
		}})
	})
}

// Who mends the failed workspace in the dashboard has decided about it: what
// they did stays, and Terraform builds no more.
func TestBetween_failedUpdateMendedBySomebody(t *testing.T) {
	t.Parallel()
	for transition, status := range map[string]string{"start": "running", "stop": "stopped"} {
		t.Run(transition, func(t *testing.T) {
			t.Parallel()
			onNewest(t, func(t *testing.T, d *flow) {
				b := newBreakable(d)
				acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
					{Config: b.config(cpu(2)), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
					{PreConfig: b.breaks("start"), Config: b.config(cpu(3)), ExpectError: message("Workspace failed to start")},
					b.step(t, do(sent(t, d.Deployment, map[string]int{postBuild: 2}), b.breaks(""), person(t, d.Deployment, transition, codertest.BuildRequest{})),
						"3", 0, status, cpu(3)),
					// The next change knows nothing of the failure any more.
					b.step(t, nil, "4", map[string]int{"start": 2, "stop": 1}[transition], status, cpu(4)),
				}})
			})
		})
	}
}

// A failed update of a workspace that is to be stopped, or running, anyway is
// repeated as well.
func TestBetween_failedUpdateWithDesiredStatus(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, d *flow) {
		b := newBreakable(d)
		run, rest := `desired_status = "running"`, `desired_status = "stopped"`
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: b.config(cpu(2), run), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{PreConfig: b.breaks("start"), Config: b.config(cpu(3), run), ExpectError: message("Workspace failed to start")},
			b.step(t, do(sent(t, d.Deployment, map[string]int{postBuild: 2}), b.breaks("")), "3", 1, "running", cpu(3), run),
			{PreConfig: b.breaks("stop"), Config: b.config(cpu(3), rest), ExpectError: message("Workspace failed to stop")},
			b.step(t, do(sent(t, d.Deployment, map[string]int{postBuild: 1}), b.breaks("")), "3", 1, "stopped", cpu(3), rest),
		}})
	})
}

// So is one to another version or preset, and it goes back, too.
func TestBetween_failedUpdateOfVersionAndPreset(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]bool{"again": false, "back": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onNewest(t, func(t *testing.T, d *flow) {
				var broken atomic.Bool
				first, second := withPresets("1"), withPresets("3")
				fail := func(transition string, _ map[string]string) string {
					if broken.Load() && transition == "start" {
						return codertest.ApplyFailed + "\nError: no capacity left"
					}
					return ""
				}
				first.Version.Fail, second.Version.Fail = fail, fail
				template := d.add(first)
				version := d.Fake.UploadVersion(template.ID, second.Version)
				config := func(version uuid.UUID, name string) string {
					return workspaceConfig(d.Deployment, "one", template.ID.String(), pinned(version), preset(name))
				}
				breaks := func(is bool) func() { return func() { broken.Store(is) } }
				failed := message("Workspace failed to start")
				last := resource.TestStep{
					Config: config(version, "Small"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check: checks(isPreset(t, d.Deployment, "Small"), hasVersion(t, d.Deployment, &version), holds(t, d.Deployment, "running", map[string]string{"cpu": "3"}),
						wrote(t, d.Deployment, map[string]int{postBuild: 1})),
				}
				if back {
					last.Config = config(template.ActiveVersionID, "Small")
					last.Check = checks(isPreset(t, d.Deployment, "Small"), hasVersion(t, d.Deployment, &template.ActiveVersionID), holds(t, d.Deployment, "running", map[string]string{"cpu": "1"}),
						wrote(t, d.Deployment, map[string]int{postBuild: 1}))
				}
				last.PreConfig = do(sent(t, d.Deployment, map[string]int{postBuild: 3}), breaks(false))
				acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
					{Config: config(template.ActiveVersionID, "Small"), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
					{PreConfig: breaks(true), Config: config(template.ActiveVersionID, "Medium"), ExpectError: failed},
					{Config: config(version, "Small"), ExpectError: failed},
					last,
				}})
			})
		})
	}
}
