package workspace

import (
	"maps"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// attributes are values by name; those left out are null.
type attributes map[string]any

// object encodes a workspace.
func (a attributes) object(t *testing.T) *tfprotov6.DynamicValue {
	t.Helper()
	kind, ok := planTypes().object.(tftypes.Object)
	if !ok {
		t.Fatal("a workspace is no object")
	}
	values := map[string]tftypes.Value{}
	for name, kind := range kind.AttributeTypes {
		values[name] = tftypes.NewValue(kind, a[name])
	}
	object, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, values))
	if err != nil {
		t.Fatal(err)
	}
	return &object
}

// build is a latest build of a status.
func build(status string) map[string]tftypes.Value {
	kind := planTypes().object.(tftypes.Object).AttributeTypes["latest_build"].(tftypes.Object)
	values := map[string]tftypes.Value{}
	for name, kind := range kind.AttributeTypes {
		values[name] = tftypes.NewValue(kind, nil)
	}
	values["status"] = tftypes.NewValue(tftypes.String, status)
	return values
}

// Which plans take the short way. That it leads where the framework leads is
// checked with every plan of all tests, by acctest.
func TestPlansNothing(t *testing.T) {
	t.Parallel()
	ttl := []byte(`{"` + privateTTLManaged + `":"dHJ1ZQ=="}`)
	tests := map[string]struct {
		prior, config, proposed attributes // on top of what all have; proposed is prior when nil
		private                 []byte
		want                    bool
	}{
		"no change":                 {want: true},
		"a change":                  {proposed: attributes{"name": "other"}},
		"unknown":                   {proposed: attributes{"name": tftypes.UnknownValue}},
		"configured default":        {config: attributes{"deletion_protection": false}, want: true},
		"default comes back":        {prior: attributes{"deletion_protection": true}},
		"default after an import":   {prior: attributes{"wait_for_agents": nil}},
		"no default, as before":     {prior: attributes{"wait_for_agents": true}, config: attributes{"wait_for_agents": true}, want: true},
		"TTL as before":             {prior: attributes{"ttl_ms": 60_000}, config: attributes{"ttl_ms": 60_000}, private: ttl, want: true},
		"TTL out of configuration":  {prior: attributes{"ttl_ms": 60_000}, private: ttl},
		"TTL of the server":         {prior: attributes{"ttl_ms": 60_000}, private: []byte(`{"` + privateParametersBuild + `":"Ing="}`), want: true},
		"desired status":            {prior: attributes{"desired_status": "running", "latest_build": build("running")}, config: attributes{"desired_status": "running"}, want: true},
		"failed build":              {prior: attributes{"desired_status": "running", "latest_build": build("failed")}, config: attributes{"desired_status": "running"}},
		"no build":                  {prior: attributes{"desired_status": "running"}, config: attributes{"desired_status": "running"}},
		"deadline that may be past": {prior: attributes{"deadline": "2020-01-01T00:00:00Z"}, config: attributes{"deadline": "2020-01-01T00:00:00Z"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prior := attributes{"id": "1", "name": "dev", "wait_for_agents": false, "deletion_protection": false, "orphan_on_destroy": false}
			maps.Copy(prior, test.prior)
			proposed := maps.Clone(prior)
			maps.Copy(proposed, test.proposed)
			config := attributes{"name": proposed["name"]}
			maps.Copy(config, test.config)
			req := &tfprotov6.PlanResourceChangeRequest{
				PriorState: prior.object(t), Config: config.object(t), ProposedNewState: proposed.object(t), PriorPrivate: test.private,
			}
			if got := PlansNothing(req); got != test.want {
				t.Errorf("PlansNothing is %t", got)
			}
		})
	}
}

func TestPlansNothing_createAndDestroy(t *testing.T) {
	t.Parallel()
	kind := planTypes().object
	null, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, nil))
	if err != nil {
		t.Fatal(err)
	}
	workspace := attributes{"name": "dev"}.object(t)
	for name, req := range map[string]*tfprotov6.PlanResourceChangeRequest{
		"create":  {PriorState: &null, Config: workspace, ProposedNewState: workspace},
		"destroy": {PriorState: workspace, Config: &null, ProposedNewState: &null},
		"neither": {PriorState: &null, Config: &null, ProposedNewState: &null},
		"empty":   {},
	} {
		if PlansNothing(req) {
			t.Errorf("%s: PlansNothing is true", name)
		}
	}
}

// A default that PlansNothing does not know would never come back.
func TestPlansNothing_knowsAllDefaults(t *testing.T) {
	t.Parallel()
	var resp resource.SchemaResponse
	NewResource().Schema(t.Context(), resource.SchemaRequest{}, &resp)
	for name, attribute := range resp.Schema.Attributes {
		value := reflect.ValueOf(attribute).FieldByName("Default")
		_, boolean := attribute.(schema.BoolAttribute)
		if value.IsValid() && !value.IsNil() && !boolean {
			t.Errorf("%s has a default of a type that PlansNothing does not look at", name)
		}
	}
	if got := len(planTypes().defaults); got != 3 {
		t.Errorf("there are %d defaults, want wait_for_agents, deletion_protection, orphan_on_destroy", got)
	}
}
