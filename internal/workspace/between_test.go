package workspace_test

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// The tests TestBetween_… are about what happens between a plan and its apply,
// and between one apply and the next: what people do, what the deployment's
// administrators do, and what goes wrong.

// flow is a fake deployment whose templates have one of the parameter flows.
type flow struct {
	*acctest.Deployment

	classic bool
}

// onFlows runs a test body on the oldest server, and on the newest with either
// parameter flow.
func onFlows(t *testing.T, body func(t *testing.T, d *flow)) {
	t.Helper()
	t.Run("seed", func(t *testing.T) {
		t.Parallel()
		body(t, &flow{acctest.NewFake(t, codertest.Options{Version: "seed"}), true})
	})
	onNewestFlows(t, body)
}

// onReleases runs a test body on the oldest and the newest server.
func onReleases(t *testing.T, body func(t *testing.T, d *flow)) {
	t.Helper()
	onFakes(t, func(t *testing.T, d *acctest.Deployment) { body(t, &flow{d, d.Fake.Version() != "v2.35.1"}) })
}

// newest is the newest server, for what is the same on all.
func newest(t *testing.T) *flow {
	t.Helper()
	return &flow{acctest.NewFake(t, codertest.Options{}), false}
}

// onNewest runs a test body on the newest server.
func onNewest(t *testing.T, body func(t *testing.T, d *flow)) {
	t.Helper()
	body(t, newest(t))
}

// onNewestFlows is onFlows for what the oldest server does not have.
func onNewestFlows(t *testing.T, body func(t *testing.T, d *flow)) {
	t.Helper()
	for name, classic := range map[string]bool{"dynamic": false, "classic": true} {
		t.Run("v2.35.1 "+name, func(t *testing.T) {
			t.Parallel()
			body(t, &flow{acctest.NewFake(t, codertest.Options{}), classic})
		})
	}
}

// onFakes is onReleases for what has nothing to do with parameters.
func onFakes(t *testing.T, body func(t *testing.T, d *acctest.Deployment)) {
	t.Helper()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			body(t, acctest.NewFake(t, codertest.Options{Version: version}))
		})
	}
}

// add adds a template of the deployment's parameter flow.
func (f *flow) add(template codertest.Template) codertest.TemplateInfo {
	template.ClassicParameterFlow = f.classic
	return f.Fake.AddTemplate(template)
}

// as is the deployment as another user's token sees it.
func as(d *acctest.Deployment, user codertest.User) *acctest.Deployment {
	other := *d
	other.Token = user.Token
	return &other
}

// nothing is what must be sent where there is nothing to do.
var nothing = map[string]int{}

// wrote checks that these requests, and no others, have changed something since
// it was last asked. A question about rights is a POST that does not.
func wrote(t *testing.T, d *acctest.Deployment, want map[string]int) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		got := writes(d)
		delete(got, "POST /authcheck")
		d.Fake.ResetRequests()
		if !maps.Equal(got, want) {
			return fmt.Errorf("sent %v, want %v", got, want)
		}
		return nil
	}
}

// sent fails the test unless these requests, and no others, have changed
// something since it was last asked. It suits the step after one that fails.
func sent(t *testing.T, d *acctest.Deployment, want map[string]int) func() {
	t.Helper()
	return func() {
		t.Helper()
		if err := wrote(t, d, want)(nil); err != nil {
			t.Error(err)
		}
	}
}

// do does one thing after the other.
func do(all ...func()) func() {
	return func() {
		for _, one := range all {
			one()
		}
	}
}

// checks makes one check of several.
func checks(all ...resource.TestCheckFunc) resource.TestCheckFunc {
	return resource.ComposeAggregateTestCheckFunc(all...)
}

// meanwhile happens between a plan and its apply. It is a plan check because
// these come at that moment, and applies are of saved plans.
type meanwhile func()

// CheckPlan implements [plancheck.PlanCheck].
func (m meanwhile) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	m()
}

// updateAfter is the plan of an update, and what happens before its apply.
func updateAfter(happens func()) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), meanwhile(happens)},
	}
}

// person builds as somebody does in the dashboard, and waits for the end.
func person(t *testing.T, d *acctest.Deployment, transition string, request codertest.BuildRequest) func() {
	t.Helper()
	return func() {
		t.Helper()
		if _, err := d.Fake.Build(present(t, d).ID, "admin", transition, request); err != nil {
			t.Error(err)
		}
		d.Fake.Advance(time.Second)
	}
}

// present is the one workspace that the deployment holds.
func present(t *testing.T, d *acctest.Deployment) codertest.Workspace {
	t.Helper()
	var live []codertest.Workspace
	for _, w := range d.Fake.Workspaces() {
		if !w.Deleted {
			live = append(live, w)
		}
	}
	if len(live) != 1 {
		t.Fatalf("the deployment holds %d workspaces, want 1", len(live))
	}
	return live[0]
}

// holds checks status and values of the one workspace on the deployment.
func holds(t *testing.T, d *acctest.Deployment, status string, values map[string]string) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		w := present(t, d)
		if w.Status != status {
			return fmt.Errorf("the workspace is %s, want %s", w.Status, status)
		}
		for name, value := range values {
			if w.Parameters[name] != value {
				return fmt.Errorf("%s is %q, want %q", name, w.Parameters[name], value)
			}
		}
		return nil
	}
}

// same checks that the workspace in the state is the captured one.
func same(id *uuid.UUID) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		if got := stateID(state); got != *id {
			return fmt.Errorf("workspace %s was replaced by %s", *id, got)
		}
		return nil
	}
}

// another checks that the workspace in the state is not the captured one.
func another(id *uuid.UUID) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		if stateID(state) == *id {
			return fmt.Errorf("workspace %s was not replaced", *id)
		}
		return nil
	}
}

// importBlock takes over the workspace admin/one.
const importBlock = `
import {
  to = coderws_workspace.test
  id = "admin/one"
}
`

// parameters is the argument.
func parameters(values map[string]string) string {
	text := "parameters = {"
	for name, value := range maps.All(values) {
		text += fmt.Sprintf(" %s = %q,", name, value)
	}
	return text + " }"
}

// cpu is the argument parameters with a number of processors.
func cpu(n int) string { return fmt.Sprintf("parameters = { cpu = \"%d\" }", n) }

// region is the argument parameters with a region, which cannot change.
func region(name string) string { return fmt.Sprintf("parameters = { region = %q }", name) }

// ownedBy is the argument owner_name.
func ownedBy(name string) string { return fmt.Sprintf("owner_name = %q", name) }

// pinned is the argument template_version_id.
func pinned(version uuid.UUID) string { return fmt.Sprintf("template_version_id = %q", version) }
