package codertest

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const (
	sessionName   = "coder_session_token"
	sessionHeader = "Coder-Session-Token"

	keyIDLength     = 10
	keySecretLength = 22
)

// newToken makes a session; token is generated when it is empty.
func (d *Deployment) newToken(u *user, token string) string {
	if token == "" {
		token = randomText(keyIDLength) + "-" + randomText(keySecretLength)
	}
	id, _, _ := strings.Cut(token, "-")
	d.tokens[token] = &session{user: u, id: id, created: d.now(), scopes: []string{"coder:" + scopeAll}}
	d.tokenIDs[id] = true
	return token
}

// AddToken gives a user another session token, already expired when expires is in the past; the zero time means never.
func (d *Deployment) AddToken(username string, expires time.Time) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	token := d.newToken(d.usersByName[strings.ToLower(username)], "")
	d.tokens[token].expired = expires
	return token
}

// RevokeToken makes a token unknown.
func (d *Deployment) RevokeToken(token string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.revoke(token)
}

func (d *Deployment) revoke(token string) {
	delete(d.tokens, token)
	id, _, _ := strings.Cut(token, "-")
	delete(d.tokenIDs, id)
}

// RevokeTokens makes all tokens of a user unknown.
func (d *Deployment) RevokeTokens(username string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for token, s := range d.tokens {
		if strings.EqualFold(s.user.username, username) {
			d.revoke(token)
		}
	}
}

func randomText(n int) string {
	var text string
	for len(text) < n {
		text += rand.Text()
	}
	return text[:n]
}

// credential finds the token: cookie, query, header, and since 2.25 the bearer forms, in this order.
func (d *Deployment) credential(r *http.Request) string {
	if c, err := r.Cookie(sessionName); err == nil && c.Value != "" {
		return c.Value
	}
	if q := r.URL.Query().Get(sessionName); q != "" {
		return q
	}
	if h := r.Header.Get(sessionHeader); h != "" {
		return h
	}
	if d.since(2, 25) {
		if q := r.URL.Query().Get("access_token"); q != "" {
			return q
		}
		if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
			return token
		}
	}
	return ""
}

// authenticate finds the user of a request, or what to answer instead.
func (d *Deployment) authenticate(w http.ResponseWriter, r *http.Request) (*user, reply) {
	d.mu.Lock()
	defer d.mu.Unlock()
	token := d.credential(r)
	s := d.tokens[token]
	switch {
	case token == "":
		return nil, d.signedOut(w, `Cookie "coder_session_token" or query parameter must be provided.`)
	case s == nil:
		return nil, d.signedOut(w, d.unknownToken(token))
	case !s.expired.IsZero() && s.expired.Before(d.now()):
		return nil, d.signedOut(w, fmt.Sprintf("API key expired at %q.", s.expired.UTC().String()))
	case s.user.status != "active":
		d.challenge(w, "The access token is invalid")
		return nil, refuse(http.StatusUnauthorized,
			fmt.Sprintf("User is not active (status = %q). Contact an admin to reactivate your account.", s.user.status))
	}
	d.used(s)
	return s.user, reply{}
}

func (d *Deployment) unknownToken(token string) string {
	parts := strings.Split(token, "-")
	if len(parts) != 2 {
		return fmt.Sprintf("Invalid API key format: incorrect amount of API key parts, expected 2 got %d", len(parts))
	}
	if n := len(parts[0]); n != keyIDLength {
		return fmt.Sprintf("Invalid API key format: invalid API key ID length, expected %d got %d", keyIDLength, n)
	}
	if n := len(parts[1]); n != keySecretLength {
		return fmt.Sprintf("Invalid API key format: invalid API key secret length, expected %d got %d", keySecretLength, n)
	}
	if d.tokenIDs[parts[0]] {
		return "API key secret is invalid."
	}
	return "API key is invalid."
}

func (d *Deployment) signedOut(w http.ResponseWriter, detail string) reply {
	d.challenge(w, "The access token has expired")
	return refuseWith(http.StatusUnauthorized, "You are signed out or your session has expired. Please sign in again to continue.", detail)
}

// challenge adds the header that servers since 2.25 send with a 401.
func (d *Deployment) challenge(w http.ResponseWriter, description string) {
	if d.since(2, 25) {
		w.Header().Set("Www-Authenticate", fmt.Sprintf("Bearer realm=%q, error=%q, error_description=%q", "coder", "invalid_token", description))
	}
}
