package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// describedSchemas are all schemas of the provider as Terraform gets them, by
// what they are for.
func describedSchemas(t *testing.T, server tfprotov6.ProviderServer) map[string]*tfprotov6.Schema {
	t.Helper()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(schemas.Diagnostics) > 0 {
		t.Fatal(err, acctest.Diagnostics(schemas.Diagnostics))
	}
	all := map[string]*tfprotov6.Schema{"provider": schemas.Provider}
	for name, schema := range schemas.ResourceSchemas {
		all["resource "+name] = schema
	}
	for name, schema := range schemas.DataSourceSchemas {
		all["data source "+name] = schema
	}
	for name, schema := range schemas.EphemeralResourceSchemas {
		all["ephemeral resource "+name] = schema
	}
	for name, schema := range schemas.ListResourceSchemas {
		all["list resource "+name] = schema
	}
	for name, schema := range schemas.ActionSchemas {
		all["action "+name] = schema.Schema
	}
	return all
}

// sentence checks a description: the documentation is made of them.
func sentence(t *testing.T, at, text string) {
	t.Helper()
	if len(text) < 8 || !strings.HasSuffix(strings.TrimSpace(text), ".") {
		t.Errorf("%s: description %q is no sentence", at, text)
	}
}

func TestSchemas_EverythingDescribed(t *testing.T) {
	t.Parallel()
	server := acctest.NewFake(t, codertest.Options{}).Server(t)
	attributes := 0
	var attribute func(at string, a *tfprotov6.SchemaAttribute)
	attribute = func(at string, a *tfprotov6.SchemaAttribute) {
		attributes++
		sentence(t, at, a.Description)
		if a.NestedType != nil {
			for _, below := range a.NestedType.Attributes {
				attribute(at+"."+below.Name, below)
			}
		}
	}
	var block func(at string, b *tfprotov6.SchemaBlock)
	block = func(at string, b *tfprotov6.SchemaBlock) {
		if !strings.HasSuffix(at, ".timeouts") { // a library's block, which says nothing of itself
			sentence(t, at, b.Description)
		}
		for _, a := range b.Attributes {
			attribute(at+"."+a.Name, a)
		}
		for _, below := range b.BlockTypes {
			block(at+"."+below.TypeName, below.Block)
		}
	}
	for at, schema := range describedSchemas(t, server) {
		block(at, schema.Block)
	}
	if attributes < 500 {
		t.Errorf("only %d attributes were looked at", attributes)
	}

	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for name, identity := range identities.IdentitySchemas {
		for _, a := range identity.IdentityAttributes {
			sentence(t, "identity "+name+"."+a.Name, a.Description)
		}
	}
	functions, err := server.GetFunctions(t.Context(), &tfprotov6.GetFunctionsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for name, function := range functions.Functions {
		sentence(t, "function "+name, function.Description)
		if function.Summary == "" {
			t.Errorf("function %s has no summary", name)
		}
		for _, p := range append(function.Parameters, function.VariadicParameter) {
			if p != nil {
				sentence(t, "function "+name+", "+p.Name, p.Description)
			}
		}
	}
}

// Terraform compares each value of an object with the path of each sensitive
// one in it, so that sensitive attributes in lists make long lists quadratic.
func TestSchemas_NothingSensitiveInCollections(t *testing.T) {
	t.Parallel()
	server := acctest.NewFake(t, codertest.Options{}).Server(t)
	sensitive, nested := 0, 0
	var block func(at string, b *tfprotov6.SchemaBlock, inCollection bool)
	var attribute func(at string, a *tfprotov6.SchemaAttribute, inCollection bool)
	attribute = func(at string, a *tfprotov6.SchemaAttribute, inCollection bool) {
		if a.Sensitive {
			sensitive++
		}
		if inCollection {
			nested++
		}
		if a.Sensitive && inCollection {
			t.Errorf("%s is sensitive within a collection", at)
		}
		if a.NestedType != nil {
			for _, below := range a.NestedType.Attributes {
				attribute(at+"."+below.Name, below, inCollection || a.NestedType.Nesting != tfprotov6.SchemaObjectNestingModeSingle)
			}
		}
	}
	block = func(at string, b *tfprotov6.SchemaBlock, inCollection bool) {
		for _, a := range b.Attributes {
			attribute(at+"."+a.Name, a, inCollection)
		}
		for _, below := range b.BlockTypes {
			block(at+"."+below.TypeName, below.Block, inCollection || below.Nesting != tfprotov6.SchemaNestedBlockNestingModeSingle)
		}
	}
	for at, schema := range describedSchemas(t, server) {
		block(at, schema.Block, false)
	}
	if sensitive < 4 || nested < 100 {
		t.Errorf("only %d sensitive attributes and %d in collections were looked at", sensitive, nested)
	}
}

// Whatever decodes a configuration has a field for every attribute and an
// attribute for every field; the framework says so when they differ.
func TestSchemas_FitModels(t *testing.T) {
	t.Parallel()
	server := acctest.NewFake(t, codertest.Options{}).Server(t)
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	empty := func(schema *tfprotov6.Schema) *tfprotov6.DynamicValue {
		object := schema.ValueType().(tftypes.Object)
		values := map[string]tftypes.Value{}
		for name, typ := range object.AttributeTypes {
			values[name] = tftypes.NewValue(typ, nil)
		}
		config, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
		if err != nil {
			t.Fatal(err)
		}
		return &config
	}
	check := func(what string, diags []*tfprotov6.Diagnostic, err error) {
		if text := acctest.Diagnostics(diags).String(); err != nil || strings.Contains(text, "Conversion Error") {
			t.Errorf("%s: %v %s", what, err, text)
		}
	}
	for name, schema := range schemas.ResourceSchemas {
		valid, err := server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: name, Config: empty(schema)})
		check("resource "+name, valid.Diagnostics, err)
	}
	for name, schema := range schemas.DataSourceSchemas {
		valid, err := server.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: empty(schema)})
		check("data source "+name, valid.Diagnostics, err)
		read, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: empty(schema)})
		check("data source "+name, read.Diagnostics, err)
	}
	for name, schema := range schemas.ListResourceSchemas {
		valid, err := server.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{TypeName: name, Config: empty(schema)})
		check("list resource "+name, valid.Diagnostics, err)
	}
	for name, schema := range schemas.ActionSchemas {
		valid, err := server.ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: empty(schema.Schema)})
		check("action "+name, valid.Diagnostics, err)
	}
}
