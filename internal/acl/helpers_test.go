package acl_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

const address = "coderws_workspace_acl.test"

// sharing runs a test on fakes of the releases that differ in how they share,
// or on the real deployment if it can.
func sharing(t *testing.T, body func(t *testing.T, d *acctest.Deployment)) {
	t.Helper()
	if acctest.IsReal() {
		newest(t, body)
		return
	}
	newest(t, body)
	t.Run("v2.29.0", func(t *testing.T) { // does not tell it with the workspace
		t.Parallel()
		body(t, acctest.NewFake(t, codertest.Options{Version: "v2.29.0", Experiments: []string{"workspace-sharing"}}))
	})
}

// newest runs a test on a fake of the newest release, or on the real deployment
// if it can share.
func newest(t *testing.T, body func(t *testing.T, d *acctest.Deployment)) {
	t.Helper()
	if acctest.IsReal() {
		acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
			d.SkipBefore(t, 2, 32)
			body(t, d)
		})
		return
	}
	t.Run("v2.35.1", func(t *testing.T) {
		t.Parallel()
		body(t, acctest.NewFake(t, codertest.Options{Version: "v2.35.1"}))
	})
}

// config has a workspace and its list; lines are further arguments of the list.
func config(d *acctest.Deployment, template acctest.Template, name string, lines ...string) string {
	return d.ProviderConfig() + fmt.Sprintf(`
resource "coderws_workspace" "test" {
  name        = %q
  template_id = %q
}

resource "coderws_workspace_acl" "test" {
  workspace_id = coderws_workspace.test.id
  %s
}
`, name, template.ID, strings.Join(lines, "\n  "))
}

// users and groups are the arguments for roles by key, in pairs.
func users(pairs ...string) string { return roles("users", pairs) }

func groups(pairs ...string) string { return roles("groups", pairs) }

func roles(attribute string, pairs []string) string {
	var entries []string
	for i := 0; i < len(pairs); i += 2 {
		entries = append(entries, fmt.Sprintf("%q = %q", pairs[i], pairs[i+1]))
	}
	return attribute + " = { " + strings.Join(entries, ", ") + " }"
}

func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)},
		PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
	}
}

var emptyPlan = resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}

func attribute(name string, pairs ...string) statecheck.StateCheck {
	elements := map[string]knownvalue.Check{}
	for i := 0; i < len(pairs); i += 2 {
		elements[pairs[i]] = knownvalue.StringExact(pairs[i+1])
	}
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(name), knownvalue.MapExact(elements))
}

// message matches a sentence of a diagnostic, which Terraform has wrapped.
func message(text string) *regexp.Regexp {
	words := strings.Fields(text)
	for i := range words {
		words[i] = regexp.QuoteMeta(words[i])
	}
	return regexp.MustCompile(strings.Join(words, `[\s│]+`))
}

// workspaceID is the workspace's id in a state.
func workspaceID(state *terraform.State) uuid.UUID {
	return uuid.MustParse(state.RootModule().Resources["coderws_workspace.test"].Primary.ID)
}

// capture keeps the workspace's id for what happens beside Terraform.
func capture(id *uuid.UUID) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		*id = workspaceID(state)
		return nil
	}
}

func checks(all ...resource.TestCheckFunc) resource.TestCheckFunc {
	return resource.ComposeAggregateTestCheckFunc(all...)
}

// has compares whom the server lists, as "name role" in order.
func has(t *testing.T, d *acctest.Deployment, want ...string) resource.TestCheckFunc {
	t.Helper()
	return func(state *terraform.State) error {
		return compare(t.Context(), d, workspaceID(state), want)
	}
}

func compare(ctx context.Context, d *acctest.Deployment, workspace uuid.UUID, want []string) error {
	list, err := d.Client.ACL(ctx, workspace)
	if err != nil {
		return err
	}
	got := []string{}
	for _, user := range list.Users {
		got = append(got, user.Username+" "+user.Role)
	}
	for _, group := range list.Groups {
		got = append(got, group.Name+" "+group.Role)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
		return fmt.Errorf("the list differs (-want +got):\n%s", diff)
	}
	return nil
}

// patch changes the list beside Terraform.
func patch(t *testing.T, d *acctest.Deployment, workspace *uuid.UUID, change coder.ACLChange) func() {
	t.Helper()
	return func() {
		if err := d.Client.PatchACL(t.Context(), *workspace, change); err != nil {
			t.Fatal(err)
		}
	}
}

// meanwhile happens between plan and apply.
type meanwhile func()

// CheckPlan implements [plancheck.PlanCheck].
func (m meanwhile) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	m()
}

func userRole(user acctest.User, role string) coder.ACLChange {
	return coder.ACLChange{UserRoles: map[uuid.UUID]string{user.ID: role}}
}

// wrote tells how often the list was written since the last time; it is for
// fakes.
func wrote(t *testing.T, d *acctest.Deployment, want int) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		if d.Fake == nil {
			return nil
		}
		const route = "/workspaces/{workspace}/acl"
		got := d.RequestCount("PATCH", route) + d.RequestCount("DELETE", route)
		d.Fake.ResetRequests()
		if got != want {
			return fmt.Errorf("the list was written %d times, not %d", got, want)
		}
		return nil
	}
}
