package codertest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// What the recordings have of tokens, beside what they cannot have: time.
func TestTokens(t *testing.T) {
	t.Parallel()
	across(t, codertest.Options{}, []string{"seed", "v2.8.1", "v2.21.1", "v2.34.0", "v2.35.1"}, func(t *testing.T, c *client) {
		alice := c.d.AddUser("alice")
		const tokens = "/users/me/keys/tokens"
		ask := func(fields string) answer { return c.send("POST", tokens, `{"token_name":"ci",`+fields+`}`) }
		hour := fmt.Sprintf(`"lifetime":%d`, time.Hour)
		key := func(a answer) string { return fmt.Sprint(a.get("key")) }

		a := ask(hour)
		want(t, "made", a.status, 201)
		one := key(a)
		id := one[:10]
		a = c.send("GET", "/users/me/keys/"+id, "")
		want(t, "read", a.status, 200)
		want(t, "scope", a.get("scope"), "all")
		want(t, "kind", a.get("login_type"), "token")
		want(t, "lifetime", a.get("lifetime_seconds"), 3600)
		want(t, "by name", c.send("GET", tokens+"/ci", "").get("id"), id)
		want(t, "listed with its owner", c.send("GET", tokens, "").get(0, "username"), "admin")
		want(t, "same name", ask(hour).status, 409)
		want(t, "same name, message", ask(hour).get("message"), `A token with name "ci" already exists.`)
		want(t, "negative", ask(`"lifetime":-1`).status, 400)
		want(t, "longer than a hundred years", ask(`"lifetime":9000000000000000000`).get("detail"), "lifetime must be less than 876600h0m0s")
		want(t, "bad scope", ask(`"scope":"bogus",`+hour).status, map[string]int{"v2.34.0": 400, "v2.35.1": 400}[c.version]+map[string]int{"seed": 500, "v2.8.1": 500, "v2.21.1": 500}[c.version])
		want(t, "for another", c.send("POST", "/users/alice/keys/tokens", `{"token_name":"ci",`+hour+`}`).status, 201)
		want(t, "for another, as a member", c.as(alice.Token).send("POST", "/users/admin/keys/tokens", `{`+hour+`}`).status,
			map[string]int{"seed": 500, "v2.8.1": 400, "v2.21.1": 400, "v2.34.0": 404, "v2.35.1": 404}[c.version])
		want(t, "somebody else's", c.as(alice.Token).send("DELETE", "/users/me/keys/"+id, "").status, 404)

		want(t, "signs in", c.as(one).send("GET", "/users/me", "").get("username"), "admin")
		want(t, "deleted", c.send("DELETE", "/users/me/keys/"+id, "").status, 204)
		want(t, "deleted again", c.send("DELETE", "/users/me/keys/"+id, "").status, 404)
		want(t, "signs in no more", c.as(one).send("GET", "/users/me", "").get("detail"), "API key is invalid.")

		two := key(ask(fmt.Sprintf(`"lifetime":%d`, 3*time.Hour)))
		pass(59 * time.Minute)
		want(t, "used in its first hour", c.as(two).send("GET", "/users/me", "").status, 200)
		pass(61 * time.Minute)
		want(t, "used in its last", c.as(two).send("GET", "/users/me", "").status, 200)
		pass(90 * time.Minute)
		want(t, "beyond its lifetime", c.as(two).send("GET", "/users/me", "").status, map[bool]int{true: 401, false: 200}[c.version == "v2.35.1"])
	})
}
