package coder_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// refuse makes the client read a refusal.
func refuse(t *testing.T, method string, status int, body string, header ...string) *coder.Error {
	t.Helper()
	client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
		return answer(req, status, body, header...), nil
	})
	var err error
	if method == http.MethodPost {
		_, err = client.CreateBuild(t.Context(), workspaceID, coder.CreateBuildRequest{})
	} else {
		_, err = client.Workspace(t.Context(), workspaceID)
	}
	return as[*coder.Error](t, fmt.Errorf("wrapped: %w", err))
}

func TestError_Shapes(t *testing.T) {
	t.Parallel()
	path := "/api/v2/workspaces/" + workspaceID.String()
	tests := map[string]struct {
		status int
		body   string
		header []string
		want   coder.Error
		text   string
	}{
		"message": {
			404, notFound,
			[]string{"X-Coder-Request-Id", "r1"},
			coder.Error{Message: "Resource not found or you do not have access to this resource", RequestID: "r1"},
			"404 Not Found: Resource not found or you do not have access to this resource",
		},
		"validations": {
			400, `{"message":"Validation failed.","validations":[{"field":"name","detail":"bad"},{"field":"ttl_ms","detail":"worse"}]}`, nil,
			coder.Error{Message: "Validation failed.", Validations: []coder.Validation{{Field: "name", Detail: "bad"}, {Field: "ttl_ms", Detail: "worse"}}},
			"400 Bad Request: Validation failed. (name: bad; ttl_ms: worse)",
		},
		"detail": {
			500, `{"message":"Internal error updating workspace.","detail":"unauthorized: rbac: forbidden"}`, nil,
			coder.Error{Message: "Internal error updating workspace.", Detail: "unauthorized: rbac: forbidden"},
			"500 Internal Server Error: Internal error updating workspace.: unauthorized: rbac: forbidden",
		},
		"detail repeats message (≤2.1)": {
			400, `{"message":"same","detail":"same"}`, nil,
			coder.Error{Message: "same", Detail: "same"},
			"400 Bad Request: same",
		},
		"empty body": {
			405, "",
			[]string{"Content-Type", ""},
			coder.Error{Message: "Method Not Allowed"},
			"405 Method Not Allowed",
		},
		"plain text": {
			428, "\"X-Coder-Bypass-Ratelimit\" provided but user is not owner\n",
			[]string{"Content-Type", "text/plain"},
			coder.Error{Message: `"X-Coder-Bypass-Ratelimit" provided but user is not owner`},
			`428 Precondition Required: "X-Coder-Bypass-Ratelimit" provided but user is not owner`,
		},
		"proxy's HTML": {
			502, "<html>\n<head><title>502 Bad Gateway</title><style>a{b:c}</style></head>\n<body><h1>It&#39;s\x00 \x1b[31mdown</h1><script>x()</script></body></html>",
			[]string{"Content-Type", "text/html"},
			coder.Error{Message: "502 Bad Gateway It's [31mdown"},
			"502 Bad Gateway: 502 Bad Gateway It's [31mdown",
		},
		"JSON of somebody else": {
			403, `{"error":"blocked"}`, nil,
			coder.Error{Message: `{"error":"blocked"}`},
			`403 Forbidden: {"error":"blocked"}`,
		},
		"rate limit": {
			429, `{"message":"You've been rate limited."}`,
			[]string{"Retry-After", "60"},
			coder.Error{Message: "You've been rate limited.", RetryAfter: time.Minute},
			"429 Too Many Requests: You've been rate limited.",
		},
		"unknown status": {599, "", nil, coder.Error{Message: "no message"}, "599 : no message"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := refuse(t, http.MethodGet, tt.status, tt.body, tt.header...)
			tt.want.Method, tt.want.Server, tt.want.Path, tt.want.Status = "GET", "http://coder.test", path, tt.status
			if diff := cmp.Diff(tt.want, *got, cmpopts.IgnoreUnexported(coder.Error{})); diff != "" {
				t.Error(diff)
			}
			if text := "GET " + path + ": " + tt.text; got.Error() != text {
				t.Errorf("text is %q, want %q", got, text)
			}
		})
	}
}

func TestError_LargeBodyIsCut(t *testing.T) {
	t.Parallel()
	got := refuse(t, http.MethodGet, 500, strings.Repeat("long ", 1<<20), "Content-Type", "text/plain")
	if n := len([]rune(got.Message)); n != 201 || !strings.HasSuffix(got.Message, "…") {
		t.Errorf("message has %d characters: %q", n, got.Message)
	}
}

func TestIsUnclear_Refusals(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method string
		status int
		body   string
		header []string
		want   bool
	}{
		"502 of a POST":            {"POST", 502, "", nil, true},
		"502 of a GET":             {"GET", 502, "", nil, false},
		"524 of a POST":            {"POST", 524, "", nil, true},
		"500 of a gateway":         {"POST", 500, `{"message":"Internal Server Error"}`, nil, true},
		"500 of a gateway, a GET":  {"GET", 500, `{"message":"Internal Server Error"}`, nil, false},
		"500 of Coder":             {"POST", 500, `{"message":"Internal error."}`, ofCoder, false},
		"500 of Coder, no headers": {"POST", 500, `{"message":"Internal error.","detail":"pq: no"}`, nil, false},
		"404 of a gateway":         {"POST", 404, "", nil, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := coder.IsUnclear(refuse(t, tt.method, tt.status, tt.body, tt.header...)); got != tt.want {
				t.Errorf("unclear is %t", got)
			}
		})
	}
}

// Other words mean the same: what was read from them stays.
func TestError_Reworded(t *testing.T) {
	t.Parallel()
	refused := &coder.Error{
		Method: "POST", Path: "/x", Status: 400, Message: `Unable to validate parameter "text"`, Detail: "it is hunter2",
		Validations: []coder.Validation{{Field: "text", Detail: "got hunter2"}},
	}
	reworded := refused.Reworded(func(string) string { return "changed" }).Reworded(strings.ToUpper)
	if reworded.Message != "CHANGED" || reworded.Detail != "CHANGED" || reworded.Validations[0] != (coder.Validation{Field: "text", Detail: "CHANGED"}) {
		t.Errorf("the words are %v", reworded)
	}
	if kind, want := reworded.Kind(), refused.Kind(); kind != want || kind != coder.ParametersRefused {
		t.Errorf("the kind is %s, want %s", kind, want)
	}
	if names := reworded.Parameters(); !slices.Equal(names, []string{"text"}) {
		t.Errorf("the parameters are %q", names)
	}
	if refused.Detail != "it is hunter2" || refused.Validations[0].Detail != "got hunter2" {
		t.Error("the refusal itself was changed")
	}
}
