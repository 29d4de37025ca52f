package coder_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

func TestRequest_AddressAndHeaders(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		base string
		call func(context.Context, *coder.Client) error
		want string
	}{
		"plain":          {base: "", call: user("alice"), want: "GET /api/v2/users/alice"},
		"slash":          {base: "/", call: user("alice"), want: "GET /api/v2/users/alice"},
		"prefix":         {base: "/dev/coder", call: user("alice"), want: "GET /dev/coder/api/v2/users/alice"},
		"prefix, slash":  {base: "/dev/coder/", call: user("alice"), want: "GET /dev/coder/api/v2/users/alice"},
		"query dropped":  {base: "/?x=y#z", call: user("alice"), want: "GET /api/v2/users/alice"},
		"slash in user":  {base: "", call: user("a/../b?c#d"), want: "GET /api/v2/users/a%2F..%2Fb%3Fc%23d"},
		"percent":        {base: "", call: user("a%2Fb"), want: "GET /api/v2/users/a%252Fb"},
		"escaped prefix": {base: "/a%2Fb", call: user("c d"), want: "GET /a%2Fb/api/v2/users/c%20d"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var header http.Header
			var got, host string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				header, got, host = r.Header, r.Method+" "+r.RequestURI, r.Host
				w.Header().Set("Content-Type", jsonContent)
				w.Header().Set("X-Coder-Build-Version", noRelease)
				_, _ = io.WriteString(w, withID(workspaceID, ""))
			}))
			defer server.Close()
			client := coder.New(coder.Config{
				URL:       parse(t, server.URL+tt.base),
				Token:     token,
				UserAgent: "agent/2",
				Headers:   map[string]string{"X-Proxy": "p", "host": "inner.example", "coder-session-token": "other"},
			})
			if err := tt.call(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("request is %s, want %s", got, tt.want)
			}
			for name, want := range map[string]string{
				"Coder-Session-Token": token,
				"User-Agent":          "agent/2",
				"X-Proxy":             "p",
				"Accept":              "application/json",
				"Accept-Encoding":     "gzip",
				"Content-Type":        "",
			} {
				if got := header.Get(name); got != want {
					t.Errorf("header %s is %q, want %q", name, got, want)
				}
			}
			if host != "inner.example" {
				t.Errorf("host is %q", host)
			}
		})
	}
}

func user(name string) func(context.Context, *coder.Client) error {
	return func(ctx context.Context, c *coder.Client) error {
		_, err := c.User(ctx, name)
		return err
	}
}

func TestRequest_PathElementThatNamesAnotherEndpoint(t *testing.T) {
	t.Parallel()
	client := newClient(t, serve(t).URL)
	for _, name := range []string{"", ".", ".."} {
		if _, err := client.User(t.Context(), name); err == nil {
			t.Errorf("user %q: no error", name)
		}
	}
}

func TestRequest_IPv6(t *testing.T) {
	t.Parallel()
	var got string
	client := coder.NewWithTransport(coder.Config{URL: parse(t, "https://[::1]:7080/")}, wire(func(req *http.Request) (*http.Response, error) {
		got = req.URL.String()
		if _, sent := req.Header["Coder-Session-Token"]; sent {
			t.Error("an empty token was sent")
		}
		return answer(req, 200, `{}`), nil
	}))
	if _, err := client.BuildInfo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := "https://[::1]:7080/api/v2/buildinfo"; got != want {
		t.Errorf("address is %s, want %s", got, want)
	}
}

func TestRequest_Bodies(t *testing.T) {
	t.Parallel()
	ttl := int64(60000)
	schedule := "30 9 * * 1-5"
	deadline := time.Date(2030, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	tests := map[string]struct {
		call func(context.Context, *coder.Client) error
		want string
	}{
		"rename": {func(ctx context.Context, c *coder.Client) error {
			return c.RenameWorkspace(ctx, workspaceID, "new-name")
		}, `PATCH {"name":"new-name"}`},
		"ttl":            {func(ctx context.Context, c *coder.Client) error { return c.PutTTL(ctx, workspaceID, &ttl) }, `PUT {"ttl_ms":60000}`},
		"no ttl":         {func(ctx context.Context, c *coder.Client) error { return c.PutTTL(ctx, workspaceID, nil) }, `PUT {"ttl_ms":null}`},
		"autostart":      {func(ctx context.Context, c *coder.Client) error { return c.PutAutostart(ctx, workspaceID, &schedule) }, `PUT {"schedule":"30 9 * * 1-5"}`},
		"no autostart":   {func(ctx context.Context, c *coder.Client) error { return c.PutAutostart(ctx, workspaceID, nil) }, `PUT {"schedule":null}`},
		"extend":         {func(ctx context.Context, c *coder.Client) error { return c.PutExtend(ctx, workspaceID, deadline) }, `PUT {"deadline":"2030-01-02T02:04:05Z"}`},
		"cancel":         {func(ctx context.Context, c *coder.Client) error { return c.CancelBuild(ctx, buildID, false) }, `PATCH `},
		"cancel pending": {func(ctx context.Context, c *coder.Client) error { return c.CancelBuild(ctx, buildID, true) }, `PATCH ?expect_status=pending `},
		"build": {func(ctx context.Context, c *coder.Client) error {
			_, err := c.CreateBuild(ctx, workspaceID, coder.CreateBuildRequest{Transition: coder.TransitionDelete})
			return err
		}, `POST {"transition":"delete"}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got string
			client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
				got = req.Method + " "
				if req.URL.RawQuery != "" {
					got += "?" + req.URL.RawQuery + " "
				}
				if req.Body != nil {
					body, err := io.ReadAll(req.Body)
					if err != nil {
						return nil, err
					}
					got += string(body)
					if len(body) > 0 && req.Header.Get("Content-Type") != "application/json" {
						t.Errorf("content type is %q", req.Header.Get("Content-Type"))
					}
				}
				return answer(req, 200, withID(buildID, `"message":"ok"`)), nil
			})
			if err := tt.call(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("request is %s, want %s", got, tt.want)
			}
		})
	}
}

func TestAnswer_Lists(t *testing.T) {
	t.Parallel()
	path := "GET /api/v2/workspacebuilds/" + buildID.String()
	client := newClient(t, serve(t,
		step{want: path + "/parameters", body: `[{"name":"a","value":"1"},{"name":"b","value":""}]`},
		step{want: path + "/parameters", body: `null`},
		step{want: path + "/parameters", body: `[]`},
		step{want: path + "/logs?after=7", body: `[{"id":8,"output":"x"}]`},
		step{want: path + "/parameters", body: `{"message":"no list"}`},
	).URL)
	for i, want := range [][]coder.BuildParameter{{{Name: "a", Value: "1"}, {Name: "b"}}, {}, {}} {
		got, err := client.BuildParameters(t.Context(), buildID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("list %d: %s", i, diff)
		}
	}
	logs, err := client.BuildLogs(t.Context(), buildID, 7)
	if err != nil || len(logs) != 1 || logs[0].ID != 8 {
		t.Errorf("logs are %v, %v", logs, err)
	}
	if got, err := client.BuildParameters(t.Context(), buildID); err == nil {
		t.Errorf("an object was read as the list %v", got)
	}
}

func TestAnswer_NoBodyExpected(t *testing.T) {
	t.Parallel()
	ttl := "PUT /api/v2/workspaces/" + workspaceID.String() + "/ttl"
	client := newClient(t, serve(t,
		step{want: ttl, status: http.StatusNoContent},
		step{want: ttl, body: `{"message":"Deadline updated."}`},
		step{want: ttl, status: http.StatusOK, header: map[string]string{"Content-Length": "0"}},
		step{want: ttl, body: "<html>", header: map[string]string{"Content-Type": "text/html"}},
	).URL)
	for i := range 3 {
		if err := client.PutTTL(t.Context(), workspaceID, nil); err != nil {
			t.Errorf("answer %d: %v", i, err)
		}
	}
	_ = as[*coder.ContentError](t, client.PutTTL(t.Context(), workspaceID, nil))
}

func TestAnswer_Unusable(t *testing.T) {
	t.Parallel()
	html := map[string]string{"Content-Type": "text/html; charset=utf-8"}
	tests := map[string]struct {
		answer step
		check  func(*testing.T, error)
	}{
		"dashboard": {step{body: "<!doctype html>", header: html}, func(t *testing.T, err error) {
			content := as[*coder.ContentError](t, err)
			if content.Status != 200 || content.ContentType != "text/html; charset=utf-8" || content.Path != "/api/v2/buildinfo" {
				t.Errorf("error is %+v", content)
			}
		}},
		"truncated JSON":   {step{body: `{"version":"v2.`}, unreadable},
		"empty body":       {step{header: map[string]string{"Content-Type": jsonContent}}, unreadable},
		"no content":       {step{status: 204}, unreadable},
		"null":             {step{body: `null`}, unreadable},
		"wrong type":       {step{body: `{"version":7}`}, unreadable},
		"more than JSON":   {step{body: `{} <html>`}, unreadable},
		"content too long": {step{body: `{"version":"` + strings.Repeat("x", 1000) + `"}`}, tooLarge},
		"blanks too long":  {step{body: `{}` + strings.Repeat(" ", 1000)}, tooLarge},
		"cut off": {step{body: `{"version":"v2.`, header: map[string]string{"Content-Length": "100"}}, func(t *testing.T, err error) {
			unreadable(t, err)
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("error is %v", err)
			}
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.answer.want = "GET /api/v2/buildinfo"
			client := newClient(t, serve(t, tt.answer).URL)
			client.SetLimits(1000, 1000, 1000)
			info, err := client.BuildInfo(t.Context())
			if err == nil {
				t.Fatalf("read as %+v", info)
			}
			tt.check(t, err)
			if !strings.HasPrefix(err.Error(), "GET /api/v2/buildinfo: ") {
				t.Errorf("error is %q", err)
			}
		})
	}
}

func unreadable(t *testing.T, err error) {
	t.Helper()
	_ = as[*coder.RequestError](t, err)
	if errors.Is(err, coder.ErrBodyTooLarge) {
		t.Errorf("error is %v", err)
	}
}

func tooLarge(t *testing.T, err error) {
	t.Helper()
	_ = as[*coder.RequestError](t, err)
	if !errors.Is(err, coder.ErrBodyTooLarge) {
		t.Errorf("error is %v", err)
	}
}

func TestAnswer_JustSmallEnough(t *testing.T) {
	t.Parallel()
	body := `{"version":"` + strings.Repeat("x", 986) + `"}`
	client := newClient(t, serve(t, step{want: "GET /api/v2/buildinfo", body: body}).URL)
	client.SetLimits(int64(len(body)), 0, 0)
	if _, err := client.BuildInfo(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAnswer_RedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	var elsewhere []string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		elsewhere = append(elsewhere, r.Method+" "+r.URL.Path+" "+r.Header.Get("Coder-Session-Token"))
	}))
	defer other.Close()
	for _, status := range []int{300, 301, 302, 303, 307, 308} {
		for _, location := range []string{other.URL, "", "://bad"} {
			header := map[string]string{}
			if location != "" {
				header["Location"] = location
			}
			server := serve(t, step{want: "GET /api/v2/users/me", status: status, header: header})
			client := coder.New(coder.Config{URL: parse(t, server.URL), Token: token, MaxRetries: 3})
			_, err := client.User(t.Context(), coder.Me)
			redirect := as[*coder.RedirectError](t, err)
			if redirect.Status != status || redirect.Location != location {
				t.Errorf("error is %+v", redirect)
			}
		}
	}
	if len(elsewhere) > 0 {
		t.Errorf("requests elsewhere: %v", elsewhere)
	}
}

func TestExchange(t *testing.T) {
	t.Parallel()
	type key struct{}
	var got []coder.Exchange
	var outcomes []error
	calls := 0
	client := coder.NewWithTransport(coder.Config{
		URL:        parse(t, "http://coder.test/prefix"),
		Token:      token,
		MaxRetries: 2,
		OnExchange: func(ctx context.Context, e coder.Exchange) {
			if ctx.Value(key{}) != "caller" {
				t.Error("the context is not the caller's")
			}
			if e.Duration < 0 {
				t.Errorf("duration is %v", e.Duration)
			}
			e.Duration = 0
			outcomes = append(outcomes, e.Err)
			e.Err = nil
			got = append(got, e)
		},
	}, wire(func(req *http.Request) (*http.Response, error) {
		calls++
		switch calls {
		case 1:
			return nil, refusedConnection()
		case 2:
			return answer(req, 503, "", "Retry-After", "0"), nil
		default:
			return answer(req, 200, `[]`, "X-Coder-Request-Id", "r-3"), nil
		}
	}))
	ctx := context.WithValue(t.Context(), key{}, "caller")
	if _, err := client.BuildLogs(ctx, uuid.Nil, 5); err != nil {
		t.Fatal(err)
	}
	path := "/prefix/api/v2/workspacebuilds/00000000-0000-0000-0000-000000000000/logs"
	want := []coder.Exchange{
		{Method: "GET", Path: path, Attempt: 1},
		{Method: "GET", Path: path, Attempt: 2, Status: 503},
		{Method: "GET", Path: path, Attempt: 3, Status: 200, RequestID: "r-3"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if outcomes[0] == nil || outcomes[1] != nil || outcomes[2] != nil {
		t.Errorf("errors are %v", outcomes)
	}
}

func TestWorkspaceURL(t *testing.T) {
	t.Parallel()
	client := newClient(t, "https://coder.example/prefix/")
	if got, want := client.WorkspaceURL("al ice", "dev"), "https://coder.example/prefix/@al%20ice/dev"; got != want {
		t.Errorf("address is %s, want %s", got, want)
	}
}
