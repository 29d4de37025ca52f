package workspace_test

import (
	"strings"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
	"github.com/coderws/terraform-provider-coderws/internal/workspace"
)

// The page of a namesake on another deployment is never taken for the one here.
func TestImport_pageOfAnotherDeployment(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	template := codertest.BasicTemplate()
	id := d.Fake.CreateWorkspace("admin", "one", d.Fake.AddTemplate(template).ID, nil)
	s := d.Server(t)
	for _, other := range []string{"https://other.example.com/@admin/one", strings.Replace(d.URL, "http:", "https:", 1) + "9/@admin/one"} {
		d.Fake.ResetRequests()
		_, diags := s.Import(t, workspace.ResourceType, other, nil)
		if len(diags) != 1 || diags[0].Summary != "Workspace to import is on another deployment" || !strings.Contains(diags[0].Detail, other) {
			t.Errorf("importing %s: %v", other, diags)
		}
		if _, diags := s.Look(t, workspace.ResourceType, acctest.Values{"url": other}); !diags.HasError() || diags[0].Summary != "Workspace page is on another deployment" {
			t.Errorf("looking at %s: %v", other, diags)
		}
		if n := d.RequestCount("GET", "/users/{user}/workspace/{workspacename}"); n > 0 {
			t.Errorf("%s: the namesake was looked up", other)
		}
	}
	imported, diags := s.Import(t, workspace.ResourceType, strings.ToUpper(d.URL[:4])+d.URL[4:]+"/@admin/one", nil)
	if diags.HasError() || imported.State["id"].String() == "" || !strings.Contains(imported.State["id"].String(), id.String()) {
		t.Errorf("the own page: %v", diags)
	}
}

// A template's words cannot forge what the terminal shows.
func TestPlan_wordsOfTheTemplateAreClean(t *testing.T) {
	t.Parallel()
	for _, classic := range []bool{true, false} {
		d := acctest.NewFake(t, codertest.Options{})
		template := codertest.BasicTemplate()
		template.ClassicParameterFlow = classic
		template.Version.Parameters = append(template.Version.Parameters, codertest.Parameter{
			Name: "text", Mutable: true, Default: "a", Regex: "^a+$", Error: "no\x1b[2J\u202e\x07 good",
		})
		info := d.Fake.AddTemplate(template)
		_, diags := d.Server(t).Apply(t, workspace.ResourceType, nil, acctest.Values{
			"name": "one", "template_id": info.ID.String(), "parameters": map[string]string{"text": "b"},
		})
		if !diags.HasError() || !strings.Contains(diags[0].Detail, "good") || strings.ContainsAny(diags[0].Detail, "\x1b\u202e\x07") {
			t.Errorf("classic %t: %q", classic, diags)
		}
	}
}
