package coder_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

const (
	token       = "abcdefghij-0123456789abcdefghijkl"
	jsonContent = "application/json; charset=utf-8"
	notFound    = `{"message":"Resource not found or you do not have access to this resource"}`
	// noRelease is what a server says that was built outside a release: a version
	// that tells nothing, and need not be asked for.
	noRelease = "v0.0.0-devel+8dac0356e"
)

// ofCoder is a header that Coder sends with every answer.
var ofCoder = []string{"X-Coder-Request-Id", "1f2e"}

var (
	workspaceID = uuid.MustParse("11111111-1111-4111-8111-111111111111")
	buildID     = uuid.MustParse("22222222-2222-4222-8222-222222222222")
	otherBuild  = uuid.MustParse("33333333-3333-4333-8333-333333333333")
)

// step is one request a scripted server expects, and its answer.
type step struct {
	want   string // method, path and query
	status int    // 200 when 0
	header map[string]string
	body   string
}

// serve starts a server that expects exactly these requests in this order.
func serve(t *testing.T, steps ...step) *httptest.Server {
	t.Helper()
	var mu sync.Mutex
	next := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got := r.Method + " " + r.URL.RequestURI()
		if next >= len(steps) {
			t.Errorf("request too many: %s", got)
			w.WriteHeader(http.StatusTeapot)
			return
		}
		s := steps[next]
		next++
		if got != s.want {
			t.Errorf("request %d is %s, want %s", next, got, s.want)
		}
		if s.body != "" {
			w.Header().Set("Content-Type", jsonContent)
		}
		if s.status/100 == 2 || s.status == 0 {
			w.Header().Set("X-Coder-Build-Version", noRelease)
		}
		for name, value := range s.header {
			w.Header().Set(name, value)
		}
		if s.status != 0 {
			w.WriteHeader(s.status)
		}
		_, _ = io.WriteString(w, s.body)
	}))
	t.Cleanup(func() {
		server.Close()
		mu.Lock()
		defer mu.Unlock()
		if next != len(steps) {
			t.Errorf("%d of %d expected requests were made", next, len(steps))
		}
	})
	return server
}

func parse(t testing.TB, address string) *url.URL {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// newClient makes a client of a server, without repeats.
func newClient(t *testing.T, address string) *coder.Client {
	t.Helper()
	return coder.New(coder.Config{URL: parse(t, address), Token: token, UserAgent: "test/1"})
}

// wire is an in-memory transport.
type wire func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (w wire) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	return w(req)
}

// onWire makes a client on an in-memory transport.
func onWire(t *testing.T, retries int, w wire) *coder.Client {
	t.Helper()
	return coder.NewWithTransport(coder.Config{URL: parse(t, "http://coder.test"), Token: token, MaxRetries: retries}, w)
}

// connected tells the trace of a request, as net/http does, that there is a
// connection to send it on.
func connected(req *http.Request) {
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
}

// answer is the response to a request that was received, with the headers that
// the server sends, and others or the like of them.
func answer(req *http.Request, status int, body string, header ...string) *http.Response {
	connected(req)
	resp := &http.Response{
		StatusCode:    status,
		Header:        http.Header{"Content-Type": {jsonContent}},
		Body:          io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       req,
	}
	if status/100 == 2 {
		resp.Header.Set("X-Coder-Build-Version", noRelease)
	}
	for i := 0; i+1 < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

// withID is an object as the server sends it: with an id, and with what else
// its members say.
func withID(id uuid.UUID, members string) string {
	return strings.TrimSuffix(fmt.Sprintf(`{"id":%q,%s`, id, members), ",") + "}"
}

// refusedConnection is what net/http reports when nobody listens.
func refusedConnection() error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}

// as finds an error of type E in err or ends the test.
func as[E error](t *testing.T, err error) E {
	t.Helper()
	var found E
	if !errors.As(err, &found) {
		t.Fatalf("error is %T %v, want a %T", err, err, found)
	}
	return found
}
