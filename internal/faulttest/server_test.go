package faulttest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// TestAddresses runs a workspace's life at addresses of all kinds.
func TestAddresses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ url, dialed, prefix string }{
		"port":               {"http://localhost:7080", "localhost:7080", ""},
		"trailing slash":     {"http://localhost/", "localhost:80", ""},
		"path prefix":        {"http://localhost/dev/coder", "localhost:80", "/dev/coder"},
		"path prefix, slash": {"http://localhost/dev/coder/", "localhost:80", "/dev/coder"},
		"IPv6":               {"http://[::1]", "[::1]:80", ""},
		"IPv6, port, prefix": {"http://[::1]:65535/coder", "[::1]:65535", "/coder"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, codertest.Options{}, func(ctx context.Context, s *scene) {
				s.settings["url"] = tt.url
				s.answerBy(http.StripPrefix(tt.prefix, s.fake))
				config := s.config(nil)
				s.must(ctx, config)
				if out := s.plan(ctx, config); out.action != "no-op" || len(out.warnings) > 0 {
					t.Error(out)
				}
				s.must(ctx, nil)
				if dialed := s.network.addresses(); len(dialed) != 1 || dialed[0] != tt.dialed {
					t.Errorf("dialed %v, want %s", dialed, tt.dialed)
				}
			})
		})
	}
}

// TestOldServer wants what the server is too old for: the error comes before
// anything is changed, and names the version that can do it.
func TestOldServer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		version string
		more    func(s *scene) object
		words   string
		update  bool // also refused of an existing workspace
	}{
		"automatic updates":              {"seed", func(*scene) object { return object{"automatic_updates": "always"} }, "need Coder 2.3", true},
		"automatic updates, just before": {"v2.2.4", func(*scene) object { return object{"automatic_updates": "always"} }, "need Coder 2.3", true},
		"preset":                         {"seed", func(*scene) object { return object{"preset": "Large", "parameters": nil} }, "2.22", true},
		"version": {"seed", func(s *scene) object {
			version := s.fake.PublishVersion(s.basic.ID, codertest.BasicTemplate().Version)
			s.fake.PublishVersion(s.basic.ID, codertest.BasicTemplate().Version)
			return object{"template_version_id": version.String()}
		}, "needs Coder 2.2", false},
		"long TTL": {"seed", func(*scene) object { return object{"ttl_ms": int64(8 * 24 * 60 * 60 * 1000)} }, "need Coder 0.27", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, codertest.Options{Version: tt.version}, func(ctx context.Context, s *scene) {
				refused := func(config object) {
					t.Helper()
					s.fake.ResetRequests()
					out := s.apply(ctx, config)
					if text := out.String(); len(out.errors) == 0 || !strings.Contains(text, tt.words) {
						t.Errorf("%q is missing: %s", tt.words, text)
					}
					for _, call := range s.calls() {
						if !strings.HasPrefix(call, "GET ") {
							t.Errorf("%s was sent all the same", call)
						}
					}
				}
				wanted := s.config(tt.more(s))
				refused(wanted)
				s.must(ctx, s.config(nil))
				if tt.update {
					refused(wanted)
				}
			})
		})
	}
}

// TestDelete_mayNot has a token that may read a workspace and not delete it:
// Coder answers 404 until 2.19, 403 since. The workspace stays in the state.
func TestDelete_mayNot(t *testing.T) {
	t.Parallel()
	for _, version := range append([]string{"v2.19.0", "v2.20.0"}, acctest.Versions...) {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			inBubble(t, codertest.Options{Version: version}, func(ctx context.Context, s *scene) {
				s.must(ctx, s.config(nil))
				id, owner := s.state.id(), s.settings["token"]
				s.settings["token"] = s.fake.AddTemplateAdmin("reader").Token
				if out := s.apply(ctx, nil); len(out.errors) == 0 || s.state.id() != id {
					t.Errorf("the state holds %q: %s", s.state.id(), out)
				}
				s.settings["token"] = owner
				s.must(ctx, nil)
				if left := s.live(); len(left) > 0 {
					t.Errorf("left: %v", ids(left))
				}
			})
		})
	}
}

// TestUpdate_startOfOthers wants a workspace to run that somebody else is just
// starting, which fails: no apply says that it runs.
func TestUpdate_startOfOthers(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			inBubble(t, codertest.Options{Version: version, BuildTime: buildTime}, func(ctx context.Context, s *scene) {
				s.must(ctx, s.config(nil))
				s.build(ctx, coder.CreateBuildRequest{Transition: coder.TransitionStop})
				id := s.live()[0].ID
				if _, err := s.fake.Build(id, "admin", "start", codertest.BuildRequest{}); err != nil {
					t.Fatal(err)
				}
				time.AfterFunc(buildTime/2, func() { s.fake.FailActiveBuild(id, "the machine is broken") })
				config := s.config(object{"desired_status": "running"})
				if out := s.apply(ctx, config); !out.failed() {
					t.Errorf("the workspace is %s: %s", s.live()[0].Status, out)
				}
				s.must(ctx, config)
				if status := s.live()[0].Status; status != "running" {
					t.Errorf("in the end the workspace is %s", status)
				}
			})
		})
	}
}

// TestCreate_lostForGood loses the answer to the create request, and then the
// workspace cannot be looked for either. The user learns that it is not known
// whether it was made; the next apply says that it is there and how to take it
// over, and that works.
func TestCreate_lostForGood(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			for i, what := range misfortunes {
				if what.fault.Spoil == codertest.Endless || !*soak && i%5 > 0 {
					continue
				}
				inBubble(t, codertest.Options{Version: version}, func(ctx context.Context, s *scene) {
					config := s.config(nil)
					s.fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: "/organizations/{organization}/members/{user}/workspaces", DropAfter: true})
					lookUp := what.fault
					lookUp.Method, lookUp.Route = http.MethodGet, "/users/{user}/workspace/{workspacename}"
					s.fake.AddFault(lookUp)
					out := s.apply(ctx, config)
					if s.state != nil || !strings.Contains(out.String(), "not known whether") {
						t.Errorf("%s: the state holds %q: %s", what.name, s.state.id(), out)
					}
					s.fake.ClearFaults()
					if out := s.apply(ctx, config); s.state != nil || !strings.Contains(out.String(), "terraform import coderws_workspace.") {
						t.Errorf("%s: the next apply: %s", what.name, out)
					}
					if out := s.importID(ctx, "me/dev"); out.failed() {
						t.Errorf("%s: the import: %s", what.name, out)
					}
					if out := s.apply(ctx, config); out.failed() || len(s.live()) != 1 {
						t.Errorf("%s: the last apply: %s", what.name, out)
					}
				})
			}
		})
	}
}

// TestInterrupt stops the provider at every request of a create, an update and
// a delete. It has to end soon and leave nothing running, which the bubble
// sees, and the next apply goes on.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		for _, name := range []string{"create", "update with a build", "delete"} {
			t.Run(version+"/"+name, func(t *testing.T) {
				t.Parallel()
				for at, more := 0, true; more; at++ {
					more = interruptAt(t, version, name, at)
				}
			})
		}
	}
}

// interruptAt interrupts an operation at one of its requests; false when it has
// no so many.
func interruptAt(t *testing.T, version, name string, at int) (more bool) {
	t.Helper()
	var op operation
	for _, candidate := range operations {
		if candidate.name == name {
			op = candidate
		}
	}
	inBubble(t, codertest.Options{Version: version}, func(ctx context.Context, s *scene) {
		config := op.arrange(ctx, s)
		before := s.live()
		s.fake.AddFault(codertest.Fault{Skip: at, Times: 1, Before: func(*http.Request) { more = true; s.interrupt(ctx) }})
		problem := func(format string, arguments ...any) {
			t.Helper()
			t.Errorf("interrupted at request %d: "+format, append([]any{at + 1}, arguments...)...)
		}
		out := op.act(ctx, s, config)
		if len(out.broken) > 0 {
			problem("%s", out)
		}
		if checkAfterFault(s, op, out, before, problem) {
			problem("the workspace is lost: %s", out)
		}
		s.fake.ClearFaults()
		converge(ctx, s, op, place{}, misfortune{}, config, before, problem)
	})
	return more
}
