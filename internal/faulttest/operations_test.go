package faulttest_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// operation is one thing that people do with the provider.
type operation struct {
	name string
	// newest says that only servers of the newer end of the range can do it.
	newest bool
	// arrange prepares the scene, without faults. It returns the configuration
	// that must hold in the end; nil is that of a destroy.
	arrange func(ctx context.Context, s *scene) object
	// act does it, once, while something goes wrong.
	act  func(ctx context.Context, s *scene, config object) *outcome
	kind kind
	// repair, when set, changes the configuration for the apply afterwards.
	repair func(config object)
}

// kind says what becomes of the workspace.
type kind int

const (
	keeping kind = iota // it is there before and after
	creating
	deleting
	importing // it is there, but not in the state
	reading   // nothing is changed
)

func apply(ctx context.Context, s *scene, config object) *outcome { return s.apply(ctx, config) }

func refresh(ctx context.Context, s *scene, _ object) *outcome { return s.refresh(ctx) }

func importBy(id func(s *scene) string) func(ctx context.Context, s *scene, _ object) *outcome {
	return func(ctx context.Context, s *scene, _ object) *outcome { return s.importID(ctx, id(s)) }
}

func read(typeName string, config func(s *scene) object) func(ctx context.Context, s *scene, _ object) *outcome {
	return func(ctx context.Context, s *scene, _ object) *outcome {
		var out *outcome
		s.result, out = s.read(ctx, typeName, config(s))
		return out
	}
}

// operations are the rows of the fault table.
var operations = []operation{
	{
		name: "create", kind: creating, act: apply,
		arrange: func(_ context.Context, s *scene) object {
			return s.config(object{"ttl_ms": 0, "autostart_schedule": "CRON_TZ=Europe/Berlin 30 9 * * 1-5"})
		},
	},
	{
		name: "create, streams refused", kind: creating, act: apply,
		arrange: func(_ context.Context, s *scene) object {
			s.fake.AddFault(codertest.Fault{Method: http.MethodGet, Route: "/workspaces/{workspace}/watch", Status: http.StatusNotImplemented, Body: `{"message":"no streams"}`})
			return s.config(nil)
		},
	},
	{
		name: "create with a deadline", kind: creating, act: apply,
		arrange: func(_ context.Context, s *scene) object {
			return s.config(object{"ttl_ms": 8 * time.Hour.Milliseconds(), "deadline": inFuture(100 * time.Hour)})
		},
	},
	{
		name: "create stopped", kind: creating, act: apply,
		arrange: func(_ context.Context, s *scene) object { return s.config(object{"desired_status": "stopped"}) },
	},
	{
		name: "create from preset and version", kind: creating, newest: true, act: apply,
		arrange: func(_ context.Context, s *scene) object {
			version := s.basic.ActiveVersionID
			s.fake.PublishVersion(s.basic.ID, codertest.BasicTemplate().Version)
			return s.config(object{"preset": "Large", "template_version_id": version.String(), "parameters": nil})
		},
	},
	{
		name: "create, build fails", kind: creating, act: apply,
		arrange: func(_ context.Context, s *scene) object {
			return s.config(object{"template_id": s.failing.ID.String(), "parameters": object{"fail_at": "apply"}})
		},
		repair: func(config object) { config["parameters"] = object{"fail_at": "never"} },
	},
	{
		name: "refresh", act: refresh,
		arrange: func(ctx context.Context, s *scene) object {
			config := s.config(nil)
			s.must(ctx, config)
			s.build(ctx, coder.CreateBuildRequest{Transition: coder.TransitionStop, RichParameterValues: []coder.BuildParameter{{Name: "cpu", Value: "7"}}})
			return config
		},
	},
	{
		name: "update settings", act: apply,
		arrange: func(ctx context.Context, s *scene) object {
			s.must(ctx, s.config(object{"ttl_ms": 8 * time.Hour.Milliseconds()}))
			config := s.config(object{
				"name": "renamed", "ttl_ms": 9 * time.Hour.Milliseconds(), "autostart_schedule": "30 9 * * 1-5", "deadline": inFuture(100 * time.Hour),
			})
			if s.newest() {
				config["automatic_updates"] = "always"
			}
			return config
		},
	},
	{
		name: "update with a build", act: apply,
		arrange: func(ctx context.Context, s *scene) object {
			s.must(ctx, s.config(nil))
			version := s.fake.PublishVersion(s.basic.ID, codertest.BasicTemplate().Version)
			return s.config(object{"template_version_id": version.String(), "parameters": object{"cpu": "6"}})
		},
	},
	{
		name: "update takes the TTL back", act: apply,
		arrange: func(ctx context.Context, s *scene) object {
			s.must(ctx, s.config(object{"ttl_ms": 8 * time.Hour.Milliseconds()}))
			return s.config(nil)
		},
	},
	{
		name: "start a dormant one", newest: true, act: apply,
		arrange: func(ctx context.Context, s *scene) object {
			config := s.config(object{"desired_status": "running"})
			s.must(ctx, config)
			s.build(ctx, coder.CreateBuildRequest{Transition: coder.TransitionStop})
			s.sleep(ctx)
			return config
		},
	},
	{
		name: "delete", kind: deleting, act: apply,
		arrange: func(ctx context.Context, s *scene) object {
			s.must(ctx, s.config(nil))
			return nil
		},
	},
	{
		name: "delete in the queue", kind: deleting, act: apply,
		arrange: func(ctx context.Context, s *scene) object {
			s.must(ctx, s.config(nil))
			s.build(ctx, coder.CreateBuildRequest{Transition: coder.TransitionStop})
			s.fake.HoldBuilds(true)
			if _, err := s.byHand().CreateBuild(ctx, uuid.MustParse(s.state.id()), coder.CreateBuildRequest{Transition: coder.TransitionStart}); err != nil {
				s.t.Fatal(err)
			}
			time.AfterFunc(20*time.Second, func() { s.fake.HoldBuilds(false) })
			return nil
		},
	},
	{
		name: "delete, then orphan", kind: deleting, act: apply,
		arrange: func(ctx context.Context, s *scene) object {
			s.must(ctx, s.config(object{"template_id": s.failing.ID.String(), "parameters": object{"fail_at": "delete"}, "orphan_on_destroy": true}))
			return nil
		},
	},
	{
		name: "import by id", kind: importing,
		arrange: func(ctx context.Context, s *scene) object { return s.forgotten(ctx) },
		act:     importBy(func(s *scene) string { return s.live()[0].ID.String() }),
	},
	{
		name: "import by name", kind: importing,
		arrange: func(ctx context.Context, s *scene) object { return s.forgotten(ctx) },
		act:     importBy(func(*scene) string { return "admin/dev" }),
	},
	{
		name: "read workspaces", kind: reading, arrange: present,
		act: read("coderws_workspaces", func(*scene) object { return object{"owner": "me"} }),
	},
	{
		name: "read a workspace by name", kind: reading, arrange: present,
		act: read("coderws_workspace", func(*scene) object { return object{"name": "dev"} }),
	},
	{
		name: "read a workspace by id", kind: reading, arrange: present,
		act: read("coderws_workspace", func(s *scene) object { return object{"id": s.state.id()} }),
	},
	{
		name: "read a template by name", kind: reading, arrange: present,
		act: read("coderws_template", func(s *scene) object { return object{"name": s.basic.Name, "include_versions": true} }),
	},
}

// present makes a workspace.
func present(ctx context.Context, s *scene) object {
	config := s.config(nil)
	s.must(ctx, config)
	return config
}

// config is the configuration of a workspace; more overrides or adds.
func (s *scene) config(more object) object {
	config := object{"name": "dev", "template_id": s.basic.ID.String(), "parameters": object{"cpu": "4"}}
	for name, value := range more {
		config[name] = value
	}
	return config
}

// forgotten makes a workspace that Terraform does not know.
func (s *scene) forgotten(ctx context.Context) object {
	config := present(ctx, s)
	s.state = nil
	return config
}

// build runs a build beside Terraform.
func (s *scene) build(ctx context.Context, req coder.CreateBuildRequest) {
	s.t.Helper()
	client, id := s.byHand(), uuid.MustParse(s.state.id())
	build, err := client.CreateBuild(ctx, id, req)
	if err == nil {
		_, err = client.WaitForBuild(ctx, id, build.ID, nil)
	}
	if err != nil {
		s.t.Fatalf("building by hand: %v", err)
	}
}

// sleep makes the workspace dormant.
func (s *scene) sleep(ctx context.Context) {
	s.t.Helper()
	body := `{"dormant":true}`
	if err := s.put(ctx, "/api/v2/workspaces/"+s.state.id()+"/dormant", body); err != nil {
		s.t.Fatal(err)
	}
}

func inFuture(d time.Duration) string {
	return time.Now().Add(d).UTC().Format(time.RFC3339)
}

func mustURL(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
