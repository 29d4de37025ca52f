package workspace

import (
	"encoding/json"
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

const (
	latestID   = "5c39a55c-2bd1-44a4-a5a5-7d9b5b7b6a10"
	templateID = "8f5a1d4e-2c3b-4a59-9f0e-6d7c8b9a0f1e"
	versionID  = "0d7f9b1e-31a5-4a0e-9ac4-3e8b7c1f5d22"
)

// build is a latest build of a status: a start that is at its end, or not.
func build(status string) map[string]tftypes.Value {
	kind := planTypes().object.(tftypes.Object).AttributeTypes["latest_build"].(tftypes.Object)
	values := map[string]tftypes.Value{}
	for name, kind := range kind.AttributeTypes {
		values[name] = tftypes.NewValue(kind, nil)
	}
	values["id"] = tftypes.NewValue(tftypes.String, latestID)
	values["transition"] = tftypes.NewValue(tftypes.String, "start")
	values["status"] = tftypes.NewValue(tftypes.String, status)
	return values
}

// Which plans take the short way. That it leads where the framework leads is
// checked with every plan of all tests, by acctest.
func TestPlansNothing(t *testing.T) {
	t.Parallel()
	private := func(key, value string) []byte {
		encoded, err := json.Marshal(map[string][]byte{key: []byte(value)})
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	underWay := private(privateUpdate, `{"build":"`+latestID+`","from":"running","to":"running"}`)
	strings := func(values map[string]string) map[string]tftypes.Value {
		elements := map[string]tftypes.Value{}
		for name, value := range values {
			elements[name] = tftypes.NewValue(tftypes.String, value)
		}
		return elements
	}
	const evening = "2020-01-01T18:00:00Z"
	until := func(deadline string) map[string]tftypes.Value {
		running := build("running")
		running["deadline"] = tftypes.NewValue(tftypes.String, deadline)
		return running
	}
	tests := map[string]struct {
		prior, config, proposed attributes // on top of what all have; proposed is prior when nil
		private                 []byte
		want                    bool
	}{
		"no change":                   {want: true},
		"a change":                    {proposed: attributes{"name": "other"}},
		"unknown":                     {proposed: attributes{"name": tftypes.UnknownValue}},
		"configured default":          {config: attributes{"deletion_protection": false}, want: true},
		"default comes back":          {prior: attributes{"deletion_protection": true}},
		"default after an import":     {prior: attributes{"wait_for_agents": nil}},
		"no default, as before":       {prior: attributes{"wait_for_agents": true}, config: attributes{"wait_for_agents": true}, want: true},
		"TTL as before":               {prior: attributes{"ttl_ms": 60_000}, config: attributes{"ttl_ms": 60_000}, want: true},
		"TTL out of configuration":    {prior: attributes{"ttl_ms": 60_000}, want: true},
		"old private keys":            {private: private("resume", "true"), want: true},
		"private state of no sort":    {private: []byte("resume")},
		"parameters of a build":       {private: private(privateParametersBuild, `"x"`), want: true},
		"update at its end":           {prior: attributes{"latest_build": build("running")}, private: underWay, want: true},
		"update still under way":      {prior: attributes{"latest_build": build("starting")}, private: underWay, want: true},
		"update that failed":          {prior: attributes{"latest_build": build("failed")}, private: underWay},
		"failure, which is warned of": {prior: attributes{"latest_build": build("failed")}, private: private(privateUpdate, `{"build":"`+versionID+`","from":"running","to":"running"}`)},
		"desired status":              {prior: attributes{"desired_status": "running"}, config: attributes{"desired_status": "running"}, want: true},
		"failed build":                {prior: attributes{"desired_status": "running", "latest_build": build("failed")}, config: attributes{"desired_status": "running"}},
		"deadline, no autostop":       {prior: attributes{"deadline": evening}, config: attributes{"deadline": evening}, want: true},
		"deadline, runs until then":   {prior: attributes{"deadline": evening, "latest_build": until(evening)}, config: attributes{"deadline": evening}, want: true},
		"deadline that may be past":   {prior: attributes{"deadline": evening, "latest_build": until("2020-01-01T10:00:00Z")}, config: attributes{"deadline": evening}},
		"the same parameters":         {prior: attributes{"parameters": strings(map[string]string{"cpu": "2"})}, config: attributes{"parameters": strings(map[string]string{"cpu": "2"})}, want: true},
		"the same preset":             {prior: attributes{"preset": "Small"}, config: attributes{"preset": "Small"}, want: true},
		"a preset that went":          {prior: attributes{"preset": "Small"}, want: true},
		"the same version":            {prior: attributes{"template_version_id": versionID}, config: attributes{"template_version_id": versionID}, want: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prior := attributes{
				"id": latestID, "name": "dev", "template_id": templateID, "latest_build": build("running"),
				"wait_for_agents": false, "deletion_protection": false, "orphan_on_destroy": false,
			}
			maps.Copy(prior, test.prior)
			proposed := maps.Clone(prior)
			maps.Copy(proposed, test.proposed)
			config := attributes{"name": proposed["name"], "template_id": templateID}
			maps.Copy(config, test.config)
			req := &tfprotov6.PlanResourceChangeRequest{
				PriorState: prior.object(t), Config: config.object(t), ProposedNewState: proposed.object(t), PriorPrivate: test.private,
			}
			if got := (*ProviderData)(nil).PlansNothing(req); got != test.want {
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
		if (*ProviderData)(nil).PlansNothing(req) {
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
