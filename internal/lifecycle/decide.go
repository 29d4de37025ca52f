package lifecycle

import (
	"fmt"
	"slices"
)

// Decision is what has to be done.
type Decision struct {
	// Steps lead from what is there to what is configured, in order. There are
	// none when there is a reason to replace the workspace.
	Steps []Step
	// Uncertain are changes that values which are not known yet may bring.
	Uncertain Change
	// Replace are the settings that only a new workspace can have.
	Replace []Place
	// Problems are why it cannot be done, and warnings.
	Problems []Problem
	// Open are questions whose answers are needed to decide further.
	Open []Question
}

// Changes is all that the decision changes, or may change.
func (d *Decision) Changes() Change {
	changes := d.Uncertain
	for _, step := range d.Steps {
		changes |= step.Changes()
	}
	return changes
}

// IsNothing tells whether nothing is to be done or said.
func (d *Decision) IsNothing() bool {
	return len(d.Steps) == 0 && d.Uncertain == 0 && len(d.Replace) == 0 && len(d.Problems) == 0 && len(d.Open) == 0
}

// Decide tells what has to be done for an existing workspace. It asks nobody:
// what it would have to know beside the facts comes back as open questions, and
// nothing else of the decision counts until they are answered.
func Decide(want Want, have Have, facts Facts) Decision {
	d := &decider{want: want, have: have, facts: facts}
	if want.Deleted {
		d.deletion()
		return d.Decision
	}
	d.identity()
	if d.mayGoOn() {
		d.name()
		d.schedule()
		d.ttl()
		d.automaticUpdates()
		d.wakes()
		d.builds()
	}
	if d.mayGoOn() {
		d.deadline()
		d.sleeps()
	}
	d.replacement()
	return d.Decision
}

// DecideCreate tells what stands against creating a workspace. Replacing tells
// that another one is destroyed for it: then more is looked up.
func DecideCreate(want Want, have Have, facts Facts, replacing bool) Decision {
	d := &decider{want: want, have: have, facts: facts}
	d.newDeadline()
	d.creation(replacing)
	return d.Decision
}

// decider is one decision in the making.
type decider struct {
	Decision

	want  Want
	have  Have
	facts Facts

	before map[string]string // present values of what builds change
	former map[string]string // values that builds bring back
}

// mayGoOn tells whether the workspace stays and nothing is refused yet.
func (d *decider) mayGoOn() bool { return len(d.Replace) == 0 && !d.refused() }

func (d *decider) add(steps ...Step) { d.Steps = append(d.Steps, steps...) }

// replaceFor notes a setting that only a new workspace can have.
func (d *decider) replaceFor(at Place) {
	if !slices.Contains(d.Replace, at) {
		d.Replace = append(d.Replace, at)
	}
}

// replacement ends a decision that replaces the workspace: what a create would
// be refused for is refused before anything is destroyed, and an apply destroys
// nothing that its plan did not show.
func (d *decider) replacement() {
	if len(d.Replace) == 0 {
		return
	}
	d.Steps, d.Uncertain = nil, 0
	if d.have.Applying {
		for _, at := range d.Replace {
			setting := at.Setting
			if at.Key != "" {
				setting = fmt.Sprintf("%s[%q]", at.Setting, at.Key)
			}
			d.rejectValue(at, "Workspace would have to be replaced",
				fmt.Sprintf("Workspace %q would have to be replaced for the value of %s, which the plan did not know, or did not compare because of -refresh=false. Nothing was changed. "+
					"Run terraform plan again, with a refresh: it shows the replacement, and what would be lost by it.", d.have.Name, setting))
		}
		d.Replace = nil
		return
	}
	d.newDeadline()
	d.creation(true)
}

// unknownIdentity warns of a value that may turn out to need another workspace.
func (d *decider) unknownIdentity(at Place, what string) {
	d.Problems = append(d.Problems, Problem{
		At: at, Warning: true, Summary: "Value is not known before the apply",
		Detail: fmt.Sprintf("%s of workspace %q depends on something that this apply changes. If it turns out the same, nothing happens. "+
			"If only a new workspace can have what it turns out to be, the apply stops before it changes this one, and the next plan shows the replacement. "+
			"If it is replaced anyway, on demand (-replace) or for another reason, it is destroyed before the value is known.", what, d.have.Name),
	})
}
