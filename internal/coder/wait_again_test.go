package coder_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// oneAfterTheOther answers with each in turn, the last one again and again.
func oneAfterTheOther(all ...wire) wire {
	return func(req *http.Request) (*http.Response, error) {
		next := all[0]
		if len(all) > 1 {
			all = all[1:]
		}
		return next(req)
	}
}

// after answers like the second one once a time has passed, like the first until
// then.
func after(limit time.Duration, first, second wire) wire {
	begun := time.Now()
	return func(req *http.Request) (*http.Response, error) {
		if time.Since(begun) < limit {
			return first(req)
		}
		return second(req)
	}
}

// at are the seconds at which requests of a kind were made.
func (d *deployment) at(kind string) (seconds []int) {
	for _, request := range d.requests {
		var second int
		if _, err := fmt.Sscanf(request, kind+" %d", &second); err == nil {
			seconds = append(seconds, second)
		}
	}
	return seconds
}

// A restart of the server, or a proxy that cuts long answers, costs a wait its
// stream for a short time, in which the build is read. Once the new stream has
// proved to last, nothing is read any more.
func TestWaitForBuild_StreamComesBack(t *testing.T) {
	t.Parallel()
	lives := stream(append(append([]any{ping, data(running)}, repeated(20, 15*time.Second, ping, data(running))...), data(done))...)
	for name, tt := range map[string]struct {
		watch   wire
		reads   wire
		watches int
		trusted int // the second from which on nothing is read
		polls   int // at most
	}{
		"after an end":     {oneAfterTheOther(stream(ping, data(running), 5*time.Second, "close"), lives), body(running), 2, 46, 15},
		"after a silence":  {oneAfterTheOther(stream(ping, data(running)), lives), body(running), 2, 71, 15},
		"after an error":   {oneAfterTheOther(stream(ping, "event: error\ndata: {\"message\":\"Internal error.\"}\n\n"), lives), body(running), 2, 41, 15},
		"at the third try": {oneAfterTheOther(stream(ping, 5*time.Second, "close"), refused(503), lives), body(running), 3, 90, 30},
		"never at first":   {oneAfterTheOther(noConnection, lives), body(running), 2, 41, 15},
		// While the server is away, its stream is left alone as well.
		"after a restart": {oneAfterTheOther(stream(ping, 5*time.Second, "close"), lives), nil, 2, 110, 40},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				reads := tt.reads
				if reads == nil {
					reads = after(time.Minute, noConnection, body(running))
				}
				d := &deployment{t: t, version: newVersion, watch: tt.watch, reads: []wire{reads}}
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				finished, err := d.wait(ctx)
				if err != nil || finished.Build.Status != coder.StatusRunning || finished.Workspace == nil {
					t.Errorf("build %v, error %v", finished, err)
				}
				watches, polls := d.at("watch"), d.at("read")
				if len(watches) != tt.watches || len(polls) == 0 || len(polls) > tt.polls || polls[len(polls)-1] > tt.trusted {
					t.Errorf("watches at %v, readings at %v", watches, polls)
				}
				if name == "after a restart" && watches[len(watches)-1] < 60 {
					t.Errorf("watches at %v of a server that is away until 60", watches)
				}
			})
		})
	}
}

// A stream that never lasts is tried ever more rarely, and one that is refused
// never again; the build is read all the while.
func TestWaitForBuild_StreamThatNeverLasts(t *testing.T) {
	t.Parallel()
	const builds = 20 * time.Minute
	for name, tt := range map[string]struct {
		watch          wire
		fewest, most   int // watches
		firstReadAfter int // seconds
	}{
		"ends at once":         {stream("close"), 4, 12, 0},
		"ends after the ping":  {stream(ping, "close"), 4, 12, 0},
		"silent after a ping":  {stream(ping), 4, 12, 30},
		"held back by a proxy": {stream(), 4, 12, 10},
		"not answered":         {hang, 4, 12, 10},
		"server error":         {refused(http.StatusInternalServerError), 4, 12, 0},
		"bad gateway":          {refused(http.StatusBadGateway), 4, 12, 0},
		"no connection":        {noConnection, 4, 12, 0},
		"not found":            {refused(http.StatusNotFound), 1, 1, 0},
		"forbidden":            {refused(http.StatusForbidden), 1, 1, 0},
		"redirected":           {refused(http.StatusTemporaryRedirect), 1, 1, 0},
		"JSON for a stream":    {body(`{}`), 1, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := &deployment{t: t, version: newVersion, watch: tt.watch, reads: []wire{after(builds, body(running), body(done))}}
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				if _, err := d.wait(ctx); err != nil {
					t.Fatal(err)
				}
				watches, reads := d.at("watch"), d.at("read")
				if len(watches) < tt.fewest || len(watches) > tt.most {
					t.Errorf("watches at %v", watches)
				}
				for i := 2; i < len(watches); i++ {
					if gap := watches[i] - watches[i-1]; gap < 10 || gap < (watches[i-1]-watches[i-2])/4 {
						t.Errorf("watches at %v", watches)
					}
				}
				if reads[0] != tt.firstReadAfter {
					t.Errorf("first reading after %d s", reads[0])
				}
				for i := 1; i < len(reads); i++ {
					if gap := reads[i] - reads[i-1]; gap > 7 {
						t.Errorf("nothing is read from %d to %d", reads[i-1], reads[i])
					}
				}
				if last := time.Since(d.started); last > builds+7*time.Second {
					t.Errorf("the end was seen after %v", last)
				}
			})
		})
	}
}

// streaming answers by a handler in the same process, as it writes.
func streaming(handler http.Handler) wire {
	return func(req *http.Request) (*http.Response, error) {
		reader, writer := io.Pipe()
		stop := context.AfterFunc(req.Context(), func() { _ = reader.CloseWithError(req.Context().Err()) })
		w := &pipedAnswer{PipeWriter: writer, header: http.Header{}, begun: make(chan int, 1)}
		go func() {
			defer stop()
			handler.ServeHTTP(w, req)
			w.WriteHeader(http.StatusOK)
			_ = writer.Close()
		}()
		connected(req)
		status := <-w.begun
		return &http.Response{StatusCode: status, Header: w.header.Clone(), Body: reader, ContentLength: -1, Request: req}, nil
	}
}

// pipedAnswer is an answer that is read while it is written.
type pipedAnswer struct {
	*io.PipeWriter

	header http.Header
	begun  chan int // the status
	once   sync.Once
}

// Header implements http.ResponseWriter.
func (w *pipedAnswer) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *pipedAnswer) WriteHeader(status int) { w.once.Do(func() { w.begun <- status }) }

// Write implements http.ResponseWriter.
func (w *pipedAnswer) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.PipeWriter.Write(p)
}

// Flush implements http.Flusher.
func (w *pipedAnswer) Flush() {}

// Many who lose their streams at the same time share their readings until they
// have new ones, and then need none.
func TestWaitForBuild_ManyStreamsComeBack(t *testing.T) {
	t.Parallel()
	const n = 50
	synctest.Test(t, func(t *testing.T) {
		d := codertest.New(codertest.Options{Latency: latency, BuildTime: 3 * time.Minute})
		t.Cleanup(d.Close)
		f := &fleet{Deployment: d, template: d.AddTemplate(codertest.BasicTemplate())}
		f.client = coder.NewWithTransport(coder.Config{URL: parse(t, "http://coder.test"), Token: f.Token()}, streaming(d))
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() {
				created, err := f.client.CreateWorkspace(t.Context(), f.template.OrganizationID, coder.Me, coder.CreateWorkspaceRequest{Name: fmt.Sprintf("w%d", i), TemplateID: f.template.ID})
				if err != nil {
					t.Error(err)
					return
				}
				finished, err := f.client.WaitForBuild(t.Context(), created.ID, created.LatestBuild.ID, nil)
				if err != nil || finished.Build.Status != coder.StatusRunning || finished.Workspace == nil {
					t.Errorf("build %v, error %v", finished, err)
				}
			})
		}
		<-time.After(30 * time.Second)
		d.CloseWatches()
		all.Wait()
		counts := f.counts()
		watches := counts["GET /workspaces/{workspace}/watch"]
		polls := 0
		for route, count := range counts {
			if strings.HasPrefix(route, "GET ") && !strings.HasSuffix(route, "/watch") {
				polls += count
			}
		}
		// One look each when the stream ends, about one every four seconds for all
		// until the new ones have lasted, and one a minute each for want of news.
		if watches != 2*n || polls > 5*n {
			t.Errorf("%d watches, %d readings: %v", watches, polls, counts)
		}
	})
}
