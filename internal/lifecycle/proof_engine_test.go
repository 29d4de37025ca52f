package lifecycle_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// proof looks at cases and counts what it has looked at.
type proof struct {
	factors []factor
	mishaps bool // try, too, what becomes of builds that do not succeed

	cases, walked int
	faults        map[string]map[string][]string // cases by the rule that is broken and by how
}

// scene is the case with these members of the factors.
func (p *proof) scene(members []int) *scene {
	s := newScene()
	for i, m := range members {
		p.factors[i].members[m].set(s)
	}
	return s
}

// note notes that a case breaks a rule, and how.
func (p *proof) note(rule, name, text string) {
	if p.faults[rule] == nil {
		p.faults[rule] = map[string][]string{}
	}
	p.faults[rule][text] = append(p.faults[rule][text], name)
}

// look checks one case, given as the member of each factor.
func (p *proof) look(members []int) {
	p.cases++
	s := p.scene(members)
	note := func(rule, text string) {
		if text != "" {
			p.note(rule, p.name(members), text)
		}
	}
	c, facts := &decided{scene: s}, lifecycle.Facts{}
	for _, ask := range []struct {
		at   look
		into *lifecycle.Decision
	}{{inPlan, &c.plan}, {atPlan, &c.fresh}, {inApply, &c.apply}} {
		d, faults := s.ask(ask.at, facts)
		*ask.into = d
		for _, fault := range faults {
			note("questions are few and end", fault)
		}
		if p.cases%64 == 0 && !s.decidedAlike(ask.at, facts, d) {
			note("deciding is pure", "another decision, or another input")
		}
	}
	for _, rule := range rules {
		note(rule.words, rule.broken(c))
	}
	p.walks(c, note)
}

// walks looks at what comes of the plan.
func (p *proof) walks(c *decided, note func(rule, text string)) {
	if refused(&c.plan) || len(c.plan.Replace) > 0 {
		return
	}
	for _, same := range []bool{true, false} {
		if same && len(c.reveal) == 0 {
			continue // there is nothing to be revealed
		}
		before := c.revealed(same)
		w := before.walk(c.shown(&c.plan)).run()
		p.walked++
		for _, fault := range w.faults {
			note("an apply does what its plan has shown, and the server takes it", fault)
		}
		switch {
		case w.end == wasRefused && len(w.faults) == 0 && len(before.causes()) == 0 && !before.otherIdentity() && !before.otherImmutable():
			note("an apply is refused for a reason", "there is none")
		case w.end == settled:
			for _, fault := range w.compare(before) {
				if c.want.VersionID.IsUnknown() && c.unfinished() != nil {
					continue // whether values from before come back is a matter of the version
				}
				note("what was asked for is there in the end, and all else is as it was", fault)
			}
			d, _ := w.ask(inPlan, lifecycle.Facts{})
			if len(d.Steps) > 0 || slices.ContainsFunc(d.Problems, func(p lifecycle.Problem) bool { return !isLasting(p) }) {
				note("after an apply there is nothing left to do or to say", fmt.Sprintf("%v %q", stepNames(d.Steps), summaries(d.Problems)))
			}
			if p.mishaps {
				p.tryMishaps(c, before, w, note)
			}
		}
	}
}

// isLasting tells whether something has to be said in every plan, as it is not to
// be changed by one.
func isLasting(p lifecycle.Problem) bool {
	return p.Warning && slices.Contains([]string{"Autostart schedule cannot be removed", "The workspace's latest build failed"}, p.Summary)
}

func stepNames(steps []lifecycle.Step) []string {
	var names []string
	for _, step := range steps {
		names = append(names, step.Doing())
	}
	return names
}

// name is a case in words: the members that are not the first.
func (p *proof) name(members []int) string {
	var words []string
	for i, m := range members {
		if m != 0 {
			words = append(words, p.factors[i].name+" "+p.factors[i].members[m].name)
		}
	}
	return "[" + strings.Join(words, "; ") + "]"
}

// product looks at every combination of the factors' members.
func (p *proof) product(look func(members []int)) {
	members := make([]int, len(p.factors))
	for {
		look(members)
		i := 0
		for ; i < len(members); i++ {
			if members[i]++; members[i] < len(p.factors[i].members) {
				break
			}
			members[i] = 0
		}
		if i == len(members) {
			return
		}
	}
}

// report fails the test for every rule that was broken, with the shortest case.
func (p *proof) report(t *testing.T, least int) {
	t.Helper()
	t.Logf("%d combinations, %d applies", p.cases, p.walked)
	if p.cases < least {
		t.Errorf("only %d combinations: somebody has taken some away", p.cases)
	}
	for _, rule := range slices.Sorted(maps.Keys(p.faults)) {
		for i, text := range slices.Sorted(maps.Keys(p.faults[rule])) {
			cases := p.faults[rule][text]
			if i == shownFaults {
				t.Errorf("%s: broken in %d ways", rule, len(p.faults[rule]))
				break
			}
			shortest := slices.MinFunc(cases, func(a, b string) int {
				return cmp.Or(strings.Count(a, ";")-strings.Count(b, ";"), strings.Compare(a, b))
			})
			t.Errorf("%s: broken by %d cases, as %s: %s", rule, len(cases), shortest, text)
		}
	}
}

// shownFaults is how many ways to break a rule are reported.
const shownFaults = 12

func newProof(factors ...factor) *proof {
	return &proof{factors: factors, faults: map[string]map[string][]string{}}
}

func summaries(problems []lifecycle.Problem) []string {
	var list []string
	for _, p := range problems {
		list = append(list, p.Summary)
	}
	return list
}
