package codertest_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// events reads an event stream: "ping", or what a data event says about the workspace.
func events(t *testing.T, stream string) []string {
	t.Helper()
	var list []string
	event := ""
	lines := bufio.NewScanner(strings.NewReader(stream))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		line := lines.Text()
		if name, isEvent := strings.CutPrefix(line, "event: "); isEvent {
			event = name
			if name == "ping" {
				list = append(list, name)
			}
			continue
		}
		data, isData := strings.CutPrefix(line, "data: ")
		if !isData || event != "data" {
			continue
		}
		var w struct {
			Name  string `json:"name"`
			Build struct {
				Number int    `json:"build_number"`
				Status string `json:"status"`
			} `json:"latest_build"`
		}
		if err := json.Unmarshal([]byte(data), &w); err != nil {
			t.Errorf("data line: %v", err)
		}
		list = append(list, fmt.Sprintf("%s %d %s", w.Name, w.Build.Number, w.Build.Status))
	}
	return list
}

// stream opens a watch; the function it returns closes it and tells what came.
func (c *client) stream(id string) func() string {
	r := httptest.NewRequestWithContext(c.ctx, "GET", "/api/v2/workspaces/"+id+"/watch", nil)
	r.Header.Set("Coder-Session-Token", c.token)
	w := httptest.NewRecorder()
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.d.ServeHTTP(w, r)
	}()
	synctest.Wait()
	return func() string {
		synctest.Wait()
		c.d.CloseWatches()
		<-done
		return w.Body.String()
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{BuildTime: 2 * time.Second}, func(t *testing.T, c *client) {
		tpl := c.d.AddTemplate(codertest.BasicTemplate())
		id := c.create(t, "w", tpl, `,"ttl_ms":3600000`)
		pass(3 * time.Second)
		workspace := uuid.MustParse(id)
		c.d.SetAgents(workspace, "connected", "ready")

		closeStream := c.stream(id)
		c.send("PUT", "/workspaces/"+id+"/ttl", `{"ttl_ms":7200000}`) // none of these three sends an event
		c.send("PUT", "/workspaces/"+id+"/autostart", `{"schedule":"0 9 * * *"}`)
		c.send("PUT", "/workspaces/"+id+"/autoupdates", `{"automatic_updates":"always"}`)
		c.send("PATCH", "/workspaces/"+id, `{"name":"w2"}`)
		c.send("PUT", "/workspaces/"+id+"/extend", fmt.Sprintf(`{"deadline":%q}`, c.d.Now().Add(3*time.Hour).Format(time.RFC3339)))
		c.d.SetAgents(workspace, "disconnected", "off")
		pass(16 * time.Second) // a ping
		c.send("POST", "/workspaces/"+id+"/builds", `{"transition":"delete"}`)
		pass(5 * time.Second)

		expected := []string{"ping", "w2 1 running", "w2 1 running", "w2 1 running", "ping", "w2 2 pending", "w2 2 deleting", "w2 2 deleted"}
		if !c.seed {
			expected = slices.Insert(expected, 1, "w 1 running") // the initial state
		}
		if diff := cmp.Diff(expected, events(t, closeStream())); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		want(t, "open streams", c.d.Watches(), 0)
	})
}

// TestWatchRecorded does what was done while real servers' streams were recorded, and compares the events. Servers send some
// twice and may be quicker than the event of a build that is still pending.
func TestWatchRecorded(t *testing.T) {
	t.Parallel()
	builds := func(transitions ...string) func(*client, string) {
		return func(c *client, id string) {
			for _, transition := range transitions {
				c.send("POST", "/workspaces/"+id+"/builds", fmt.Sprintf(`{"transition":%q}`, transition))
				pass(4 * time.Second)
			}
		}
	}
	for _, tt := range []struct {
		file, version, name string
		earlier             int // builds before the stream
		act                 func(*client, string)
	}{
		{"v2.35.1-watch-stop-start-delete.raw.txt", "v2.35.1", "pre6b03fcf3", 1, builds("stop", "start", "delete")},
		{"v2.35.1-watch-agent.raw.txt", "v2.35.1", "pre6b03fcf3", 1, func(c *client, id string) {
			c.d.SetAgents(uuid.MustParse(id), "connected", "ready")
		}},
		{"seed-watch-delete.raw.txt", "seed", "alpha3", 8, builds("delete")},
		{"seed-watch.raw.txt", "seed", "alpha", 6, func(c *client, id string) {
			c.send("PATCH", "/workspaces/"+id, `{"name":"alpha3"}`)
			c.send("PUT", "/workspaces/"+id+"/ttl", `{"ttl_ms":14400000}`)
			builds("stop", "start")(c, id)
		}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(filepath.Join("testdata", "recordings", tt.file))
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				d := codertest.New(codertest.Options{Version: tt.version, BuildTime: 2 * time.Second})
				defer d.Close()
				c := &client{ctx: t.Context(), d: d, token: d.Token(), seed: tt.version == "seed"}
				id := c.create(t, tt.name, d.AddTemplate(codertest.BasicTemplate()), "")
				pass(4 * time.Second)
				builds(slices.Repeat([]string{"start"}, tt.earlier-1)...)(c, id)
				closeStream := c.stream(id)
				tt.act(c, id)
				if diff := cmp.Diff(essence(events(t, string(content))), essence(events(t, closeStream()))); diff != "" {
					t.Errorf("events (-recorded +got):\n%s", diff)
				}
			})
		})
	}
}

// essence leaves out later pings, pending builds and repetitions.
func essence(list []string) []string {
	var short []string
	for i, e := range list {
		if i > 0 && e == "ping" || strings.HasSuffix(e, " pending") {
			continue
		}
		short = append(short, e)
	}
	return slices.Compact(short)
}
