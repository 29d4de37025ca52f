// Package validate holds the validators of Coder's own rules for names and
// schedules, so that bad input fails at plan.
package validate

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var (
	workspaceName = regexp.MustCompile(`^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$`)
	// reservedNames are pages of the dashboard; refused by Coder ≥2.13.
	reservedNames = []string{"new", "create"}
)

// WorkspaceName refuses names that Coder refuses for a workspace.
func WorkspaceName() validator.String { return workspaceNameValidator{} }

type workspaceNameValidator struct{}

func (v workspaceNameValidator) Description(context.Context) string {
	return "1 to 32 letters and digits with single hyphens between them; not \"new\" or \"create\""
}

func (v workspaceNameValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (v workspaceNameValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	name := req.ConfigValue.ValueString()
	if problem := workspaceNameProblem(name); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid workspace name",
			fmt.Sprintf("%q cannot be the name of a workspace: %s. Coder accepts %s.", name, problem, v.Description(ctx)))
	}
}

func workspaceNameProblem(name string) string {
	switch {
	case name == "":
		return "it is empty"
	case len(name) > 32:
		return fmt.Sprintf("it has %d characters, at most 32 are allowed", len(name))
	case slices.Contains(reservedNames, strings.ToLower(name)):
		return "the word is reserved"
	case !workspaceName.MatchString(name):
		return "it has characters other than letters, digits and single inner hyphens"
	default:
		return ""
	}
}
