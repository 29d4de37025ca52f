package workspace_test

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// To the active version or to a given one; a running workspace runs again with
// it, a stopped one stays stopped.
func TestWorkspaceAction_update(t *testing.T) {
	t.Parallel()
	for _, stopped := range []bool{false, true} {
		protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
			template := d.Template(t, acctest.Basic)
			workspace := newWorkspace(t, d, template)
			want, status := []string{"stop", "start"}, coder.StatusRunning
			if stopped {
				build(t, d, workspace.ID, coder.CreateBuildRequest{Transition: coder.TransitionStop})
				want, status = []string{"stop"}, coder.StatusStopped
			}
			active := d.Fake.PublishVersion(uuid.MustParse(template.ID), codertest.BasicTemplate().Version)
			for _, version := range []string{"", template.ActiveVersionID, active.String()} {
				d.Fake.ResetRequests()
				values := acctest.Values{"workspace_id": workspace.ID.String()}
				expected := active.String()
				if version != "" {
					values["template_version_id"], expected = version, version
				}
				invoke(t, s, updateAction, values)
				if diff := cmp.Diff(want, buildsOf(t, d, workspace.ID)); diff != "" {
					t.Errorf("builds differ (-want +got):\n%s", diff)
				}
				current, err := d.Client.Workspace(t.Context(), workspace.ID)
				if err != nil {
					t.Fatal(err)
				}
				if build := current.LatestBuild; build.TemplateVersionID.String() != expected || build.Status != status {
					t.Errorf("got version %s, %s; want %s, %s", build.TemplateVersionID, build.Status, expected, status)
				}
			}
		})
	}
}

func TestWorkspaceAction_updateToForeignVersion(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		workspace := newWorkspace(t, d, d.Template(t, acctest.Basic))
		d.Fake.ResetRequests()
		for _, version := range []string{d.Template(t, acctest.Slow).ActiveVersionID, uuid.NewString()} {
			_, diags := s.Invoke(t, updateAction, acctest.Values{"workspace_id": workspace.ID.String(), "template_version_id": version})
			wantProblem(t, diags, "Template version cannot be used", version)
		}
		if builds := buildsOf(t, d, workspace.ID); len(builds) > 0 {
			t.Errorf("there were builds: %v", builds)
		}
	})
}

// New values go with the start and are kept; those that are there already are
// not sent, which matters for immutable ones.
func TestWorkspaceAction_parameters(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		template := d.Template(t, acctest.Basic)
		id := d.Fake.CreateWorkspace("admin", "one", uuid.MustParse(template.ID), map[string]string{"region": "us-east"})
		parameters := func() map[string]string { return d.Fake.Workspaces()[0].Parameters }
		before := parameters()
		invoke(t, s, restartAction, acctest.Values{"workspace_id": id.String(), "parameters": map[string]string{"cpu": "4", "region": "us-east"}})
		want := maps.Clone(before)
		want["cpu"] = "4"
		if diff := cmp.Diff(want, parameters()); diff != "" {
			t.Errorf("parameters differ (-want +got):\n%s", diff)
		}
		invoke(t, s, updateAction, acctest.Values{"workspace_id": id.String(), "parameters": map[string]string{"cpu": "6"}})
		want["cpu"] = "6"
		if diff := cmp.Diff(want, parameters()); diff != "" {
			t.Errorf("parameters differ after the update (-want +got):\n%s", diff)
		}
	})
}

// What the template would refuse or drop is found before the workspace is
// stopped.
func TestWorkspaceAction_badParameters(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		workspace := newWorkspace(t, d, d.Template(t, acctest.Basic))
		d.Fake.ResetRequests()
		for name, test := range map[string]struct{ value, summary string }{
			"cpu":    {"99", "Invalid parameter value"},
			"cpus":   {"4", "Unknown template parameter"},
			"region": {"us-east", "Parameter cannot be changed"},
		} {
			for _, action := range []string{restartAction, updateAction} {
				_, diags := s.Invoke(t, action, acctest.Values{"workspace_id": workspace.ID.String(), "parameters": map[string]string{name: test.value}})
				wantProblem(t, diags, test.summary, name)
			}
		}
		if builds := buildsOf(t, d, workspace.ID); len(builds) > 0 {
			t.Errorf("there were builds: %v", builds)
		}
	})
}

// An ephemeral parameter counts for one build, and goes along each time.
func TestWorkspaceAction_ephemeralParameters(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	definition := codertest.BasicTemplate()
	definition.Version.Parameters = append(definition.Version.Parameters, codertest.Parameter{Name: "reset", Type: "bool", Default: "false", Mutable: true, Ephemeral: true})
	id := d.Fake.CreateWorkspace("admin", "one", d.Fake.AddTemplate(definition).ID, nil)
	s := d.Server(t)
	for range 2 {
		invoke(t, s, restartAction, acctest.Values{"workspace_id": id.String(), "ephemeral_parameters": map[string]string{"reset": "true"}})
		if got := d.Fake.Workspaces()[0].Parameters["reset"]; got != "true" {
			t.Errorf("reset is %q", got)
		}
	}
	_, diags := s.Invoke(t, restartAction, acctest.Values{"workspace_id": id.String(), "parameters": map[string]string{"reset": "true"}})
	wantProblem(t, diags, "Ephemeral parameter among the kept ones", "reset")
}
