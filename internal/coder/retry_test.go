package coder_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// lostConnection fails after the request was sent.
func lostConnection(req *http.Request) (*http.Response, error) {
	connected(req)
	return nil, io.ErrUnexpectedEOF
}

func noConnection(*http.Request) (*http.Response, error) { return nil, refusedConnection() }

// status is a refusal of Coder's.
func status(code int) wire {
	return func(req *http.Request) (*http.Response, error) {
		return answer(req, code, `{"message":"no"}`, ofCoder...), nil
	}
}

// body500 is what a gateway answers that fails.
func body500(req *http.Request) (*http.Response, error) {
	return answer(req, 500, `{"message":"An unexpected error occurred"}`), nil
}

func TestRetry_WhatIsRepeated(t *testing.T) {
	t.Parallel()
	get := func(ctx context.Context, c *coder.Client) error { _, err := c.Build(ctx, buildID); return err }
	put := func(ctx context.Context, c *coder.Client) error { return c.PutTTL(ctx, workspaceID, nil) }
	patch := func(ctx context.Context, c *coder.Client) error { return c.RenameWorkspace(ctx, workspaceID, "x") }
	post := func(ctx context.Context, c *coder.Client) error {
		_, err := c.CreateBuild(ctx, workspaceID, coder.CreateBuildRequest{Transition: coder.TransitionStop})
		return err
	}
	const all, one = 4, 1
	tests := map[string]struct {
		outcome wire
		// Attempts with three repeats allowed.
		get, put, patch, post int
		unclear               bool // of the POST
	}{
		"refused connection": {noConnection, all, all, all, all, false},
		"lost connection":    {lostConnection, all, all, all, one, true},
		"429":                {status(429), all, all, all, all, false},
		"500":                {status(500), one, one, one, one, false},
		"501":                {status(501), one, one, one, one, false},
		"500 of a gateway":   {body500, one, one, one, one, true},
		"502":                {status(502), all, all, all, one, true},
		"503":                {status(503), all, all, all, one, true},
		"504":                {status(504), all, all, all, one, true},
		"400":                {status(400), one, one, one, one, false},
		"401":                {status(401), one, one, one, one, false},
		"404":                {status(404), one, one, one, one, false},
		"409":                {status(409), one, one, one, one, false},
		"412":                {status(412), one, one, one, one, false},
		"redirect":           {status(307), one, one, one, one, false},
		"unknown host": {func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
		}, all, all, all, all, false},
		"connection lost in the handshake": {func(*http.Request) (*http.Response, error) { return nil, io.EOF }, all, all, all, all, false},
		"certificate": {func(*http.Request) (*http.Response, error) {
			return nil, x509.UnknownAuthorityError{}
		}, one, one, one, one, false},
		"malformed request": {func(*http.Request) (*http.Response, error) {
			return nil, errors.New("net/http: invalid header field value")
		}, one, one, one, one, false},
		"too long to wait for": {func(req *http.Request) (*http.Response, error) {
			return answer(req, 429, "", "Retry-After", "86400"), nil
		}, one, one, one, one, false},
		"HTML": {func(req *http.Request) (*http.Response, error) {
			return answer(req, 200, "<html>", "Content-Type", "text/html"), nil
		}, one, one, one, one, true},
	}
	for name, tt := range tests {
		for verb, call := range map[string]struct {
			send     func(context.Context, *coder.Client) error
			attempts int
		}{"GET": {get, tt.get}, "PUT": {put, tt.put}, "PATCH": {patch, tt.patch}, "POST": {post, tt.post}} {
			t.Run(name+" "+verb, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					attempts := 0
					var bodies []string
					client := onWire(t, 3, func(req *http.Request) (*http.Response, error) {
						attempts++
						if req.Method != verb {
							t.Errorf("method is %s", req.Method)
						}
						if req.Body != nil {
							body, err := io.ReadAll(req.Body)
							if err != nil {
								return nil, err
							}
							bodies = append(bodies, string(body))
						}
						return tt.outcome(req)
					})
					err := call.send(t.Context(), client)
					if err == nil {
						t.Fatal("no error")
					}
					if attempts != call.attempts {
						t.Errorf("%d attempts, want %d", attempts, call.attempts)
					}
					if got, want := coder.IsUnclear(err), verb == "POST" && tt.unclear; got != want {
						t.Errorf("unclear is %t, want %t", got, want)
					}
					for _, body := range bodies {
						if verb != "GET" && (body == "" || body != bodies[0]) {
							t.Errorf("bodies are %q", bodies)
						}
					}
				})
			})
		}
	}
}

func TestRetry_Succeeds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		found := func(req *http.Request) (*http.Response, error) {
			return answer(req, 200, withID(buildID, "")), nil
		}
		outcomes := []wire{noConnection, status(503), lostConnection, found}
		client := onWire(t, 3, func(req *http.Request) (*http.Response, error) {
			next := outcomes[0]
			outcomes = outcomes[1:]
			return next(req)
		})
		if _, err := client.Build(t.Context(), buildID); err != nil {
			t.Error(err)
		}
		if len(outcomes) > 0 {
			t.Errorf("%d outcomes are left", len(outcomes))
		}
	})
}

func TestRetry_NoneByDefault(t *testing.T) {
	t.Parallel()
	attempts := 0
	client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
		attempts++
		return answer(req, 503, `{"message":"starting"}`), nil
	})
	_, err := client.Build(t.Context(), buildID)
	if refused := as[*coder.Error](t, err); refused.Message != "starting" || attempts != 1 {
		t.Errorf("%d attempts, error %v", attempts, err)
	}
}

// cutOff is a body that ends with the connection.
type cutOff struct{ *strings.Reader }

func (c cutOff) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func TestRetry_ConnectionLostInBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		client := onWire(t, 3, func(req *http.Request) (*http.Response, error) {
			attempts++
			resp := answer(req, 200, "")
			resp.ContentLength = -1
			switch {
			case req.Method == http.MethodPost, attempts == 1:
				resp.Body = io.NopCloser(cutOff{strings.NewReader(`{"build_number":4,`)})
			default:
				resp.Body = io.NopCloser(strings.NewReader(withID(buildID, `"build_number":5`)))
			}
			return resp, nil
		})
		build, err := client.Build(t.Context(), buildID)
		if err != nil || build.BuildNumber != 5 || attempts != 2 {
			t.Errorf("GET: build %v, error %v after %d attempts", build, err, attempts)
		}
		attempts = 0
		_, err = client.CreateBuild(t.Context(), workspaceID, coder.CreateBuildRequest{})
		if !coder.IsUnclear(err) || attempts != 1 {
			t.Errorf("POST: error %v after %d attempts", err, attempts)
		}
	})
}

func TestRetry_Waits(t *testing.T) {
	t.Parallel()
	// A second reading of the clock is later by what was waited.
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // where synctest begins
	date := func(at time.Time) string { return at.Format(http.TimeFormat) }
	tests := map[string]struct {
		header   []string
		min, max []time.Duration // of the waits, in order
	}{
		"backoff": {
			nil,
			[]time.Duration{125 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second},
			[]time.Duration{250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 10 * time.Second, 10 * time.Second},
		},
		"seconds":    {[]string{"Retry-After", "60"}, []time.Duration{60 * time.Second}, []time.Duration{60*time.Second + 250*time.Millisecond}},
		"zero":       {[]string{"Retry-After", "0"}, []time.Duration{125 * time.Millisecond}, []time.Duration{250 * time.Millisecond}},
		"negative":   {[]string{"Retry-After", "-5"}, []time.Duration{125 * time.Millisecond}, []time.Duration{250 * time.Millisecond}},
		"not a time": {[]string{"Retry-After", "soon"}, []time.Duration{125 * time.Millisecond}, []time.Duration{250 * time.Millisecond}},
		"date":       {[]string{"Retry-After", date(now.Add(40 * time.Second))}, []time.Duration{40 * time.Second}, []time.Duration{40*time.Second + 250*time.Millisecond}},
		"date by the server's clock": {
			[]string{"Retry-After", date(now.Add(time.Hour + 20*time.Second)), "Date", date(now.Add(time.Hour))},
			[]time.Duration{20 * time.Second},
			[]time.Duration{20*time.Second + 250*time.Millisecond},
		},
		"date that has passed": {[]string{"Retry-After", date(now.Add(-time.Hour))}, []time.Duration{125 * time.Millisecond}, []time.Duration{250 * time.Millisecond}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var at []time.Time
				client := onWire(t, len(tt.min), func(req *http.Request) (*http.Response, error) {
					at = append(at, time.Now())
					return answer(req, 429, `{"message":"slow down"}`, append(tt.header, ofCoder...)...), nil
				})
				if _, err := client.Build(t.Context(), buildID); coder.KindOf(err) != coder.RateLimited {
					t.Errorf("error is %v", err)
				}
				if len(at) != len(tt.min)+1 {
					t.Fatalf("%d attempts", len(at))
				}
				for i := range tt.min {
					if wait := at[i+1].Sub(at[i]); wait < tt.min[i] || wait > tt.max[i] {
						t.Errorf("wait %d is %v, want %v to %v", i, wait, tt.min[i], tt.max[i])
					}
				}
			})
		})
	}
}

func TestRetry_ContextEnds(t *testing.T) {
	t.Parallel()
	hang := func(req *http.Request) (*http.Response, error) {
		connected(req)
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	rateLimited := func(req *http.Request) (*http.Response, error) {
		return answer(req, 429, `{"message":"slow down"}`, "Retry-After", "60"), nil
	}
	tests := map[string]struct {
		outcome wire
		unclear bool
		text    string
	}{
		"while it hangs":             {hang, true, ""},
		"while it waits, answered":   {rateLimited, false, "429 Too Many Requests"},
		"while it waits, unanswered": {noConnection, false, "connection refused"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				started := time.Now()
				client := onWire(t, 1000, tt.outcome)
				_, err := client.CreateBuild(ctx, workspaceID, coder.CreateBuildRequest{})
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("error is %v", err)
				}
				if waited := time.Since(started); waited != 30*time.Second {
					t.Errorf("waited %v", waited)
				}
				if coder.IsUnclear(err) != tt.unclear {
					t.Errorf("unclear is %t", !tt.unclear)
				}
				if !strings.Contains(err.Error(), tt.text) {
					t.Errorf("error is %q, want %q in it", err, tt.text)
				}
			})
		})
	}
	t.Run("before it begins", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := onWire(t, 5, lostConnection).CreateBuild(ctx, workspaceID, coder.CreateBuildRequest{})
		if !errors.Is(err, context.Canceled) || coder.IsUnclear(err) {
			t.Errorf("error is %v", err)
		}
	})
}

// A time limit of the network layer is no deadline of the caller, although it
// says so to errors.Is.
func TestRetry_NetworkTimeoutIsNoDeadline(t *testing.T) {
	t.Parallel()
	client := onWire(t, 0, func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Err: context.DeadlineExceeded}
	})
	_, err := client.Build(t.Context(), buildID)
	_ = as[*coder.RequestError](t, err)
	if errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v counts as the caller's deadline", err)
	}
	var network net.Error
	if !errors.As(err, &network) || !network.Timeout() {
		t.Errorf("%v is no timeout", err)
	}
}
