package token_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

const typeName = "coderws_token"

// The routes that make and end tokens.
const (
	makeRoute = "/users/{user}/keys/tokens"
	oneRoute  = "/users/{user}/keys/{keyid}"
)

// with is a client of the deployment that has another token.
func with(t *testing.T, d *acctest.Deployment, key string) *coder.Client {
	t.Helper()
	target, err := url.Parse(d.URL)
	if err != nil {
		t.Fatal(err)
	}
	return coder.New(coder.Config{URL: target, Token: key})
}

func open(t *testing.T, server *acctest.Server, values acctest.Values) *acctest.Opened {
	t.Helper()
	opened, diags := server.Open(t, typeName, values)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	return opened
}

func scopes(names ...string) tftypes.Value {
	values := make([]tftypes.Value, len(names))
	for i, name := range names {
		values[i] = tftypes.NewValue(tftypes.String, name)
	}
	return tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, values)
}

// names are the names of a user's tokens.
func names(t *testing.T, d *acctest.Deployment, user string) []string {
	t.Helper()
	tokens, err := d.Client.Tokens(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	found := []string{}
	for _, token := range tokens {
		found = append(found, token.Name)
	}
	return found
}

// A token signs in as its owner from the moment it is opened until it is closed,
// and whoever closes it twice is told of nothing.
func TestToken_IsGoodWhileOpen(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		me, err := d.Client.User(t.Context(), coder.Me)
		if err != nil {
			t.Fatal(err)
		}
		name := acctest.Name(t, "token")
		for what, values := range map[string]acctest.Values{
			"nothing set":   {},
			"all set":       {"owner_name": me.Username, "name": name, "lifetime": "90m", "scopes": scopes("all")},
			"few rights":    {"scopes": scopes("application_connect")},
			"a short while": {"lifetime": "1m30s"},
		} {
			server := d.Server(t)
			begun := d.Client.ServerNow()
			opened := open(t, server, values)
			key, id := acctest.Text(opened.Result, "token"), acctest.Text(opened.Result, "id")
			if !strings.HasPrefix(key, id+"-") || id == "" {
				t.Fatalf("%s: the token does not begin with its id %q", what, id)
			}
			wanted := acctest.Text(opened.Result, "name")
			if what == "all set" && wanted != name || what != "all set" && !strings.HasPrefix(wanted, "terraform-") {
				t.Errorf("%s: the token is called %q", what, wanted)
			}
			token, err := d.Client.Token(t.Context(), coder.Me, id)
			if err != nil || token.Name != wanted || token.UserID != me.ID {
				t.Errorf("%s: the deployment has %+v, %v", what, token, err)
			}
			lifetime := map[string]time.Duration{"all set": 90 * time.Minute, "a short while": 90 * time.Second}[what]
			if lifetime == 0 {
				lifetime = time.Hour
			}
			if lives := token.ExpiresAt.Sub(begun); lives < lifetime-10*time.Second || lives > lifetime+time.Minute {
				t.Errorf("%s: it lives for %s, want %s", what, lives, lifetime)
			}
			shown, err := time.Parse(time.RFC3339, acctest.Text(opened.Result, "expires_at"))
			if off := token.ExpiresAt.Sub(shown); err != nil || off < -2*time.Second || off > 5*time.Second {
				t.Errorf("%s: it is said to end at %v, %v, and ends at %v", what, shown, err, token.ExpiresAt)
			}
			if user, err := with(t, d, key).User(t.Context(), coder.Me); what != "few rights" && (err != nil || user.ID != me.ID) {
				t.Errorf("%s: it signs in as %v, %v", what, user, err)
			}
			for range 2 {
				if diags := server.Close(t, typeName, opened); len(diags) > 0 {
					t.Errorf("%s: %v", what, diags)
				}
			}
			if _, err := with(t, d, key).User(t.Context(), coder.Me); coder.KindOf(err) != coder.Unauthorized {
				t.Errorf("%s: a closed token still signs in: %v", what, err)
			}
		}
	})
}

// Owners of the deployment make tokens for others.
func TestToken_ForAnother(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		alice := d.User(t, "alice")
		held := names(t, d, alice.Username)
		server := d.Server(t)
		opened := open(t, server, acctest.Values{"owner_name": alice.Username})
		if user, err := with(t, d, acctest.Text(opened.Result, "token")).User(t.Context(), coder.Me); err != nil || user.ID != alice.ID {
			t.Errorf("the token is %v's, %v", user, err)
		}
		if diags := server.Close(t, typeName, opened); len(diags) > 0 {
			t.Error(diags)
		}
		if diff := cmp.Diff(held, names(t, d, alice.Username)); diff != "" {
			t.Error("tokens left:", diff)
		}
	})
}

// What Coder does not give says which argument is at fault and what to do, and
// leaves nothing behind.
func TestToken_Refused(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"seed", "v2.21.1", "v2.35.1"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version, MaxTokenLifetime: 24 * time.Hour})
			d.Fake.AddUser("alice")
			admin := d.Server(t)
			member := *d
			member.Token = d.Fake.AddToken("alice", time.Time{})
			alice := member.Server(t)
			held := open(t, admin, acctest.Values{"name": "held"})
			for name, tt := range map[string]struct {
				server *acctest.Server
				values acctest.Values
				at     string
				want   []string
			}{
				"name in use": {admin, acctest.Values{"name": "held"}, "name", []string{`A token with name "held" already exists.`, "Leave `name` out"}},
				"too long":    {admin, acctest.Values{"lifetime": "25h"}, "lifetime", []string{"less than 24h0m0s", "shorter `lifetime`", "CODER_MAX_TOKEN_LIFETIME"}},
				"no lifetime": {admin, acctest.Values{"lifetime": "0s"}, "lifetime", []string{"longer than nothing"}},
				"negative":    {admin, acctest.Values{"lifetime": "-2h"}, "lifetime", []string{"longer than nothing"}},
				"a number":    {admin, acctest.Values{"lifetime": "3600"}, "lifetime", []string{"3600"}},
				"no name":     {admin, acctest.Values{"name": ""}, "name", []string{"at least 1"}},
				"no scope":    {admin, acctest.Values{"scopes": scopes()}, "scopes", []string{"at least 1"}},
				"nobody":      {admin, acctest.Values{"owner_name": "nobody"}, "owner_name", []string{`no user "nobody"`, "Correct `owner_name`"}},
				"me by name":  {admin, acctest.Values{"owner_name": "me"}, "owner_name", []string{"Leave the attribute out"}},
				"a member for others": {
					alice, acctest.Values{"owner_name": "admin"}, "owner_name", []string{"role Owner", "leave it out"},
				},
				"unknown scope": {
					admin,
					acctest.Values{"scopes": scopes("bogus:read")},
					"scopes",
					map[bool][]string{true: {"bogus:read", "/api/v2/auth/scopes"}, false: {"Coder " + d.Fake.Version(), "Before 2.27"}}[version == "v2.35.1"],
				},
			} {
				_, diags := tt.server.Open(t, typeName, tt.values)
				if len(diags) != 1 || !diags.HasError() {
					t.Errorf("%s: %v", name, diags)
					continue
				}
				if at := tftypes.NewAttributePath().WithAttributeName(tt.at); !diags[0].Attribute.Equal(at) {
					t.Errorf("%s: at %s: %v", name, diags[0].Attribute, diags)
				}
				for _, text := range tt.want {
					if !strings.Contains(diags[0].Detail, text) {
						t.Errorf("%s: lacks %q: %v", name, text, diags)
					}
				}
				if strings.Contains(diags.String(), d.Token) || strings.Contains(diags.String(), member.Token) {
					t.Errorf("%s: shows a token", name)
				}
			}
			if diff := cmp.Diff([]string{acctest.Text(held.Result, "name")}, names(t, d, coder.Me)); diff != "" {
				t.Error("tokens left:", diff)
			}
		})
	}
}

// Scopes go to the server as its release has them.
func TestToken_Scopes(t *testing.T) {
	t.Parallel()
	for version, tests := range map[string]map[string]string{
		"seed":    {"all": `"scope":"all"`, "application_connect": `"scope":"application_connect"`},
		"v2.26.0": {"application_connect": `"scope":"application_connect"`},
		"v2.35.1": {
			"all": `"scope":"all"`, "workspace:read": `"scopes":["workspace:read"]`,
			"coder:workspaces.operate application_connect": `"scopes":["coder:workspaces.operate","coder:application_connect"]`,
		},
	} {
		d := acctest.NewFake(t, codertest.Options{Version: version})
		server := d.Server(t)
		for given, want := range tests {
			d.Fake.ResetRequests()
			opened := open(t, server, acctest.Values{"scopes": scopes(strings.Fields(given)...)})
			server.Close(t, typeName, opened)
			body := ""
			for _, request := range d.Fake.Requests() {
				if request.Method == http.MethodPost {
					body = request.Body
				}
			}
			if !strings.Contains(body, want) {
				t.Errorf("%s, %s: sent %s, want %s", version, given, body, want)
			}
		}
	}
}

// A token that cannot be deleted is no secret: a warning says which one and for
// how long.
func TestToken_LeftBehind(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	server := d.Server(t)
	opened := open(t, server, acctest.Values{"lifetime": "2h"})
	d.Fake.AddFault(codertest.Fault{Method: http.MethodDelete, Route: oneRoute, Times: 1, Status: http.StatusInternalServerError, Body: `{"message":"Internal error deleting API key.","detail":"no database"}`})
	diags := server.Close(t, typeName, opened)
	if len(diags) != 1 || diags.HasError() {
		t.Fatal(diags)
	}
	for _, text := range []string{"no database", acctest.Text(opened.Result, "name"), "can live until " + acctest.Text(opened.Result, "expires_at"), "coder tokens remove " + acctest.Text(opened.Result, "id")} {
		if !strings.Contains(diags[0].Detail, text) {
			t.Errorf("lacks %q: %v", text, diags)
		}
	}
	if strings.Contains(diags.String(), acctest.Text(opened.Result, "token")) {
		t.Error("shows the token")
	}

	d.Fake.ClearFaults()
	d.Fake.AddFault(codertest.Fault{Method: http.MethodDelete, Route: oneRoute, Times: 2, Status: http.StatusServiceUnavailable, Body: "busy"})
	if diags := server.Close(t, typeName, opened); len(diags) > 0 {
		t.Error("a server that is busy for a moment:", diags)
	}
	if left := names(t, d, coder.Me); len(left) > 0 {
		t.Errorf("left is %v", left)
	}
}

// A run that outlives its token is told why it was refused.
func TestToken_Expired(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		d.SkipUnlessFake(t, "only a fake's clock can be moved")
		server := d.Server(t)
		opened := open(t, server, nil)
		d.Fake.Advance(61 * time.Minute)
		if _, err := with(t, d, acctest.Text(opened.Result, "token")).User(t.Context(), coder.Me); coder.KindOf(err) != coder.Unauthorized {
			t.Errorf("it still signs in: %v", err)
		}
		diags := server.Close(t, typeName, opened)
		if len(diags) != 1 || diags.HasError() || !strings.Contains(diags[0].Detail, "Set a longer `lifetime`.") {
			t.Error(diags)
		}
	})
}

// A token whose secret was lost on the way is deleted, or named where it may be
// another's.
func TestToken_LostAnswer(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		d.SkipUnlessFake(t, "only a fake loses answers")
		server := d.Server(t)
		for what, fault := range map[string]codertest.Fault{"lost": {DropAfter: true}, "cut": {Spoil: codertest.Truncated}} {
			fault.Method, fault.Route, fault.Times = http.MethodPost, makeRoute, 1
			d.Fake.AddFault(fault)
			if _, diags := server.Open(t, typeName, nil); len(diags) != 1 || !diags.HasError() {
				t.Error(what, diags)
			}
			if left := names(t, d, coder.Me); len(left) > 0 {
				t.Errorf("%s: left is %v", what, left)
			}

			fault.Times = 1
			d.Fake.AddFault(fault)
			_, diags := server.Open(t, typeName, acctest.Values{"name": what})
			if len(diags) != 2 || !strings.Contains(diags.String(), "coder tokens remove "+what) {
				t.Error(what, diags)
			}
			if diff := cmp.Diff([]string{what}, names(t, d, coder.Me)); diff != "" {
				t.Error(diff)
			}
			for _, key := range d.Fake.MadeTokens() {
				d.Fake.RevokeToken(key)
			}
		}
	})
}

// Where Coder prolongs a token that is used, Terraform does so in time; where it
// does not, Terraform is not asked to try.
func TestToken_Renew(t *testing.T) {
	t.Parallel()
	for version, prolongs := range map[string]bool{"seed": true, "v2.21.1": true, "v2.34.0": true, "v2.35.1": false} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			server := d.Server(t)
			if short := open(t, server, acctest.Values{"lifetime": "1h"}); !short.RenewAt.IsZero() {
				t.Errorf("an hour is never prolonged, but to be renewed at %v", short.RenewAt)
			}
			opened := open(t, server, acctest.Values{"lifetime": "2h"})
			if !prolongs {
				if !opened.RenewAt.IsZero() {
					t.Errorf("to be renewed at %v", opened.RenewAt)
				}
				return
			}
			for range 5 { // for seven hours and a half
				if in := time.Until(opened.RenewAt).Round(time.Minute); in != 90*time.Minute {
					t.Fatalf("to be renewed in %v", in)
				}
				d.Fake.Advance(90 * time.Minute)
				if diags := server.Renew(t, typeName, opened); len(diags) > 0 {
					t.Fatal(diags)
				}
			}
			d.Fake.Advance(119 * time.Minute)
			token, err := d.Client.Token(t.Context(), coder.Me, acctest.Text(opened.Result, "id"))
			if err != nil || token.ExpiresAt.Before(d.Fake.Now()) {
				t.Errorf("it has ended: %v, %v", token, err)
			}
			if diags := server.Close(t, typeName, opened); len(diags) > 0 {
				t.Error(diags)
			}
			if diags := server.Renew(t, typeName, opened); !diags.HasError() || strings.Contains(diags.String(), acctest.Text(opened.Result, "token")) {
				t.Error("a closed token was prolonged:", diags)
			}
		})
	}
}
