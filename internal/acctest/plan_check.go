package acctest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/provider"
	"github.com/coderws/terraform-provider-coderws/internal/workspace"
)

// planChecker compares every plan that the provider answers in its own short
// way with the one that the framework makes of the same request. So each test
// that plans something tests this too.
type planChecker struct {
	providerServer
}

// newServer is the provider under test.
func newServer() (*planChecker, error) {
	server, ok := provider.NewServer(provider.New(ProviderVersion)()).(providerServer)
	if !ok {
		return nil, errors.New("the provider's server has no lists or actions")
	}
	return &planChecker{server}, nil
}

// PlanResourceChange implements [tfprotov6.ResourceServer].
func (c *planChecker) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	plan, err := c.providerServer.PlanResourceChange(ctx, req)
	if err != nil || plan.PlannedState != req.PriorState {
		return plan, err // planned by the framework
	}
	other := *req
	other.ProposedNewState = &tfprotov6.DynamicValue{MsgPack: spelledOtherwise(req.ProposedNewState.MsgPack)}
	long, err := c.providerServer.PlanResourceChange(ctx, &other)
	if err != nil {
		return nil, err
	}
	// Planned twice, it looks like a workspace at two addresses.
	long.Diagnostics = slices.DeleteFunc(long.Diagnostics, func(d *tfprotov6.Diagnostic) bool {
		return d.Severity == tfprotov6.DiagnosticSeverityWarning && tftypes.NewAttributePath().WithAttributeName("id").Equal(d.Attribute)
	})
	if problem := comparePlans(ctx, plan, long); problem != "" {
		return nil, fmt.Errorf("the provider's short way to a plan and the framework's differ: %s", problem)
	}
	return plan, nil
}

// spelledOtherwise is the same object in other bytes: its number of attributes,
// more than 15, in four bytes in place of two.
func spelledOtherwise(object []byte) []byte {
	const map16, map32 = 0xde, 0xdf
	if len(object) == 0 || object[0] != map16 {
		return object
	}
	return append([]byte{map32, 0, 0}, object[1:]...)
}

// comparePlans says in what two plans differ; "" when they do not.
func comparePlans(ctx context.Context, short, long *tfprotov6.PlanResourceChangeResponse) string {
	var resp resource.SchemaResponse
	workspace.NewResource().Schema(ctx, resource.SchemaRequest{}, &resp)
	kind := resp.Schema.Type().TerraformType(ctx)
	a, problem := short.PlannedState.Unmarshal(kind)
	b, otherProblem := long.PlannedState.Unmarshal(kind)
	if err := errors.Join(problem, otherProblem); err != nil {
		return err.Error()
	}
	differences, err := a.Diff(b)
	switch {
	case err != nil:
		return err.Error()
	case len(differences) > 0:
		return fmt.Sprint(differences)
	case len(long.Diagnostics) > 0:
		return Diagnostics(long.Diagnostics).String()
	case len(long.RequiresReplace) > 0 || long.Deferred != nil:
		return fmt.Sprint("replace ", long.RequiresReplace, " deferred ", long.Deferred)
	case len(short.PlannedPrivate) > 0 && !bytes.Equal(short.PlannedPrivate, long.PlannedPrivate):
		return fmt.Sprintf("private state %s, %s", short.PlannedPrivate, long.PlannedPrivate)
	// Without an identity before, the framework's is an object of nulls.
	case short.PlannedIdentity != nil && !bytes.Equal(short.PlannedIdentity.IdentityData.MsgPack, long.PlannedIdentity.IdentityData.MsgPack):
		return "identity"
	}
	return ""
}
