package acctest_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// TestContract states what the provider relies on. It runs on the fakes and,
// with `make testacc`, on a real deployment: what holds there and not here is a
// mistake of the fake, what holds here and not there one of the provider.
func TestContract(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Slow)
		c := contract{Deployment: d, template: template, name: acctest.Name(t, "contract")}
		c.create(t)
		c.names(t)
		c.settings(t)
		c.builds(t)
		c.search(t)
		c.token(t)
		c.remove(t)
	})
}

// contract is one workspace and what is asked of it.
type contract struct {
	*acctest.Deployment

	template  acctest.Template
	name      string
	workspace *coder.Workspace
}

func (c *contract) request(name string) coder.CreateWorkspaceRequest {
	return coder.CreateWorkspaceRequest{
		Name: name, TemplateID: uuid.MustParse(c.template.ID),
		RichParameterValues: []coder.BuildParameter{{Name: "seconds", Value: "2"}},
	}
}

func (c *contract) post(t *testing.T, req coder.CreateWorkspaceRequest) (*coder.Workspace, error) {
	t.Helper()
	return c.Client.CreateWorkspace(t.Context(), uuid.MustParse(c.template.OrganizationID), coder.Me, req)
}

// refused checks that the server found a request wrong (400), and the field it
// named.
func refused(t *testing.T, what string, err error, field string) {
	t.Helper()
	refusal := as[*coder.Error](t, err)
	if refusal.Status != http.StatusBadRequest {
		t.Errorf("%s: %v, want status 400", what, err)
	}
	if field == "" {
		return
	}
	for _, validation := range refusal.Validations {
		if validation.Field == field {
			return
		}
	}
	t.Errorf("%s: %v is not about %s", what, err, field)
}

// wait waits for a build to end well.
func (c *contract) wait(t *testing.T, build *coder.WorkspaceBuild) {
	t.Helper()
	finished, err := c.Client.WaitForBuild(t.Context(), c.workspace.ID, build.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	if finished.Build.Job.Status != coder.JobSucceeded {
		t.Fatalf("the build ended as %s: %s", finished.Build.Job.Status, finished.Build.Job.Error)
	}
}

// create: the answer comes before anything runs, and while it runs there is no
// other build.
func (c *contract) create(t *testing.T) {
	t.Helper()
	begun := c.Client.ServerNow()
	created, err := c.post(t, c.request(c.name))
	if err != nil {
		t.Fatal(err)
	}
	c.workspace = created
	build := &created.LatestBuild
	if build.BuildNumber != 1 || build.Transition != coder.TransitionStart || build.Status != coder.StatusPending || build.Done() || !build.Deadline.IsZero() {
		t.Errorf("the first build is %+v", build)
	}
	if created.CreatedAt.Before(begun.Add(-2 * time.Second)) {
		t.Errorf("created at %s, asked for at %s", created.CreatedAt, begun)
	}
	_, err = c.Client.CreateBuild(t.Context(), created.ID, coder.CreateBuildRequest{Transition: coder.TransitionStop})
	if coder.KindOf(err) != coder.BuildActive {
		t.Errorf("another build at the same time: %v", err)
	}
	c.wait(t, build)
}

// names: unique without regard to case, kept as they were given.
func (c *contract) names(t *testing.T) {
	t.Helper()
	if _, err := c.post(t, c.request(strings.ToUpper(c.name))); coder.KindOf(err) != coder.NameTaken {
		t.Errorf("the same name in upper case: %v", err)
	}
	_, err := c.post(t, c.request("no good name"))
	refused(t, "a bad name", err, "name")
	found, err := c.Client.WorkspaceByOwnerAndName(t.Context(), coder.Me, strings.ToUpper(c.name))
	if err != nil || found.ID != c.workspace.ID || found.Name != c.name {
		t.Errorf("by name: %+v, %v", found, err)
	}
	if _, err := c.Client.Workspace(t.Context(), uuid.New()); coder.KindOf(err) != coder.NotVisible {
		t.Errorf("an unknown id: %v", err)
	}
}

// settings: TTLs in whole minutes, schedules byte for byte, deadlines only
// where there is one.
func (c *contract) settings(t *testing.T) {
	t.Helper()
	id := c.workspace.ID
	ttl, short, schedule, wrong := int64(90_500), int64(59_999), "CRON_TZ=Europe/Berlin  30 9 * * 1-5", "30 9 1 * *"
	if err := c.Client.PutTTL(t.Context(), id, &ttl); err != nil {
		t.Error(err)
	}
	refused(t, "a short TTL", c.Client.PutTTL(t.Context(), id, &short), "ttl_ms")
	if err := c.Client.PutAutostart(t.Context(), id, &schedule); err != nil {
		t.Error(err)
	}
	refused(t, "a day of the month", c.Client.PutAutostart(t.Context(), id, &wrong), "schedule")
	if err := c.Client.PutExtend(t.Context(), id, time.Now().Add(2*time.Hour)); coder.KindOf(err) != coder.NoDeadline {
		t.Errorf("a deadline for a build that has none: %v", err)
	}
	read, err := c.Client.Workspace(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if read.TTLMillis == nil || *read.TTLMillis != 60_000 || read.AutostartSchedule == nil || *read.AutostartSchedule != schedule {
		t.Errorf("TTL %v, schedule %v", read.TTLMillis, read.AutostartSchedule)
	}
	if err := c.Client.PutTTL(t.Context(), id, nil); err != nil {
		t.Error(err)
	}
	if err := c.Client.PutAutostart(t.Context(), id, nil); err != nil {
		t.Error(err)
	}
}

// builds: parameters are complete and kept from build to build; what has ended
// cannot be cancelled; stopping what is stopped is one more build.
func (c *contract) builds(t *testing.T) {
	t.Helper()
	for number := int64(2); number <= 3; number++ {
		build, err := c.Client.CreateBuild(t.Context(), c.workspace.ID, coder.CreateBuildRequest{Transition: coder.TransitionStop})
		if err != nil {
			t.Fatal(err)
		}
		if build.BuildNumber != number {
			t.Errorf("build %d, want %d", build.BuildNumber, number)
		}
		c.wait(t, build)
		parameters, err := c.Client.BuildParameters(t.Context(), build.ID)
		if err != nil {
			t.Fatal(err)
		}
		values := map[string]string{}
		for _, parameter := range parameters {
			values[parameter.Name] = parameter.Value
		}
		if diff := cmp.Diff(map[string]string{"seconds": "2", "stop_seconds": "0"}, values); diff != "" {
			t.Error(diff)
		}
		refused(t, "cancelling what has ended", c.Client.CancelBuild(t.Context(), build.ID, false), "")
	}
}

// search finds the workspace by what it is, and not by what it is not.
func (c *contract) search(t *testing.T) {
	t.Helper()
	for what, tt := range map[string]struct {
		search coder.WorkspaceSearch
		finds  bool
	}{
		"a part of the name":   {coder.WorkspaceSearch{Name: c.name[3:12]}, true},
		"owner and template":   {coder.WorkspaceSearch{Owner: coder.Me, Template: strings.ToUpper(c.template.Name)}, true},
		"a part of a template": {coder.WorkspaceSearch{Template: c.template.Name[:len(c.template.Name)-1]}, false},
		"status":               {coder.WorkspaceSearch{Status: coder.StatusStopped, Name: c.name}, true},
		"another status":       {coder.WorkspaceSearch{Status: coder.StatusRunning, Name: c.name}, false},
		"its own grammar":      {coder.WorkspaceSearch{Query: "owner:me name:" + c.name}, true},
	} {
		list, err := c.Client.AllWorkspaces(t.Context(), tt.search)
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		found := false
		for _, w := range list {
			found = found || w.ID == c.workspace.ID
		}
		if found != tt.finds {
			t.Errorf("%s: found is %t among %d", what, found, len(list))
		}
	}
}

// token: a wrong one is told from everything else.
func (c *contract) token(t *testing.T) {
	t.Helper()
	target, err := url.Parse(c.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"", "nonsense", "abcdefghij-0123456789abcdefghijkl"} {
		stranger := coder.New(coder.Config{URL: target, Token: token})
		if _, err := stranger.Workspace(t.Context(), c.workspace.ID); coder.KindOf(err) != coder.Unauthorized {
			t.Errorf("token %q: %v", token, err)
		}
	}
}

// remove: by id 410, by name 404, its builds stay, its name is free.
func (c *contract) remove(t *testing.T) {
	t.Helper()
	build, err := c.Client.CreateBuild(t.Context(), c.workspace.ID, coder.CreateBuildRequest{Transition: coder.TransitionDelete})
	if err != nil {
		t.Fatal(err)
	}
	c.wait(t, build)
	if _, err := c.Client.Workspace(t.Context(), c.workspace.ID); coder.KindOf(err) != coder.Gone {
		t.Errorf("by id: %v", err)
	}
	if _, err := c.Client.WorkspaceByOwnerAndName(t.Context(), coder.Me, c.name); coder.KindOf(err) != coder.NotVisible {
		t.Errorf("by name: %v", err)
	}
	if read, err := c.Client.Build(t.Context(), build.ID); err != nil || read.Status != coder.StatusDeleted {
		t.Errorf("its last build: %+v, %v", read, err)
	}
	again, err := c.post(t, c.request(c.name))
	if err != nil {
		t.Fatalf("the name again: %v", err)
	}
	c.workspace = again
	c.wait(t, &again.LatestBuild)
	if build, err = c.Client.CreateBuild(t.Context(), again.ID, coder.CreateBuildRequest{Transition: coder.TransitionDelete}); err != nil {
		t.Fatal(err)
	}
	c.wait(t, build)
}

// as finds an error of type E in err or ends the test.
func as[E error](t *testing.T, err error) E {
	t.Helper()
	var found E
	if !errors.As(err, &found) {
		t.Fatalf("error is %T %v, want a %T", err, err, found)
	}
	return found
}
