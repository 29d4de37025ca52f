package token

import (
	"context"
	"sync"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// ProviderData is what the provider hands to the ephemeral resource.
type ProviderData struct {
	Client *coder.Client
	Open   *Open
}

// Open are the tokens that are open. After an error Terraform (1.11, and 1.15
// still) closes nothing, but ends the provider; then [Open.End] closes them. The
// zero value is ready for use.
type Open struct {
	mu     sync.Mutex
	tokens map[string]openToken // by id
}

type openToken struct {
	record

	client *coder.Client
}

// endTime is less than the two seconds that Terraform gives a provider to end.
const endTime = 1500 * time.Millisecond

func (o *Open) add(client *coder.Client, token record) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.tokens == nil {
		o.tokens = map[string]openToken{}
	}
	o.tokens[token.ID] = openToken{token, client}
}

func (o *Open) remove(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.tokens, id)
}

// End deletes all tokens that are still open, as far as that is quickly done.
func (o *Open) End() {
	o.mu.Lock()
	defer o.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), endTime) //nolint:forbidigo // no call is left whose it could be
	defer cancel()
	var all sync.WaitGroup
	for _, token := range o.tokens {
		all.Go(func() { _ = token.client.DeleteToken(ctx, token.Owner, token.ID) }) // nobody is left to be told
	}
	all.Wait()
	o.tokens = nil
}
