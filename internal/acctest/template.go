package acctest

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// Kind is one of the standard templates. The same parameters give the same
// behaviour on fake and real deployments.
type Kind string

// The standard templates.
const (
	// Basic has the parameters region (string, immutable: eu-west, the default,
	// us-east, ap-south), cpu (number, 1 to 8, default 2) and gpu (bool).
	Basic Kind = "basic"
	// Failing fails where fail_at (string, default never) says: plan, apply,
	// stop or delete.
	Failing Kind = "failing"
	// Slow takes the number of seconds to start and stop_seconds to stop.
	Slow Kind = "slow"
	// Required has a parameter without a default, project (string, immutable).
	Required Kind = "required"
)

// Template identifies a template of the deployment.
type Template struct {
	ID, Name, ActiveVersionID, OrganizationID string
}

// TemplateOption changes a standard template.
type TemplateOption func(*templateSettings)

type templateSettings struct {
	prefix     string
	defaultTTL time.Duration
}

// Called makes the template's name begin so, and not with its kind.
func Called(prefix string) TemplateOption {
	return func(s *templateSettings) { s.prefix = prefix }
}

// DefaultTTL makes the template stop workspaces after a while unless they have
// a TTL of their own.
func DefaultTTL(ttl time.Duration) TemplateOption {
	return func(s *templateSettings) { s.defaultTTL = ttl }
}

// Template adds a standard template of its own name to the deployment. On a
// real one it is uploaded, and deleted after the test together with the
// workspaces that are left of it.
func (d *Deployment) Template(t *testing.T, kind Kind, options ...TemplateOption) Template {
	t.Helper()
	settings := templateSettings{prefix: string(kind)}
	for _, option := range options {
		option(&settings)
	}
	if d.Fake == nil {
		return d.uploadTemplate(t, kind, settings)
	}

	template := fakeTemplate(t, kind)
	template.Name = Name(t, settings.prefix)
	template.DefaultTTL = settings.defaultTTL
	return d.FakeTemplate(template)
}

// FakeTemplate adds a template to a fake that is no standard one.
func (d *Deployment) FakeTemplate(template codertest.Template) Template {
	info := d.Fake.AddTemplate(template)
	return Template{
		ID:              info.ID.String(),
		Name:            info.Name,
		ActiveVersionID: info.ActiveVersionID.String(),
		OrganizationID:  info.OrganizationID.String(),
	}
}

// AddVersion gives a template another version, of a kind and with a name, that
// is not its active one, and returns its id.
func (d *Deployment) AddVersion(t *testing.T, template Template, kind Kind, name string) string {
	t.Helper()
	if d.Fake != nil {
		version := fakeTemplate(t, kind).Version
		version.Name = name
		return d.Fake.UploadVersion(uuid.MustParse(template.ID), version).String()
	}
	ctx, cancel := context.WithTimeout(t.Context(), importTime)
	defer cancel()
	version, err := d.uploadVersion(ctx, uuid.MustParse(template.OrganizationID), kind, map[string]any{"template_id": template.ID, "name": name})
	if err != nil {
		t.Fatalf("uploading version %s of template %s: %v", name, template.Name, err)
	}
	return version.String()
}

// Publish gives a template another version, of a kind and with a name, makes it
// the active one, and returns its id.
func (d *Deployment) Publish(t *testing.T, template Template, kind Kind, name string) string {
	t.Helper()
	version := d.AddVersion(t, template, kind, name)
	if d.Fake != nil {
		d.Fake.PromoteVersion(uuid.MustParse(version))
		return version
	}
	err := d.request(t.Context(), http.MethodPatch, "templates/"+template.ID+"/versions", "application/json", jsonBody(map[string]any{"id": version}), nil)
	if err != nil {
		t.Fatalf("publishing version %s of template %s: %v", name, template.Name, err)
	}
	return version
}

func fakeTemplate(t *testing.T, kind Kind) codertest.Template {
	t.Helper()
	switch kind {
	case Basic:
		return codertest.BasicTemplate()
	case Failing:
		return codertest.FailingTemplate()
	case Slow:
		return codertest.SlowTemplate()
	case Required:
		return codertest.RequiredTemplate()
	default:
		t.Fatalf("there is no standard template %q", kind)
		return codertest.Template{}
	}
}

// RenamesAllowed tells whether the deployment lets workspaces be renamed, which
// only a workspace tells: one is made of the template, and deleted again.
func (d *Deployment) RenamesAllowed(t *testing.T, template Template) bool {
	t.Helper()
	workspace, err := d.Client.CreateWorkspace(t.Context(), uuid.MustParse(template.OrganizationID), coder.Me,
		coder.CreateWorkspaceRequest{Name: Name(t, "renames"), TemplateID: uuid.MustParse(template.ID)})
	if err != nil {
		t.Fatalf("making a workspace to ask about renames: %v", err)
	}
	wait := func(build *coder.WorkspaceBuild) {
		if _, err := d.Client.WaitForBuild(t.Context(), workspace.ID, build.ID, nil); err != nil {
			t.Fatalf("waiting for its %s build: %v", build.Transition, err)
		}
	}
	wait(&workspace.LatestBuild)
	gone, err := d.Client.CreateBuild(t.Context(), workspace.ID, coder.CreateBuildRequest{Transition: coder.TransitionDelete})
	if err != nil {
		t.Fatalf("deleting it: %v", err)
	}
	wait(gone)
	return workspace.RenamesAllowed()
}
