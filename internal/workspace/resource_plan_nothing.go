package workspace

import (
	"bytes"
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/defaults"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// PlansNothing tells that planning a workspace gives its prior state, as
// Terraform proposes, so that planning it need not be done. It is false in
// doubt: a default may come back, a failed build be repaired, a deadline be
// renewed, or a TTL be taken out of the configuration.
func PlansNothing(req *tfprotov6.PlanResourceChangeRequest) bool {
	if req.PriorState == nil || req.ProposedNewState == nil || req.Config == nil ||
		len(req.PriorState.MsgPack) == 0 || !bytes.Equal(req.PriorState.MsgPack, req.ProposedNewState.MsgPack) {
		return false
	}
	types := planTypes()
	state, config := attributesOf(req.PriorState, types.object), attributesOf(req.Config, types.object)
	if state == nil || config == nil {
		return false
	}
	for name, value := range types.defaults {
		if config[name].IsNull() && !state[name].Equal(value) {
			return false
		}
	}
	if desired := state["desired_status"]; !desired.IsNull() && !desired.Equal(buildStatus(state)) {
		return false // a build that failed is to be repaired
	}
	// Private state holds the name of a flag only while the flag is set.
	ttlManaged := bytes.Contains(req.PriorPrivate, []byte(privateTTLManaged))
	return state["deadline"].IsNull() && (!config["ttl_ms"].IsNull() || !ttlManaged)
}

// planTypes is what planning needs of the schema.
var planTypes = sync.OnceValue(func() (types struct {
	object   tftypes.Type
	defaults map[string]tftypes.Value // by attribute
},
) {
	ctx, resp := context.Background(), new(resource.SchemaResponse) //nolint:forbidigo // the schema needs none
	NewResource().Schema(ctx, resource.SchemaRequest{}, resp)
	types.object = resp.Schema.Type().TerraformType(ctx)
	types.defaults = map[string]tftypes.Value{}
	for name, attribute := range resp.Schema.Attributes {
		if attribute, ok := attribute.(schema.BoolAttribute); ok && attribute.Default != nil {
			value := new(defaults.BoolResponse)
			attribute.Default.DefaultBool(ctx, defaults.BoolRequest{}, value)
			types.defaults[name] = tftypes.NewValue(tftypes.Bool, value.PlanValue.ValueBool())
		}
	}
	return types
})

// attributesOf takes an object apart; nil when it is null or no such object.
func attributesOf(object *tfprotov6.DynamicValue, objectType tftypes.Type) map[string]tftypes.Value {
	value, err := object.Unmarshal(objectType)
	if err != nil || value.IsNull() || !value.IsKnown() {
		return nil
	}
	var attributes map[string]tftypes.Value
	if value.As(&attributes) != nil {
		return nil
	}
	return attributes
}

// buildStatus is the status of the latest build, which is running or stopped
// where that is the workspace's run state.
func buildStatus(state map[string]tftypes.Value) tftypes.Value {
	var build map[string]tftypes.Value
	if state["latest_build"].As(&build) != nil {
		return tftypes.Value{}
	}
	return build["status"]
}
