package lifecycle_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// Owners are told apart by their ids: what they are called, were called, and
// how that is spelled makes no other workspace.
func TestDecide_owner(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wanted, former string
		user           uuid.UUID // who answers to the name
		replaced       bool
		refused        string
	}{
		"the same":                          {wanted: "ann"},
		"spelled otherwise":                 {wanted: "ANN"},
		"another name of the same user":     {wanted: "ann-by-another-name", user: ann},
		"renamed, nobody has the old name":  {wanted: "annette", former: "annette", refused: "Owner does not exist"},
		"renamed, another has the old name": {wanted: "annette", former: "Annette", user: bob, refused: "Owner was renamed"},
		"somebody else":                     {wanted: "bob", user: bob, replaced: true},
		"somebody else, ann was renamed":    {wanted: "bob", former: "annette", user: bob, replaced: true},
		"nobody":                            {wanted: "nobody", refused: "Owner does not exist"},
	} {
		s := newScene()
		s.want.OwnerName = lifecycle.Value(test.wanted)
		if test.former != "" {
			s.memory.formerOwners = []string{"anna", test.former}
		}
		facts := lifecycle.Facts{lifecycle.UserNamed{Name: test.wanted}: (*coder.User)(nil)}
		if test.user != uuid.Nil {
			facts[lifecycle.UserNamed{Name: test.wanted}] = &coder.User{ID: test.user, Username: test.wanted}
		}
		d, faults := s.ask(inPlan, facts)
		var want []string
		if test.refused != "" {
			want = []string{test.refused}
		}
		if got := errorsOf(&d); !slices.Equal(got, want) || len(faults) > 0 {
			t.Errorf("%s: %q, want %q; %q", name, got, want, faults)
		}
		if replaced := slices.Contains(d.Replace, lifecycle.Place{Setting: lifecycle.AtOwner}); replaced != test.replaced {
			t.Errorf("%s: replaced %t, want %t", name, replaced, test.replaced)
		}
	}
}
