package provider

import (
	"context"
	"encoding/json"
	"math/big"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// ReadResource implements [tfprotov6.ResourceServer]. The state goes back as
// JSON, the other of the protocol's two encodings: Terraform (1.10 to 1.14, at
// least) compares it with the one before by the insides of its values, and there
// a number out of the state, which is JSON, and the same one out of MessagePack
// differ. So "plan -refresh-only -detailed-exitcode" would end with 2, always.
func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	resp, err := during(ctx, req, s.frameworkServer.ReadResource)
	if err != nil || resp.NewState == nil {
		return resp, err
	}
	kind, known := s.stateType(ctx, req.TypeName)
	if !known {
		return resp, nil
	}
	if state, err := resp.NewState.Unmarshal(kind); err == nil && !state.IsNull() {
		encoded, _ := json.Marshal(plain(state)) // it is made of what always can be
		resp.NewState = &tfprotov6.DynamicValue{JSON: encoded}
	}
	return resp, nil
}

// stateTypes are the types of the resources' states, by resource, once they are
// asked for.
type stateTypes struct {
	once  sync.Once
	known map[string]tftypes.Type
}

func (s *server) stateType(ctx context.Context, resource string) (kind tftypes.Type, known bool) {
	s.types.once.Do(func() {
		s.types.known = map[string]tftypes.Type{}
		schemas, err := during(ctx, &tfprotov6.GetProviderSchemaRequest{}, s.GetProviderSchema)
		if err != nil {
			return
		}
		for name, schema := range schemas.ResourceSchemas {
			s.types.known[name] = schema.ValueType()
		}
	})
	kind, known = s.types.known[resource]
	return kind, known
}

// plain is a value, known as a whole, as package json takes it.
func plain(value tftypes.Value) any {
	switch kind := value.Type(); {
	case value.IsNull():
		return nil
	case kind.Is(tftypes.String):
		return as[string](value)
	case kind.Is(tftypes.Bool):
		return as[bool](value)
	case kind.Is(tftypes.Number):
		return json.Number(as[*big.Float](value).Text('f', -1))
	case kind.Is(tftypes.Object{}), kind.Is(tftypes.Map{}):
		elements := as[map[string]tftypes.Value](value)
		all := make(map[string]any, len(elements))
		for name, element := range elements {
			all[name] = plain(element)
		}
		return all
	default:
		elements := as[[]tftypes.Value](value)
		all := make([]any, len(elements))
		for i, element := range elements {
			all[i] = plain(element)
		}
		return all
	}
}

// as is a value in Go, of the one type that fits.
func as[T any](value tftypes.Value) T {
	var raw T
	_ = value.As(&raw)
	return raw
}
