package validate

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// NotNull refuses null, for the elements of a collection.
func NotNull() validator.String { return notNullValidator{} }

type notNullValidator struct{}

func (v notNullValidator) Description(context.Context) string { return "not null" }

func (v notNullValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v notNullValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() {
		resp.Diagnostics.AddAttributeError(req.Path, "Value must not be null",
			"Leave the element out of the map instead of giving it a null value.")
	}
}
