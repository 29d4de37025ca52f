package workspace_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// Workspaces are found, by the data source and by the list, by whom they are
// shared with; the data source tells who that is.
func TestFilters_Shared(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{Licensed: true})
	d.Fake.AddUser("alice")
	template := d.Template(t, acctest.Basic)
	everyone, labs := uuid.MustParse(template.OrganizationID), d.Fake.AddOrganization("labs")
	crew := d.Fake.AddGroup(everyone, "crew", "alice")
	foreign := codertest.BasicTemplate()
	foreign.OrganizationID = labs
	ids := map[string]uuid.UUID{}
	for _, name := range []string{"alone", "alices", "crews", "everyones"} {
		ids[name] = createWorkspace(t, d, template, coder.Me, name)
	}
	ids["labs"] = createWorkspace(t, d, d.FakeTemplate(foreign), coder.Me, "labs")
	d.Fake.Share(ids["alices"], "alice", coder.RoleUse)
	for name, group := range map[string]uuid.UUID{"crews": crew, "everyones": everyone, "labs": labs} {
		if err := d.Client.PatchACL(t.Context(), ids[name], coder.ACLChange{GroupRoles: map[uuid.UUID]string{group: coder.RoleAdmin}}); err != nil {
			t.Fatal(err)
		}
	}

	server := d.Server(t)
	for _, test := range []struct {
		values acctest.Values
		want   string
	}{
		{acctest.Values{"shared": true}, "alices crews everyones labs"},
		{acctest.Values{"shared": false}, "alone"},
		{acctest.Values{"shared_with_user": "ALICE"}, "alices"},
		{acctest.Values{"shared_with_user": "me"}, ""},
		{acctest.Values{"shared_with_group": "crew"}, "crews"},
		{acctest.Values{"shared_with_group": crew.String()}, "crews"},
		{acctest.Values{"shared_with_group": "Everyone"}, "everyones"},
		{acctest.Values{"shared_with_group": "everyone", "organization": "labs"}, "labs"},
		{acctest.Values{"shared_with_group": "Everyone", "organization": labs.String()}, "labs"},
		{acctest.Values{"shared_with_group": "Labs/Everyone"}, "labs"},
		{acctest.Values{"shared_with_group": "Everyone", "shared_with_user": "alice"}, ""},
	} {
		found := strings.ReplaceAll(strings.Join(lookForWorkspaces(t, server, test.values), " "), "admin/", "")
		listed := strings.ReplaceAll(strings.Join(displayNames(t, server.List(t, workspaceType, test.values, 100, false)), " "), "admin/", "")
		if found != test.want || listed != test.want {
			t.Errorf("%v: found %q, listed %q, want %q", test.values, found, listed, test.want)
		}
	}
	for name, value := range map[string]string{"shared_with_user": "nobody", "shared_with_group": "nobody"} {
		_, diags := server.Look(t, "coderws_workspaces", acctest.Values{name: value})
		refusedAt(t, diags, name, `"nobody" either does not exist`)
	}
	_, diags := server.Look(t, "coderws_workspaces", acctest.Values{"shared_with_group": "nowhere/Everyone"})
	refusedAt(t, diags, "shared_with_group", "group Everyone")

	alice, err := d.Client.User(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]map[string]string{
		"alices": {"actor_type": "user", "id": alice.ID.String(), "name": "", "roles": "use"},
		"crews":  {"actor_type": "group", "id": crew.String(), "name": "crew", "roles": "admin"},
	} {
		one, diags := server.Look(t, "coderws_workspace", acctest.Values{"id": ids[name].String()})
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		var actors []map[string]tftypes.Value
		var elements []tftypes.Value
		if err := one["shared_with"].As(&elements); err != nil {
			t.Fatal(err)
		}
		for _, element := range elements {
			var actor map[string]tftypes.Value
			if err := element.As(&actor); err != nil {
				t.Fatal(err)
			}
			actors = append(actors, actor)
		}
		if len(actors) != 1 {
			t.Fatalf("%s: shared with %v", name, elements)
		}
		var roles []tftypes.Value
		var role string
		if err := actors[0]["roles"].As(&roles); err != nil || len(roles) != 1 || roles[0].As(&role) != nil {
			t.Fatalf("%s: roles are %v", name, actors[0]["roles"])
		}
		got := map[string]string{"roles": role}
		for _, attribute := range []string{"actor_type", "id", "name"} {
			got[attribute] = acctest.Text(actors[0], attribute)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
