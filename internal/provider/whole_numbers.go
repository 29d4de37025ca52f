package provider

import (
	"context"
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/customtype"
)

// ValidateProviderConfig implements [tfprotov6.ProviderServer].
func (s *server) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	resp, err := s.frameworkServer.ValidateProviderConfig(ctx, req)
	if err == nil {
		s.explainNumbers(ctx, resp.Diagnostics, req.Config, func(all *tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema { return all.Provider })
	}
	return resp, err
}

// ValidateResourceConfig implements [tfprotov6.ResourceServer].
func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	resp, err := during(customtype.WithoutIDs(ctx), req, s.frameworkServer.ValidateResourceConfig)
	if err == nil {
		s.explainNumbers(ctx, resp.Diagnostics, req.Config, func(all *tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema {
			return all.ResourceSchemas[req.TypeName]
		})
	}
	return resp, err
}

// explainNumbers words the framework's errors about numbers anew: it (1.19) calls a
// fraction where a whole number belongs "always an error in the provider", and
// leaves a type of our own no better way, since values tell their type.
func (s *server) explainNumbers(ctx context.Context, diags []*tfprotov6.Diagnostic, config *tfprotov6.DynamicValue, schemaIn func(*tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema) {
	var object *tftypes.Value // read only once it is needed
	for _, diag := range diags {
		if diag.Attribute == nil || diag.Severity != tfprotov6.DiagnosticSeverityError {
			continue
		}
		if object == nil {
			schemas, err := s.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
			if err != nil {
				return
			}
			value, err := config.Unmarshal(schemaIn(schemas).ValueType())
			if err != nil {
				return
			}
			object = &value
		}
		if problem := numberProblem(*object, diag.Attribute); problem != "" {
			diag.Summary, diag.Detail = "Invalid number", problem
		}
	}
}

// numberProblem is what is wrong with the number at a place in a configuration,
// where only whole ones of 64 bits are taken; "" when nothing is, or when there is
// none.
func numberProblem(object tftypes.Value, at *tftypes.AttributePath) string {
	found, _, err := tftypes.WalkAttributePath(object, at)
	value, ok := found.(tftypes.Value)
	number := new(big.Float)
	if err != nil || !ok || !value.IsKnown() || value.IsNull() || value.As(&number) != nil {
		return ""
	}
	if !number.IsInt() {
		return fmt.Sprintf("%s is not a whole number. To drop the fraction use floor(), to round up ceil().", number.Text('f', -1))
	}
	if _, accuracy := number.Int64(); accuracy != big.Exact {
		return fmt.Sprintf("%s takes more than 64 bits.", number.Text('g', 10))
	}
	return ""
}
