package faulttest_test

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/workspace"
)

// walkApply carries a plan out, with what was unknown in the configuration
// known by now. The state becomes the plan's.
func (c *core) walkApply(ctx context.Context, planned change, config object, out *outcome) {
	c.t.Helper()
	c.state = planned.prior
	if planned.action == "no-op" {
		return
	}
	c.command(ctx, out, func(s *session) {
		if config != nil {
			planned.config = build(s.schema.ValueType(), config)
		}
		s.apply(planned)
	})
}

// apply carries a change out.
func (s *session) apply(planned change) {
	if planned.action == "delete" || planned.action == "replace" {
		if !s.applyDestroy(planned) || planned.action == "delete" {
			return
		}
		planned.prior = nil
	}
	if !s.planAgain(&planned) {
		return
	}
	after, failed := s.applyChange(planned.prior, planned.config, planned.planned, planned.private, planned.identity)
	if failed {
		if after != nil {
			// Half a new object has to be replaced; an old one is as good as before.
			after.tainted = planned.prior == nil || planned.prior.tainted
		}
		s.core.state = after
		return
	}
	if after == nil {
		s.out.broken = append(s.out.broken, "there is no object after the apply")
		return
	}
	s.core.state = after
	s.out.broken = append(s.out.broken, applyFaults("object", planned.planned, after.value)...)
}

// applyDestroy destroys the object; false when it is still there.
func (s *session) applyDestroy(planned change) bool {
	null := tftypes.NewValue(s.schema.ValueType(), nil)
	after, failed := s.applyChange(planned.prior, null, null, planned.private, planned.prior.identity)
	switch {
	case failed && after != nil:
		after.tainted = planned.prior.tainted
		s.core.state = after
		return false
	case after != nil:
		s.out.broken = append(s.out.broken, "the object is still there after its destruction")
		return false
	}
	s.core.state = nil
	return !failed
}

// planAgain plans once more, as every apply does before it acts: with what is
// known by now, and without another look at the object. What comes out must be
// what was planned.
func (s *session) planAgain(planned *change) bool {
	if !s.validate(planned.config) {
		return false
	}
	again, private, replaces, ok := s.planChange(planned.prior, planned.config, tftypes.Value{})
	if !ok {
		return false
	}
	faults := applyFaults("object", planned.planned, again)
	if planned.prior != nil && replaces {
		faults = append(faults, "the update has become a replacement")
	}
	for _, fault := range faults {
		s.out.broken = append(s.out.broken, "Provider produced inconsistent final plan: "+fault)
	}
	if len(faults) > 0 || planned.prior != nil && again.Equal(planned.prior.value) {
		return false // nothing is left to do
	}
	planned.planned, planned.private = again, private
	return true
}

// applyChange asks the provider to act.
func (s *session) applyChange(prior *instance, config, planned tftypes.Value, private []byte, identity *tfprotov6.ResourceIdentityData) (after *instance, failed bool) {
	ty := s.schema.ValueType()
	before := tftypes.NewValue(ty, nil)
	if prior != nil {
		before = prior.value
	}
	resp, err := s.server.ApplyResourceChange(s.ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: workspace.ResourceType, PriorState: dynamic(s.core.t, before), PlannedState: dynamic(s.core.t, planned),
		Config: dynamic(s.core.t, config), PlannedPrivate: private, PlannedIdentity: identity,
	})
	if err != nil {
		s.core.t.Fatal(err)
	}
	failed = s.out.note(resp.Diagnostics)
	value := decoded(s.core.t, ty, resp.NewState)
	if value.IsNull() {
		return nil, failed
	}
	if !value.IsFullyKnown() {
		s.out.broken = append(s.out.broken, fmt.Sprintf("something is unknown after the apply: %s", value))
	}
	return &instance{value: value, private: resp.Private, identity: resp.NewIdentity}, failed
}
