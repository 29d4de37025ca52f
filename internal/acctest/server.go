package acctest

import (
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Server is the provider configured for a deployment and driven in this
// process by the calls that Terraform would make, for tests that need no
// Terraform or one that is not installed.
type Server struct {
	providerServer

	schemas    *tfprotov6.GetProviderSchemaResponse
	identities map[string]*tfprotov6.ResourceIdentitySchema
	config     *tfprotov6.DynamicValue
}

// providerServer is the provider with the parts of the protocol that are still
// optional to implement.
type providerServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// Values are arguments by name; those left out are null. A value is what
// [tftypes.NewValue] takes, or a map of strings.
type Values map[string]any

// Server starts the provider for the deployment.
func (d *Deployment) Server(t testing.TB) *Server {
	t.Helper()
	server, err := newServer()
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{providerServer: server}
	if _, measured := t.(*testing.B); measured {
		s.providerServer = server.providerServer // no plan is made twice
	}
	if s.schemas, err = server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	s.identities = identities.IdentitySchemas
	noProblem(t, s.schemas.Diagnostics, identities.Diagnostics)

	s.config = newObject(t, s.schemas.Provider.ValueType(), Values{"url": d.URL, "token": d.Token})
	s.Configure(t)
	return s
}

// Configure begins anew, as Terraform does for every command and for the apply
// after a plan.
func (s *Server) Configure(t testing.TB) {
	t.Helper()
	response, err := s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: s.config})
	if err != nil {
		t.Fatal(err)
	}
	noProblem(t, response.Diagnostics)
}

// Invoke runs an action as far as its configuration is valid and its plan
// possible, and returns the messages of its progress and all diagnostics.
func (s *Server) Invoke(t testing.TB, action string, values Values) (progress []string, diags Diagnostics) {
	t.Helper()
	schema, ok := s.schemas.ActionSchemas[action]
	if !ok {
		t.Fatalf("there is no action %s", action)
	}
	config := newObject(t, schema.Schema.ValueType(), values)

	valid, err := s.ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: action, Config: config})
	if err != nil {
		t.Fatal(err)
	}
	if diags = append(diags, valid.Diagnostics...); diags.HasError() {
		return nil, diags
	}
	plan, err := s.PlanAction(t.Context(), &tfprotov6.PlanActionRequest{ActionType: action, Config: config})
	if err != nil {
		t.Fatal(err)
	}
	if diags = append(diags, plan.Diagnostics...); diags.HasError() {
		return nil, diags
	}
	stream, err := s.InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{ActionType: action, Config: config})
	if err != nil {
		t.Fatal(err)
	}
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			diags = append(diags, event.Diagnostics...)
		}
	}
	return progress, diags
}

// Look reads a data source as far as its configuration is valid; nil when there
// is an error.
func (s *Server) Look(t testing.TB, dataSource string, values Values) (map[string]tftypes.Value, Diagnostics) {
	t.Helper()
	schema, ok := s.schemas.DataSourceSchemas[dataSource]
	if !ok {
		t.Fatalf("there is no data source %s", dataSource)
	}
	config := newObject(t, schema.ValueType(), values)
	valid, err := s.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: dataSource, Config: config})
	if err != nil {
		t.Fatal(err)
	}
	if Diagnostics(valid.Diagnostics).HasError() {
		return nil, valid.Diagnostics
	}
	read, err := s.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: dataSource, Config: config})
	if err != nil {
		t.Fatal(err)
	}
	diags := append(Diagnostics(valid.Diagnostics), read.Diagnostics...)
	if diags.HasError() {
		return nil, diags
	}
	return readObject(t, schema.ValueType(), read.State), diags
}

// Listed is one result of a list.
type Listed struct {
	DisplayName string
	Identity    map[string]tftypes.Value
	Resource    map[string]tftypes.Value // nil when it was not asked for
	Diagnostics Diagnostics

	resource *tfprotov6.DynamicValue
}

// List lists workspaces as "terraform query" does; limit 0 is Terraform's
// default.
func (s *Server) List(t testing.TB, resource string, values Values, limit int64, includeResource bool) []Listed {
	t.Helper()
	if limit == 0 {
		limit = 100
	}
	schema, ok := s.schemas.ListResourceSchemas[resource]
	if !ok {
		t.Fatalf("there is no list resource %s", resource)
	}
	config := newObject(t, schema.ValueType(), values)
	valid, err := s.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{TypeName: resource, Config: config})
	if err != nil {
		t.Fatal(err)
	}
	if Diagnostics(valid.Diagnostics).HasError() {
		return []Listed{{Diagnostics: valid.Diagnostics}}
	}
	stream, err := s.ListResource(t.Context(), &tfprotov6.ListResourceRequest{TypeName: resource, Config: config, Limit: limit, IncludeResource: includeResource})
	if err != nil {
		t.Fatal(err)
	}
	var results []Listed
	for result := range stream.Results {
		results = append(results, Listed{
			DisplayName: result.DisplayName,
			Identity:    s.identity(t, resource, result.Identity),
			Resource:    readObject(t, s.schemas.ResourceSchemas[resource].ValueType(), result.Resource),
			Diagnostics: result.Diagnostics,
			resource:    result.Resource,
		})
		if len(results) == int(limit) { // Terraform leaves here
			break
		}
	}
	return results
}

// Generate is the configuration that Terraform writes for a result of a list
// with its resource.
func (s *Server) Generate(t testing.TB, resource string, listed Listed) Values {
	t.Helper()
	generated, err := s.GenerateResourceConfig(t.Context(), &tfprotov6.GenerateResourceConfigRequest{TypeName: resource, State: listed.resource})
	if err != nil {
		t.Fatal(err)
	}
	noProblem(t, generated.Diagnostics)
	values := Values{}
	for name, value := range readObject(t, s.schemas.ResourceSchemas[resource].ValueType(), generated.Config) {
		if !value.IsNull() {
			values[name] = value
		}
	}
	return values
}

// Instance is a managed resource as Terraform keeps it.
type Instance struct {
	State    map[string]tftypes.Value // nil when there is none
	Identity map[string]tftypes.Value

	state    *tfprotov6.DynamicValue
	identity *tfprotov6.ResourceIdentityData
	private  []byte
}

// WithoutIdentity is the instance as Terraform before 1.12 has kept it.
func (i *Instance) WithoutIdentity() *Instance {
	old := *i
	old.Identity, old.identity = nil, nil
	return &old
}

// None is an instance that does not exist: the prior one of a create.
func (s *Server) None(t testing.TB, resource string) *Instance {
	t.Helper()
	return &Instance{state: newNull(t, s.schemas.ResourceSchemas[resource].ValueType())}
}

// Apply creates a resource or, given an instance, updates it.
func (s *Server) Apply(t testing.TB, resource string, prior *Instance, values Values) (*Instance, Diagnostics) {
	t.Helper()
	schema := s.schemas.ResourceSchemas[resource].ValueType()
	if prior == nil {
		prior = s.None(t, resource)
	}
	plan := s.Plan(t, resource, prior, values)
	if Diagnostics(plan.Diagnostics).HasError() {
		return nil, plan.Diagnostics
	}
	applied, err := s.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: resource, PriorState: prior.state, Config: newObject(t, schema, values),
		PlannedState: plan.PlannedState, PlannedPrivate: plan.PlannedPrivate, PlannedIdentity: plan.PlannedIdentity,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.instance(t, resource, applied.NewState, applied.NewIdentity, applied.Private), append(plan.Diagnostics, applied.Diagnostics...)
}

// Destroy destroys a resource.
func (s *Server) Destroy(t testing.TB, resource string, prior *Instance) Diagnostics {
	t.Helper()
	none := newNull(t, s.schemas.ResourceSchemas[resource].ValueType())
	applied, err := s.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: resource, PriorState: prior.state, Config: none, PlannedState: none, PlannedPrivate: prior.private,
	})
	if err != nil {
		t.Fatal(err)
	}
	return applied.Diagnostics
}

// Plan plans a resource that is to have the values.
func (s *Server) Plan(t testing.TB, resource string, prior *Instance, values Values) *tfprotov6.PlanResourceChangeResponse {
	t.Helper()
	schema := s.schemas.ResourceSchemas[resource].ValueType()
	proposed := maps.Clone(values)
	for _, attribute := range s.schemas.ResourceSchemas[resource].Block.Attributes {
		if _, configured := proposed[attribute.Name]; !configured && attribute.Computed && prior.State != nil {
			proposed[attribute.Name] = prior.State[attribute.Name]
		}
	}
	plan, err := s.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: resource, PriorState: prior.state, PriorPrivate: prior.private, PriorIdentity: prior.identity,
		Config: newObject(t, schema, values), ProposedNewState: newObject(t, schema, proposed),
	})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// Changes names the attributes that a plan changes.
func (s *Server) Changes(t testing.TB, resource string, prior *Instance, values Values) []string {
	t.Helper()
	plan := s.Plan(t, resource, prior, values)
	noProblem(t, plan.Diagnostics)
	planned := readObject(t, s.schemas.ResourceSchemas[resource].ValueType(), plan.PlannedState)
	var changed []string
	for name, value := range prior.State {
		if !planned[name].Equal(value) {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	return changed
}

// Read refreshes an instance.
func (s *Server) Read(t testing.TB, resource string, instance *Instance) (*Instance, Diagnostics) {
	t.Helper()
	read, err := s.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: resource, CurrentState: instance.state, CurrentIdentity: instance.identity, Private: instance.private,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.instance(t, resource, read.NewState, read.NewIdentity, read.Private), read.Diagnostics
}

// Import imports a resource by its id or, when that is "", by its identity, and
// refreshes it.
func (s *Server) Import(t testing.TB, resource, id string, identity Values) (*Instance, Diagnostics) {
	t.Helper()
	request := &tfprotov6.ImportResourceStateRequest{TypeName: resource, ID: id}
	if id == "" {
		request.Identity = &tfprotov6.ResourceIdentityData{IdentityData: newObject(t, s.identities[resource].ValueType(), identity)}
	}
	imported, err := s.ImportResourceState(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if Diagnostics(imported.Diagnostics).HasError() {
		return nil, imported.Diagnostics
	}
	first := imported.ImportedResources[0]
	return s.Read(t, resource, s.instance(t, resource, first.State, first.Identity, first.Private))
}

func (s *Server) instance(t testing.TB, resource string, state *tfprotov6.DynamicValue, identity *tfprotov6.ResourceIdentityData, private []byte) *Instance {
	t.Helper()
	kind := s.schemas.ResourceSchemas[resource].ValueType()
	if state != nil && len(state.JSON) > 0 { // Terraform itself sends MessagePack only
		value, err := state.Unmarshal(kind)
		if err != nil {
			t.Fatal(err)
		}
		state = newDynamic(t, kind, value)
	}
	return &Instance{
		State:    readObject(t, kind, state),
		Identity: s.identity(t, resource, identity),
		state:    state, identity: identity, private: private,
	}
}

func (s *Server) identity(t testing.TB, resource string, data *tfprotov6.ResourceIdentityData) map[string]tftypes.Value {
	t.Helper()
	if data == nil {
		return nil
	}
	return readObject(t, s.identities[resource].ValueType(), data.IdentityData)
}
