package faulttest_test

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/workspace"
)

// change is the planned change of the resource, as a plan file has it.
type change struct {
	action          string
	prior           *instance // as refreshed; nil when there is none
	config, planned tftypes.Value
	private         []byte
	identity        *tfprotov6.ResourceIdentityData
}

// planning are the flags of `terraform plan`.
type planning struct {
	asIs    bool // -refresh=false
	replace bool // -replace=
}

// apply is `terraform apply`; a nil configuration is one from which the
// resource was taken out.
func (c *core) apply(ctx context.Context, config object) *outcome {
	c.t.Helper()
	out := new(outcome)
	if planned, ok := c.walkPlan(ctx, config, planning{}, out); ok {
		c.walkApply(ctx, planned, config, out)
	}
	return out
}

// plan is `terraform plan`. It leaves the state as it is.
func (c *core) plan(ctx context.Context, config object) *outcome {
	c.t.Helper()
	out := new(outcome)
	c.walkPlan(ctx, config, planning{}, out)
	return out
}

// destroy is `terraform destroy`, which plans the configuration first, unless
// it is not to refresh.
func (c *core) destroy(ctx context.Context, config object, asIs bool) *outcome {
	c.t.Helper()
	out := new(outcome)
	prior := c.state
	if !asIs {
		planned, ok := c.walkPlan(ctx, config, planning{}, out)
		if !ok {
			return out
		}
		prior = planned.prior
	}
	var planned change
	ok := false
	c.command(ctx, out, func(s *session) { planned, ok = s.planDestroy(prior) })
	if ok {
		c.walkApply(ctx, planned, nil, out)
	}
	return out
}

// refresh is `terraform refresh`.
func (c *core) refresh(ctx context.Context) *outcome {
	c.t.Helper()
	out := new(outcome)
	c.command(ctx, out, func(s *session) {
		if refreshed, ok := s.refresh(c.state); ok {
			c.state = refreshed
		}
	})
	return out
}

// walkPlan refreshes and plans.
func (c *core) walkPlan(ctx context.Context, config object, flags planning, out *outcome) (planned change, ok bool) {
	c.t.Helper()
	c.command(ctx, out, func(s *session) {
		prior, refreshed := c.state, true
		if !flags.asIs {
			prior, refreshed = s.refresh(c.state)
		}
		if !refreshed {
			return
		}
		if config == nil {
			planned, ok = s.planDestroy(prior)
			return
		}
		planned, ok = s.plan(prior, build(s.schema.ValueType(), config), flags.replace)
	})
	return planned, ok
}

func (s *session) planDestroy(prior *instance) (change, bool) {
	if prior == nil {
		s.out.action = "no-op"
		return change{action: "no-op"}, true
	}
	null := tftypes.NewValue(s.schema.ValueType(), nil)
	planned, private, _, ok := s.planChange(prior, null, null)
	s.out.action = "delete"
	return change{action: "delete", prior: prior, config: null, planned: planned, private: private, identity: prior.identity}, ok
}

// plan decides as Terraform does what has to happen.
func (s *session) plan(prior *instance, config tftypes.Value, replace bool) (change, bool) {
	if !s.validate(config) {
		return change{}, false
	}
	from := prior
	if prior != nil && prior.tainted {
		from = nil // planned as a new one
	}
	planned, private, replaces, ok := s.planChange(from, config, tftypes.Value{})
	if !ok {
		return change{}, false
	}
	switch {
	case prior == nil:
		s.out.action = "create"
	case prior.tainted:
		s.out.action = "replace"
	case replace, replaces && !planned.Equal(prior.value):
		s.out.action = "replace"
		if planned, private, _, ok = s.planChange(nil, config, tftypes.Value{}); !ok {
			return change{}, false
		}
	case planned.Equal(prior.value):
		s.out.action = "no-op"
	default:
		s.out.action = "update"
		s.out.changed = changes(prior.value, planned)
	}
	ch := change{action: s.out.action, prior: prior, config: config, planned: planned, private: private}
	if ch.action == "update" {
		ch.identity = prior.identity
	}
	return ch, true
}

// validate asks whether a configuration is valid in itself.
func (s *session) validate(config tftypes.Value) bool {
	resp, err := s.server.ValidateResourceConfig(s.ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: workspace.ResourceType, Config: dynamic(s.core.t, config),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil {
		s.core.t.Fatal(err)
	}
	s.out.invalid = s.out.note(resp.Diagnostics)
	return !s.out.invalid
}

// planChange asks the provider for a plan, and whether it replaces the object.
// wanted is what to propose, by default what follows from configuration and
// prior state.
func (s *session) planChange(prior *instance, config, wanted tftypes.Value) (planned tftypes.Value, private []byte, replaces, ok bool) {
	ty := s.schema.ValueType()
	before := &instance{value: tftypes.NewValue(ty, nil)}
	if prior != nil {
		before = prior
	}
	if wanted.Type() == nil {
		wanted = proposed(s.schema, before.value, config)
	}
	resp, err := s.server.PlanResourceChange(s.ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: workspace.ResourceType, PriorState: dynamic(s.core.t, before.value), Config: dynamic(s.core.t, config),
		ProposedNewState: dynamic(s.core.t, wanted), PriorPrivate: before.private, PriorIdentity: before.identity,
	})
	if err != nil {
		s.core.t.Fatal(err)
	}
	if s.out.note(resp.Diagnostics) {
		return planned, nil, false, false
	}
	planned = decoded(s.core.t, ty, resp.PlannedState)
	if !config.IsNull() {
		s.out.broken = append(s.out.broken, planFaults(s.schema, before.value, config, planned)...)
	}
	for _, path := range resp.RequiresReplace { // counts only where something changes
		was, _, _ := tftypes.WalkAttributePath(before.value, path)
		will, _, _ := tftypes.WalkAttributePath(planned, path)
		a, isValue := was.(tftypes.Value)
		b, willBe := will.(tftypes.Value)
		replaces = replaces || !isValue || !willBe || !a.Equal(b)
	}
	return planned, resp.PlannedPrivate, replaces, true
}
