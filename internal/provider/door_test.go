package provider_test

import (
	"context"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/coderws/terraform-provider-coderws/internal/provider"
)

// hostile would change what a terminal shows, in every way there is: colours, the
// title, the screen, the line itself, the direction of writing.
const hostile = "first \x1b[1;31mred\x1b[2J\x1b]0;title\x07 \u009b5A\u202ereversed\u2066\u200b\x00\x08\x7f\r\nsecond\xff"

// forging finds what is left of it.
var forging = regexp.MustCompile(`[\x00-\x08\x0b-\x1f\x7f-\x9f\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}]`)

// Whatever call of the protocol Terraform makes, nothing that it shows to people
// can forge what a terminal shows, and lines stay lines.
func TestDoor(t *testing.T) {
	t.Parallel()
	server := reflect.ValueOf(provider.NewDoor(talker{}))
	calls := reflect.TypeFor[provider.FrameworkServer]()
	for i := range calls.NumMethod() {
		name := calls.Method(i).Name
		call := server.MethodByName(name)
		results := call.Call([]reflect.Value{reflect.ValueOf(t.Context()), reflect.New(call.Type().In(1).Elem())})
		texts := said(results[0])
		if len(texts) == 0 {
			t.Errorf("%s says nothing", name)
		}
		for _, text := range texts {
			if at := forging.FindString(text); at != "" || !strings.Contains(text, "first red") || !strings.HasPrefix(text, "first") || len(text) > 13_000 {
				t.Errorf("%s says %q", name, text[:min(200, len(text))])
			}
		}
		if details := slices.DeleteFunc(texts, func(text string) bool { return !strings.Contains(text, "\nsecond") }); len(details) == 0 && name != "StopProvider" {
			t.Errorf("%s: all lines became one", name)
		}
	}
}

// A stream ends where Terraform leaves it.
func TestDoor_streamEnds(t *testing.T) {
	t.Parallel()
	stream, err := provider.NewDoor(talker{}).ListResource(t.Context(), &tfprotov6.ListResourceRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for range stream.Results {
		break
	}
}

// said are the texts for people in an answer, in whatever part of it.
func said(answer reflect.Value) []string {
	switch value := answer.Interface().(type) {
	case []*tfprotov6.Diagnostic:
		var texts []string
		for _, d := range value {
			texts = append(texts, d.Summary, d.Detail)
		}
		return texts
	case *tfprotov6.ListResourceServerStream:
		var texts []string
		for result := range value.Results {
			texts = append(texts, result.DisplayName)
			texts = append(texts, said(reflect.ValueOf(result.Diagnostics))...)
		}
		return texts
	case *tfprotov6.InvokeActionServerStream:
		var texts []string
		for event := range value.Events {
			switch event := event.Type.(type) {
			case tfprotov6.ProgressInvokeActionEventType:
				texts = append(texts, event.Message)
			case tfprotov6.CompletedInvokeActionEventType:
				texts = append(texts, said(reflect.ValueOf(event.Diagnostics))...)
			}
		}
		return texts
	case *tfprotov6.CallFunctionResponse:
		return []string{value.Error.Text}
	case *tfprotov6.StopProviderResponse:
		return []string{value.Error}
	default:
		return said(answer.Elem().FieldByName("Diagnostics"))
	}
}

// talker answers every call with hostile words.
type talker struct{}

func diagnostics() []*tfprotov6.Diagnostic {
	long := strings.Repeat("a very long line ", 100_000)
	return []*tfprotov6.Diagnostic{
		{Severity: tfprotov6.DiagnosticSeverityError, Summary: hostile, Detail: hostile},
		{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: hostile, Detail: hostile + long},
	}
}

func (talker) ListResource(context.Context, *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	return &tfprotov6.ListResourceServerStream{Results: slices.Values([]tfprotov6.ListResourceResult{
		{DisplayName: hostile, Diagnostics: diagnostics()}, {DisplayName: hostile},
	})}, nil
}

func (talker) InvokeAction(context.Context, *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	return &tfprotov6.InvokeActionServerStream{Events: slices.Values([]tfprotov6.InvokeActionEvent{
		{Type: tfprotov6.ProgressInvokeActionEventType{Message: hostile}},
		{Type: tfprotov6.CompletedInvokeActionEventType{Diagnostics: diagnostics()}},
	})}, nil
}

func (talker) CallFunction(context.Context, *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	return &tfprotov6.CallFunctionResponse{Error: &tfprotov6.FunctionError{Text: hostile}}, nil
}

func (talker) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{Error: hostile}, nil
}

func (talker) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	return &tfprotov6.GetMetadataResponse{Diagnostics: diagnostics()}, nil
}

func (talker) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{Diagnostics: diagnostics()}, nil
}

func (talker) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{Diagnostics: diagnostics()}, nil
}

func (talker) ValidateProviderConfig(context.Context, *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{Diagnostics: diagnostics()}, nil
}

func (talker) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{Diagnostics: diagnostics()}, nil
}

func (talker) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{Diagnostics: diagnostics()}, nil
}

func (talker) UpgradeResourceState(context.Context, *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return &tfprotov6.UpgradeResourceStateResponse{Diagnostics: diagnostics()}, nil
}

func (talker) UpgradeResourceIdentity(context.Context, *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return &tfprotov6.UpgradeResourceIdentityResponse{Diagnostics: diagnostics()}, nil
}

func (talker) ReadResource(context.Context, *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{Diagnostics: diagnostics()}, nil
}

func (talker) PlanResourceChange(context.Context, *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return &tfprotov6.PlanResourceChangeResponse{Diagnostics: diagnostics()}, nil
}

func (talker) ApplyResourceChange(context.Context, *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return &tfprotov6.ApplyResourceChangeResponse{Diagnostics: diagnostics()}, nil
}

func (talker) ImportResourceState(context.Context, *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return &tfprotov6.ImportResourceStateResponse{Diagnostics: diagnostics()}, nil
}

func (talker) MoveResourceState(context.Context, *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return &tfprotov6.MoveResourceStateResponse{Diagnostics: diagnostics()}, nil
}

func (talker) GenerateResourceConfig(context.Context, *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return &tfprotov6.GenerateResourceConfigResponse{Diagnostics: diagnostics()}, nil
}

func (talker) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{Diagnostics: diagnostics()}, nil
}

func (talker) ReadDataSource(context.Context, *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return &tfprotov6.ReadDataSourceResponse{Diagnostics: diagnostics()}, nil
}

func (talker) GetFunctions(context.Context, *tfprotov6.GetFunctionsRequest) (*tfprotov6.GetFunctionsResponse, error) {
	return &tfprotov6.GetFunctionsResponse{Diagnostics: diagnostics()}, nil
}

func (talker) ValidateEphemeralResourceConfig(context.Context, *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	return &tfprotov6.ValidateEphemeralResourceConfigResponse{Diagnostics: diagnostics()}, nil
}

func (talker) OpenEphemeralResource(context.Context, *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	return &tfprotov6.OpenEphemeralResourceResponse{Diagnostics: diagnostics()}, nil
}

func (talker) RenewEphemeralResource(context.Context, *tfprotov6.RenewEphemeralResourceRequest) (*tfprotov6.RenewEphemeralResourceResponse, error) {
	return &tfprotov6.RenewEphemeralResourceResponse{Diagnostics: diagnostics()}, nil
}

func (talker) CloseEphemeralResource(context.Context, *tfprotov6.CloseEphemeralResourceRequest) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	return &tfprotov6.CloseEphemeralResourceResponse{Diagnostics: diagnostics()}, nil
}

func (talker) ValidateListResourceConfig(context.Context, *tfprotov6.ValidateListResourceConfigRequest) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	return &tfprotov6.ValidateListResourceConfigResponse{Diagnostics: diagnostics()}, nil
}

func (talker) ValidateActionConfig(context.Context, *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	return &tfprotov6.ValidateActionConfigResponse{Diagnostics: diagnostics()}, nil
}

func (talker) PlanAction(context.Context, *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	return &tfprotov6.PlanActionResponse{Diagnostics: diagnostics()}, nil
}
