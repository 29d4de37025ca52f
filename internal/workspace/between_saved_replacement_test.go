package workspace_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// What comes to stand against a replacement after its plan is found before the
// workspace is destroyed, however it was to be replaced. The ways out stay open.
func TestBetween_savedReplacementThatCannotComeUp(t *testing.T) {
	t.Parallel()
	demanding := codertest.BasicTemplate().Version
	demanding.Parameters = append(demanding.Parameters, codertest.Parameter{Name: "project", Required: true})
	for name, test := range map[string]struct {
		after   string // configuration that replaces
		taint   bool
		happens func(d *flow, template uuid.UUID)
		says    string
		then    func(d *flow, template uuid.UUID)
		mended  string
	}{
		"deprecated": {
			after:   region("us-east"),
			happens: func(d *flow, id uuid.UUID) { deprecated(d, id, "use the new one") }, says: "Template is deprecated",
			then: func(d *flow, id uuid.UUID) { deprecated(d, id, "") }, mended: region("us-east"),
		},
		"deprecated, tainted": {
			after: region("eu-west"), taint: true,
			happens: func(d *flow, id uuid.UUID) { deprecated(d, id, "use the new one") }, says: "Template is deprecated",
			then: func(d *flow, id uuid.UUID) { deprecated(d, id, "") }, mended: region("eu-west"),
		},
		"name taken": {
			after:   ownedBy("dave"),
			happens: func(d *flow, id uuid.UUID) { d.Fake.CreateWorkspace("dave", "one", id, nil) },
			says:    "Name of the replacement is taken", mended: ownedBy("carol"),
		},
		"owner renamed": {
			after:   ownedBy("dave"),
			happens: func(d *flow, _ uuid.UUID) { d.Fake.RenameUser("dave", "david") },
			says:    "Owner of the replacement does not exist", mended: ownedBy("david"),
		},
		"another parameter needed": {
			after:   region("us-east"),
			happens: func(d *flow, id uuid.UUID) { d.Fake.PublishVersion(id, demanding) },
			says:    `requires a value for parameter "project"`, mended: `parameters = { region = "us-east", project = "x" }`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onNewestFlows(t, func(t *testing.T, d *flow) {
				d.Fake.AddUser("carol")
				d.Fake.AddUser("dave")
				template := d.add(codertest.BasicTemplate())
				config := func(lines string) string {
					return workspaceConfig(d.Deployment, "one", template.ID.String(), lines)
				}
				action := plancheck.ResourceActionReplace
				if test.taint {
					action = plancheck.ResourceActionDestroyBeforeCreate
				}
				happens := func() { test.happens(d, template.ID); d.Fake.ResetRequests() }
				step := resource.TestStep{
					Config: config(test.after), ExpectError: message(test.says),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action), meanwhile(happens)}},
				}
				if test.taint {
					step.Taint = []string{address}
				}
				var id uuid.UUID
				acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
					{Config: config(region("eu-west")), Check: capture(&id)},
					step,
					{
						PreConfig: func() {
							sent(t, d.Deployment, nothing)()
							if test.then != nil {
								test.then(d, template.ID)
							}
						},
						Config: config(test.mended), ConfigPlanChecks: planned(action),
						Check: checks(another(&id), wrote(t, d.Deployment, map[string]int{postBuild: 1, postWorkspace: 1})),
					},
				}})
			})
		})
	}
}

// deprecated deprecates a template, or does so no more with "".
func deprecated(d *flow, template uuid.UUID, message string) {
	d.Fake.UpdateTemplate(template, func(t *codertest.Template) { t.DeprecationMessage = message })
}

// A replacement with a deadline that has passed since is refused like any that
// cannot come up; the memory of that keeps nobody from destroying.
func TestBetween_savedReplacementWithADeadline(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, d *flow) {
		template := d.add(codertest.BasicTemplate())
		config := func(lines string) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), lines)
		}
		deadline := fmt.Sprintf("\n deadline = %q", d.Fake.Now().Add(time.Hour).UTC().Format(time.RFC3339))
		later := func() { d.Fake.Advance(2 * time.Hour); d.Fake.ResetRequests() }
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(region("eu-west"))},
			{
				Config:           config(region("us-east") + deadline),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace), meanwhile(later)}},
				ExpectError:      message("Deadline is in the past"),
			},
			{PreConfig: sent(t, d.Deployment, nothing), Config: config(region("eu-west")), Destroy: true},
		}})
		sent(t, d.Deployment, map[string]int{postBuild: 1})()
	})
}
