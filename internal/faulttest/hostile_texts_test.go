package faulttest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// hostileFields are the fields of answers that hold somebody's words, or a word
// of the server's that it might change one day.
var hostileFields = []string{
	"message", "detail", "summary", "error", "output", "stage", "log_level",
	"name", "Name", "display_name", "description", "deprecation_message",
	"username", "owner_name", "workspace_name", "workspace_owner_name", "initiator_name", "organization_name",
	"template_name", "template_display_name", "template_version_name",
	"status", "transition", "lifecycle_state", "troubleshooting_url",
}

// evilHandler is a deployment that ends one field of every answer with evil.
func evilHandler(deployment http.Handler, field string, hits *atomic.Int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/watch") { // the events of which only cause reads
			http.NotFound(w, r)
			return
		}
		answer := httptest.NewRecorder()
		deployment.ServeHTTP(answer, r)
		maps.Copy(w.Header(), answer.Header())
		body := answer.Body.Bytes()
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		var content any
		if decoder.Decode(&content) == nil {
			body, _ = json.Marshal(spoiled(content, field, hits)) // it was JSON
			w.Header().Del("Content-Length")
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body) // the client may have left
	})
}

// spoiled is JSON with evil in every field of a name.
func spoiled(content any, field string, hits *atomic.Int64) any {
	switch content := content.(type) {
	case []any:
		for i := range content {
			content[i] = spoiled(content[i], field, hits)
		}
	case map[string]any:
		for name, value := range content {
			if text, ok := value.(string); ok && name == field {
				content[name] = text + evil
				hits.Add(1)
				continue
			}
			content[name] = spoiled(value, field, hits)
		}
	}
	return content
}

// Whoever's words are hostile, whatever is done: nothing that people get to see
// can deceive a terminal.
func TestHostileServer_everyField(t *testing.T) {
	t.Parallel()
	names := []string{
		"create", "create, build fails", "update with a build", "delete", "delete, then orphan", "import by name",
		"read workspaces", "read a workspace by name", "read a template by name",
	}
	for _, field := range hostileFields {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			var hits atomic.Int64
			for _, op := range operations {
				if !slices.Contains(names, op.name) {
					continue
				}
				inBubble(t, codertest.Options{}, func(ctx context.Context, s *scene) {
					var logged bytes.Buffer
					ctx = tflogtest.RootLogger(ctx, &logged)
					config := op.arrange(ctx, s)
					s.answerBy(evilHandler(s.fake, field, &hits))
					said := op.act(ctx, s, config).String()
					if config != nil && op.kind != reading && op.kind != importing {
						config["parameters"] = object{"cpu": "99", "nope": "1"}
						said += s.plan(ctx, config).String()
						config["template_id"], config["preset"] = s.state.id(), "none" // no template's
						said += s.plan(ctx, config).String()
					}
					s.answerBy(s.fake)
					if at := deceptive.FindString(said); at != "" {
						t.Errorf("%s: %q is said in %q", op.name, at, said)
					}
					checkLog(t, op.name, &logged)
				})
			}
			if hits.Load() == 0 {
				t.Errorf("no answer has a field %s", field)
			}
		})
	}
}

// checkLog looks through the log for what could deceive a terminal.
func checkLog(t *testing.T, what string, logged *bytes.Buffer) {
	t.Helper()
	entries, err := tflogtest.MultilineJSONDecode(logged)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if at := deceptive.FindString(fmt.Sprint(entry)); at != "" {
			t.Errorf("%s: a log line holds %q: %v", what, at, entry)
		}
	}
}
