package provider_test

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
	"github.com/coderws/terraform-provider-coderws/internal/provider"
)

// A mock makes up ids that are none, and Terraform has validated what gets them.
// Where there is no mock, a name in place of an id is refused before anything is
// asked of Coder.
func TestIDs_areCheckedWhereMocksDoNotReach(t *testing.T) {
	t.Parallel()
	server := acctest.NewFake(t, codertest.Options{}).Server(t)
	checked := 0
	for at, of := range withIDs(t, provider.New("dev")()) {
		for _, attribute := range of.attributes {
			t.Run(at+" "+attribute, func(t *testing.T) {
				t.Parallel()
				config := of.config(t, attribute, "dev")
				if diags := of.validate(server, config); mentions(diags, attribute) {
					t.Errorf("a mocked id is refused: %s", acctest.Diagnostics(diags))
				}
				if diags := of.use(server, config); !mentions(diags, attribute) {
					t.Errorf("not refused: %s", acctest.Diagnostics(diags))
				}
			})
			checked++
		}
	}
	if checked < 12 {
		t.Errorf("only %d attributes take ids", checked)
	}
}

// mentions tells whether the attribute is said to have no id in it.
func mentions(diags []*tfprotov6.Diagnostic, attribute string) bool {
	for _, d := range diags {
		if d.Summary == "Invalid UUID" && d.Attribute.Equal(tftypes.NewAttributePath().WithAttributeName(attribute)) {
			return true
		}
	}
	return false
}

// takesIDs is a type of the provider that is configured with ids.
type takesIDs struct {
	object     tftypes.Object
	attributes []string
	validate   func(tfprotov6.ProviderServer, *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic
	use        func(tfprotov6.ProviderServer, *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic
}

// config has one attribute, and null in place of all others.
func (of *takesIDs) config(t *testing.T, attribute, value string) *tfprotov6.DynamicValue {
	t.Helper()
	values := map[string]tftypes.Value{}
	for name, kind := range of.object.AttributeTypes {
		values[name] = tftypes.NewValue(kind, nil)
	}
	values[attribute] = tftypes.NewValue(tftypes.String, value)
	config, err := tfprotov6.NewDynamicValue(of.object, tftypes.NewValue(of.object, values))
	if err != nil {
		t.Fatal(err)
	}
	return &config
}

// withIDs are the types of a provider that take ids, by name.
func withIDs(t *testing.T, p fwprovider.Provider) map[string]*takesIDs {
	t.Helper()
	ctx, all := t.Context(), map[string]*takesIDs{}
	add := func(at string, types attr.Type, configurable func(string) bool) *takesIDs {
		object, _ := types.(attr.TypeWithAttributeTypes)
		of := &takesIDs{object: types.TerraformType(ctx).(tftypes.Object)}
		for name, kind := range object.AttributeTypes() {
			if _, isID := kind.(customtype.UUIDType); isID && configurable(name) {
				of.attributes = append(of.attributes, name)
			}
		}
		all[at] = of
		return of
	}
	for _, construct := range p.Resources(ctx) {
		r, name, schema := construct(), new(resource.MetadataResponse), new(resource.SchemaResponse)
		r.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "coderws"}, name)
		r.Schema(ctx, resource.SchemaRequest{}, schema)
		of := add("resource "+name.TypeName, schema.Schema.Type(), func(attribute string) bool {
			a := schema.Schema.Attributes[attribute]
			return a.IsRequired() || a.IsOptional()
		})
		of.validate = func(s tfprotov6.ProviderServer, config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
			return answer(t, s.ValidateResourceConfig, &tfprotov6.ValidateResourceConfigRequest{TypeName: name.TypeName, Config: config}).Diagnostics
		}
		of.use = func(s tfprotov6.ProviderServer, config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
			null, err := tfprotov6.NewDynamicValue(of.object, tftypes.NewValue(of.object, nil))
			if err != nil {
				t.Fatal(err)
			}
			return answer(t, s.PlanResourceChange, &tfprotov6.PlanResourceChangeRequest{TypeName: name.TypeName, Config: config, ProposedNewState: config, PriorState: &null}).Diagnostics
		}
	}
	for _, construct := range p.DataSources(ctx) {
		d, name, schema := construct(), new(datasource.MetadataResponse), new(datasource.SchemaResponse)
		d.Metadata(ctx, datasource.MetadataRequest{ProviderTypeName: "coderws"}, name)
		d.Schema(ctx, datasource.SchemaRequest{}, schema)
		of := add("data source "+name.TypeName, schema.Schema.Type(), func(attribute string) bool {
			a := schema.Schema.Attributes[attribute]
			return a.IsRequired() || a.IsOptional()
		})
		of.validate = func(s tfprotov6.ProviderServer, config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
			return answer(t, s.ValidateDataResourceConfig, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: name.TypeName, Config: config}).Diagnostics
		}
		of.use = func(s tfprotov6.ProviderServer, config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
			return answer(t, s.ReadDataSource, &tfprotov6.ReadDataSourceRequest{TypeName: name.TypeName, Config: config}).Diagnostics
		}
	}
	for _, construct := range p.(fwprovider.ProviderWithActions).Actions(ctx) {
		a, name, schema := construct(), new(action.MetadataResponse), new(action.SchemaResponse)
		a.Metadata(ctx, action.MetadataRequest{ProviderTypeName: "coderws"}, name)
		a.Schema(ctx, action.SchemaRequest{}, schema)
		of := add("action "+name.TypeName, schema.Schema.Type(), func(string) bool { return true })
		of.validate = func(s tfprotov6.ProviderServer, config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
			actions := s.(tfprotov6.ActionServer)
			return answer(t, actions.ValidateActionConfig, &tfprotov6.ValidateActionConfigRequest{ActionType: name.TypeName, Config: config}).Diagnostics
		}
		of.use = func(s tfprotov6.ProviderServer, config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
			actions := s.(tfprotov6.ActionServer)
			return answer(t, actions.PlanAction, &tfprotov6.PlanActionRequest{ActionType: name.TypeName, Config: config}).Diagnostics
		}
	}
	return all
}

// answer is the response to a request that cannot fail as such.
func answer[Request, Response any](t *testing.T, call func(context.Context, Request) (Response, error), request Request) Response {
	t.Helper()
	response, err := call(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}
