package workspace_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// A token that does not see the workspace proves nothing: refresh, plan and
// destroy fail, and the state keeps the workspace.
func TestBetween_tokenThatSeesLessForgetsNothing(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, d *acctest.Deployment) {
		less := as(d, d.Fake.AddUser("member"))
		template := d.Template(t, acctest.Basic)
		config := func(d *acctest.Deployment) string { return workspaceConfig(d, "one", template.ID) }
		var id uuid.UUID
		sees := func(visible bool) func() { return func() { d.Fake.SetVisible(id, "admin", visible) } }
		notVisible := message("Workspace is not visible")
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(d), Check: checks(capture(&id), wrote(t, d, map[string]int{postWorkspace: 1}))},
			// The token of another user.
			{Config: config(less), ExpectError: notVisible},
			{Config: config(less), ExpectError: message("stays in the state")},
			{Config: config(less), Destroy: true, ExpectError: notVisible},
			{RefreshState: true, ExpectError: notVisible},
			// The same user, who has lost a role.
			{PreConfig: sees(false), Config: config(d), ExpectError: notVisible},
			{Config: config(d), Destroy: true, ExpectError: notVisible},
			{RefreshState: true, ExpectError: notVisible},
			{
				PreConfig:        do(sees(true), sent(t, d, nothing)),
				Config:           config(d),
				ConfigPlanChecks: emptyPlan,
				Check:            same(&id),
			},
		}})
	})
}

// Nor does a gateway in front of Coder that has lost its routes, and speaks
// JSON like Coder: the error tells that the answer was another's.
func TestBetween_gatewayWithoutRoutesForgetsNothing(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"kong":  `{"message":"no Route matched with those values"}`,
		"other": `{"error":"not found"}`,
		"text":  `404 page not found`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{})
			template := d.Template(t, acctest.Basic)
			config := workspaceConfig(d, "one", template.ID)
			var id uuid.UUID
			lost := func() {
				d.Fake.AddFault(codertest.Fault{
					Status: http.StatusNotFound, Body: body,
					// Coder's own headers are not there.
					Header: http.Header{"Server": {"kong/3.4"}, "X-Coder-Request-Id": nil, "X-Coder-Build-Version": nil},
				})
			}
			foreign := message("did not come from Coder itself")
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				{Config: config, Check: checks(capture(&id), wrote(t, d, map[string]int{postWorkspace: 1}))},
				{PreConfig: lost, Config: config, ExpectError: foreign},
				{RefreshState: true, ExpectError: foreign},
				{Config: config, Destroy: true, ExpectError: foreign},
				{
					PreConfig:        do(d.Fake.ClearFaults, sent(t, d, nothing)),
					Config:           config,
					ConfigPlanChecks: emptyPlan,
					Check:            same(&id),
				},
			}})
		})
	}
}

// A token that sees the workspace and may not change it changes nothing, and
// destroys it only in nobody's eyes: the state keeps the workspace.
func TestBetween_tokenThatMayOnlyLook(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, d *acctest.Deployment) {
		looks := as(d, d.Fake.AddTemplateAdmin("curator"))
		template := d.Template(t, acctest.Basic)
		config := func(d *acctest.Deployment, lines ...string) string {
			return workspaceConfig(d, "one", template.ID, lines...)
		}
		var id uuid.UUID
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(d), Check: checks(capture(&id), wrote(t, d, map[string]int{postWorkspace: 1}))},
			{Config: config(looks), ConfigPlanChecks: emptyPlan},
			{Config: config(looks, "ttl_ms = 3600000"), ExpectError: message("Unable to change the TTL")},
			{Config: config(looks, cpu(3)), ExpectError: message("Unable to build the workspace")},
			{Config: config(looks), Destroy: true, ExpectError: message("Unable to build the workspace")},
			{
				Config: config(d), ConfigPlanChecks: emptyPlan,
				Check: checks(same(&id), holds(t, d, "running", map[string]string{"cpu": "2"})),
			},
		}})
	})
}
