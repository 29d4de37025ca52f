package provider

import (
	"context"
	"iter"
	"reflect"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/coderws/terraform-provider-coderws/internal/printable"
)

// door is the only way out: whatever the provider says to people passes here,
// and is made fit to be printed, no matter whose words it is. So nobody else has
// to think of what the server, a template or a configuration may have put into
// a text. It embeds nothing, so that a new call of the protocol has to pass, too.
// What is written to the log has a door of its own, [printable.Fields].
type door struct {
	inside frameworkServer
}

// out makes a call, and what it says fit to be printed.
func out[Request, Response any](ctx context.Context, req Request, call func(context.Context, Request) (*Response, error)) (*Response, error) {
	resp, err := call(ctx, req)
	if resp != nil {
		diags, _ := reflect.ValueOf(resp).Elem().FieldByName("Diagnostics").Interface().([]*tfprotov6.Diagnostic)
		clean(diags)
	}
	return resp, err
}

func clean(diags []*tfprotov6.Diagnostic) {
	for _, d := range diags {
		d.Summary, d.Detail = printable.Line(d.Summary), printable.Clean(d.Detail)
	}
}

// each is a stream with every element cleaned.
func each[T any](stream iter.Seq[T], clean func(*T)) iter.Seq[T] {
	return func(yield func(T) bool) {
		for element := range stream {
			clean(&element)
			if !yield(element) {
				return
			}
		}
	}
}

// ListResource implements [tfprotov6.ListResourceServer].
func (d *door) ListResource(ctx context.Context, req *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	stream, err := d.inside.ListResource(ctx, req)
	if stream != nil && stream.Results != nil {
		stream.Results = each(stream.Results, func(result *tfprotov6.ListResourceResult) {
			result.DisplayName = printable.Line(result.DisplayName)
			clean(result.Diagnostics)
		})
	}
	return stream, err
}

// InvokeAction implements [tfprotov6.ActionServer].
func (d *door) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	stream, err := d.inside.InvokeAction(ctx, req)
	if stream != nil && stream.Events != nil {
		stream.Events = each(stream.Events, func(event *tfprotov6.InvokeActionEvent) {
			switch what := event.Type.(type) {
			case tfprotov6.ProgressInvokeActionEventType:
				what.Message = printable.Clean(what.Message)
				event.Type = what
			case tfprotov6.CompletedInvokeActionEventType:
				clean(what.Diagnostics)
			}
		})
	}
	return stream, err
}

// CallFunction implements [tfprotov6.FunctionServer].
func (d *door) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	resp, err := d.inside.CallFunction(ctx, req)
	if resp != nil && resp.Error != nil {
		resp.Error.Text = printable.Clean(resp.Error.Text)
	}
	return resp, err
}

// StopProvider implements [tfprotov6.ProviderServer].
func (d *door) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	resp, err := d.inside.StopProvider(ctx, req)
	if resp != nil {
		resp.Error = printable.Clean(resp.Error)
	}
	return resp, err
}

// GetMetadata implements [tfprotov6.ProviderServer].
func (d *door) GetMetadata(ctx context.Context, req *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	return out(ctx, req, d.inside.GetMetadata)
}

// GetProviderSchema implements [tfprotov6.ProviderServer].
func (d *door) GetProviderSchema(ctx context.Context, req *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return out(ctx, req, d.inside.GetProviderSchema)
}

// GetResourceIdentitySchemas implements [tfprotov6.ProviderServer].
func (d *door) GetResourceIdentitySchemas(ctx context.Context, req *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return out(ctx, req, d.inside.GetResourceIdentitySchemas)
}

// ValidateProviderConfig implements [tfprotov6.ProviderServer].
func (d *door) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return out(ctx, req, d.inside.ValidateProviderConfig)
}

// ConfigureProvider implements [tfprotov6.ProviderServer].
func (d *door) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return out(ctx, req, d.inside.ConfigureProvider)
}

// ValidateResourceConfig implements [tfprotov6.ResourceServer].
func (d *door) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return out(ctx, req, d.inside.ValidateResourceConfig)
}

// UpgradeResourceState implements [tfprotov6.ResourceServer].
func (d *door) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return out(ctx, req, d.inside.UpgradeResourceState)
}

// UpgradeResourceIdentity implements [tfprotov6.ResourceServer].
func (d *door) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return out(ctx, req, d.inside.UpgradeResourceIdentity)
}

// ReadResource implements [tfprotov6.ResourceServer].
func (d *door) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return out(ctx, req, d.inside.ReadResource)
}

// PlanResourceChange implements [tfprotov6.ResourceServer].
func (d *door) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return out(ctx, req, d.inside.PlanResourceChange)
}

// ApplyResourceChange implements [tfprotov6.ResourceServer].
func (d *door) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return out(ctx, req, d.inside.ApplyResourceChange)
}

// ImportResourceState implements [tfprotov6.ResourceServer].
func (d *door) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return out(ctx, req, d.inside.ImportResourceState)
}

// MoveResourceState implements [tfprotov6.ResourceServer].
func (d *door) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return out(ctx, req, d.inside.MoveResourceState)
}

// GenerateResourceConfig implements [tfprotov6.ResourceServer].
func (d *door) GenerateResourceConfig(ctx context.Context, req *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return out(ctx, req, d.inside.GenerateResourceConfig)
}

// ValidateDataResourceConfig implements [tfprotov6.DataSourceServer].
func (d *door) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return out(ctx, req, d.inside.ValidateDataResourceConfig)
}

// ReadDataSource implements [tfprotov6.DataSourceServer].
func (d *door) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return out(ctx, req, d.inside.ReadDataSource)
}

// GetFunctions implements [tfprotov6.FunctionServer].
func (d *door) GetFunctions(ctx context.Context, req *tfprotov6.GetFunctionsRequest) (*tfprotov6.GetFunctionsResponse, error) {
	return out(ctx, req, d.inside.GetFunctions)
}

// ValidateEphemeralResourceConfig implements [tfprotov6.EphemeralResourceServer].
func (d *door) ValidateEphemeralResourceConfig(ctx context.Context, req *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	return out(ctx, req, d.inside.ValidateEphemeralResourceConfig)
}

// OpenEphemeralResource implements [tfprotov6.EphemeralResourceServer].
func (d *door) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	return out(ctx, req, d.inside.OpenEphemeralResource)
}

// RenewEphemeralResource implements [tfprotov6.EphemeralResourceServer].
func (d *door) RenewEphemeralResource(ctx context.Context, req *tfprotov6.RenewEphemeralResourceRequest) (*tfprotov6.RenewEphemeralResourceResponse, error) {
	return out(ctx, req, d.inside.RenewEphemeralResource)
}

// CloseEphemeralResource implements [tfprotov6.EphemeralResourceServer].
func (d *door) CloseEphemeralResource(ctx context.Context, req *tfprotov6.CloseEphemeralResourceRequest) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	return out(ctx, req, d.inside.CloseEphemeralResource)
}

// ValidateListResourceConfig implements [tfprotov6.ListResourceServer].
func (d *door) ValidateListResourceConfig(ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	return out(ctx, req, d.inside.ValidateListResourceConfig)
}

// ValidateActionConfig implements [tfprotov6.ActionServer].
func (d *door) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	return out(ctx, req, d.inside.ValidateActionConfig)
}

// PlanAction implements [tfprotov6.ActionServer].
func (d *door) PlanAction(ctx context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	return out(ctx, req, d.inside.PlanAction)
}
