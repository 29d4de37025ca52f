package provider_test

import (
	"context"
	"runtime"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/coderws/terraform-provider-coderws/internal/provider"
	"github.com/coderws/terraform-provider-coderws/internal/workspace"
)

// A provider lives as long as a plan of any size; what belongs to one call
// must not.
func TestServer_letsGoOfCalls(t *testing.T) {
	t.Parallel()
	type key struct{}
	type logger [1024]string

	server := provider.NewServer(provider.New("dev")())
	call := func() weak.Pointer[logger] {
		held := new(logger)
		ctx := context.WithValue(t.Context(), key{}, held)
		state := &tfprotov6.RawState{JSON: []byte(`{"name": "dev"}`)}
		if _, err := server.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{TypeName: workspace.ResourceType, RawState: state}); err != nil {
			t.Fatal(err)
		}
		return weak.Make(held)
	}
	held := call()
	runtime.GC()
	if held.Value() != nil {
		t.Error("the server still holds the context of a call that has ended")
	}
	runtime.KeepAlive(server)
}

// A call has the values, the deadline and the end of Terraform's context.
func TestServer_passesTheContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
	var kept context.Context
	_, err := provider.During(ctx, 1, func(ctx context.Context, _ int) (int, error) {
		kept = ctx
		if ctx.Value(key{}) != "value" || ctx.Err() != nil {
			t.Error("the call does not see its context")
		}
		derived, stop := context.WithCancel(ctx)
		defer stop()
		cancel()
		<-derived.Done()
		return 0, ctx.Err()
	})
	if err != context.Canceled { //nolint:errorlint // the contract of Err
		t.Errorf("a cancelled call has the error %v", err)
	}
	if kept.Value(key{}) != nil || kept.Err() == nil {
		t.Error("an ended call still has its context")
	}
}
