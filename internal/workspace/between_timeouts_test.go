package workspace_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
)

// A time limit within which nothing can be done is refused at plan, before it is
// in a state, where it would stand in the way of its own correction.
func TestBetween_timeLimitOfNothing(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		config := func(lines ...string) string { return workspaceConfig(d, "one", template.ID, lines...) }
		var steps []resource.TestStep
		for _, limit := range []string{"0s", "-5m"} {
			limits := "timeouts {"
			for _, of := range []string{"create", "read", "update", "delete"} {
				limits += fmt.Sprintf("\n    %s = %q", of, limit)
			}
			// Each of the four is refused.
			steps = append(steps, resource.TestStep{Config: config(limits + "\n  }"), ExpectError: regexp.MustCompile(`(?s)(Invalid duration.*){4}`)})
		}
		var id uuid.UUID
		made := resource.TestStep{
			PreConfig: sent(t, d, nothing), Config: config(), ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			Check: checks(capture(&id), wrote(t, d, map[string]int{postWorkspace: 1})),
		}
		still := resource.TestStep{PreConfig: sent(t, d, nothing), Config: config(), ConfigPlanChecks: emptyPlan, Check: same(&id)}
		acctest.Test(t, d, resource.TestCase{Steps: append(append(append([]resource.TestStep{}, steps...), made), append(steps, still)...)})
	})
}

// The same in the actions.
func TestBetween_timeLimitOfNothingInActions(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		workspace := newWorkspace(t, d, d.Template(t, acctest.Basic))
		d.Fake.ResetRequests()
		for _, action := range []string{startAction, stopAction, restartAction, updateAction, extendAction} {
			for _, limit := range []string{"0s", "-5m"} {
				values := acctest.Values{"workspace_id": workspace.ID.String(), "timeouts": acctest.Values{"invoke": limit}}
				if action == extendAction {
					values["by"] = "1h"
				}
				_, diags := s.Invoke(t, action, values)
				wantProblem(t, diags, "Invalid duration", limit)
			}
		}
		sent(t, d, nothing)()
	})
}
