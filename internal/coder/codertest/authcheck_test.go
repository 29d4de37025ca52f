package codertest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

func TestAuthCheck(t *testing.T) {
	t.Parallel()
	both(t, codertest.Options{}, func(t *testing.T, c *client) {
		bobby := c.d.AddUser("bob")
		bob, tom := c.as(bobby.Token), c.as(c.d.AddTemplateAdmin("tom").Token)
		organization := c.send("GET", "/users/me", "").get("organization_ids", 0)
		template := c.d.AddTemplate(codertest.BasicTemplate())
		his := c.d.CreateWorkspace("bob", "his", template.ID, nil)
		other := c.d.CreateWorkspace("admin", "other", template.ID, nil)
		check := func(kind string, id uuid.UUID, action string) string {
			return fmt.Sprintf(`{"object":{"resource_type":%q,"resource_id":%q},"action":%q}`, kind, id, action)
		}
		set := func(owner, action string) string {
			return fmt.Sprintf(`{"object":{"resource_type":"workspace","owner_id":%q,"organization_id":%q},"action":%q}`, owner, organization, action)
		}
		for _, tt := range []struct {
			what, check            string
			member, manager, owner bool
		}{
			{"read template", check("template", template.ID, "read"), true, true, true},
			{"use template", check("template", template.ID, "use"), true, true, true},
			{"update template", check("template", template.ID, "update"), false, true, true},
			{"unknown template", check("template", uuid.New(), "read"), false, false, false},
			{"read his", check("workspace", his, "read"), true, true, true},
			{"update his", check("workspace", his, "update"), true, false, true},
			{"read another's", check("workspace", other, "read"), false, true, true},
			{"delete another's", check("workspace", other, "delete"), false, false, true},
			{"unknown action", check("workspace", other, "paint"), false, false, false},
			{"start his", check("workspace", his, "start"), true, false, true},
			{"stop another's", check("workspace", other, "stop"), false, false, true},
			{"create for him", set(bobby.ID.String(), "create"), true, false, true},
			{"start all", set("", "start"), false, false, true},
			{"a set of templates", `{"object":{"resource_type":"template"},"action":"read"}`, false, false, false},
		} {
			for caller, expected := range map[*client]bool{bob: tt.member, tom: tt.manager, c: tt.owner} {
				a := caller.send("POST", "/authcheck", `{"checks":{"it":`+tt.check+`}}`)
				want(t, tt.what, a.get("it"), expected)
			}
		}
		c.d.HideTemplate(template.ID, "bob")
		want(t, "hidden", bob.send("POST", "/authcheck", `{"checks":{"it":`+check("template", template.ID, "read")+`}}`).get("it"), false)

		many := make([]string, 11)
		for i := range many {
			many[i] = fmt.Sprintf(`"%d":%s`, i, check("template", template.ID, "read"))
		}
		for what, checks := range map[string]string{
			"without a type": `"a":{"object":{},"action":"read"}`,
			"no uuid":        `"a":{"object":{"resource_type":"template","resource_id":"x"},"action":"read"}`,
			"no such type":   `"a":` + check("license", uuid.New(), "read"),
			"too many":       strings.Join(many, ","),
		} {
			want(t, what, c.send("POST", "/authcheck", `{"checks":{`+checks+`}}`).status, 400)
		}
	})
}
