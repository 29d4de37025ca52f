//go:build unix

package binarytest_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// newestTerraform is newTerraform for what begins with Terraform 1.14 and
// OpenTofu does not have.
func newestTerraform(t *testing.T, d *acctest.Deployment) *terraform {
	t.Helper()
	tf := newTerraform(t, "CODER_URL="+d.URL, "CODER_SESSION_TOKEN="+d.Token)
	if tf.isTofu() || tf.minor(t) < 14 {
		t.Skip("needs Terraform 1.14")
	}
	return tf
}

// example is a file below examples/ for a template of the deployment.
func example(t *testing.T, name string, template uuid.UUID) string {
	t.Helper()
	return strings.ReplaceAll(readExample(t, name), "c6d67e98-83ea-49f0-8812-e4abae2b68bc", template.String())
}

// onNewest runs a test body with the newest Terraform on a fake of every
// version.
func onNewest(t *testing.T, body func(t *testing.T, tf *terraform, d *acctest.Deployment)) {
	t.Helper()
	for _, release := range acctest.Versions {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: release})
			body(t, newestTerraform(t, d), d)
		})
	}
}

// addKubernetes adds the template of the examples, whose workspaces stop after
// 8 hours.
func addKubernetes(d *acctest.Deployment) uuid.UUID {
	template := codertest.BasicTemplate()
	template.Name, template.DefaultTTL = "kubernetes", 8*time.Hour
	return d.Fake.AddTemplate(template).ID
}

// statuses are those of all workspaces by owner and name.
func statuses(d *acctest.Deployment) map[string]string {
	all := map[string]string{}
	for _, w := range d.Fake.Workspaces() {
		all[w.Owner+"/"+w.Name] = w.Status
	}
	return all
}

// The workshop of the example: the deadline of every new workspace is moved
// right after its creation, which no later plan minds.
func TestExample_workshop(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, tf *terraform, d *acctest.Deployment) {
		d.Fake.AddUser("alice")
		d.Fake.AddUser("bob")
		tf.configure(t, example(t, "actions/coderws_workspace_extend/action_workshop.tf", addKubernetes(d)))
		end := d.Fake.Now().Add(12 * time.Hour).Truncate(time.Second).UTC()
		ends := "ends_at=" + end.Format(time.RFC3339)
		output := tf.run(t, 0, "apply", "-input=false", "-auto-approve", "-var", ends)
		mustContain(t, output, "2 added, 0 changed, 0 destroyed", "2 invoked", "Workspace alice/workshop runs until "+end.Format(time.RFC3339))
		workspaces := d.Fake.Workspaces()
		if len(workspaces) != 2 {
			t.Fatalf("there are %d workspaces", len(workspaces))
		}
		for _, w := range workspaces {
			if !w.Deadline.Equal(end) {
				t.Errorf("%s's stops at %s, want %s", w.Owner, w.Deadline, end)
			}
		}
		tf.run(t, 0, "plan", "-input=false", "-detailed-exitcode", "-var", ends)
		// The workshop is over: that is no reason to fail.
		d.Fake.Advance(13 * time.Hour)
		tf.run(t, 0, "plan", "-input=false", "-detailed-exitcode", "-var", ends)
		// But for a new attendee it is.
		late := tf.run(t, 1, "plan", "-input=false", "-var", ends, "-var", `attendees=["alice","bob","admin"]`)
		mustContain(t, late, "Deadline is in the past")
	})
}

// The other examples of actions, invoked by hand.
func TestExample_invoke(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, tf *terraform, d *acctest.Deployment) {
		template := addKubernetes(d)
		invoke := func(file, action string, says ...string) {
			t.Helper()
			tf.configure(t, example(t, "actions/coderws_workspace_"+file+"/action.tf", template))
			tf.run(t, 0, "apply", "-input=false", "-auto-approve") // of the workspace
			mustContain(t, tf.run(t, 0, "apply", "-input=false", "-auto-approve", "-invoke=action.coderws_workspace_"+file+"."+action), append(says, "1 invoked")...)
			tf.planEmpty(t)
		}
		invoke("restart", "bigger", "Build 2 (stop)", "Apply complete!", "Workspace admin/dev is running")
		if cpu := d.Fake.Workspaces()[0].Parameters["cpu"]; cpu != "8" {
			t.Errorf("it has %s processors", cpu)
		}
		tf.run(t, 0, "apply", "-input=false", "-auto-approve", "-destroy")

		invoke("extend", "overtime", "Workspace admin/dev runs until")
		d.Fake.CreateWorkspace("admin", "second", template, nil)
		d.Fake.PublishVersion(template, codertest.BasicTemplate().Version)
		tf.configure(t, example(t, "actions/coderws_workspace_update/action.tf", template))
		// Terraform has nothing to keep any more, so the first goes.
		tf.run(t, 0, "apply", "-input=false", "-auto-approve")
		mustContain(t, tf.run(t, 0, "apply", "-input=false", "-auto-approve", "-invoke=action.coderws_workspace_update.outdated"), "1 invoked", "Workspace admin/second is running")
		tf.configure(t, example(t, "actions/coderws_workspace_stop/action.tf", template))
		mustContain(t, tf.run(t, 0, "apply", "-input=false", "-auto-approve", "-invoke=action.coderws_workspace_stop.all"), "1 invoked", "Workspace admin/second is stopped")
		if status := statuses(d)["admin/second"]; status != "stopped" {
			t.Errorf("it is %s", status)
		}
	})
}

// A team's workspaces are adopted without a line by hand.
func TestExample_adoptTeam(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, tf *terraform, d *acctest.Deployment) {
		template := addKubernetes(d)
		for _, owner := range []string{"alice", "bob", "carol"} {
			d.Fake.AddUser(owner)
			d.Fake.CreateWorkspace(owner, "dev", template, nil)
			d.Fake.CreateWorkspace(owner, "test", template, map[string]string{"cpu": "4"})
		}
		tf.configure(t)
		query := example(t, "list-resources/coderws_workspace/list-resource_team.tfquery.hcl", template)
		write(t, filepath.Join(tf.dir, "team.tfquery.hcl"), query)
		mustContain(t, tf.run(t, 0, "query", "-generate-config-out=adopted.tf"), "alice/dev", "bob/test")
		adopt(t, tf, d, 4)
	})
}

// Hundreds of workspaces, with and without schedule and autostop.
func TestQuery_adoptsHundreds(t *testing.T) {
	t.Parallel()
	for release, number := range map[string]int{"seed": 60, "v2.35.1": 500} {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: release})
			tf := newestTerraform(t, d)
			template := addKubernetes(d)
			for i := range number {
				owner := fmt.Sprintf("user%d", i%7)
				if i < 7 {
					d.Fake.AddUser(owner)
				}
				d.Fake.CreateWorkspace(owner, fmt.Sprintf("w%03d", i), template, map[string]string{"cpu": fmt.Sprint(1 + i%8)})
			}
			schedule := "CRON_TZ=Europe/Berlin 30 8 * * 1-5"
			for i, w := range d.Fake.Workspaces() {
				var err error
				switch i % 5 {
				case 1:
					err = d.Client.PutAutostart(t.Context(), w.ID, &schedule)
				case 2:
					err = d.Client.PutTTL(t.Context(), w.ID, nil)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			d.Fake.PublishVersion(template, codertest.BasicTemplate().Version) // they are all outdated
			tf.configure(t)
			write(t, filepath.Join(tf.dir, "all.tfquery.hcl"), example(t, "list-resources/coderws_workspace/list-resource.tfquery.hcl", template))
			tf.run(t, 0, "query", "-generate-config-out=adopted.tf")
			adopt(t, tf, d, number)
		})
	}
}

// adopt imports what a query has written, which must change nothing.
func adopt(t *testing.T, tf *terraform, d *acctest.Deployment, number int) {
	t.Helper()
	before := d.Fake.Workspaces()
	planned := tf.run(t, 0, "plan", "-input=false", "-out=plan")
	mustContain(t, planned, fmt.Sprintf("Plan: %d to import, 0 to add, 0 to change, 0 to destroy.", number))
	mustContain(t, tf.run(t, 0, "apply", "-input=false", "plan"), fmt.Sprintf("%d imported, 0 added, 0 changed, 0 destroyed", number))
	tf.planEmpty(t)
	if got := len(tf.state(t)); got != number {
		t.Errorf("there are %d instances in the state, want %d", got, number)
	}
	if diff := cmp.Diff(before, d.Fake.Workspaces()); diff != "" {
		t.Errorf("the workspaces differ (-before +after):\n%s", diff)
	}
	if written := d.RequestCount("POST", "") + d.RequestCount("PATCH", ""); written > 0 {
		t.Errorf("something was written: %v", d.RequestCounts())
	}
}
