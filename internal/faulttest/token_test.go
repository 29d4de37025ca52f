package faulttest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// Whatever goes wrong with a token, none is left of which nothing is said, and
// nothing that is said holds one.
func TestToken(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		for _, what := range misfortunes {
			if what.fault.Spoil == codertest.Endless { // says the same as the dripping one, and takes its time
				continue
			}
			for first := range 2 { // the request that makes it, or the one that ends it
				for _, times := range []int{1, 0} {
					t.Run(fmt.Sprintf("%s, %s, from %d, %d times", version, what.name, first, times), func(t *testing.T) {
						t.Parallel()
						inBubble(t, codertest.Options{Version: version}, func(ctx context.Context, s *scene) {
							fault := what.fault
							fault.Skip, fault.Times = first, times
							s.fake.AddFault(fault)
							out := new(outcome)
							opened := s.openAndClose(ctx, out)
							s.fake.ClearFaults()
							if first == 1 && !opened {
								t.Errorf("not made: %s", out)
							}
							if first == 0 && !opened && len(out.errors) == 0 {
								t.Errorf("neither a token nor an error: %s", out)
							}
							left, err := s.byHand().Tokens(ctx, coder.Me)
							if err != nil {
								t.Fatal(err)
							}
							for _, token := range left {
								if !strings.Contains(out.String(), token.Name) && !what.word && !what.absent {
									t.Errorf("nothing is said of %s: %s", token.Name, out)
								}
							}
							for _, key := range s.fake.MadeTokens() {
								if _, secret, _ := strings.Cut(key, "-"); strings.Contains(out.String(), secret) {
									t.Errorf("it says a token: %s", out)
								}
							}
							if len(out.broken) > 0 {
								t.Error(out)
							}
						})
					})
				}
			}
		}
	}
}

// openAndClose makes a token and ends it, as a command of Terraform does that
// uses it.
func (c *core) openAndClose(ctx context.Context, out *outcome) (opened bool) {
	c.command(ctx, out, func(s *session) {
		const name = "coderws_token"
		schemas, err := s.server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
		if err != nil {
			c.t.Fatal(err)
		}
		config := dynamic(c.t, build(schemas.EphemeralResourceSchemas[name].ValueType(), object{"lifetime": "2h"}))
		made, err := s.server.OpenEphemeralResource(ctx, &tfprotov6.OpenEphemeralResourceRequest{TypeName: name, Config: config})
		if err != nil {
			c.t.Fatal(err)
		}
		if out.note(made.Diagnostics) {
			return
		}
		opened = true
		closed, err := s.server.CloseEphemeralResource(ctx, &tfprotov6.CloseEphemeralResourceRequest{TypeName: name, Private: made.Private})
		if err != nil {
			c.t.Fatal(err)
		}
		out.note(closed.Diagnostics)
	})
	return opened
}
