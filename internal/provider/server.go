package provider

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/longlist"
	"github.com/coderws/terraform-provider-coderws/internal/workspace"
)

// frameworkServer is what the framework makes of a provider. Lists and actions
// are still optional parts of the protocol.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// server answers Terraform. Nearly all of it is the framework's; the calls
// below come once for each workspace of a plan, where the rest of the
// framework's costs counts.
type server struct {
	frameworkServer

	provider *coderwsProvider
	types    stateTypes
}

// NewServer serves a provider by protocol 6.
func NewServer(p provider.Provider) tfprotov6.ProviderServer {
	framework := providerserver.NewProtocol6(p)().(frameworkServer) //nolint:forcetypeassert // true of the framework since 1.16
	own := p.(*coderwsProvider)                                     //nolint:forcetypeassert // there is no other
	return &door{&server{frameworkServer: framework, provider: own}}
}

// Serve runs the provider until Terraform ends it. Then it ends what Terraform
// has left open.
func Serve(version string, options ...tf6server.ServeOpt) error {
	p := &coderwsProvider{version: version, env: processEnvironment()}
	defer p.tokens.End()
	return tf6server.Serve("registry.terraform.io/coderws/coderws", func() tfprotov6.ProviderServer { return NewServer(p) }, options...)
}

// PlanResourceChange implements [tfprotov6.ResourceServer]. A plan without a
// change, and most plans of many workspaces are such, is answered here: the
// framework takes several milliseconds of CPU time for it.
func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	if req.TypeName == workspace.ResourceType {
		workspaces := s.provider.workspaces.Load()
		ctx = workspaces.Planning(ctx, req)
		if workspaces.PlansNothing(req) {
			return &tfprotov6.PlanResourceChangeResponse{
				PlannedState:    req.PriorState,
				PlannedPrivate:  req.PriorPrivate,
				PlannedIdentity: req.PriorIdentity,
			}, nil
		}
	}
	return during(ctx, req, s.frameworkServer.PlanResourceChange)
}

// ValidateDataResourceConfig implements [tfprotov6.DataSourceServer].
func (s *server) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return s.frameworkServer.ValidateDataResourceConfig(customtype.WithoutIDs(ctx), req)
}

// ValidateActionConfig implements [tfprotov6.ActionServer].
func (s *server) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	return s.frameworkServer.ValidateActionConfig(customtype.WithoutIDs(ctx), req)
}

// ReadDataSource implements [tfprotov6.DataSourceServer]. The framework's answer
// has the long lists put into it here.
func (s *server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	ctx, lists := longlist.NewContext(ctx)
	resp, err := during(ctx, req, s.frameworkServer.ReadDataSource)
	if err == nil && resp.State != nil {
		err = lists.Into(resp.State)
	}
	return resp, err
}

// UpgradeResourceState implements [tfprotov6.ResourceServer].
func (s *server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return during(ctx, req, s.frameworkServer.UpgradeResourceState)
}

// UpgradeResourceIdentity implements [tfprotov6.ResourceServer].
func (s *server) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return during(ctx, req, s.frameworkServer.UpgradeResourceIdentity)
}

// ApplyResourceChange implements [tfprotov6.ResourceServer].
func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return during(ctx, req, s.frameworkServer.ApplyResourceChange)
}

// ImportResourceState implements [tfprotov6.ResourceServer].
func (s *server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return during(ctx, req, s.frameworkServer.ImportResourceState)
}

// MoveResourceState implements [tfprotov6.ResourceServer].
func (s *server) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return during(ctx, req, s.frameworkServer.MoveResourceState)
}

// during makes a call with a context that is empty when it has ended.
func during[Request, Response any](ctx context.Context, req Request, call func(context.Context, Request) (Response, error)) (Response, error) {
	current := newCallContext(ctx)
	defer current.context.Store(nil) //nolint:contextcheck // it is ctx, as long as the call lasts
	return call(current, req)        //nolint:contextcheck // as above
}

// callContext is the context of one call. The framework (1.19) keeps those of
// all calls until the provider stops, to be able to cancel them, and with them
// their loggers and requests: 50 KB for each workspace of a plan. So this one
// lets go of what it holds when the call ends.
type callContext struct {
	context atomic.Pointer[context.Context] // nil after the call
	done    <-chan struct{}
}

func newCallContext(ctx context.Context) *callContext {
	c := &callContext{done: ctx.Done()}
	c.context.Store(&ctx)
	return c
}

// Deadline implements [context.Context].
func (c *callContext) Deadline() (time.Time, bool) {
	if ctx := c.context.Load(); ctx != nil {
		return (*ctx).Deadline()
	}
	return time.Time{}, false
}

// Done implements [context.Context].
func (c *callContext) Done() <-chan struct{} { return c.done }

// Err implements [context.Context].
func (c *callContext) Err() error {
	if ctx := c.context.Load(); ctx != nil {
		return (*ctx).Err()
	}
	select {
	case <-c.done:
		return context.Canceled
	default:
		return nil
	}
}

// Value implements [context.Context].
func (c *callContext) Value(key any) any {
	if ctx := c.context.Load(); ctx != nil {
		return (*ctx).Value(key)
	}
	return nil
}
