package workspace_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// The workspaces of these tests stop 8 hours after their start.
func extendable(t *testing.T, body func(t *testing.T, d *acctest.Deployment, s *acctest.Server, workspace uuid.UUID, deadline time.Time)) {
	t.Helper()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		workspace := newWorkspace(t, d, d.Template(t, acctest.Basic, acctest.DefaultTTL(8*time.Hour)))
		d.Fake.ResetRequests()
		body(t, d, s, workspace.ID, deadlineOf(t, d, workspace.ID))
	})
}

func deadlineOf(t *testing.T, d *acctest.Deployment, id uuid.UUID) time.Time {
	t.Helper()
	workspace, err := d.Client.Workspace(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return workspace.LatestBuild.Deadline
}

func TestWorkspaceAction_extend(t *testing.T) {
	t.Parallel()
	extendable(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server, id uuid.UUID, deadline time.Time) {
		until := deadline.Add(2 * time.Hour).Truncate(time.Second)
		values := acctest.Values{"workspace_id": id.String(), "until": until.Format(time.RFC3339)}
		for i, says := range []string{"runs until %s, not ", "runs until %s already"} {
			progress := invoke(t, s, extendAction, values)
			if want := fmt.Sprintf("Workspace admin/one "+says, until.Format(time.RFC3339)); !strings.HasPrefix(last(progress), want) {
				t.Errorf("%d: says %q, want %q", i, last(progress), want)
			}
		}
		// Never to an earlier time.
		invoke(t, s, extendAction, acctest.Values{"workspace_id": id.String(), "until": until.Add(-time.Hour).Format(time.RFC3339)})
		if got := deadlineOf(t, d, id); !got.Equal(until) || d.RequestCount(http.MethodPut, "/workspaces/{workspace}/extend") != 1 {
			t.Errorf("the deadline is %s, want %s; requests %v", got, until, d.RequestCounts())
		}
		// Each run adds to it.
		for range 2 {
			invoke(t, s, extendAction, acctest.Values{"workspace_id": id.String(), "by": "1h30m"})
		}
		if got, want := deadlineOf(t, d, id), until.Add(3*time.Hour); !got.Equal(want) {
			t.Errorf("the deadline is %s, want %s", got, want)
		}
	})
}

// Every reason why a deadline cannot be moved has its own words, and nothing is
// sent.
func TestWorkspaceAction_extendProblems(t *testing.T) {
	t.Parallel()
	in := func(d *acctest.Deployment, ahead time.Duration) string {
		return d.Fake.Now().Add(ahead).Format(time.RFC3339)
	}
	for title, test := range map[string]struct {
		arrange func(t *testing.T, d *acctest.Deployment, id uuid.UUID)
		until   time.Duration // from now; 0 for by = 1h
		summary string
		detail  string
	}{
		"stopped": {func(t *testing.T, d *acctest.Deployment, id uuid.UUID) {
			build(t, d, id, coder.CreateBuildRequest{Transition: coder.TransitionStop})
		}, 10 * time.Hour, "Workspace is not running", "is stopped"},
		"canceled": {func(t *testing.T, d *acctest.Deployment, id uuid.UUID) {
			d.Fake.HoldBuilds(true)
			queued, err := d.Client.CreateBuild(t.Context(), id, coder.CreateBuildRequest{Transition: coder.TransitionStart})
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Client.CancelBuild(t.Context(), queued.ID, false); err != nil {
				t.Fatal(err)
			}
		}, 10 * time.Hour, "Workspace is not running", "was canceled"},
		"manual": {func(t *testing.T, d *acctest.Deployment, id uuid.UUID) {
			if err := d.Client.PutTTL(t.Context(), id, nil); err != nil {
				t.Fatal(err)
			}
			build(t, d, id, coder.CreateBuildRequest{Transition: coder.TransitionStart})
		}, 10 * time.Hour, "Workspace has no deadline to extend", "without autostop"},
		"beyond the maximum": {func(_ *testing.T, d *acctest.Deployment, id uuid.UUID) {
			d.Fake.SetMaxDeadline(id, d.Fake.Now().Add(9*time.Hour))
		}, 10 * time.Hour, "Deadline is beyond the template's limit", "The template lets the running build go on until"},
		"by beyond the maximum": {func(_ *testing.T, d *acctest.Deployment, id uuid.UUID) {
			d.Fake.SetMaxDeadline(id, d.Fake.Now().Add(8*time.Hour+30*time.Minute))
		}, 0, "Deadline is beyond the template's limit", ""},
		"too soon":    {nil, 20 * time.Minute, "Deadline is too soon", "30 minutes"},
		"in the past": {nil, -time.Hour, "Deadline is in the past", ""},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			extendable(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server, id uuid.UUID, _ time.Time) {
				if test.arrange != nil {
					test.arrange(t, d, id)
				}
				values := acctest.Values{"workspace_id": id.String(), "by": "1h"}
				if test.until != 0 {
					values = acctest.Values{"workspace_id": id.String(), "until": in(d, test.until)}
				}
				_, diags := s.Invoke(t, extendAction, values)
				wantProblem(t, diags, test.summary, test.detail)
				if sent := d.RequestCount(http.MethodPut, "/workspaces/{workspace}/extend"); sent > 0 {
					t.Errorf("%d requests were sent", sent)
				}
			})
		})
	}
}

func TestWorkspaceAction_extendFailedWorkspace(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		workspace := newWorkspace(t, d, d.Template(t, acctest.Failing), coder.BuildParameter{Name: "fail_at", Value: "apply"})
		_, diags := s.Invoke(t, extendAction, acctest.Values{"workspace_id": workspace.ID.String(), "by": "1h"})
		wantProblem(t, diags, "Workspace is not running", "failed (its log: "+d.URL+"/@admin/one/builds/1)")
	})
}

// What the action does to a workspace that the resource manages is no drift,
// not even where the resource has a deadline of its own to keep.
func TestWorkspaceAction_extendManaged(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		template := d.Template(t, acctest.Basic, acctest.DefaultTTL(8*time.Hour))
		for name, values := range map[string]acctest.Values{
			"plain":    {},
			"ttl":      {"ttl_ms": 3_600_000},
			"deadline": {"deadline": d.Fake.Now().Add(10 * time.Hour).UTC().Format(time.RFC3339)},
		} {
			for attribute, value := range map[string]any{
				"name": name, "template_id": template.ID, "wait_for_agents": false, "deletion_protection": false, "orphan_on_destroy": false,
			} {
				values[attribute] = value
			}
			created, diags := s.Apply(t, workspaceType, nil, values)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			id := acctest.Text(created.State, "id")
			invoke(t, s, extendAction, acctest.Values{"workspace_id": id, "by": "3h"})
			read, diags := s.Read(t, workspaceType, created)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			if read.State["latest_build"].Equal(created.State["latest_build"]) {
				t.Errorf("%s: the deadline did not move", name)
			}
			if changes := s.Changes(t, workspaceType, read, values); len(changes) > 0 {
				t.Errorf("%s: the plan changes %v", name, changes)
			}
		}
	})
}

// A start that is under way is waited for; so is one that began a moment ago.
func TestWorkspaceAction_extendWaitsForStart(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version, BuildTime: 200 * time.Millisecond})
			workspace := newWorkspace(t, d, d.Template(t, acctest.Basic, acctest.DefaultTTL(8*time.Hour)))
			buildUnderWay(t, d, workspace.ID, coder.TransitionStart, false)
			d.Fake.AddFault(codertest.Fault{
				Method: http.MethodPut, Route: "/workspaces/{workspace}/extend", Times: 1,
				Status: http.StatusConflict, Body: `{"message":"Workspace is still building!"}`,
			})
			until := d.Fake.Now().Add(10 * time.Hour).Truncate(time.Second)
			invoke(t, d.Server(t), extendAction, acctest.Values{"workspace_id": workspace.ID.String(), "until": until.Format(time.RFC3339)})
			if got := deadlineOf(t, d, workspace.ID); !got.Equal(until) {
				t.Errorf("the deadline is %s, want %s", got, until)
			}
		})
	}
}

// What the server refuses all the same is reported in its words.
func TestWorkspaceAction_extendRefused(t *testing.T) {
	t.Parallel()
	extendable(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server, id uuid.UUID, _ time.Time) {
		d.Fake.AddFault(codertest.Fault{
			Method: http.MethodPut, Route: "/workspaces/{workspace}/extend",
			Status: http.StatusBadRequest, Body: `{"message":"Cannot extend workspace: template does not allow user autostop."}`,
		})
		_, diags := s.Invoke(t, extendAction, acctest.Values{"workspace_id": id.String(), "by": "1h"})
		wantProblem(t, diags, "Unable to extend the workspace", "does not allow user autostop")
		if diags[0].Attribute.String() != `AttributeName("by")` {
			t.Errorf("it is at %s", diags[0].Attribute)
		}
	})
}

func TestWorkspaceAction_extendArguments(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	s := d.Server(t)
	for title, test := range map[string]struct {
		values  acctest.Values
		summary string
	}{
		"neither":    {acctest.Values{}, "Invalid Attribute Combination"},
		"both":       {acctest.Values{"until": "2126-01-01T00:00:00Z", "by": "1h"}, "Invalid Attribute Combination"},
		"backwards":  {acctest.Values{"by": "-1h"}, "Invalid duration"},
		"nothing":    {acctest.Values{"by": "0s"}, "Invalid duration"},
		"no time":    {acctest.Values{"until": "tomorrow"}, "Invalid RFC3339 String Value"},
		"no minutes": {acctest.Values{"by": "2 hours"}, "Invalid Time Duration String Value"},
	} {
		test.values["workspace_id"] = uuid.NewString()
		_, diags := s.Invoke(t, extendAction, test.values)
		if len(diags) == 0 || diags[0].Summary != test.summary {
			t.Errorf("%s: want %q, got %v", title, test.summary, diags)
		}
	}
	if len(d.Requests()) > 0 {
		t.Errorf("requests were made: %v", d.Requests())
	}
}
