package workspace_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// A delete build that somebody cancels has not failed: orphan_on_destroy does
// not leave the resources behind for that, and the workspace stays.
func TestBetween_canceledDeletionOrphansNothing(t *testing.T) {
	t.Parallel()
	for _, pending := range []bool{false, true} {
		t.Run(fmt.Sprintf("pending %t", pending), func(t *testing.T) {
			t.Parallel()
			onNewest(t, func(t *testing.T, f *flow) {
				d := f.Deployment
				definition := codertest.BasicTemplate()
				definition.Version.BuildTime = func(transition string, _ map[string]string) time.Duration {
					if transition == "delete" {
						return time.Hour
					}
					return time.Millisecond
				}
				template := d.Fake.AddTemplate(definition)
				config := workspaceConfig(d, "one", template.ID.String(), `orphan_on_destroy = true`)
				var id uuid.UUID
				cancel := func() {
					d.Fake.HoldBuilds(pending)
					d.Fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: "/workspaces/{workspace}/watch", Times: 1, Before: func(*http.Request) {
						d.Fake.Advance(time.Second) // the build is picked up, unless it is held
						d.Fake.CancelActiveBuild(id)
					}})
				}
				acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
					{Config: config, Check: checks(capture(&id), wrote(t, d, map[string]int{postWorkspace: 1}))},
					{PreConfig: cancel, Config: config, Destroy: true, ExpectError: message("Deletion of the workspace was canceled")},
					{
						PreConfig: do(sent(t, d, map[string]int{postBuild: 1}), func() {
							d.Fake.HoldBuilds(false)
							d.Fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: "/workspaces/{workspace}/watch", Before: func(*http.Request) {
								d.Fake.Advance(2 * time.Hour)
							}})
						}),
						Config:           config,
						ConfigPlanChecks: emptyPlan,
						Check:            same(&id),
					},
				}})
				wantOrphans(t, d, 0)
			})
		})
	}
}

// wantOrphans counts the requests to delete a workspace without its resources.
func wantOrphans(t *testing.T, d *acctest.Deployment, want int) {
	t.Helper()
	got := 0
	for _, request := range d.Fake.Requests() {
		if request.Method == http.MethodPost && strings.Contains(request.Body, `"orphan":true`) {
			got++
		}
	}
	if got != want {
		t.Errorf("%d workspaces were orphaned, want %d", got, want)
	}
}

// A deletion that failed long ago, or whose failure was somebody else's, is
// tried once more before anything is left behind.
func TestBetween_deletionFailedBefore(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, d *acctest.Deployment) {
		b := newBreakable(&flow{d, false})
		var id uuid.UUID
		config := b.config(`orphan_on_destroy = true`)
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config, Check: checks(capture(&id), wrote(t, d, map[string]int{postWorkspace: 1}))},
			{
				PreConfig: do(b.breaks("delete"), person(t, d, "delete", codertest.BuildRequest{}), b.breaks("")),
				Config:    config,
				Check:     checks(same(&id), wrote(t, d, nothing)),
			},
		}})
		sent(t, d, map[string]int{postBuild: 1})()
		wantOrphans(t, d, 0)
	})
}
