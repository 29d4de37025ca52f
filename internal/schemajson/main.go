// Command schemajson prints the provider's schemas in the JSON format of
// "terraform providers schema -json", for the documentation generator.
//
// It asks the provider itself, so the documentation is the same on every
// machine: Terraform leaves out what its version does not know (functions
// before 1.8, identities before 1.12, actions and list resources before 1.14).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/coderws/terraform-provider-coderws/internal/provider"
)

func main() {
	log.SetFlags(0)
	schemas, err := providerSchemas(context.Background(), providerserver.NewProtocol6(provider.New("dev")())())
	if err != nil {
		log.Fatal(err)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(schemas); err != nil {
		log.Fatal(err)
	}
}

// providerSchemas reads all schemas of a provider. The key of the one provider
// in the result is its short name, which is where tfplugindocs looks.
func providerSchemas(ctx context.Context, server tfprotov6.ProviderServer) (any, error) {
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	if err := failure(append(schemas.Diagnostics, identities.Diagnostics...)); err != nil {
		return nil, err
	}

	return map[string]any{
		"format_version": "1.0",
		"provider_schemas": map[string]any{
			provider.TypeName: providerSchema{
				Provider:           newSchema(schemas.Provider),
				Resources:          each(schemas.ResourceSchemas, newSchema),
				DataSources:        each(schemas.DataSourceSchemas, newSchema),
				EphemeralResources: each(schemas.EphemeralResourceSchemas, newSchema),
				ListResources:      each(schemas.ListResourceSchemas, newSchema),
				Actions:            each(schemas.ActionSchemas, newAction),
				Identities:         each(identities.IdentitySchemas, newIdentity),
				Functions:          each(schemas.Functions, newFunction),
			},
		},
	}, nil
}

func each[In, Out any](schemas map[string]In, convert func(In) Out) map[string]Out {
	converted := make(map[string]Out, len(schemas))
	for name, schema := range schemas {
		converted[name] = convert(schema)
	}
	return converted
}

// failure joins the error diagnostics into one error.
func failure(diagnostics []*tfprotov6.Diagnostic) error {
	var errs []error
	for _, diagnostic := range diagnostics {
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			errs = append(errs, fmt.Errorf("%s: %s", diagnostic.Summary, diagnostic.Detail))
		}
	}
	return errors.Join(errs...)
}
