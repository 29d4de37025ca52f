package workspace_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// The actions.
const (
	startAction   = "coderws_workspace_start"
	stopAction    = "coderws_workspace_stop"
	restartAction = "coderws_workspace_restart"
	updateAction  = "coderws_workspace_update"
	extendAction  = "coderws_workspace_extend"
)

// buildsOf are the transitions of a workspace's builds, oldest first.
func buildsOf(t *testing.T, d *acctest.Deployment, id uuid.UUID) []string {
	t.Helper()
	var transitions []string
	for _, request := range d.Fake.Requests() {
		if request.Method == http.MethodPost && strings.HasSuffix(request.Path, id.String()+"/builds") {
			for _, transition := range []string{"start", "stop", "delete"} {
				if strings.Contains(request.Body, `"transition":"`+transition+`"`) {
					transitions = append(transitions, transition)
				}
			}
		}
	}
	return transitions
}

// invoke runs an action that has to succeed without a word of warning.
func invoke(t *testing.T, s *acctest.Server, action string, values acctest.Values) []string {
	t.Helper()
	progress, diags := s.Invoke(t, action, values)
	if len(diags) > 0 {
		t.Fatalf("%s: %v", action, diags)
	}
	return progress
}

func last(progress []string) string {
	if len(progress) == 0 {
		return ""
	}
	return progress[len(progress)-1]
}

// wantProblem wants one diagnostic with a summary and texts of its detail.
func wantProblem(t *testing.T, diags acctest.Diagnostics, summary string, details ...string) {
	t.Helper()
	if len(diags) != 1 || diags[0].Summary != summary {
		t.Errorf("want %q, got %v", summary, diags)
		return
	}
	for _, detail := range details {
		if !strings.Contains(diags[0].Detail, detail) {
			t.Errorf("%q does not say %q", diags[0].Detail, detail)
		}
	}
}

// From every run state the builds that lead to where the action leads, and
// none when the workspace is there.
func TestWorkspaceAction_builds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		before []coder.Transition
		action string
		want   []string
		says   string
	}{
		{nil, startAction, nil, "is running already"},
		{[]coder.Transition{"stop"}, startAction, []string{"start"}, "is running"},
		{nil, stopAction, []string{"stop"}, "is stopped"},
		{[]coder.Transition{"stop"}, stopAction, nil, "is stopped already"},
		{nil, restartAction, []string{"stop", "start"}, "is running"},
		{[]coder.Transition{"stop"}, restartAction, []string{"start"}, "is running"},
		{nil, updateAction, nil, `has template version "v1" already`},
		{[]coder.Transition{"stop"}, updateAction, nil, `has template version "v1" already`},
	} {
		t.Run(fmt.Sprintf("%s after %v", test.action, test.before), func(t *testing.T) {
			t.Parallel()
			protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
				workspace := newWorkspace(t, d, d.Template(t, acctest.Basic))
				for _, transition := range test.before {
					build(t, d, workspace.ID, coder.CreateBuildRequest{Transition: transition})
				}
				d.Fake.ResetRequests()
				progress := invoke(t, s, test.action, acctest.Values{"workspace_id": workspace.ID.String()})
				if diff := cmp.Diff(test.want, buildsOf(t, d, workspace.ID)); diff != "" {
					t.Errorf("builds differ (-want +got):\n%s", diff)
				}
				if want := "Workspace admin/one " + test.says; last(progress) != want {
					t.Errorf("says %q, want %q", last(progress), want)
				}
			})
		})
	}
}

// Progress is a line for every new status and every line of the build's log,
// each once.
func TestWorkspaceAction_progress(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		workspace := newWorkspace(t, d, d.Template(t, acctest.Basic))
		build(t, d, workspace.ID, coder.CreateBuildRequest{Transition: coder.TransitionStop})
		progress := invoke(t, s, startAction, acctest.Values{"workspace_id": workspace.ID.String()})
		for _, line := range []string{
			`Build 3 (start) of workspace "one" is running`,
			"Starting workspace: terraform_data.main: Starting...",
			"Starting workspace: Apply complete!",
			"Workspace admin/one is running",
		} {
			if n := strings.Count(strings.Join(progress, "\n")+"\n", line+"\n"); n != 1 {
				t.Errorf("%q comes %d times in\n%s", line, n, strings.Join(progress, "\n"))
			}
		}
		if unique := slices.Compact(slices.Sorted(slices.Values(progress))); len(unique) != len(progress) {
			t.Errorf("lines come twice:\n%s", strings.Join(progress, "\n"))
		}
	})
}

// While a build goes on without a new status its log is read again, and the
// action is done only when it has ended.
func TestWorkspaceAction_followsLog(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	slow := codertest.BasicTemplate()
	slow.Version.BuildTime = func(transition string, _ map[string]string) time.Duration {
		if transition == "stop" {
			return time.Hour
		}
		return 0
	}
	info := d.Fake.AddTemplate(slow)
	id := d.Fake.CreateWorkspace("admin", "one", info.ID, nil)
	reads := 0
	d.Fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: "/workspacebuilds/{workspacebuild}/logs", Before: func(*http.Request) {
		if reads++; reads == 3 { // one for each status, pending or stopping, then the first for none
			d.Fake.Advance(2 * time.Hour)
		}
	}})
	progress := invoke(t, d.Server(t), stopAction, acctest.Values{"workspace_id": id.String()})
	if last(progress) != "Workspace admin/one is stopped" {
		t.Error(progress)
	}
}

// A build that is under way is waited for: one that leads to the same end is
// taken for the action's own.
func TestWorkspaceAction_waitsForOtherBuild(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		underWay coder.Transition
		action   string
		want     []string
	}{
		{coder.TransitionStop, stopAction, []string{"stop"}},
		{coder.TransitionStop, startAction, []string{"stop", "start"}},
		{coder.TransitionStart, startAction, []string{"start"}},
	} {
		t.Run(fmt.Sprintf("%s during %s", test.action, test.underWay), func(t *testing.T) {
			t.Parallel()
			for _, version := range acctest.Versions {
				t.Run(version, func(t *testing.T) {
					t.Parallel()
					d := acctest.NewFake(t, codertest.Options{Version: version, BuildTime: 200 * time.Millisecond})
					workspace := newWorkspace(t, d, d.Template(t, acctest.Basic))
					s := d.Server(t)
					d.Fake.ResetRequests()
					buildUnderWay(t, d, workspace.ID, test.underWay, false)
					invoke(t, s, test.action, acctest.Values{"workspace_id": workspace.ID.String()})
					if diff := cmp.Diff(test.want, buildsOf(t, d, workspace.ID)); diff != "" {
						t.Errorf("builds differ (-want +got):\n%s", diff)
					}
				})
			}
		})
	}
}

// Somebody begins a build between the look and the request.
func TestWorkspaceAction_losesRace(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		workspace := newWorkspace(t, d, d.Template(t, acctest.Basic))
		d.Fake.AddFault(codertest.Fault{
			Method: http.MethodPost, Route: "/workspaces/{workspace}/builds", Times: 1,
			Status: http.StatusConflict, Body: `{"message":"A workspace build is already active."}`,
		})
		progress := invoke(t, s, stopAction, acctest.Values{"workspace_id": workspace.ID.String()})
		if last(progress) != "Workspace admin/one is stopped" {
			t.Error(progress)
		}
	})
}

func TestWorkspaceAction_failedBuild(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		template := d.Template(t, acctest.Failing)
		id := d.Fake.CreateWorkspace("admin", "one", uuid.MustParse(template.ID), map[string]string{"fail_at": "never"})
		values := acctest.Values{"workspace_id": id.String(), "parameters": map[string]string{"fail_at": "apply"}}
		_, diags := s.Invoke(t, restartAction, values)
		wantProblem(t, diags, "Workspace failed to start", "ended as failed", "/builds/3")

		// A start that failed is no update, even to the version it was of.
		progress := invoke(t, s, updateAction, acctest.Values{"workspace_id": id.String(), "parameters": map[string]string{"fail_at": "never"}})
		if last(progress) != "Workspace admin/one is running" {
			t.Error(progress)
		}
	})
}

func TestWorkspaceAction_canceledBuild(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		workspace := newWorkspace(t, d, d.Template(t, acctest.Basic))
		d.Fake.HoldBuilds(true)
		d.Fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: "/workspacebuilds/{workspacebuild}/logs", Times: 1, Before: func(*http.Request) {
			current, err := d.Client.Workspace(t.Context(), workspace.ID)
			if err == nil {
				err = d.Client.CancelBuild(t.Context(), current.LatestBuild.ID, false)
			}
			if err != nil {
				t.Error(err)
			}
		}})
		_, diags := s.Invoke(t, stopAction, acctest.Values{"workspace_id": workspace.ID.String()})
		wantProblem(t, diags, "Stop of the workspace was canceled", "ended as canceled")
	})
}

func TestWorkspaceAction_timeLimit(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		workspace := newWorkspace(t, d, d.Template(t, acctest.Basic))
		d.Fake.HoldBuilds(true)
		for _, action := range []string{stopAction, restartAction} { // the second waits for the first one's build
			_, diags := s.Invoke(t, action, acctest.Values{"workspace_id": workspace.ID.String(), "timeouts": acctest.Values{"invoke": "300ms"}})
			wantProblem(t, diags, "Build did not end in time", "timeouts block", "The build goes on in Coder")
		}
	})
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		workspace := newWorkspace(t, d, d.Template(t, acctest.Basic))
		d.Fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: "/workspaces/{workspace}/builds", Delay: time.Second, DropBefore: true})
		_, diags := s.Invoke(t, stopAction, acctest.Values{"workspace_id": workspace.ID.String(), "timeouts": acctest.Values{"invoke": "300ms"}})
		wantProblem(t, diags, "Build did not end in time", "timeouts block", "No build is known to have begun")
	})
}

// Ctrl-C ends the wait, not the build.
func TestWorkspaceAction_interrupted(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		workspace := newWorkspace(t, d, d.Template(t, acctest.Basic))
		d.Fake.HoldBuilds(true)
		d.Fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: "/workspacebuilds/{workspacebuild}/logs", Times: 1, Before: func(*http.Request) {
			if _, err := s.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
				t.Error(err)
			}
		}})
		_, diags := s.Invoke(t, stopAction, acctest.Values{"workspace_id": workspace.ID.String()})
		wantProblem(t, diags, "Build did not end", "interrupted")
		if got := buildsOf(t, d, workspace.ID); !slices.Equal(got, []string{"stop"}) {
			t.Errorf("builds %v", got)
		}
	})
}

func TestWorkspaceAction_noWorkspace(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		deleted := newWorkspace(t, d, d.Template(t, acctest.Basic)).ID
		build(t, d, deleted, coder.CreateBuildRequest{Transition: coder.TransitionDelete})
		for _, id := range []uuid.UUID{deleted, uuid.New()} {
			for _, action := range []string{startAction, stopAction, restartAction, updateAction, extendAction} {
				values := acctest.Values{"workspace_id": id.String()}
				if action == extendAction {
					values["by"] = "1h"
				}
				_, diags := s.Invoke(t, action, values)
				wantProblem(t, diags, "No workspace to act on", id.String())
			}
		}
	})
}

// Coder 2.1 to 2.29 refuses to start a dormant workspace until it is woken.
func TestWorkspaceAction_startsDormant(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v2.10.0", "v2.35.1"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			workspace := newWorkspace(t, d, d.Template(t, acctest.Basic))
			build(t, d, workspace.ID, coder.CreateBuildRequest{Transition: coder.TransitionStop})
			makeDormant(t, d, workspace.ID)
			progress := invoke(t, d.Server(t), startAction, acctest.Values{"workspace_id": workspace.ID.String()})
			if last(progress) != "Workspace admin/one is running" {
				t.Error(progress)
			}
		})
	}
}

// Where only the active version may be built, a refused start names the way
// out, and that way works.
func TestWorkspaceAction_requiresActiveVersion(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	strict := codertest.BasicTemplate()
	strict.RequireActiveVersion = true
	info := d.Fake.AddTemplate(strict)
	member := d.Fake.AddUser("member")
	id := d.Fake.CreateWorkspace("member", "one", info.ID, nil)
	build(t, d, id, coder.CreateBuildRequest{Transition: coder.TransitionStop})
	d.Fake.PublishVersion(info.ID, codertest.BasicTemplate().Version)
	d.Token = member.Token
	s := d.Server(t)

	values := acctest.Values{"workspace_id": id.String()}
	_, diags := s.Invoke(t, startAction, values)
	if len(diags) != 1 || diags[0].Summary != "Template requires its active version" || !strings.Contains(diags[0].Detail, updateAction) {
		t.Fatal(diags)
	}
	for _, action := range []string{updateAction, startAction} {
		if progress := invoke(t, s, action, values); !strings.HasPrefix(last(progress), "Workspace member/one is") {
			t.Error(progress)
		}
	}
}

// The agents are waited for where that is wanted, also of a workspace that
// runs already.
func TestWorkspaceAction_waitsForAgents(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		workspace := newWorkspace(t, d, d.Template(t, acctest.Basic))
		values := acctest.Values{"workspace_id": workspace.ID.String(), "wait_for_agents": true}
		d.Fake.SetAgents(workspace.ID, "connected", "start_error")
		_, diags := s.Invoke(t, startAction, values)
		wantProblem(t, diags, "Agent failed to become ready", "main")
		d.Fake.SetAgents(workspace.ID, "connected", "ready")
		if progress := invoke(t, s, startAction, values); last(progress) != "Workspace admin/one is running already" {
			t.Error(progress)
		}
	})
}
