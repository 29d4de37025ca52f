package coder_test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		known                       bool
		least024, least22, least235 bool
	}{
		"v2.35.1+8b44bd6":           {true, true, true, true},
		"v2.35.1":                   {true, true, true, true},
		"v2.36.0-devel+abc":         {true, true, true, true},
		"v2.2.0":                    {true, true, true, false},
		"v2.1.5":                    {true, true, false, false},
		"v0.24.1-devel+8dac0356e":   {true, true, false, false},
		"v0.23.0":                   {true, false, false, false},
		"v3.0.0":                    {true, true, true, true},
		"v0.0.0-devel+abc":          {},
		"":                          {},
		"devel":                     {},
		"v99999999999999999999.0.0": {},
	}
	for text, tt := range tests {
		v := coder.ParseVersion(text)
		if v.Known() != tt.known || v.AtLeast(0, 24) != tt.least024 || v.AtLeast(2, 2) != tt.least22 || v.AtLeast(2, 35) != tt.least235 {
			t.Errorf("%q: known %t, at least 0.24 %t, 2.2 %t, 2.35 %t", text, v.Known(), v.AtLeast(0, 24), v.AtLeast(2, 2), v.AtLeast(2, 35))
		}
		if v.String() != text {
			t.Errorf("%q is written as %q", text, v)
		}
	}
}

func TestServerVersionAndClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		headers := [][]string{
			{"X-Coder-Build-Version", "v2.1.0", "Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)},
			{},
			{"X-Coder-Build-Version", "v2.35.1+8b44bd6", "Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)},
		}
		client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
			next := headers[0]
			headers = headers[1:]
			return answer(req, 404, notFound, next...), nil
		})
		if v := client.ServerVersion(); v.Known() || v.String() != "" {
			t.Errorf("version before the first answer is %s", v)
		}
		if !client.ServerNow().Equal(time.Now()) {
			t.Errorf("clock before the first answer is %v", client.ServerNow())
		}
		for i, want := range []struct {
			version string
			offset  time.Duration
		}{{"v2.1.0", time.Hour}, {"v2.1.0", time.Hour}, {"v2.35.1+8b44bd6", -time.Hour}} {
			if _, err := client.Workspace(t.Context(), workspaceID); coder.KindOf(err) != coder.NotVisible {
				t.Fatal(err)
			}
			if got := client.ServerVersion().String(); got != want.version {
				t.Errorf("answer %d: version is %s, want %s", i, got, want.version)
			}
			if got := time.Until(client.ServerNow()); got != want.offset {
				t.Errorf("answer %d: clock is off by %v, want %v", i, got, want.offset)
			}
		}
	})
}

// The clock is learned from any answer; /buildinfo is asked for it only before
// the first, and once where no answer tells the time.
func TestLearnClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, tells := range []bool{true, false} {
			asked := 0
			client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
				asked++
				var headers []string
				if tells {
					headers = []string{"Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)}
				}
				return answer(req, 200, `{"version":"v2.35.1"}`, headers...), nil
			})
			if client.KnowsClock() {
				t.Error("known before the first answer")
			}
			for range 3 {
				now, err := client.LearnClock(t.Context())
				if ahead := time.Until(now); err != nil || ahead != map[bool]time.Duration{true: time.Hour, false: 0}[tells] || client.KnowsClock() != tells {
					t.Errorf("told %t: %s ahead, known %t, error %v", tells, ahead, client.KnowsClock(), err)
				}
			}
			if asked != 1 {
				t.Errorf("told %t: asked %d times", tells, asked)
			}
		}
		refused := onWire(t, 0, func(*http.Request) (*http.Response, error) { return nil, errors.New("no route to host") })
		if now, err := refused.LearnClock(t.Context()); err == nil {
			t.Errorf("nobody was reached, and it is %s", now)
		}
	})
}
