package provider_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	frameworkprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/provider"
	tokens "github.com/coderws/terraform-provider-coderws/internal/token"
	"github.com/coderws/terraform-provider-coderws/internal/workspace"
)

func providerSchema(t *testing.T, p frameworkprovider.Provider) schema.Schema {
	t.Helper()
	var resp frameworkprovider.SchemaResponse
	p.Schema(t.Context(), frameworkprovider.SchemaRequest{}, &resp)
	if resp.Diagnostics.HasError() {
		t.Fatal(resp.Diagnostics)
	}
	return resp.Schema
}

func TestSchemas_valid(t *testing.T) {
	t.Parallel()
	p := provider.New("test")()
	ctx := t.Context()
	if diags := providerSchema(t, p).ValidateImplementation(ctx); diags.HasError() {
		t.Errorf("provider: %v", diags)
	}
	for _, create := range p.Resources(ctx) {
		var resp resource.SchemaResponse
		create().Schema(ctx, resource.SchemaRequest{}, &resp)
		if diags := append(resp.Diagnostics, resp.Schema.ValidateImplementation(ctx)...); diags.HasError() {
			t.Errorf("resource: %v", diags)
		}
	}
	for _, create := range p.DataSources(ctx) {
		var resp datasource.SchemaResponse
		create().Schema(ctx, datasource.SchemaRequest{}, &resp)
		if diags := append(resp.Diagnostics, resp.Schema.ValidateImplementation(ctx)...); diags.HasError() {
			t.Errorf("data source: %v", diags)
		}
	}
	for _, create := range listResources(t, p) {
		var resp list.ListResourceSchemaResponse
		create().ListResourceConfigSchema(ctx, list.ListResourceSchemaRequest{}, &resp)
		if diags := append(resp.Diagnostics, resp.Schema.ValidateImplementation(ctx)...); diags.HasError() {
			t.Errorf("list resource: %v", diags)
		}
	}
	for _, create := range actions(t, p) {
		var resp action.SchemaResponse
		create().Schema(ctx, action.SchemaRequest{}, &resp)
		if diags := append(resp.Diagnostics, resp.Schema.ValidateImplementation(ctx)...); diags.HasError() {
			t.Errorf("action: %v", diags)
		}
	}
}

// listResources are the list resources of the provider.
func listResources(t *testing.T, p frameworkprovider.Provider) []func() list.ListResource {
	t.Helper()
	with, ok := p.(frameworkprovider.ProviderWithListResources)
	if !ok {
		t.Fatal("the provider has no list resources")
	}
	return with.ListResources(t.Context())
}

// actions are the actions of the provider.
func actions(t *testing.T, p frameworkprovider.Provider) []func() action.Action {
	t.Helper()
	with, ok := p.(frameworkprovider.ProviderWithActions)
	if !ok {
		t.Fatal("the provider has no actions")
	}
	return with.Actions(t.Context())
}

// TestTypeNames is the list of what the provider offers: everything in it is
// somebody's configuration.
func TestTypeNames(t *testing.T) {
	t.Parallel()
	p := provider.New("1.2.3")()
	ctx := t.Context()

	var meta frameworkprovider.MetadataResponse
	p.Metadata(ctx, frameworkprovider.MetadataRequest{}, &meta)
	if meta.TypeName != "coderws" || meta.Version != "1.2.3" {
		t.Errorf("metadata is %+v", meta)
	}

	var got []string
	for _, create := range p.Resources(ctx) {
		var resp resource.MetadataResponse
		create().Metadata(ctx, resource.MetadataRequest{ProviderTypeName: meta.TypeName}, &resp)
		got = append(got, "resource "+resp.TypeName)
	}
	for _, create := range p.DataSources(ctx) {
		var resp datasource.MetadataResponse
		create().Metadata(ctx, datasource.MetadataRequest{ProviderTypeName: meta.TypeName}, &resp)
		got = append(got, "data source "+resp.TypeName)
	}
	for _, create := range p.(frameworkprovider.ProviderWithFunctions).Functions(ctx) {
		var resp function.MetadataResponse
		create().Metadata(ctx, function.MetadataRequest{}, &resp)
		got = append(got, "function "+resp.Name)
	}
	for _, create := range listResources(t, p) {
		var resp resource.MetadataResponse
		create().Metadata(ctx, resource.MetadataRequest{ProviderTypeName: meta.TypeName}, &resp)
		got = append(got, "list resource "+resp.TypeName)
	}
	for _, create := range actions(t, p) {
		var resp action.MetadataResponse
		create().Metadata(ctx, action.MetadataRequest{ProviderTypeName: meta.TypeName}, &resp)
		got = append(got, "action "+resp.TypeName)
	}
	want := []string{
		"resource coderws_workspace",
		"resource coderws_workspace_acl",
		"resource coderws_workspace_port_share",
		"data source coderws_workspace",
		"data source coderws_workspaces",
		"data source coderws_template",
		"function autostart_schedule",
		"function parse_autostart",
		"function duration_ms",
		"function workspace_url",
		"list resource coderws_workspace",
		"action coderws_workspace_start",
		"action coderws_workspace_stop",
		"action coderws_workspace_restart",
		"action coderws_workspace_update",
		"action coderws_workspace_extend",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("types differ (-want +got):\n%s", diff)
	}
}

func TestSchema_described(t *testing.T) {
	t.Parallel()
	s := providerSchema(t, provider.New("test")())
	if s.MarkdownDescription == "" {
		t.Error("the provider is not described")
	}
	sensitive := map[string]bool{}
	check := func(name string, attribute schema.Attribute) {
		if attribute.GetMarkdownDescription() == "" {
			t.Errorf("%s is not described", name)
		}
		if !attribute.IsOptional() {
			t.Errorf("%s is not optional", name)
		}
		if attribute.IsSensitive() {
			sensitive[name] = true
		}
	}
	for name, attribute := range s.Attributes {
		check(name, attribute)
	}
	for name, block := range s.Blocks {
		if block.GetMarkdownDescription() == "" {
			t.Errorf("%s is not described", name)
		}
		for inner, attribute := range block.GetNestedObject().GetAttributes() {
			check(name+"."+inner, attribute.(schema.Attribute))
		}
	}
	if diff := cmp.Diff(map[string]bool{"token": true, "headers": true}, sensitive); diff != "" {
		t.Errorf("sensitive attributes differ (-want +got):\n%s", diff)
	}
}

// TestSchema_modelParity compares the names that the model decodes with those
// of the schema, the tls block included.
func TestSchema_modelParity(t *testing.T) {
	t.Parallel()
	s := providerSchema(t, provider.New("test")())

	var schemaNames, modelNames []string
	for name := range s.Attributes {
		schemaNames = append(schemaNames, name)
	}
	for name := range s.Blocks {
		schemaNames = append(schemaNames, name)
	}
	model := reflect.TypeFor[provider.ConfigModel]()
	for i := range model.NumField() {
		modelNames = append(modelNames, model.Field(i).Tag.Get("tfsdk"))
	}
	slices.Sort(schemaNames)
	slices.Sort(modelNames)
	if diff := cmp.Diff(schemaNames, modelNames); diff != "" {
		t.Errorf("names differ (-schema +model):\n%s", diff)
	}

	var blockNames, used []string
	for name := range s.Blocks["tls"].GetNestedObject().GetAttributes() {
		blockNames = append(blockNames, name)
	}
	for name := range provider.TLSAttributes {
		used = append(used, name)
	}
	slices.Sort(blockNames)
	slices.Sort(used)
	if diff := cmp.Diff(blockNames, used); diff != "" {
		t.Errorf("names of the tls block differ (-schema +tests):\n%s", diff)
	}
}

// configure runs Configure on a machine with the given values of the provider
// block; all others are null.
func configure(t *testing.T, machine provider.Machine, values map[string]tftypes.Value) frameworkprovider.ConfigureResponse {
	t.Helper()
	p := provider.NewOn("1.2.3", machine)()
	s := providerSchema(t, p)
	object, ok := s.Type().TerraformType(t.Context()).(tftypes.Object)
	if !ok {
		t.Fatal("the schema is no object")
	}
	all := map[string]tftypes.Value{}
	for name, attribute := range object.AttributeTypes {
		all[name] = tftypes.NewValue(attribute, nil)
	}
	for name, value := range values {
		all[name] = value
	}
	var resp frameworkprovider.ConfigureResponse
	p.Configure(t.Context(), frameworkprovider.ConfigureRequest{
		TerraformVersion: "1.11.4",
		Config:           tfsdk.Config{Schema: s, Raw: tftypes.NewValue(object, all)},
	}, &resp)
	return resp
}

// dataFields are the fields of a response that hand something on, but state
// stores, which the provider does not offer.
func dataFields(resp frameworkprovider.ConfigureResponse) map[string]any {
	fields := map[string]any{}
	value := reflect.ValueOf(resp)
	for i := range value.NumField() {
		if name := value.Type().Field(i).Name; strings.HasSuffix(name, "Data") && name != "StateStoreData" {
			fields[name] = value.Field(i).Interface()
		}
	}
	return fields
}

func TestConfigure(t *testing.T) {
	t.Parallel()
	resp := configure(t, loggedIn(nil), nil)
	if len(resp.Diagnostics) > 0 {
		t.Fatal(resp.Diagnostics)
	}
	fields := dataFields(resp)
	if len(fields) < 5 {
		t.Errorf("only found %v", fields)
	}
	for name, data := range fields {
		switch of := data.(type) {
		case *workspace.ProviderData:
			data = of.Client
		case *tokens.ProviderData:
			data = of.Client
		}
		if client, ok := data.(*coder.Client); !ok || client == nil {
			t.Errorf("%s is %T, want a client", name, data)
		}
	}
}

func TestConfigure_errors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		values  map[string]tftypes.Value
		summary string
	}{
		"unknown url": {
			map[string]tftypes.Value{"url": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)},
			"Unknown value in the provider configuration",
		},
		"unknown headers": {
			map[string]tftypes.Value{"headers": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, tftypes.UnknownValue)},
			"Unknown value in the provider configuration",
		},
		"bad url": {
			map[string]tftypes.Value{"url": tftypes.NewValue(tftypes.String, "nope")},
			"Invalid Coder URL",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp := configure(t, loggedIn(nil), tt.values)
			if got := summaries(resp.Diagnostics); len(got) == 0 || got[0] != tt.summary {
				t.Errorf("got %q, want %q", got, tt.summary)
			}
			for name, data := range dataFields(resp) {
				if data != nil {
					t.Errorf("%s is set after an error", name)
				}
			}
		})
	}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ version, terraform, want string }{
		{"1.2.3", "1.11.4", "terraform-provider-coderws/1.2.3 (terraform/1.11.4)"},
		{"dev", "", "terraform-provider-coderws/dev"},
	} {
		if got := provider.UserAgent(tt.version, tt.terraform); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
