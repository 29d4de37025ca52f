package workspace

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
)

// NewURLFunction returns the function workspace_url, which builds the address
// of a workspace's page.
func NewURLFunction() function.Function { return urlFunction{} }

type urlFunction struct{}

// Metadata names the function.
func (f urlFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "workspace_url"
}

// Definition describes the function.
func (f urlFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Build the address of a workspace's page",
		MarkdownDescription: "Builds the address of a workspace's page in Coder's dashboard, such as `https://coder.example.com/@ada/dev`. It asks no " +
			"server: whether there is such a workspace does not matter. Needs Terraform 1.8 or OpenTofu 1.7.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "base",
				MarkdownDescription: "Address of the deployment, as in the provider's `url`: `\"https://coder.example.com\"`.",
			},
			function.StringParameter{Name: "owner", MarkdownDescription: "Username of the workspace's owner; `\"me\"` is whoever opens the page."},
			function.StringParameter{Name: "name", MarkdownDescription: "Name of the workspace."},
		},
		Return: function.StringReturn{},
	}
}

// Run builds the address.
func (f urlFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var base, owner, name string
	if resp.Error = req.Arguments.Get(ctx, &base, &owner, &name); resp.Error != nil {
		return
	}
	deployment, problem := coder.ParseURL(base)
	switch {
	case problem != "":
		resp.Error = function.NewArgumentFuncError(0, "this is not the address of a deployment: "+problem)
	case !customtype.IsName(owner):
		resp.Error = function.NewArgumentFuncError(1, fmt.Sprintf("%q is not a username: 1 to 32 letters and digits, with single hyphens between them", owner))
	case !customtype.IsName(name):
		resp.Error = function.NewArgumentFuncError(2, fmt.Sprintf("%q is not the name of a workspace: 1 to 32 letters and digits, with single hyphens between them", name))
	default:
		resp.Error = resp.Result.Set(ctx, coder.WorkspaceURL(deployment, owner, name))
	}
}
