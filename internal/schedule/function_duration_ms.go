package schedule

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"
)

// NewDurationMillisFunction returns the function duration_ms, which turns a
// duration into milliseconds.
func NewDurationMillisFunction() function.Function { return durationMillisFunction{} }

type durationMillisFunction struct{}

// Metadata names the function.
func (f durationMillisFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "duration_ms"
}

// Definition describes the function.
func (f durationMillisFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Turn a duration into milliseconds",
		MarkdownDescription: "Turns a duration into the number of milliseconds that attributes such as `coderws_workspace.ttl_ms` take. A duration is a " +
			"sequence of numbers with units: `8h30m`, `1.5h`, `2w`. The units are `w` (7 days), `d` (24 hours), `h`, `m`, `s` and `ms`; `0` needs none. " +
			"Negative durations and fractions of a millisecond are errors. Needs Terraform 1.8 or OpenTofu 1.7.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "duration", MarkdownDescription: "The duration: `\"8h30m\"`."},
		},
		Return: function.Int64Return{},
	}
}

// Run reads the duration.
func (f durationMillisFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	millis, err := ParseDuration(text)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf("%q is not a duration such as \"8h30m\": %s", text, err))
		return
	}
	resp.Error = resp.Result.Set(ctx, millis)
}
