package coder_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

const (
	seedVersion = "v0.24.1-devel+8dac0356e"
	newVersion  = "v2.35.1+8b44bd6"

	ping = "event: ping\n\n"
)

// buildBody is a start build number 3 as the server sends it.
func buildBody(id uuid.UUID, number int, status, job string, completed bool) string {
	at := ""
	if completed {
		at = `,"completed_at":"2030-01-01T00:00:00Z"`
	}
	return fmt.Sprintf(`{"id":%q,"workspace_id":%q,"build_number":%d,"transition":"start","status":%q,"job":{"status":%q%s}}`,
		id, workspaceID, number, status, job, at)
}

var (
	pending = buildBody(buildID, 3, "pending", "pending", false)
	running = buildBody(buildID, 3, "starting", "running", false)
	done    = buildBody(buildID, 3, "running", "succeeded", true)
	failed  = buildBody(buildID, 3, "failed", "failed", true)
	hung    = buildBody(buildID, 3, "failed", "failed", false) // the seed's 30-second rule
)

// data is a data event that shows a build as the latest one.
func data(build string) string {
	return fmt.Sprintf("event: data\ndata: {\"id\":%q,\"name\":\"dev\",\"latest_build\":%s}\n\n", workspaceID, build)
}

// deployment is a server in memory for one wait.
type deployment struct {
	t       *testing.T
	version string
	// watch answers the request for the event stream.
	watch wire
	// reads answers the requests for the build, the last one again and again.
	reads []wire

	started  time.Time
	mu       sync.Mutex // a new stream is opened while the build is read
	requests []string   // with the seconds since the beginning
	statuses []coder.Status
}

// stream sends chunks of an event stream; a duration among them is a pause.
// After the last one the stream stays open, or closes if that is "close".
func stream(chunks ...any) wire {
	return func(req *http.Request) (*http.Response, error) {
		reader, writer := io.Pipe()
		ctx := req.Context()
		context.AfterFunc(ctx, func() { _ = reader.CloseWithError(ctx.Err()) })
		go func() {
			for _, chunk := range chunks {
				switch chunk := chunk.(type) {
				case time.Duration:
					select {
					case <-ctx.Done():
					case <-time.After(chunk):
					}
				case string:
					if chunk == "close" {
						_ = writer.Close()
						return
					}
					if _, err := io.WriteString(writer, chunk); err != nil {
						return
					}
				}
			}
		}()
		resp := answer(req, 200, "", "Content-Type", "text/event-stream")
		resp.Body, resp.ContentLength = reader, -1
		return resp, nil
	}
}

// repeated is so many times the same chunks.
func repeated(n int, chunks ...any) []any {
	var all []any
	for range n {
		all = append(all, chunks...)
	}
	return all
}

func body(text string) wire {
	return func(req *http.Request) (*http.Response, error) { return answer(req, 200, text), nil }
}

func refused(status int, header ...string) wire {
	return func(req *http.Request) (*http.Response, error) {
		return answer(req, status, `{"message":"refused"}`, header...), nil
	}
}

// RoundTrip implements http.RoundTripper.
func (d *deployment) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	next := d.next(req)
	if next == nil {
		d.t.Errorf("request is %s", req.URL)
		return answer(req, 404, ""), nil
	}
	resp, err := next(req)
	if resp != nil && d.version != "" {
		resp.Header.Set("X-Coder-Build-Version", d.version)
	}
	return resp, err
}

// next is what answers a request, which is noted; nil when none was expected.
func (d *deployment) next(req *http.Request) (next wire) {
	d.mu.Lock()
	defer d.mu.Unlock()
	kind := ""
	switch req.URL.Path {
	case "/api/v2/workspaces/" + workspaceID.String() + "/watch":
		next, kind = d.watch, "watch"
		if got := req.Header.Get("Accept-Encoding"); got != "identity" {
			d.t.Errorf("encoding of the stream is %q", got)
		}
	case "/api/v2/workspacebuilds/" + buildID.String():
		next, kind = d.reads[0], "read"
		if len(d.reads) > 1 {
			d.reads = d.reads[1:]
		}
	}
	d.requests = append(d.requests, fmt.Sprintf("%s %.0f", kind, time.Since(d.started).Seconds()))
	return next
}

func (d *deployment) wait(ctx context.Context) (*coder.FinishedBuild, error) {
	d.started = time.Now()
	client := coder.NewWithTransport(coder.Config{URL: parse(d.t, "http://coder.test"), Token: token}, d)
	return client.WaitForBuild(ctx, workspaceID, buildID, func(build *coder.WorkspaceBuild) {
		d.statuses = append(d.statuses, build.Status)
	})
}

func TestWaitForBuild(t *testing.T) {
	t.Parallel()
	big := strings.Replace(data(done), `"name"`, `"filler":"`+strings.Repeat("x", 5<<20)+`","name"`, 1)
	tests := map[string]struct {
		version      string
		watch        wire
		reads        []wire
		requests     []string // kind and second
		statuses     []coder.Status
		hasWorkspace bool
	}{
		"Coder ≥2.2: nothing is read": {
			version:      newVersion,
			watch:        stream(ping, data(pending), time.Second, data(pending), data(running), 2*time.Second, data(done)),
			requests:     []string{"watch 0"},
			statuses:     []coder.Status{"pending", "starting", "running"},
			hasWorkspace: true,
		},
		"Coder ≥2.2: done before the watch": {
			version: newVersion, watch: stream(ping, data(done)),
			requests: []string{"watch 0"}, statuses: []coder.Status{"running"}, hasWorkspace: true,
		},
		"seed: one read after the first ping": {
			version: seedVersion, watch: stream(ping, time.Second, data(running), 15*time.Second, ping, data(done)), reads: []wire{body(pending)},
			requests: []string{"watch 0", "read 0"}, statuses: []coder.Status{"pending", "starting", "running"}, hasWorkspace: true,
		},
		"seed: done before the watch": {
			version: seedVersion, watch: stream(ping), reads: []wire{body(done)},
			requests: []string{"watch 0", "read 0"}, statuses: []coder.Status{"running"},
		},
		"a stream that drips and never comes to an event": {
			version: newVersion, watch: stream(append([]any{ping}, repeated(200, ":", 10*time.Second)...)...), reads: []wire{body(done)},
			requests: []string{"watch 0", "read 80"}, statuses: []coder.Status{"running"},
		},
		"a stream of events that say nothing": {
			version: newVersion, watch: stream(append([]any{ping}, repeated(200, "event: x\ndata: y\n\n", 10*time.Second)...)...), reads: []wire{body(done)},
			requests: []string{"watch 0", "read 60"}, statuses: []coder.Status{"running"},
		},
		"unknown version counts as old": {
			watch: stream(ping), reads: []wire{body(done)},
			requests: []string{"watch 0", "read 0"}, statuses: []coder.Status{"running"},
		},
		"failed build": {
			version: newVersion, watch: stream(ping, data(failed)),
			requests: []string{"watch 0"}, statuses: []coder.Status{"failed"}, hasWorkspace: true,
		},
		"seed: a worker silent for 30 seconds": {
			version: seedVersion, watch: stream(ping, data(hung), time.Second, data(done)), reads: []wire{body(running)},
			requests: []string{"watch 0", "read 0"}, statuses: []coder.Status{"starting", "failed", "running"}, hasWorkspace: true,
		},
		"event of 5 MiB": {
			version: newVersion, watch: stream(ping, big),
			requests: []string{"watch 0"}, statuses: []coder.Status{"running"}, hasWorkspace: true,
		},
		"event in pieces": {
			version: newVersion, watch: stream(ping, data(done)[:20], 20*time.Second, data(done)[20:40], 20*time.Second, data(done)[40:]),
			requests: []string{"watch 0"}, statuses: []coder.Status{"running"}, hasWorkspace: true,
		},
		"comments and blank lines keep it alive": {
			version:      newVersion,
			watch:        stream("\r\n: hello\n\nevent: ping\r\n\r\n", 20*time.Second, ": here\n\n", 20*time.Second, "\n", 20*time.Second, strings.ReplaceAll(data(done), "\n", "\r\n")),
			requests:     []string{"watch 0"},
			statuses:     []coder.Status{"running"},
			hasWorkspace: true,
		},
		"a newer build has begun": {
			version: newVersion, watch: stream(ping, data(pending), time.Second, data(buildBody(otherBuild, 4, "pending", "pending", false))), reads: []wire{body(failed)},
			requests: []string{"watch 0", "read 1"}, statuses: []coder.Status{"pending", "failed"},
		},
		"a newer build from the start": {
			version: newVersion, watch: stream(ping, data(buildBody(otherBuild, 4, "running", "succeeded", true))), reads: []wire{body(done)},
			requests: []string{"watch 0", "read 0"}, statuses: []coder.Status{"running"},
		},
		"an event that is late": {
			version: newVersion, watch: stream(ping, data(running), data(buildBody(otherBuild, 2, "running", "succeeded", true)), time.Second, data(done)),
			requests: []string{"watch 0"}, statuses: []coder.Status{"starting", "running"}, hasWorkspace: true,
		},
		"an event got lost": {
			version: newVersion, watch: stream(ping, data(running), 15*time.Second, ping, 15*time.Second, ping, 15*time.Second, ping, 15*time.Second, ping), reads: []wire{body(done)},
			requests: []string{"watch 0", "read 60"}, statuses: []coder.Status{"starting", "running"},
		},
		"silent": {
			version: newVersion, watch: stream(ping, data(pending), time.Second, data(running)), reads: []wire{body(done)},
			requests: []string{"watch 0", "read 31"}, statuses: []coder.Status{"pending", "starting", "running"},
		},
		"held back by a proxy": {
			version: newVersion, watch: stream(), reads: []wire{body(done)},
			requests: []string{"watch 0", "read 10"}, statuses: []coder.Status{"running"},
		},
		"held back but for comments": {
			version: newVersion, watch: stream(":\n\n", 6*time.Second, ":\n\n", 6*time.Second, ":\n\n"), reads: []wire{body(done)},
			requests: []string{"watch 0", "read 10"}, statuses: []coder.Status{"running"},
		},
		"not answered": {
			version: newVersion, watch: hang, reads: []wire{body(done)},
			requests: []string{"watch 0", "read 10"}, statuses: []coder.Status{"running"},
		},
		"ends":              {version: newVersion, watch: stream(ping, data(running), 3*time.Second, "close"), reads: []wire{body(done)}, requests: []string{"watch 0", "read 3"}, statuses: []coder.Status{"starting", "running"}},
		"ends in an event":  {version: newVersion, watch: stream(ping, data(done)[:60], "close"), reads: []wire{body(done)}, requests: []string{"watch 0", "read 0"}, statuses: []coder.Status{"running"}},
		"error event":       {version: newVersion, watch: stream(ping, "event: error\ndata: {\"message\":\"Internal error.\"}\n\n"), reads: []wire{body(done)}, requests: []string{"watch 0", "read 0"}, statuses: []coder.Status{"running"}},
		"nonsense":          {version: newVersion, watch: stream(ping, "event: data\ndata: {\"id\":\n\n"), reads: []wire{body(done)}, requests: []string{"watch 0", "read 0"}, statuses: []coder.Status{"running"}},
		"unknown event":     {version: newVersion, watch: stream(ping, "event: news\ndata: x\n\n", data(done)), requests: []string{"watch 0"}, statuses: []coder.Status{"running"}, hasWorkspace: true},
		"refused 401":       {version: newVersion, watch: refused(401), reads: []wire{body(done)}, requests: []string{"watch 0", "read 0"}, statuses: []coder.Status{"running"}},
		"refused 404":       {version: newVersion, watch: refused(404), reads: []wire{body(done)}, requests: []string{"watch 0", "read 0"}, statuses: []coder.Status{"running"}},
		"refused 500":       {version: newVersion, watch: refused(500), reads: []wire{body(done)}, requests: []string{"watch 0", "read 0"}, statuses: []coder.Status{"running"}},
		"redirected":        {version: newVersion, watch: refused(307), reads: []wire{body(done)}, requests: []string{"watch 0", "read 0"}, statuses: []coder.Status{"running"}},
		"JSON for a stream": {version: newVersion, watch: body(`{}`), reads: []wire{body(done)}, requests: []string{"watch 0", "read 0"}, statuses: []coder.Status{"running"}},
		"no connection":     {version: newVersion, watch: noConnection, reads: []wire{body(done)}, requests: []string{"watch 0", "read 0"}, statuses: []coder.Status{"running"}},
		"read after the ping fails for a moment": {
			version: seedVersion, watch: stream(ping), reads: []wire{refused(503), body(done)},
			requests: []string{"watch 0", "read 0", "read 0"}, statuses: []coder.Status{"running"},
		},
		"a server away for a while": {
			version: newVersion, watch: stream(ping, data(running), "close"),
			reads: []wire{noConnection, lostConnection, refused(502), refused(500), refused(429, "Retry-After", "60"), body("<html>"), body(running), body(done)},
			// 0.25 to 0.125 s, then doubled, then as long as the server asks for.
			statuses: []coder.Status{"starting", "running"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := &deployment{t: t, version: tt.version, watch: tt.watch, reads: tt.reads}
				finished, err := d.wait(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if finished.Build.ID != buildID || !finished.Build.Done() {
					t.Errorf("build is %+v", finished.Build)
				}
				if got := finished.Workspace != nil; got != tt.hasWorkspace {
					t.Errorf("it has a workspace: %t, want %t", got, tt.hasWorkspace)
				}
				if w := finished.Workspace; w != nil && (w.ID != workspaceID || w.Name != "dev" || w.LatestBuild.ID != buildID) {
					t.Errorf("workspace is %+v", w)
				}
				if diff := cmp.Diff(tt.statuses, d.statuses); diff != "" {
					t.Error(diff)
				}
				if tt.requests == nil {
					if len(d.requests) != 1+len(tt.reads) || len(d.reads) != 1 {
						t.Errorf("requests are %v", d.requests)
					}
				} else if diff := cmp.Diff(tt.requests, d.requests); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func hang(req *http.Request) (*http.Response, error) {
	connected(req)
	<-req.Context().Done()
	return nil, req.Context().Err()
}

func TestWaitForBuild_Polling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		d := &deployment{t: t, version: newVersion, watch: refused(404), reads: []wire{func(req *http.Request) (*http.Response, error) {
			at = append(at, time.Now())
			if time.Since(at[0]) > time.Minute {
				return answer(req, 200, done), nil
			}
			return answer(req, 200, running), nil
		}}}
		if _, err := d.wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		about := 250 * time.Millisecond
		for i := 1; i < len(at); i++ {
			if wait := at[i].Sub(at[i-1]); wait < about/2 || wait > about+about/2 {
				t.Errorf("wait %d is %v, want about %v", i, wait, about)
			}
			about = min(2*about, 4*time.Second)
		}
		if diff := cmp.Diff([]coder.Status{"starting", "running"}, d.statuses); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWaitForBuild_Refused(t *testing.T) {
	t.Parallel()
	forbidden := func(req *http.Request) (*http.Response, error) {
		return answer(req, 500, `{"message":"Internal error.","detail":"unauthorized: rbac: forbidden"}`), nil
	}
	tests := map[string]struct {
		read wire
		kind coder.Kind
	}{
		"401":           {refused(401), coder.Unauthorized},
		"403":           {refused(403), coder.Forbidden},
		"404":           {refused(404), coder.NotVisible},
		"410":           {refused(410), coder.Gone},
		"forbidden 500": {forbidden, coder.Forbidden},
	}
	for name, tt := range tests {
		for how, watch := range map[string]wire{"polling": refused(500), "after the ping": stream(ping)} {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					d := &deployment{t: t, version: seedVersion, watch: watch, reads: []wire{tt.read}}
					finished, err := d.wait(t.Context())
					if finished != nil || coder.KindOf(err) != tt.kind {
						t.Errorf("build %v, error %v", finished, err)
					}
					if diff := cmp.Diff([]string{"watch 0", "read 0"}, d.requests); diff != "" {
						t.Error(diff)
					}
				})
			})
		}
	}
}

func TestWaitForBuild_ContextEnds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		watch wire
		read  wire
		text  string
	}{
		"watching":       {stream(ping, data(running), 15*time.Second, ping, 15*time.Second, ping, 15*time.Second, ping), body(running), "last seen starting"},
		"polling":        {refused(404), body(running), "last seen starting"},
		"reading":        {refused(404), hang, ""},
		"no answer":      {hang, hang, ""},
		"server away":    {refused(404), noConnection, "connection refused"},
		"server refuses": {refused(404), refused(503), "503 Service Unavailable"},
	}
	for name, tt := range tests {
		for _, end := range []error{context.DeadlineExceeded, context.Canceled} {
			t.Run(name+" "+end.Error(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					if errors.Is(end, context.DeadlineExceeded) {
						ctx, cancel = context.WithTimeout(t.Context(), 50*time.Second)
					} else {
						time.AfterFunc(50*time.Second, cancel)
					}
					defer cancel()
					d := &deployment{t: t, version: newVersion, watch: tt.watch, reads: []wire{tt.read}}
					finished, err := d.wait(ctx)
					if finished != nil || !errors.Is(err, end) {
						t.Errorf("build %v, error %v", finished, err)
					}
					if waited := time.Since(d.started); waited != 50*time.Second {
						t.Errorf("waited %v", waited)
					}
					if !strings.Contains(err.Error(), tt.text) || !strings.Contains(err.Error(), buildID.String()) {
						t.Errorf("error is %q, want %q in it", err, tt.text)
					}
				})
			})
		}
	}
}

func TestWaitForBuild_EventTooLarge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &deployment{t: t, version: newVersion, watch: stream(ping, data(done)), reads: []wire{body(done)}, started: time.Now()}
		client := coder.NewWithTransport(coder.Config{URL: parse(t, "http://coder.test")}, d)
		client.SetLimits(1000, 0, 100)
		finished, err := client.WaitForBuild(t.Context(), workspaceID, buildID, nil)
		if err != nil || finished.Workspace != nil {
			t.Errorf("build %v, error %v", finished, err)
		}
		if diff := cmp.Diff([]string{"watch 0", "read 0"}, d.requests); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWaitForBuild_NobodyObserves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &deployment{t: t, version: newVersion, watch: stream(ping, data(pending), data(done)), started: time.Now()}
		client := coder.NewWithTransport(coder.Config{URL: parse(t, "http://coder.test")}, d)
		if _, err := client.WaitForBuild(t.Context(), workspaceID, buildID, nil); err != nil {
			t.Error(err)
		}
	})
}
