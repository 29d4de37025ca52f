package codertest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Tokens are sessions that users make for themselves, and owners of the deployment for anybody. They sign in like all others
// until they expire or are deleted. Their scopes are kept and shown, not enforced.

const (
	longestTokenLifetime = 876600 * time.Hour
	// extendAfter is how much of its lifetime a token must have used up before a request prolongs it.
	extendAfter = time.Hour
)

// scopeAll and scopeApplicationConnect are the words of old servers; newer ones write "coder:" before them.
const (
	scopeAll                = "all"
	scopeApplicationConnect = "application_connect"
)

// newScope is what servers since 2.27 take beside the old words.
var newScope = regexp.MustCompile(`^(coder:(all|application_connect|workspaces\.(create|operate|delete|access)|templates\.(build|author)|apikeys\.manage_self)|` +
	`(workspace|template|api_key|file|user|user_secret|user_skill|task|organization):(create|read|update|delete|use|ssh|start|stop|application_connect|read_personal|update_personal|\*))$`)

func (c *call) createToken() reply {
	u, rep, found := c.readableUser()
	if !found {
		return rep
	}
	d := c.d
	type CreateTokenRequest struct {
		Lifetime  time.Duration `json:"lifetime"`
		Scope     string        `json:"scope"`
		Scopes    []string      `json:"scopes"`
		TokenName string        `json:"token_name"`
	}
	var b CreateTokenRequest
	if rep, valid := c.decode(&b); !valid {
		return rep
	}
	scopes, rep, valid := d.tokenScopes(b.Scope, b.Scopes)
	if !valid {
		return rep
	}
	if b.TokenName == "" {
		b.TokenName = strings.ToLower(randomText(8)) + "_" + randomText(1)
	}
	const invalid = "Failed to validate create API key request."
	switch longest := d.longestTokenLifetime(); {
	case b.Lifetime < 0:
		return refuseWith(http.StatusBadRequest, invalid, "lifetime must be positive number greater than 0")
	case b.Lifetime > longest:
		return refuseWith(http.StatusBadRequest, invalid, fmt.Sprintf("lifetime must be less than %v", longest))
	case b.Lifetime == 0 && d.since(2, 16):
		b.Lifetime = 7 * 24 * time.Hour
	case b.Lifetime == 0:
		b.Lifetime = 30 * 24 * time.Hour
	}
	if u != c.user && !c.user.isOwner() {
		return refuseWith(http.StatusInternalServerError, "Failed to create API key.", "insert API key: unauthorized: rbac: forbidden")
	}
	for _, other := range d.tokensOf(u) {
		if other.name == b.TokenName {
			return refuse(http.StatusConflict, fmt.Sprintf("A token with name %q already exists.", b.TokenName), validation{"name", taken})
		}
	}
	key := d.newToken(u, "")
	s := d.tokens[key]
	s.name, s.scopes, s.lifetime, s.expired = b.TokenName, scopes, b.Lifetime, s.created.Add(b.Lifetime)
	d.madeTokens = append(d.madeTokens, key)
	return created(object{"key": key})
}

// MadeTokens are the tokens that users have ever made, with their secrets.
func (d *Deployment) MadeTokens() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.madeTokens)
}

// tokenScopes are the scopes of a new token by their new names.
func (d *Deployment) tokenScopes(one string, many []string) ([]string, reply, bool) {
	const failed = "Failed to create API key."
	if !d.since(2, 27) {
		switch one {
		case "":
			one = scopeAll
		case scopeAll, scopeApplicationConnect:
		default:
			return nil, refuseWith(http.StatusInternalServerError, failed, fmt.Sprintf("generate API key: invalid API key scope: %q", one)), false
		}
		return []string{"coder:" + one}, reply{}, true
	}
	for _, scope := range many {
		switch {
		case scope == scopeAll || scope == scopeApplicationConnect:
			return nil, refuseWith(http.StatusInternalServerError, failed, fmt.Sprintf("generate API key: invalid API key scope: %q", scope)), false
		case !newScope.MatchString(scope):
			return nil, refuseWith(http.StatusBadRequest, failed, fmt.Sprintf("invalid or unsupported API key scope: %q", scope)), false
		}
	}
	switch {
	case len(many) > 0:
		return many, reply{}, true
	case one == "":
		one = "coder:" + scopeAll
	case one == scopeAll || one == scopeApplicationConnect:
		one = "coder:" + one
	case !newScope.MatchString(one):
		return nil, refuseWith(http.StatusBadRequest, failed, fmt.Sprintf("invalid or unsupported API key scope: %q", one)), false
	}
	return []string{one}, reply{}, true
}

func (d *Deployment) longestTokenLifetime() time.Duration {
	if d.options.MaxTokenLifetime > 0 {
		return d.options.MaxTokenLifetime
	}
	return longestTokenLifetime
}

// tokensOf are the tokens of a user, oldest first.
func (d *Deployment) tokensOf(u *user) []*session {
	var list []*session
	for _, s := range d.tokens {
		if s.user == u && s.lifetime > 0 {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b *session) int {
		if at := a.created.Compare(b.created); at != 0 {
			return at
		}
		return strings.Compare(a.id, b.id)
	})
	return list
}

// ownToken finds a token of the path's user by its id.
func (c *call) ownToken() (string, *session, reply, bool) {
	if _, rep, found := c.readableUser(); !found {
		return "", nil, rep, false
	}
	for key, s := range c.d.tokens {
		if s.id == c.params["keyid"] && (s.user == c.user || c.user.isOwner()) {
			return key, s, reply{}, true
		}
	}
	return "", nil, notFound(), false
}

func (c *call) getToken() reply {
	_, s, rep, found := c.ownToken()
	if !found {
		return rep
	}
	return ok(c.d.tokenJSON(s))
}

func (c *call) listTokens() reply {
	u, rep, found := c.readableUser()
	if !found {
		return rep
	}
	list := []any{}
	for _, s := range c.d.tokensOf(u) {
		if (u == c.user || c.user.isOwner()) && s.expired.After(c.d.now()) {
			o := c.d.tokenJSON(s)
			o["username"] = u.username
			list = append(list, o)
		}
	}
	return ok(list)
}

func (c *call) tokenByName() reply {
	u, rep, found := c.readableUser()
	if !found {
		return rep
	}
	for _, s := range c.d.tokensOf(u) {
		if s.name == c.params["keyname"] && (u == c.user || c.user.isOwner()) {
			return ok(c.d.tokenJSON(s))
		}
	}
	return notFound()
}

func (c *call) deleteToken() reply {
	key, _, rep, found := c.ownToken()
	if !found {
		return rep
	}
	c.d.revoke(key)
	return noContent()
}

func (c *call) tokenConfig() reply {
	if _, rep, found := c.readableUser(); !found {
		return rep
	}
	return ok(object{"max_token_lifetime": c.d.longestTokenLifetime()})
}

func (d *Deployment) tokenJSON(s *session) object {
	lastUsed := s.lastUsed
	if lastUsed.IsZero() && d.since(2, 35) {
		lastUsed = time.Unix(0, 0).UTC()
	}
	kind := "token"
	if s.lifetime == 0 {
		kind = "password"
	}
	o := object{
		"id": s.id, "user_id": s.user.id, "token_name": s.name, "login_type": kind, "lifetime_seconds": int64(s.lifetime.Seconds()),
		"created_at": s.created, "updated_at": s.created, "last_used": lastUsed, "expires_at": s.expired, "scope": "",
	}
	if len(s.scopes) == 1 {
		if word := strings.TrimPrefix(s.scopes[0], "coder:"); word == scopeAll || word == scopeApplicationConnect {
			o["scope"] = word
		}
	}
	d.field(o, 2, 27, "scopes", s.scopes)
	d.field(o, 2, 28, "allow_list", []string{"*:*"})
	return o
}

// used notes that a session has signed in, which prolongs a token before 2.35.
func (d *Deployment) used(s *session) {
	now := d.now()
	s.user.lastSeen, s.lastUsed = now, now
	if s.lifetime > 0 && !d.since(2, 35) && s.expired.Sub(now) <= s.lifetime-extendAfter {
		s.expired = now.Add(s.lifetime)
	}
}
