// Package provider is the Terraform provider itself: its configuration and the
// lists of what it offers.
package provider

import (
	"context"
	"net"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/coderws/terraform-provider-coderws/internal/acl"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/portshare"
	"github.com/coderws/terraform-provider-coderws/internal/schedule"
	"github.com/coderws/terraform-provider-coderws/internal/template"
	"github.com/coderws/terraform-provider-coderws/internal/token"
	"github.com/coderws/terraform-provider-coderws/internal/workspace"
)

// TypeName is the provider's name and the prefix of all its types.
const TypeName = "coderws"

var (
	_ provider.ProviderWithFunctions          = (*coderwsProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*coderwsProvider)(nil)
	_ provider.ProviderWithActions            = (*coderwsProvider)(nil)
	_ provider.ProviderWithListResources      = (*coderwsProvider)(nil)
)

type coderwsProvider struct {
	version string
	env     environment
	dial    func(ctx context.Context, network, address string) (net.Conn, error) // nil uses the network
	tokens  token.Open
	// workspaces is nil until the provider is configured, and another one each
	// time that it is.
	workspaces atomic.Pointer[workspace.ProviderData]
}

// New returns a constructor of the provider. Version is the provider's own,
// "dev" outside releases.
func New(version string) func() provider.Provider {
	return newWithEnvironment(version, processEnvironment())
}

// NewWithDial is [New] with connections of the caller's making; see
// [coder.Config]. It is for tests.
func NewWithDial(version string, dial func(ctx context.Context, network, address string) (net.Conn, error)) func() provider.Provider {
	return func() provider.Provider {
		return &coderwsProvider{version: version, env: processEnvironment(), dial: dial}
	}
}

func newWithEnvironment(version string, env environment) func() provider.Provider {
	return func() provider.Provider {
		return &coderwsProvider{version: version, env: env}
	}
}

// Metadata names the provider.
func (p *coderwsProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = TypeName
	resp.Version = p.version
}

// Configure makes the API client that every resource and data source gets as
// its provider data. It does not touch the network: a plan without any
// workspace needs no server, and each call reports its own problem.
func (p *coderwsProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model configModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}

	config, diags := resolveConfig(model, p.env)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	config.UserAgent = p.userAgent(req.TerraformVersion)
	config.OnExchange = logExchange(config)
	config.Dial = p.dial

	client := coder.New(config)
	workspaces := workspace.NewProviderData(client)
	p.workspaces.Store(workspaces)
	resp.DataSourceData = client
	resp.ResourceData = workspaces
	resp.EphemeralResourceData = &token.ProviderData{Client: client, Open: &p.tokens}
	resp.ActionData = client
	resp.ListResourceData = workspaces
}

// userAgent tells server logs which provider and which Terraform sent a
// request.
func (p *coderwsProvider) userAgent(terraform string) string {
	agent := "terraform-provider-" + TypeName + "/" + p.version
	if terraform != "" {
		agent += " (terraform/" + terraform + ")"
	}
	return agent
}

// Resources lists the resources.
func (p *coderwsProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{workspace.NewResource, acl.NewResource, portshare.NewResource}
}

// DataSources lists the data sources.
func (p *coderwsProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{workspace.NewDataSource, workspace.NewDataSourceList, template.NewDataSource}
}

// EphemeralResources lists the ephemeral resources, for Terraform ≥1.10.
func (p *coderwsProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{token.NewEphemeralResource}
}

// Functions lists the functions. They need no configuration and no server.
func (p *coderwsProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		schedule.NewAutostartScheduleFunction,
		schedule.NewParseAutostartFunction,
		schedule.NewDurationMillisFunction,
		workspace.NewURLFunction,
	}
}

// Actions lists the actions, for Terraform ≥1.14.
func (p *coderwsProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{
		workspace.NewStartAction, workspace.NewStopAction, workspace.NewRestartAction, workspace.NewUpdateAction, workspace.NewExtendAction,
	}
}

// ListResources lists what "terraform query" can list, for Terraform ≥1.14.
func (p *coderwsProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{workspace.NewListResource}
}
