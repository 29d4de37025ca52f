package lifecycle_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// stage is a deployment with a workspace, and what Terraform does with it.
type stage struct {
	t    *testing.T
	fake *codertest.Deployment
	life *lifecycle.Lifecycle
	dial dial

	template  codertest.TemplateInfo
	next      uuid.UUID // a second version, which has no other parameters
	workspace uuid.UUID
	// have is the state: what was there at the end of the last run, and what
	// was remembered.
	have lifecycle.Have
}

// setting is what kind of deployment there is.
type setting struct {
	version string // of the server; "" is the newest
	classic bool
}

// settings are both ends of the range of servers, and both parameter flows.
var settings = map[string]setting{"seed": {version: "seed"}, "newest": {}, "newest, classic parameter flow": {classic: true}}

// buildTime is how long a build takes.
const buildTime = 4 * time.Second

// onStage runs a test in a bubble of virtual time. The workspace "one" of admin,
// whose token it is, runs with the values region eu-west, cpu 2 and gpu false.
func onStage(t *testing.T, s setting, body func(ctx context.Context, s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		fake := codertest.New(codertest.Options{Version: s.version, BuildTime: buildTime})
		accepted, closed := make(chan net.Conn), make(chan struct{})
		server := &http.Server{Handler: fake}
		go func() { _ = server.Serve(&listener{accepted: accepted, closed: closed}) }()
		stage := &stage{t: t, fake: fake, dial: dial{accepted, closed}}
		stage.life = &lifecycle.Lifecycle{Client: stage.client(fake.Token())}

		template := codertest.BasicTemplate()
		template.ClassicParameterFlow, template.AllowUserCancel = s.classic, true
		template.Version = stageVersion("v1")
		stage.template = fake.AddTemplate(template)
		stage.next = fake.UploadVersion(stage.template.ID, stageVersion("v2"))
		stage.workspace = fake.CreateWorkspace("admin", "one", stage.template.ID, nil)
		stage.have.ID = stage.workspace

		body(t.Context(), stage)

		fake.Close()
		<-time.After(time.Minute) // longer than unused connections are kept
		_ = server.Close()
		synctest.Wait()
	})
}

// stageVersion fails its start with 7 CPUs.
func stageVersion(name string) codertest.TemplateVersion {
	v := codertest.BasicTemplate().Version
	v.Name = name
	v.Presets = []codertest.Preset{
		{Name: "Small", Parameters: map[string]string{"cpu": "1"}},
		{Name: "Large", Parameters: map[string]string{"cpu": "8", "gpu": "true"}},
		{Name: "Abroad", Parameters: map[string]string{"region": "us-east"}},
	}
	v.Fail = func(transition string, parameters map[string]string) string {
		if transition == "start" && parameters["cpu"] == "7" {
			return codertest.ApplyFailed
		}
		return ""
	}
	return v
}

// dial and listener are a network within the process: waiting for it counts as
// waiting in a bubble, which the real network does not.
type dial struct {
	accepted chan net.Conn
	closed   chan struct{}
}

func (d dial) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case d.accepted <- far:
		return near, nil
	case <-d.closed:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type listener struct {
	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

// Accept implements [net.Listener].
func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.accepted:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements [net.Listener].
func (l *listener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// client is a client with a token.
func (s *stage) client(token string) *coder.Client {
	return coder.New(coder.Config{URL: &url.URL{Scheme: "http", Host: "localhost"}, Token: token, Dial: s.dial.dial})
}

// wanted is a configuration of which no more is set than has to be.
func (s *stage) wanted() lifecycle.Want {
	return lifecycle.Want{
		Name: lifecycle.Value("one"), TemplateID: lifecycle.Value(s.template.ID), Schedule: lifecycle.Value(""),
		Parameters: lifecycle.Values{Known: map[string]string{}}, Ephemeral: lifecycle.Values{Known: map[string]string{}},
	}
}

// is is the workspace as the deployment has it.
func (s *stage) is() codertest.Workspace {
	s.t.Helper()
	all := s.fake.Workspaces()
	i := slices.IndexFunc(all, func(w codertest.Workspace) bool { return w.ID == s.workspace })
	if i < 0 {
		s.t.Fatal("there is no such workspace")
	}
	return all[i]
}

// refresh brings the state up to date, as Terraform does before a plan.
func (s *stage) refresh(ctx context.Context) {
	s.t.Helper()
	look := &lifecycle.Run{Want: lifecycle.Want{}, Have: s.have}
	look.Have.Fresh, look.Have.Unfinished = nil, nil
	if err := s.life.Run(ctx, look); err != nil {
		s.t.Fatalf("refresh: %v", err)
	}
	before := s.have
	s.have = look.Have
	s.have.Fresh, s.have.Applying, s.have.Identified = nil, false, false
	s.have.Preset, s.have.EphemeralVersion, s.have.Deadline, s.have.Unfinished = before.Preset, before.EphemeralVersion, before.Deadline, before.Unfinished
}

// plan is what a plan decides.
func (s *stage) plan(ctx context.Context, want lifecycle.Want) lifecycle.Decision {
	s.t.Helper()
	s.refresh(ctx)
	have := s.have
	d, err := s.life.Decide(ctx, want, &have, lifecycle.Facts{})
	if err != nil {
		s.t.Fatalf("plan: %v", err)
	}
	return d
}

// apply does what is to be done, and keeps the state.
func (s *stage) apply(ctx context.Context, want lifecycle.Want, allowed lifecycle.Change) (*lifecycle.Run, error) {
	s.t.Helper()
	run := &lifecycle.Run{Want: want, Have: s.have, Allowed: allowed}
	err := s.life.Run(ctx, run)
	s.have = run.Have
	s.have.Fresh, s.have.Applying, s.have.Identified = nil, false, false
	if run.Have.Fresh != nil && !want.Deleted {
		s.isTrue(&run.Have)
	}
	return run, err
}

// isTrue looks whether what a run says is so, however it has ended.
func (s *stage) isTrue(have *lifecycle.Have) {
	s.t.Helper()
	is := s.is()
	if have.Build.Number != int64(is.BuildNumber) {
		return // somebody has built since
	}
	if have.Name != is.Name || have.Build.VersionID != is.VersionID {
		s.t.Errorf("it is called %q, with version %s; the state says %q, %s", is.Name, is.VersionID, have.Name, have.Build.VersionID)
	}
	if !contains(is.Parameters, have.Parameters) {
		s.t.Errorf("its values are %v; the state says %v", is.Parameters, have.Parameters)
	}
	if is.TTLMillis != nil && *is.TTLMillis != have.TTL || is.TTLMillis == nil && have.TTL != 0 {
		s.t.Errorf("its TTL is %v; the state says %d", is.TTLMillis, have.TTL)
	}
	ended := string(have.Build.Status)
	if !isActive(have.Build.Status) && ended != is.Status && ended != string(coder.StatusCanceled) {
		s.t.Errorf("it is %s; the state says %s", is.Status, ended)
	}
}

// must applies what is wanted. It ends the test when that fails.
func (s *stage) must(ctx context.Context, want lifecycle.Want) *lifecycle.Run {
	s.t.Helper()
	run, err := s.apply(ctx, want, lifecycle.ChangeAll)
	if err != nil {
		s.t.Fatalf("%v, after %v", err, stepNames(run.Done))
	}
	return run
}

// settles tells whether nothing is left to do for what is wanted, neither by
// the state nor by a look at the workspace.
func (s *stage) settles(ctx context.Context, want lifecycle.Want) {
	s.t.Helper()
	have := s.have
	d, err := s.life.Decide(ctx, want, &have, lifecycle.Facts{})
	if err != nil || len(d.Steps) > 0 || refused(&d) || len(d.Replace) > 0 {
		s.t.Errorf("by the state is left to do: %v %q %v %v", stepNames(d.Steps), errorsOf(&d), d.Replace, err)
	}
	if d := s.plan(ctx, want); len(d.Steps) > 0 || refused(&d) || len(d.Replace) > 0 {
		s.t.Errorf("after a refresh is left to do: %v %q %v", stepNames(d.Steps), errorsOf(&d), d.Replace)
	}
}

// writes are the requests since the last reset that change something, as
// "METHOD route".
func (s *stage) writes() []string {
	var list []string
	for _, request := range s.fake.Requests() {
		isQuestion := request.Route == "/templateversions/{templateversion}/dynamic-parameters/evaluate" || request.Route == "/authcheck"
		if request.Method != http.MethodGet && !isQuestion {
			list = append(list, request.Method+" "+request.Route)
		}
	}
	return list
}

// Routes that tests look at.
const (
	routeBuilds = "/workspaces/{workspace}/builds"
	postBuild   = "POST " + routeBuilds
)

// asError finds an error of a type or ends the test.
func asError[E error](t *testing.T, err error) E {
	t.Helper()
	var found E
	if !errors.As(err, &found) {
		t.Fatalf("error is %T %v, want a %T", err, err, found)
	}
	return found
}

// builds are the transitions of the workspace's builds, the oldest first, without
// that of its creation.
func (s *stage) builds(ctx context.Context) []coder.Transition {
	s.t.Helper()
	all, err := s.life.Client.Builds(ctx, s.workspace, time.Time{})
	if err != nil {
		s.t.Fatal(err)
	}
	var list []coder.Transition
	for _, build := range slices.Backward(all) {
		list = append(list, build.Transition)
	}
	return list[1:]
}

// stop has the workspace stopped, by somebody.
func (s *stage) stop() {
	s.t.Helper()
	if _, err := s.fake.Build(s.workspace, "admin", "stop", codertest.BuildRequest{}); err != nil {
		s.t.Fatal(err)
	}
	s.pass(2 * buildTime)
}

// pass lets time pass.
func (s *stage) pass(d time.Duration) { <-time.After(d) }
