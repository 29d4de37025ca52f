package workspace_test

import (
	"net/http/httptest"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// BenchmarkSchema is the first answer that Terraform waits for.
func BenchmarkSchema(b *testing.B) {
	for b.Loop() {
		newProtocol(b)
	}
}

// BenchmarkRefresh is what the provider does for one workspace in a plan that
// finds nothing to change.
func BenchmarkRefresh(b *testing.B) {
	fake := codertest.New(codertest.Options{})
	defer fake.Close()
	address := httptest.NewServer(fake)
	defer address.Close()
	template := fake.AddTemplate(codertest.BasicTemplate())

	p := newProtocol(b)
	p.configure(b, map[string]tftypes.Value{"url": tfString(address.URL), "token": tfString(fake.Token())})
	config := p.workspace(b, map[string]tftypes.Value{
		"name": tfString("bench"), "template_id": tfString(template.ID.String()),
		"parameters": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"cpu": tfString("4")}),
	})
	state, private := p.create(b, config)
	for b.Loop() {
		read := p.read(b, state, private)
		p.plan(b, read.NewState, config, read.Private)
	}
}

const workspaceType = "coderws_workspace"

// protocol speaks to a provider as Terraform does, without a process between.
type protocol struct {
	server   tfprotov6.ProviderServer
	provider tftypes.Object
	resource tftypes.Object
}

func newProtocol(b *testing.B) *protocol {
	b.Helper()
	server, err := acctest.ProviderFactories()["coderws"]()
	if err != nil {
		b.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(schemas.Diagnostics) > 0 {
		b.Fatal(err, schemas.Diagnostics)
	}
	p := &protocol{server: server}
	p.provider, _ = schemas.Provider.ValueType().(tftypes.Object)
	p.resource, _ = schemas.ResourceSchemas[workspaceType].ValueType().(tftypes.Object)
	return p
}

func (p *protocol) configure(b *testing.B, attributes map[string]tftypes.Value) {
	b.Helper()
	resp, err := p.server.ConfigureProvider(b.Context(), &tfprotov6.ConfigureProviderRequest{Config: object(b, p.provider, attributes)})
	if err != nil || len(resp.Diagnostics) > 0 {
		b.Fatal(err, resp.Diagnostics)
	}
}

// workspace is a configuration of the resource.
func (p *protocol) workspace(b *testing.B, attributes map[string]tftypes.Value) *tfprotov6.DynamicValue {
	b.Helper()
	return object(b, p.resource, attributes)
}

func (p *protocol) create(b *testing.B, config *tfprotov6.DynamicValue) (state *tfprotov6.DynamicValue, private []byte) {
	b.Helper()
	none := dynamic(b, tftypes.NewValue(p.resource, nil))
	plan := p.plan(b, none, config, nil)
	resp, err := p.server.ApplyResourceChange(b.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: workspaceType, PriorState: none, PlannedState: plan.PlannedState, Config: config, PlannedPrivate: plan.PlannedPrivate,
	})
	if err != nil || len(resp.Diagnostics) > 0 {
		b.Fatal(err, resp.Diagnostics)
	}
	return resp.NewState, resp.Private
}

func (p *protocol) plan(b *testing.B, state, config *tfprotov6.DynamicValue, private []byte) *tfprotov6.PlanResourceChangeResponse {
	b.Helper()
	resp, err := p.server.PlanResourceChange(b.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: workspaceType, PriorState: state, ProposedNewState: proposed(b, p.resource, state, config), Config: config, PriorPrivate: private,
	})
	if err != nil || len(resp.Diagnostics) > 0 {
		b.Fatal(err, resp.Diagnostics)
	}
	return resp
}

func (p *protocol) read(b *testing.B, state *tfprotov6.DynamicValue, private []byte) *tfprotov6.ReadResourceResponse {
	b.Helper()
	resp, err := p.server.ReadResource(b.Context(), &tfprotov6.ReadResourceRequest{TypeName: workspaceType, CurrentState: state, Private: private})
	if err != nil || len(resp.Diagnostics) > 0 {
		b.Fatal(err, resp.Diagnostics)
	}
	return resp
}

// proposed is the configuration with the prior state where it says nothing:
// near enough to Terraform's own for a schema whose computed parts are whole
// attributes.
func proposed(b *testing.B, resource tftypes.Object, state, config *tfprotov6.DynamicValue) *tfprotov6.DynamicValue {
	b.Helper()
	before, err := state.Unmarshal(resource)
	if err != nil {
		b.Fatal(err)
	}
	if before.IsNull() {
		return config
	}
	wanted, err := config.Unmarshal(resource)
	if err != nil {
		b.Fatal(err)
	}
	var old, attributes map[string]tftypes.Value
	if err := before.As(&old); err != nil {
		b.Fatal(err)
	}
	if err := wanted.As(&attributes); err != nil {
		b.Fatal(err)
	}
	for name, value := range attributes {
		if value.IsNull() {
			attributes[name] = old[name]
		}
	}
	return dynamic(b, tftypes.NewValue(resource, attributes))
}

// object is an object with nulls for the attributes that are not given.
func object(b *testing.B, of tftypes.Object, attributes map[string]tftypes.Value) *tfprotov6.DynamicValue {
	b.Helper()
	values := map[string]tftypes.Value{}
	for name, kind := range of.AttributeTypes {
		values[name] = tftypes.NewValue(kind, nil)
	}
	for name, value := range attributes {
		values[name] = value
	}
	return dynamic(b, tftypes.NewValue(of, values))
}

func dynamic(b *testing.B, value tftypes.Value) *tfprotov6.DynamicValue {
	b.Helper()
	packed, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		b.Fatal(err)
	}
	return &packed
}

func tfString(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
