package coder_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// Signing in is what prolongs a token; whether its scopes allow what was asked
// for does not matter.
func TestUseToken(t *testing.T) {
	t.Parallel()
	const other = "zyxwvutsrq-9876543210zyxwvutsrqpo"
	for body, tt := range map[string]struct {
		status int
		want   coder.Kind
	}{
		`{"id":"11111111-1111-4111-8111-111111111111","username":"alice"}`: {200, coder.NoRefusal},
		notFound:                   {404, coder.NoRefusal},
		`{"message":"Forbidden."}`: {403, coder.NoRefusal},
		`{"message":"You are signed out or your session has expired. Please sign in again to continue."}`: {401, coder.Unauthorized},
		`<html>busy</html>`: {503, coder.Foreign},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header.Values("Coder-Session-Token"); len(got) != 1 || got[0] != other || r.URL.Path != "/api/v2/users/me" {
				t.Errorf("%s came with %q", r.URL.Path, got)
			}
			w.Header().Set("X-Coder-Build-Version", "v2.21.1")
			w.Header().Set("Content-Type", jsonContent)
			w.WriteHeader(tt.status)
			_, _ = w.Write([]byte(body))
		}))
		client := coder.New(coder.Config{URL: parse(t, server.URL), Token: token})
		err := client.UseToken(t.Context(), other)
		server.Close()
		if coder.KindOf(err) != tt.want || (err == nil) != (tt.want == coder.NoRefusal) {
			t.Errorf("%d: %v", tt.status, err)
		}
	}
}

// A token is used after its first hour, in which that prolongs nothing, and well
// before its end.
func TestProlongTokenIn(t *testing.T) {
	t.Parallel()
	for _, lifetime := range []time.Duration{time.Hour + time.Second, 61 * time.Minute, 2 * time.Hour, 30 * 24 * time.Hour} {
		in := coder.ProlongTokenIn(lifetime, lifetime)
		if in <= time.Hour || in >= lifetime {
			t.Errorf("%s: used after %s", lifetime, in)
		}
	}
}

func TestTokenID(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{token: "abcdefghij", "abcdefghij-": "", "abcdefghij": "", "": "", "-x": ""} {
		if got := coder.TokenID(key); got != want {
			t.Errorf("%q: %q", key, got)
		}
	}
}
