package lifecycle_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// lookCreate checks one case of a create: a plain one, and one that replaces a
// workspace which is in Terraform's state, as it is for one that is tainted.
func (p *proof) lookCreate(members []int) {
	p.cases++
	s := p.scene(members)
	s.memory = memory{}
	for _, replacing := range []bool{false, true} {
		note := func(rule, text string) {
			if text != "" {
				p.note(rule, fmt.Sprintf("%s, replacing %t", p.name(members), replacing), text)
			}
		}
		have := lifecycle.Have{Now: noon, Server: s.world.server}
		if s.world.silent {
			have.Now = time.Time{}
		}
		if replacing {
			have.ID, have.Name, have.OwnerID, have.OwnerName = workspaceID, "one", ann, "ann"
		}
		d, faults := s.askCreate(have, replacing)
		for _, fault := range faults {
			note("questions are few and end", fault)
		}
		if len(d.Steps)+len(d.Replace) > 0 || d.Uncertain != 0 {
			note("what stands against a create is all that is decided", fmt.Sprintf("%v %v", d.Steps, d.Replace))
		}
		causes := s.deadlineCauses(time.Time{}) // a new workspace has no limit yet
		asked := s
		if !replacing { // nobody's workspace goes: that of a create may well be somebody else's
			asked = s.clone()
			asked.world.me = ann
		}
		refusal := asked.noReplacement()
		if refused(&d) && refusal == "" && len(causes) == 0 {
			note("an error has a cause", fmt.Sprintf("%q", errorsOf(&d)))
		}
		want := &s.want
		open := want.TemplateID.IsUnknown() || want.OwnerName.IsUnknown() || want.Parameters.Incomplete || len(want.Parameters.Unknown) > 0
		if refusal := asked.world.create(want); replacing && refusal != "" && !refused(&d) && !open {
			note("no replacement is planned that could be known not to come up", refusal)
		}
		if refusal != "" && !replacing && !refused(&d) && !open && !leftToServer(refusal) {
			note("a create is refused where it takes no more look-ups than it has", refusal)
		}
	}
}

// leftToServer tells whether a plain create leaves it to the server to refuse:
// nothing is lost by it.
func leftToServer(refusal string) bool {
	return slices.ContainsFunc([]string{"unknown user", "already exists", "non-active version", "Unauthorized", "External authentication"}, func(part string) bool {
		return strings.Contains(refusal, part)
	})
}

// askCreate decides about a create and answers the questions.
func (s *scene) askCreate(have lifecycle.Have, replacing bool) (d lifecycle.Decision, faults []string) {
	facts := lifecycle.Facts{}
	for range mostRounds {
		d = lifecycle.DecideCreate(s.want, have, facts, replacing)
		if len(d.Open) == 0 {
			return d, nil
		}
		if fault := s.answer(&d, facts); fault != "" {
			return d, []string{fault}
		}
	}
	return d, []string{"does not come to an end with its questions"}
}

// Where a workspace of its own is, who is to own it and what the templates'
// administrators have decided make one group of what stands against a create;
// version, preset and values another; what is set besides a third. None looks at
// what the others do.
func TestProof_create(t *testing.T) {
	t.Parallel()
	for name, factors := range map[string][]factor{
		"place":    {configuredTemplate(), owner(), organization(), workspaceName().but(4), obstacle(), activeVersion().first(2), templateVersion().only(0, 12), release().but(1, 3, 5)},
		"values":   {templateVersion().but(3, 4), preset(), mutable().but(1, 5, 6, 7), immutable().but(1, 5, 6), misplaced().first(4), release().but(1, 2, 3, 5), flow()},
		"run":      {desired(), dormant().first(6), mutable().first(4), ephemeral().first(2), deadline().only(0, 2, 6), heard(), release()},
		"settings": {schedule(), ttl(), schedulePolicy(), automaticUpdates(), deadline().but(1, 4, 5, 8, 9, 10), heard(), release().but(1, 3, 5)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProof(factors...)
			p.product(p.lookCreate)
			p.report(t, 6_900)
		})
	}
}
