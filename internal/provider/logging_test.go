package provider_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-log/tflog"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/provider"
)

func TestLogExchange(t *testing.T) {
	t.Parallel()

	base := coder.Exchange{Method: "GET", Path: "/api/v2/users/me", Status: 200, Duration: 1500 * time.Microsecond, Attempt: 1, RequestID: "abc"}
	with := func(edit func(*coder.Exchange)) coder.Exchange {
		exchange := base
		edit(&exchange)
		return exchange
	}
	tests := map[string]struct {
		exchange coder.Exchange
		level    string
		message  string
		error    any
	}{
		"answer":  {base, "debug", "Coder answered", nil},
		"refusal": {with(func(e *coder.Exchange) { e.Status = 404 }), "debug", "Coder answered", nil},
		"limited": {with(func(e *coder.Exchange) { e.Status = 429 }), "warn", "Coder was busy", nil},
		"proxy":   {with(func(e *coder.Exchange) { e.Status = 502; e.Attempt = 2 }), "warn", "Coder was busy", nil},
		"repeat":  {with(func(e *coder.Exchange) { e.Attempt = 2 }), "info", "Coder answered a repeated request", nil},
		"broken": {
			with(func(e *coder.Exchange) { e.Status = 0; e.Err = errors.New("connection to " + secret + " refused") }),
			"warn", "Coder could not be reached", "connection to *** refused",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var output bytes.Buffer
			ctx := tflog.SetField(tflogtest.RootLogger(t.Context(), &output), "operation", "read")
			provider.LogExchange(coder.Config{Token: secret})(ctx, tt.exchange)

			entries, err := tflogtest.MultilineJSONDecode(&output)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]any{
				"@level": tt.level, "@message": tt.message, "@module": "provider.coder", "operation": "read",
				"method": "GET", "path": tt.exchange.Path, "status": float64(tt.exchange.Status), "duration_ms": float64(1),
				"attempt": float64(tt.exchange.Attempt), "request_id": "abc",
			}
			if tt.error != nil {
				want["error"] = tt.error
			}
			if diff := cmp.Diff([]map[string]any{want}, entries); diff != "" {
				t.Errorf("log differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLogExchange_masksSecrets(t *testing.T) {
	t.Parallel()
	var output bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &output)
	config := coder.Config{Token: secret, Headers: map[string]string{"X-Proxy": "proxy-password", "X-Empty": ""}}
	provider.LogExchange(config)(ctx, coder.Exchange{Method: "GET", Path: "/" + secret + "/proxy-password", RequestID: secret})
	if logged := output.String(); strings.Contains(logged, secret) || strings.Contains(logged, "proxy-password") || !strings.Contains(logged, "/***/***") {
		t.Errorf("logged: %s", logged)
	}
}

func TestLogExchange_withoutLogger(t *testing.T) {
	t.Parallel()
	// Outside of Terraform there is no logger in the context.
	provider.LogExchange(coder.Config{Token: secret})(t.Context(), coder.Exchange{})
}

func TestLogExchange_interrupted(t *testing.T) {
	t.Parallel()
	var output bytes.Buffer
	ctx, cancel := context.WithCancel(tflogtest.RootLogger(t.Context(), &output))
	cancel()
	provider.LogExchange(coder.Config{Token: secret})(ctx, coder.Exchange{Err: context.Canceled})
	if logged := output.String(); !strings.Contains(logged, `"debug"`) || !strings.Contains(logged, "broken off") {
		t.Errorf("an interruption is not the server's fault, but was logged as %s", logged)
	}
}
