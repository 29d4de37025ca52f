package validate

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// MaxTTL is the longest time until autostop that Coder accepts (≥0.27; 7 days
// before).
const MaxTTL = 30 * 24 * time.Hour

// WholeMinutes accepts milliseconds that Coder stores unchanged as a TTL: 0 for
// none, or whole minutes up to [MaxTTL]. The server would cut anything else
// down to whole minutes without a word.
func WholeMinutes() validator.Int64 { return wholeMinutesValidator{} }

type wholeMinutesValidator struct{}

func (v wholeMinutesValidator) Description(context.Context) string {
	return fmt.Sprintf("0 or whole minutes in milliseconds: a multiple of %d up to %d", time.Minute.Milliseconds(), MaxTTL.Milliseconds())
}

func (v wholeMinutesValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (v wholeMinutesValidator) ValidateInt64(ctx context.Context, req validator.Int64Request, resp *validator.Int64Response) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	ms := req.ConfigValue.ValueInt64()
	minute := time.Minute.Milliseconds()
	if ms < 0 || ms > MaxTTL.Milliseconds() || ms%minute != 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid TTL",
			fmt.Sprintf("%d milliseconds is not a TTL Coder keeps as it is. Use %s; the next lower whole minute is %d.",
				ms, v.Description(ctx), min(max(ms, 0), MaxTTL.Milliseconds())/minute*minute))
	}
}
