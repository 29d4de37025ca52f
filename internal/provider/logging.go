package provider

import (
	"context"
	"net/http"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/printable"
)

// logSubsystem names the log of the API's traffic. Its level can be set apart
// by TF_LOG_PROVIDER_CODERWS_CODER.
const logSubsystem = "coder"

// logContext returns a function that adds the log of the API's traffic to the
// context of a request. The logger is made anew for each, so that its lines
// carry the fields of the operation they belong to.
func logContext(config coder.Config) func(context.Context) context.Context {
	secrets := []string{config.Token}
	for _, value := range config.Headers {
		if value != "" {
			secrets = append(secrets, value)
		}
	}
	return func(ctx context.Context) context.Context {
		ctx = tflog.NewSubsystem(ctx, logSubsystem,
			tflog.WithLevelFromEnv("TF_LOG_PROVIDER_CODERWS", logSubsystem), tflog.WithRootFields())
		return tflog.SubsystemMaskLogStrings(ctx, logSubsystem, secrets...)
	}
}

// logExchange returns the client's hook that writes each attempt of a request
// to Terraform's log, without bodies and headers.
func logExchange(config coder.Config) func(context.Context, coder.Exchange) {
	withLog := logContext(config)
	return func(ctx context.Context, exchange coder.Exchange) {
		ctx = withLog(ctx)
		fields := map[string]any{
			"method":      exchange.Method,
			"path":        exchange.Path,
			"status":      exchange.Status,
			"duration_ms": exchange.Duration.Milliseconds(),
			"attempt":     exchange.Attempt,
			"request_id":  exchange.RequestID,
		}
		if exchange.Err != nil {
			fields["error"] = exchange.Err.Error()
		}
		fields = printable.Fields(fields)

		// The pace of repeats is visible at the levels people use by default:
		// what makes the client repeat warns, the repeat itself informs.
		switch {
		case exchange.Err != nil && ctx.Err() != nil:
			tflog.SubsystemDebug(ctx, logSubsystem, "Request to Coder broken off", fields)
		case exchange.Err != nil:
			tflog.SubsystemWarn(ctx, logSubsystem, "Coder could not be reached", fields)
		case isBusy(exchange.Status):
			tflog.SubsystemWarn(ctx, logSubsystem, "Coder was busy", fields)
		case exchange.Attempt > 1:
			tflog.SubsystemInfo(ctx, logSubsystem, "Coder answered a repeated request", fields)
		default:
			tflog.SubsystemDebug(ctx, logSubsystem, "Coder answered", fields)
		}
	}
}

// isBusy tells whether a status makes the client repeat a request.
func isBusy(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}
