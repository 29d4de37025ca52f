package codertest_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// Every spelling of a schedule is answered as by a real server.
func TestAutostartSpellings(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/schedules-v2.35.1.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	across(t, codertest.Options{BuildTime: time.Second}, []string{"v2.35.1"}, func(t *testing.T, c *client) {
		id := c.create(t, "w", c.d.AddTemplate(codertest.BasicTemplate()), "")
		for line := range strings.Lines(string(data)) {
			var recorded struct {
				Schedule string `json:"schedule"`
				Status   int    `json:"status"`
				Message  string `json:"message"`
				Detail   string `json:"detail"`
			}
			if err := json.Unmarshal([]byte(line), &recorded); err != nil {
				t.Fatal(err)
			}
			const before = "0 0 * * 0"
			c.send("PUT", "/workspaces/"+id+"/autostart", `{"schedule":"`+before+`"}`)
			body, _ := json.Marshal(map[string]string{"schedule": recorded.Schedule})
			a := c.send("PUT", "/workspaces/"+id+"/autostart", string(body))
			kept := map[bool]any{true: recorded.Schedule, false: before}[recorded.Status == 204]
			if kept == "" {
				kept = nil
			}
			want(t, recorded.Schedule, a.status, recorded.Status)
			want(t, recorded.Schedule+", kept", c.send("GET", "/workspaces/"+id, "").get("autostart_schedule"), kept)
			if recorded.Status != 204 {
				want(t, recorded.Schedule+", message", a.get("message"), any(recorded.Message))
				detail, _ := a.get("validations", 0, "detail").(string)
				want(t, recorded.Schedule+", detail", detail, recorded.Detail)
			}
			pass(time.Second) // the limit of requests
		}
	})
}
