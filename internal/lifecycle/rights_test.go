package lifecycle_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// A workspace is taken down by no token that cannot bring it up again. One that
// may not even take it down may plan what another applies.
func TestDecide_tokenMayNotBringItUpAgain(t *testing.T) {
	t.Parallel()
	type rights map[string]bool
	restart := func(s *scene) { s.want.Parameters.Known = map[string]string{"cpu": "3"} }
	replace := func(s *scene) { s.want.OwnerName = lifecycle.Value("bob") }
	for name, test := range map[string]struct {
		change  func(*scene)
		rights  rights
		server  string
		refused string
	}{
		"restart, may all":               {change: restart, rights: rights{"start": true, "stop": true}},
		"restart, may by what is shared": {change: restart, rights: rights{"start here": true, "stop": true}},
		"restart, may stop only":         {change: restart, rights: rights{"stop": true}, refused: "Token may stop the workspace but not start it"},
		"restart, may nothing":           {change: restart},
		"restart, before scopes":         {change: restart, rights: rights{"stop": true}, server: "v2.21.1"},
		"replace, may all":               {change: replace, rights: rights{"create": true, "start": true, "use": true, "delete": true}},
		"replace, may delete only":       {change: replace, rights: rights{"delete": true}, refused: "Token may delete the workspace but not create its replacement"},
		"replace, may not create":        {change: replace, rights: rights{"start": true, "use": true, "delete": true}, refused: "Token may delete the workspace but not create its replacement"},
		"replace, may not start":         {change: replace, rights: rights{"create": true, "use": true, "delete": true}, refused: "Token may delete the workspace but not create its replacement"},
		"replace, may not use":           {change: replace, rights: rights{"create": true, "start": true, "delete": true}, refused: "Token may delete the workspace but not create its replacement"},
		"replace, before scopes":         {change: replace, rights: rights{"create": true, "use": true, "delete": true}, server: "v2.21.1"},
		"replace, before use":            {change: replace, rights: rights{"create": true, "delete": true}, server: "v2.8.1"},
		"replace, may nothing":           {change: replace},
	} {
		s := newScene()
		test.change(s)
		if test.server != "" {
			s.world.server = coder.ParseVersion(test.server)
		}
		facts := lifecycle.Facts{}
		for _, right := range []coder.Right{
			{Action: "start", OrganizationID: homeOrganization},
			{Action: "start", ID: workspaceID},
			{Action: "stop", ID: workspaceID},
			{Action: "create", OwnerID: bob, OrganizationID: homeOrganization},
			{Action: "start", OwnerID: bob, OrganizationID: homeOrganization},
			{Action: "use", Type: coder.TypeTemplate, ID: homeTemplate},
			{Action: "delete", ID: workspaceID},
		} {
			if right.Type == "" {
				right.Type = coder.TypeWorkspace
			}
			facts[lifecycle.May{Right: right}] = test.rights[right.Action] || right.ID != uuid.Nil && test.rights[right.Action+" here"]
		}
		d, faults := s.ask(inPlan, facts)
		var want []string
		if test.refused != "" {
			want = []string{test.refused}
		}
		if got := errorsOf(&d); !slices.Equal(got, want) || len(faults) > 0 {
			t.Errorf("%s: %q, want %q; %q", name, got, want, faults)
		}
		if len(want) == 0 && len(d.Steps)+len(d.Replace) == 0 {
			t.Errorf("%s: nothing is decided", name)
		}
	}
}

// A token with restricted scopes may read no user at all. What is decided for
// want of knowing one says so.
func TestDecide_tokenMayReadNoUser(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change  func(*scene)
		refused string
	}{
		"values":                     {func(s *scene) { s.want.Parameters.Known = map[string]string{"cpu": "3"} }, "Token may not read the owner"},
		"replacement, owner left to": {func(s *scene) { s.want.TemplateID = lifecycle.Value(otherTemplate) }, "Owner of the replacement is not known"},
	} {
		s := newScene()
		test.change(s)
		facts := lifecycle.Facts{lifecycle.UserNamed{Name: coder.Me}: (*coder.User)(nil)}
		var d lifecycle.Decision
		for range mostRounds {
			if d = lifecycle.Decide(s.want, s.have(inPlan), facts); len(d.Open) == 0 {
				break
			}
			if fault := s.answer(&d, facts); fault != "" {
				t.Fatalf("%s: %s", name, fault)
			}
			for _, question := range d.Open {
				if _, isForm := question.(lifecycle.FormOf); isForm {
					facts[question] = &coder.ParameterForm{Diagnostics: []coder.FormDiagnostic{{Severity: coder.SeverityError, Summary: "Failed to fetch workspace owner"}}}
				}
			}
		}
		if got := errorsOf(&d); !slices.Equal(got, []string{test.refused}) {
			t.Errorf("%s: %q, want %q", name, got, test.refused)
		}
	}
}
