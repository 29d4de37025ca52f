package coder

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// The scopes that every release knows. ScopeAll is what a token has by default.
const (
	ScopeAll                = "all"
	ScopeApplicationConnect = "application_connect"
)

// Token is a session token of a user, without its secret.
type Token struct {
	ID        string    `json:"id"`
	UserID    uuid.UUID `json:"user_id"`
	Name      string    `json:"token_name"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (t *Token) identity() uuid.UUID { return t.UserID }

// CreateTokenRequest is the body of [Client.CreateToken].
type CreateTokenRequest struct {
	// Name is unique among the tokens of the user.
	Name     string
	Lifetime time.Duration
	// Scopes are what the token is good for; none stand for [ScopeAll].
	Scopes []string
}

// ScopesError is an error about scopes that the server's release does not know.
type ScopesError struct {
	Scopes []string
	Server Version
}

// Error implements error.
func (e *ScopesError) Error() string {
	return fmt.Sprintf("Coder %s knows no scopes such as %s", e.Server, strings.Join(e.Scopes, ", "))
}

// onTheWire is the request as the server's release wants it: one of two words
// before Coder 2.27, and a list since then.
func (r CreateTokenRequest) onTheWire(server Version) (any, error) {
	body := struct {
		Name     string        `json:"token_name"`
		Lifetime time.Duration `json:"lifetime"` // nanoseconds
		Scope    string        `json:"scope,omitempty"`
		Scopes   []string      `json:"scopes,omitempty"`
	}{Name: r.Name, Lifetime: r.Lifetime}
	old := func(scope string) bool { return scope == ScopeAll || scope == ScopeApplicationConnect }
	switch {
	case len(r.Scopes) == 1 && old(r.Scopes[0]):
		body.Scope = r.Scopes[0]
	case len(r.Scopes) > 0 && server.Before(2, 27):
		return nil, &ScopesError{Scopes: r.Scopes, Server: server}
	default:
		body.Scopes = slices.Clone(r.Scopes)
		for i, scope := range body.Scopes {
			if old(scope) { // which a list has by their new names
				body.Scopes[i] = "coder:" + scope
			}
		}
	}
	return body, nil
}

// CreateToken makes a session token for user (username, UUID or [Me]) and
// returns it; it can never be read again. The request is not repeated after an
// unclear answer; see [IsUnclear] and [Client.Tokens].
func (c *Client) CreateToken(ctx context.Context, user string, req CreateTokenRequest) (string, error) {
	server := Version{}
	if len(req.Scopes) > 0 {
		var err error
		if server, err = c.learnVersion(ctx); err != nil {
			return "", err
		}
	}
	body, err := req.onTheWire(server)
	if err != nil {
		return "", err
	}
	made, err := call[newToken](ctx, c, http.MethodPost, nil, body, "users", user, "keys", "tokens")
	if err != nil {
		return "", err
	}
	return made.Key, nil
}

// newToken is the answer to [Client.CreateToken].
type newToken struct {
	Key string `json:"key"`
}

// identity makes up an id, since the answer has none: it must have a key.
func (t *newToken) identity() uuid.UUID {
	if TokenID(t.Key) == "" {
		return uuid.Nil
	}
	return uuid.Max
}

// TokenID is the part of a session token that names it and is no secret; "" when
// it is none.
func TokenID(key string) string {
	id, secret, ok := strings.Cut(key, "-")
	if !ok || secret == "" {
		return ""
	}
	return id
}

// Token reads a token by its id. There is none if the answer is [NotVisible].
func (c *Client) Token(ctx context.Context, user, id string) (*Token, error) {
	return call[Token](ctx, c, http.MethodGet, nil, nil, "users", user, "keys", id)
}

// Tokens lists the tokens of a user that have not expired.
func (c *Client) Tokens(ctx context.Context, user string) ([]Token, error) {
	return callList[Token](ctx, c, nil, "users", user, "keys", "tokens")
}

// DeleteToken makes a token worthless. There is none if the answer is
// [NotVisible].
func (c *Client) DeleteToken(ctx context.Context, user, id string) error {
	return c.do(ctx, http.MethodDelete, nil, nil, func(resp *http.Response) error {
		if resp.StatusCode != http.StatusNoContent { // somebody else's, who has deleted nothing
			return &bodyError{err: fmt.Errorf("its status is %d, and not that of a deletion", resp.StatusCode)}
		}
		return nil
	}, "users", user, "keys", id)
}

// tokenGrace is how much of its lifetime a token must have used before Coder
// ≤2.34 prolongs it.
const tokenGrace = time.Hour

// ProlongsTokens tells whether the server makes a token of a lifetime live on
// when it is used late enough: before Coder 2.35, and once it has used up an
// hour.
func (c *Client) ProlongsTokens(lifetime time.Duration) bool {
	return c.ServerVersion().Before(2, 35) && lifetime > tokenGrace
}

// ProlongTokenIn is when a token should be used to prolong it, given how long it
// would live on without: in the middle of the time in which that works.
func ProlongTokenIn(lifetime, rest time.Duration) time.Duration {
	return rest - (lifetime-tokenGrace)/2
}

// UseToken signs in with a token once, whatever that is good for.
func (c *Client) UseToken(ctx context.Context, key string) error {
	resp, err := c.getOnce(ctx, nil, http.Header{sessionTokenHeader: {key}}, "users", Me) //nolint:bodyclose // closeBody does
	if err == nil {
		closeBody(resp.Body)
	}
	switch KindOf(err) {
	case NotVisible, Forbidden: // its scopes do not go that far
		return nil
	default:
		return err
	}
}
