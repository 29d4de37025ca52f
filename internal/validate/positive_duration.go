package validate

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// PositiveDuration accepts durations as Go writes them ("1h30m") that are
// longer than nothing. What is no duration at all is left to the attribute's
// type.
func PositiveDuration() validator.String { return positiveDurationValidator{} }

type positiveDurationValidator struct{}

func (v positiveDurationValidator) Description(context.Context) string {
	return "a duration longer than nothing, such as 1h30m"
}

func (v positiveDurationValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (v positiveDurationValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	duration, err := time.ParseDuration(req.ConfigValue.ValueString())
	if err == nil && duration <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration",
			fmt.Sprintf("%q is not %s.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}
