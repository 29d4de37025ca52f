package workspace

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/defaults"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// PlansNothing tells that planning a workspace gives its prior state, as
// Terraform proposes, because there is nothing to do; see [lifecycle.Decide]. It
// is false in doubt: a default may come back, and a question need an answer. The
// data may be nil, as before the provider is configured.
func (d *ProviderData) PlansNothing(req *tfprotov6.PlanResourceChangeRequest) bool {
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
	var private map[string][]byte
	if len(req.PriorPrivate) > 0 && json.Unmarshal(req.PriorPrivate, &private) != nil {
		return false
	}
	have := haveOf(state, unfinishedIn(private[privateUpdate]))
	decision := lifecycle.Decide(wantOf(config), have, nil)
	return decision.IsNothing() && d.staysAlone(have.ID)
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
func attributesOf(value *tfprotov6.DynamicValue, objectType tftypes.Type) object {
	decoded, err := value.Unmarshal(objectType)
	if err != nil {
		return nil
	}
	return objectOf(decoded)
}
