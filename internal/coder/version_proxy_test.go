package coder_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// bareDeployment is a server behind a proxy that passes on none of Coder's own
// headers.
type bareDeployment struct {
	buildInfo wire
	asked     atomic.Int32 // for /buildinfo
	others    atomic.Int32
}

// RoundTrip implements http.RoundTripper.
func (d *bareDeployment) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Path, "/buildinfo") {
		d.asked.Add(1)
		return bare(d.buildInfo(req))
	}
	d.others.Add(1)
	<-time.After(10 * time.Millisecond)
	switch {
	case strings.HasSuffix(req.URL.Path, "/nobody"):
		return bare(answer(req, http.StatusNotFound, notFound), nil)
	case strings.HasSuffix(req.URL.Path, "/workspaces"):
		return bare(answer(req, http.StatusOK, `{"workspaces":[],"count":0}`), nil)
	default:
		return bare(answer(req, http.StatusOK, withID(workspaceID, "")), nil)
	}
}

func bare(resp *http.Response, err error) (*http.Response, error) {
	if resp != nil {
		resp.Header.Del("X-Coder-Build-Version")
	}
	return resp, err
}

func (d *bareDeployment) client(t *testing.T) *coder.Client {
	t.Helper()
	return coder.NewWithTransport(coder.Config{URL: parse(t, "http://coder.test"), Token: token}, d)
}

// Whoever has had an answer knows the version, whether or not the answer told
// it; for that the server is asked once, however many ask for something else.
func TestServerVersion_BehindAProxy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &bareDeployment{buildInfo: func(req *http.Request) (*http.Response, error) {
			<-time.After(time.Second)
			return answer(req, http.StatusOK, `{"version":"`+newVersion+`"}`), nil
		}}
		client := d.client(t)
		if _, err := client.User(t.Context(), "nobody"); coder.KindOf(err) != coder.NotVisible {
			t.Fatal(err)
		}
		if d.asked.Load() != 0 {
			t.Error("asked for the sake of an answer that need not be Coder's")
		}
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				<-time.After(time.Duration(i) * 50 * time.Millisecond)
				if _, err := client.User(t.Context(), "alice"); err != nil {
					t.Error(err)
				}
				if got := client.ServerVersion(); got.String() != newVersion {
					t.Errorf("after answer %d: version is %q", i, got)
				}
			})
		}
		all.Wait()
		if asked, others := d.asked.Load(), d.others.Load(); asked != 1 || others != 51 {
			t.Errorf("%d requests for the version, %d others", asked, others)
		}
	})
}

// A version that cannot be had fails nothing, and is not asked for again.
func TestServerVersion_NotToBeHad(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		buildInfo wire
		held      time.Duration // the first answer, at most
	}{
		"forbidden":    {refused(http.StatusForbidden), 0},
		"not found":    {refused(http.StatusNotFound), 0},
		"server error": {refused(http.StatusBadGateway), 0},
		"a login page": {func(req *http.Request) (*http.Response, error) {
			return answer(req, 200, "<html>", "Content-Type", "text/html"), nil
		}, 0},
		"no connection": {noConnection, 0},
		"no version":    {body(`{}`), 0},
		"hangs":         {hang, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := &bareDeployment{buildInfo: tt.buildInfo}
				client := d.client(t)
				started := time.Now()
				for i := range 5 {
					if _, err := client.User(t.Context(), "alice"); err != nil {
						t.Error(err)
					}
					if client.ServerVersion().Known() {
						t.Errorf("after answer %d: version is %s", i, client.ServerVersion())
					}
				}
				// This search depends on the version.
				if _, err := client.AllWorkspaces(t.Context(), coder.WorkspaceSearch{Parameter: "cpu"}); err != nil {
					t.Error(err)
				}
				if took := time.Since(started); took > tt.held+time.Second {
					t.Errorf("it took %v", took)
				}
				<-time.After(time.Hour) // until nobody waits for an answer any more
				if asked := d.asked.Load(); asked != 1 {
					t.Errorf("%d requests for the version", asked)
				}
			})
		})
	}
}

// A search that depends on the version goes on without it when the server is
// there and does not tell.
func TestServerVersion_RefusedBeforeTheFirstAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &bareDeployment{buildInfo: refused(http.StatusForbidden)}
		client := d.client(t)
		for range 3 {
			if _, err := client.AllWorkspaces(t.Context(), coder.WorkspaceSearch{Parameter: "cpu"}); err != nil {
				t.Error(err)
			}
		}
		if asked := d.asked.Load(); asked != 1 {
			t.Errorf("%d requests for the version", asked)
		}
	})
}

// The header, where it is, costs no request, and counts for more than what was
// told once.
func TestServerVersion_Header(t *testing.T) {
	t.Parallel()
	version := ""
	var asked int
	client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
		if strings.HasSuffix(req.URL.Path, "/buildinfo") {
			asked++
			return bare(answer(req, 200, `{"version":"v2.1.0"}`), nil)
		}
		return answer(req, 200, withID(workspaceID, ""), "X-Coder-Build-Version", version), nil
	})
	for _, step := range []struct {
		header, want string
		asked        int
	}{{newVersion, newVersion, 0}, {"", newVersion, 0}, {"v2.35.2", "v2.35.2", 0}} {
		version = step.header
		if _, err := client.User(t.Context(), "alice"); err != nil {
			t.Fatal(err)
		}
		if got := client.ServerVersion().String(); got != step.want || asked != step.asked {
			t.Errorf("version is %s after %d requests for it, want %s after %d", got, asked, step.want, step.asked)
		}
	}
	if _, err := client.BuildInfo(t.Context()); err != nil || client.ServerVersion().String() != "v2.35.2" {
		t.Errorf("version is %s, error %v", client.ServerVersion(), err)
	}
}
