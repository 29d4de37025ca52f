package coder_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
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

func TestError_Predicates(t *testing.T) {
	t.Parallel()
	predicates := map[string]func(error) bool{
		"not found":        coder.IsNotFound,
		"gone":             coder.IsGone,
		"unknown route":    coder.IsUnknownRoute,
		"conflict":         coder.IsConflict,
		"unauthorized":     coder.IsUnauthorized,
		"forbidden":        coder.IsForbidden,
		"rate limited":     coder.IsRateLimited,
		"rename forbidden": coder.IsRenameForbidden,
		"unclear":          coder.IsUnclear,
		"TLS":              coder.IsTLS,
	}
	tests := map[string]struct {
		method string
		status int
		body   string
		want   string // the predicates that hold, in the order of the alphabet
	}{
		"404":                      {"GET", 404, notFound, "not found"},
		"404, no such endpoint":    {"GET", 404, `{"message":"Route not found."}`, "unknown route"},
		"404 of a proxy":           {"GET", 404, "default backend - 404", ""},
		"410":                      {"GET", 410, `{"message":"Workspace \"x\" was deleted, you can view this workspace by specifying '?deleted=true' and trying again."}`, "gone"},
		"410 of a proxy":           {"GET", 410, "moved out", ""},
		"unknown user ≤2.31":       {"GET", 400, `{"message":"\"user\" must be an existing uuid or username."}`, "not found"},
		"400":                      {"GET", 400, `{"message":"Invalid UUID \"x\"."}`, ""},
		"401":                      {"GET", 401, `{"message":"You are signed out or your session has expired. Please sign in again to continue.","detail":"API key is invalid."}`, "unauthorized"},
		"401 for template ≤2.1":    {"POST", 401, `{"message":"Template is not in organization \"x\"."}`, ""},
		"403":                      {"GET", 403, `{"message":"Forbidden."}`, "forbidden"},
		"500 for forbidden":        {"GET", 500, `{"message":"Internal error updating workspace.","detail":"unauthorized: rbac: forbidden"}`, "forbidden"},
		"500 for forbidden, inner": {"GET", 500, `{"message":"Error updating workspace time until shutdown.","detail":"update workspace ttl: unauthorized: rbac: forbidden"}`, "forbidden"},
		"500":                      {"POST", 500, `{"message":"An internal server error occurred."}`, ""},
		"409":                      {"POST", 409, `{"message":"A workspace build is already active."}`, "conflict"},
		"500 for name in use":      {"POST", 500, `{"message":"Internal error creating workspace.","detail":"execute transaction: insert workspace: pq: duplicate key value violates unique constraint \"workspaces_owner_id_lower_idx\""}`, "conflict"},
		"429":                      {"GET", 429, `{"message":"slow"}`, "rate limited"},
		"rename":                   {"GET", 400, `{"message":"Workspace renames are not allowed."}`, "rename forbidden"},
		"502 of a POST":            {"POST", 502, "", "unclear"},
		"502 of a GET":             {"GET", 502, "", ""},
		"524 of a POST":            {"POST", 524, "", "unclear"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := fmt.Errorf("wrapped: %w", refuse(t, tt.method, tt.status, tt.body))
			var holds []string
			for _, predicate := range []string{"conflict", "forbidden", "gone", "not found", "rate limited", "rename forbidden", "TLS", "unauthorized", "unclear", "unknown route"} {
				if predicates[predicate](err) {
					holds = append(holds, predicate)
				}
			}
			if got := strings.Join(holds, ", "); got != tt.want {
				t.Errorf("it is %q, want %q", got, tt.want)
			}
		})
	}
	for name, predicate := range predicates {
		if predicate(nil) || predicate(io.EOF) || predicate(errors.New("404")) {
			t.Errorf("%s holds for an error of another kind", name)
		}
	}
}
