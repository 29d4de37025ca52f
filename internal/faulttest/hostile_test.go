package faulttest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// evil would change what a terminal shows: colours, the title, a line above, the
// direction of writing.
const evil = "\x1b[2J\x1b[1;31mred\x1b]0;title\x07\u202ereversed\u009b5A\r\x00"

// deceptive finds what is left of it.
var deceptive = regexp.MustCompile("[\x00-\x08\x0b-\x1f\x7f\u0080-\u009f\u202a-\u202e\u2066-\u2069]")

// hostile are answers that want to do harm.
func hostile() []misfortune {
	quoted, _ := json.Marshal(evil) // a string always can
	escaped := strings.Trim(string(quoted), `"`)
	return []misfortune{
		{name: "hostile words", fault: refusal(http.StatusBadRequest, fmt.Sprintf(`{"message":"m%[1]s","detail":"d%[1]s","validations":[{"field":"name%[1]s","detail":"v%[1]s"}]}`, escaped))},
		{name: "hostile text", fault: page(http.StatusBadRequest, plain, evil)},
		{name: "deep JSON", fault: refusal(http.StatusOK, `{"latest_build":`+strings.Repeat("[", 100_000))},
	}
}

// TestHostileServer_words has a template whose builds fail with words that would
// deceive a terminal.
func TestHostileServer_words(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			inBubble(t, codertest.Options{Version: version}, func(ctx context.Context, s *scene) {
				template := codertest.BasicTemplate()
				template.Name, template.DisplayName, template.Icon = "evil"+evil, evil, evil
				template.Version.Name = evil
				template.Version.Fail = func(string, map[string]string) string { return evil + "\nlog " + evil }
				id := s.fake.AddTemplate(template).ID.String()
				config := s.config(object{"template_id": id})
				for _, out := range []*outcome{s.apply(ctx, config), s.refresh(ctx), s.apply(ctx, config), s.apply(ctx, nil)} {
					if at := deceptive.FindString(out.String()); at != "" {
						t.Errorf("%q in %q", at, out)
					}
					if len(out.broken) > 0 {
						t.Errorf("%s", out)
					}
				}
			})
		})
	}
}

// Nor may the words about agents.
func TestHostileServer_agents(t *testing.T) {
	t.Parallel()
	inBubble(t, codertest.Options{}, func(ctx context.Context, s *scene) {
		s.must(ctx, s.config(nil))
		time.AfterFunc(time.Minute, func() { s.fake.SetAgents(s.live()[0].ID, evil, "start_error") })
		out := s.apply(ctx, s.config(object{"wait_for_agents": true, "parameters": object{"cpu": "3"}}))
		if at := deceptive.FindString(out.String()); at != "" || !strings.Contains(out.String(), "Agent failed to become ready") {
			t.Errorf("%q in %q", at, out)
		}
	})
}

// A build that never ends costs the time limit, nothing else, and the next
// command goes on from there.
func TestHostileServer_endlessBuild(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			inBubble(t, codertest.Options{Version: version}, func(ctx context.Context, s *scene) {
				slow := false
				template := codertest.BasicTemplate()
				template.Version.BuildTime = func(string, map[string]string) time.Duration {
					if slow {
						return 24 * time.Hour
					}
					return time.Second
				}
				config := s.config(object{"template_id": s.fake.AddTemplate(template).ID.String()})
				s.must(ctx, config)
				id := s.state.id()

				slow = true
				config["parameters"] = object{"cpu": "7"}
				for name, wanted := range map[string]object{"update": config, "delete": nil} {
					begun := time.Now()
					out := s.apply(ctx, wanted)
					if took := time.Since(begun); len(out.errors) != 1 || took > 25*time.Minute {
						t.Errorf("%s took %s: %s", name, took, out)
					}
					if s.state.id() != id || s.state.tainted {
						t.Errorf("after the %s the state holds %+v", name, s.state)
					}
				}
				slow = false
				s.fake.Advance(48 * time.Hour)
				s.must(ctx, nil)
				if left := s.live(); len(left) > 0 {
					t.Errorf("left: %v", ids(left))
				}
			})
		})
	}
}
