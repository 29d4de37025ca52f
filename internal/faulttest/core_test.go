package faulttest_test

import (
	"context"
	"fmt"
	"runtime/debug"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/provider"
	"github.com/coderws/terraform-provider-coderws/internal/workspace"
)

// core is as much of Terraform as one workspace needs. Like Terraform it
// starts a provider of its own for every walk, follows its rules about what
// goes into the state after an error, and checks that plans and results keep
// the rules that providers have to keep.
type core struct {
	t        *testing.T
	network  *network
	settings object // the provider block

	// state is what Terraform remembers; nil is an empty state.
	state *instance
	// running is the provider of the present walk.
	running tfprotov6.ProviderServer
}

// instance is an object in the state.
type instance struct {
	value    tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	tainted  bool
}

func (i *instance) id() string {
	if i == nil {
		return ""
	}
	return text(i.value, "id")
}

// outcome is what a command came to.
type outcome struct {
	action   string   // planned: no-op, create, update, replace, delete; "" when there is no plan
	changed  []string // attributes that an update changes, without what the server decides
	errors   []*tfprotov6.Diagnostic
	warnings []*tfprotov6.Diagnostic
	invalid  bool     // the configuration was refused without a look at anything else
	broken   []string // rules of Terraform that the provider broke; panics
}

func (o *outcome) failed() bool { return len(o.errors) > 0 || len(o.broken) > 0 }

// note sorts diagnostics and tells whether there was an error.
func (o *outcome) note(diags []*tfprotov6.Diagnostic) bool {
	failed := false
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			o.errors = append(o.errors, d)
			failed = true
			continue
		}
		o.warnings = append(o.warnings, d)
	}
	return failed
}

// String is for messages of tests.
func (o *outcome) String() string {
	text := o.action
	for _, d := range o.errors {
		text += fmt.Sprintf("\n  error: %s: %s", d.Summary, d.Detail)
	}
	for _, d := range o.warnings {
		text += fmt.Sprintf("\n  warning: %s: %s", d.Summary, d.Detail)
	}
	for _, b := range o.broken {
		text += "\n  broken: " + b
	}
	return text
}

// session is one provider process.
type session struct {
	core   *core
	ctx    context.Context
	server tfprotov6.ProviderServer
	schema *tfprotov6.Schema // of the resource
	data   map[string]*tfprotov6.Schema
	out    *outcome
}

// command runs the provider once. A panic, which would be the provider's
// death, is noted.
func (c *core) command(ctx context.Context, out *outcome, body func(s *session)) {
	c.t.Helper()
	defer func() {
		c.running = nil
		if p := recover(); p != nil {
			out.broken = append(out.broken, fmt.Sprintf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	server := provider.NewServer(provider.NewWithDial("0.0.0-test", c.network.dial)())
	c.running = server
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || out.note(schemas.Diagnostics) {
		c.t.Fatalf("the provider has no schema: %v %s", err, out)
	}
	config := dynamic(c.t, build(schemas.Provider.ValueType(), c.settings))
	configured, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.15.0", Config: config})
	if err != nil {
		c.t.Fatal(err)
	}
	if out.note(configured.Diagnostics) {
		return
	}
	body(&session{core: c, ctx: ctx, server: server, schema: schemas.ResourceSchemas[workspace.ResourceType], data: schemas.DataSourceSchemas, out: out})
}

// interrupt is Ctrl-C while a command runs.
func (c *core) interrupt(ctx context.Context) {
	if server := c.running; server != nil {
		_, _ = server.StopProvider(ctx, &tfprotov6.StopProviderRequest{})
	}
}

// refresh brings an object up to date; nil when it is gone.
func (s *session) refresh(i *instance) (*instance, bool) {
	if i == nil {
		return nil, true
	}
	request := &tfprotov6.ReadResourceRequest{TypeName: workspace.ResourceType, CurrentState: dynamic(s.core.t, i.value), Private: i.private, CurrentIdentity: i.identity}
	resp, err := s.server.ReadResource(s.ctx, request)
	if err != nil {
		s.core.t.Fatal(err)
	}
	if s.out.note(resp.Diagnostics) {
		return i, false
	}
	value := decoded(s.core.t, s.schema.ValueType(), resp.NewState)
	if value.IsNull() {
		return nil, true
	}
	if !value.IsFullyKnown() {
		s.out.broken = append(s.out.broken, fmt.Sprintf("the refresh left something unknown: %s", value))
	}
	return &instance{value: value, private: resp.Private, identity: resp.NewIdentity, tainted: i.tainted}, true
}

// importID is `terraform import`.
func (c *core) importID(ctx context.Context, id string) *outcome {
	c.t.Helper()
	out := new(outcome)
	if c.state != nil {
		c.t.Fatal("there is an object already")
	}
	c.command(ctx, out, func(s *session) {
		resp, err := s.server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: workspace.ResourceType, ID: id})
		if err != nil {
			c.t.Fatal(err)
		}
		if out.note(resp.Diagnostics) {
			return
		}
		if len(resp.ImportedResources) != 1 {
			out.broken = append(out.broken, fmt.Sprintf("%d objects were imported", len(resp.ImportedResources)))
			return
		}
		imported := resp.ImportedResources[0]
		read, ok := s.refresh(&instance{value: decoded(c.t, s.schema.ValueType(), imported.State), private: imported.Private, identity: imported.Identity})
		if !ok {
			return
		}
		if read == nil { // Terraform's own words
			out.note([]*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: "Cannot import non-existent remote object", Detail: "While attempting to import an existing object, the provider detected that no object exists with the given id."}})
			return
		}
		c.state = read
	})
	return out
}

// read reads a data source.
func (c *core) read(ctx context.Context, typeName string, config object) (tftypes.Value, *outcome) {
	c.t.Helper()
	out := new(outcome)
	var result tftypes.Value
	c.command(ctx, out, func(s *session) {
		ty := s.data[typeName].ValueType()
		given := dynamic(c.t, build(ty, config))
		validated, err := s.server.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: typeName, Config: given})
		if err != nil {
			c.t.Fatal(err)
		}
		if out.note(validated.Diagnostics) {
			return
		}
		resp, err := s.server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: given})
		if err != nil {
			c.t.Fatal(err)
		}
		if out.note(resp.Diagnostics) {
			return
		}
		result = decoded(c.t, ty, resp.State)
	})
	return result, out
}
