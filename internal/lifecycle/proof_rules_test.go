package lifecycle_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// decided is a case with the decisions about it.
type decided struct {
	*scene

	plan, fresh, apply lifecycle.Decision
}

// rule is something that holds for every case.
type rule struct {
	words string
	// broken tells how a case breaks the rule, "" when it keeps it.
	broken func(*decided) string
}

// rules are all that hold for a single decision. What comes of a whole apply is
// looked at in [proof.walks].
var rules = []rule{
	{"only a configured, known other template, owner or immutable value is a reason to replace the workspace", replacesForReason},
	{"what only another workspace can have is a reason to replace this one, or is refused", replacesWhereNeeded},
	{"an apply never replaces", appliesInPlace},
	{"an action never replaces", actsInPlace},
	{"no replacement is planned that could be known not to come up", replacementComesUp},
	{"an error has a cause", refusesForReason},
	{"what can be known to go wrong is refused", refusesWhatGoesWrong},
	{"what is not configured is in no request", sendsConfiguredOnly},
	{"what is there already starts no build", buildsForReason},
	{"what a person did is respected", respectsPeople},
	{"an update that did not come to its end is gone on with", finishes},
	{"a forbidden setting is neither sent nor cleared", respectsPolicies},
	{"a plan decides as a fresh look does, which may only find more problems", planIsAsFresh},
	{"a plan shows what the apply does", planIsAsApply},
	{"what may turn out to need another workspace is warned of", warnsOfUnknown},
	{"where there is nothing to do nothing is asked", asksForReason},
}

func replacesForReason(c *decided) string {
	if len(c.plan.Replace) > 0 && !c.otherIdentity() && !c.otherImmutable() {
		return fmt.Sprintf("replaced for %v", c.plan.Replace)
	}
	return ""
}

func replacesWhereNeeded(c *decided) string {
	if (c.otherIdentity() || c.otherImmutable()) && len(c.plan.Replace) == 0 && !refused(&c.plan) {
		return "neither replaced nor refused"
	}
	return ""
}

func appliesInPlace(c *decided) string {
	if len(c.apply.Replace) > 0 {
		return fmt.Sprintf("replaced for %v", c.apply.Replace)
	}
	return ""
}

func actsInPlace(c *decided) string {
	if c.want.InPlace && len(c.plan.Replace)+len(c.fresh.Replace) > 0 {
		return fmt.Sprintf("replaced for %v", c.plan.Replace)
	}
	return ""
}

func replacementComesUp(c *decided) string {
	want := &c.want
	open := want.TemplateID.IsUnknown() || want.OwnerName.IsUnknown() || want.Parameters.Incomplete || len(want.Parameters.Unknown) > 0
	if len(c.plan.Replace) > 0 && !refused(&c.plan) && !open {
		return c.world.create(want)
	}
	return ""
}

func refusesForReason(c *decided) string {
	if refused(&c.plan) && len(c.causes()) == 0 {
		return fmt.Sprintf("%q", errorsOf(&c.plan))
	}
	return ""
}

// refusesWhatGoesWrong looks at builds. A start that takes nothing down before is
// left to the server in a plan.
func refusesWhatGoesWrong(c *decided) string {
	owed := c.owed()
	if len(owed) == 0 || len(c.reveal) > 0 || c.otherIdentity() || c.otherImmutable() || c.want.InPlace && isActive(c.world.workspace.build.status) {
		return "" // an action awaits the build under way first
	}
	causes := c.buildCauses()
	switch {
	case len(causes) > 0 && !refused(&c.apply):
		return fmt.Sprintf("an apply goes on though %q", causes)
	case len(causes) > 0 && !refused(&c.plan) && (len(owed) > 1 || c.bringsNew()):
		return fmt.Sprintf("a plan goes on though %q", causes)
	}
	return ""
}

func sendsConfiguredOnly(c *decided) string {
	for _, step := range slices.Concat(c.plan.Steps, c.fresh.Steps, c.apply.Steps) {
		sent := false
		switch step := step.(type) {
		case lifecycle.Rename:
			sent = c.want.Name.IsAbsent()
		case lifecycle.SetSchedule:
			sent = c.want.Schedule.IsAbsent()
		case lifecycle.SetTTL:
			sent = c.want.TTL.IsAbsent()
		case lifecycle.SetAutomaticUpdates:
			sent = c.want.AutomaticUpdates.IsAbsent()
		case lifecycle.SetDormant:
			sent = c.want.Dormant.IsAbsent()
		case lifecycle.Extend:
			sent = c.want.Deadline.IsAbsent()
		case lifecycle.BuildStep:
			former := c.unfinished() // what it has changed is brought back
			sent = step.Request.TemplateVersionID != nil && c.want.VersionID.IsAbsent() && !c.want.ActiveVersion && former == nil ||
				step.Request.TemplateVersionPresetID != uuid.Nil && c.want.Preset.IsAbsent()
			for _, value := range step.Request.RichParameterValues {
				kept, isKept := c.kept()[value.Name]
				once, isOnce := c.want.Ephemeral.Known[value.Name]
				sent = sent || (!isKept || kept != value.Value) && (!isOnce || once != value.Value)
			}
		}
		if sent {
			return fmt.Sprintf("%+v", step)
		}
	}
	return ""
}

func buildsForReason(c *decided) string {
	want := &c.want
	open := want.VersionID.IsUnknown() || want.Preset.IsUnknown() || want.RunState.IsUnknown() || want.EphemeralVersion.IsUnknown() ||
		want.Parameters.Incomplete || len(want.Parameters.Unknown) > 0
	if open || len(c.owed()) > 0 || refused(&c.plan) {
		return ""
	}
	if c.plan.Changes()&lifecycle.ChangeBuild != 0 {
		return fmt.Sprintf("%v", transitions(c.plan.Steps))
	}
	return ""
}

func respectsPeople(c *decided) string {
	unfinished, latest := c.memory.unfinished, &c.world.workspace.build
	if !c.want.RunState.IsAbsent() || c.want.Repair || latest.transition == coder.TransitionStart || unfinished != nil && unfinished.Build == latest.id {
		return ""
	}
	if slices.Contains(transitions(c.plan.Steps), coder.TransitionStart) {
		return "started"
	}
	return ""
}

func finishes(c *decided) string {
	unfinished := c.unfinished()
	if !c.want.RunState.IsAbsent() || unfinished == nil || refused(&c.plan) || len(c.plan.Replace) > 0 {
		return ""
	}
	builds := transitions(c.plan.Steps)
	last := map[lifecycle.RunState]coder.Transition{lifecycle.Running: coder.TransitionStart, lifecycle.Stopped: coder.TransitionStop}[unfinished.From]
	if len(builds) == 0 || builds[len(builds)-1] != last {
		return fmt.Sprintf("builds %v, to %s", builds, unfinished.From)
	}
	return ""
}

func respectsPolicies(c *decided) string {
	for _, step := range slices.Concat(c.plan.Steps, c.fresh.Steps, c.apply.Steps) {
		switch step.(type) {
		case lifecycle.SetSchedule:
			if c.world.home.forbidsAutostart {
				return step.Doing()
			}
		case lifecycle.SetTTL:
			if c.world.home.forbidsAutostop {
				return step.Doing()
			}
		}
	}
	return ""
}

func planIsAsFresh(c *decided) string {
	if !reflect.DeepEqual(c.plan.Replace, c.fresh.Replace) || c.plan.Changes() != c.fresh.Changes() {
		return fmt.Sprintf("changes %b and %b, replaced for %v and %v", c.plan.Changes(), c.fresh.Changes(), c.plan.Replace, c.fresh.Replace)
	}
	for _, problem := range c.plan.Problems {
		if !problem.Warning && !slices.Contains(c.fresh.Problems, problem) {
			return "only a plan from the state finds: " + problem.Summary
		}
	}
	return ""
}

func planIsAsApply(c *decided) string {
	if len(c.plan.Replace) > 0 || refused(&c.plan) || refused(&c.apply) {
		return ""
	}
	if more := c.apply.Changes() &^ c.shown(&c.plan); more != 0 {
		return fmt.Sprintf("changes %b more", more)
	}
	if !slices.Equal(transitions(c.plan.Steps), transitions(c.apply.Steps)) {
		return fmt.Sprintf("builds %v in the plan, %v in the apply", transitions(c.plan.Steps), transitions(c.apply.Steps))
	}
	return ""
}

func warnsOfUnknown(c *decided) string {
	if refused(&c.plan) || len(c.plan.Replace) > 0 {
		return ""
	}
	version, _ := c.target()
	v := versions[version]
	preset, _ := c.preset()
	isImmutable := func(name string) bool {
		_, had := c.world.workspace.build.values[name]
		_, ofPreset := preset[name] // whose value wins, or is refused when it turns out to be another
		return had && !ofPreset && v != nil && v.definition(name) != nil && !v.definition(name).mutable && !c.want.Preset.IsUnknown()
	}
	for setting, isOpen := range map[string]bool{
		lifecycle.AtTemplate: c.want.TemplateID.IsUnknown(), lifecycle.AtOwner: c.want.OwnerName.IsUnknown(),
		lifecycle.AtOrganization: c.want.OrganizationID.IsUnknown(), lifecycle.AtVersion: c.want.VersionID.IsUnknown(), lifecycle.AtPreset: c.want.Preset.IsUnknown(),
		lifecycle.AtParameters: c.want.Parameters.Incomplete || slices.ContainsFunc(c.want.Parameters.Unknown, isImmutable),
	} {
		isWarning := func(p lifecycle.Problem) bool { return p.Warning && p.At.Setting == setting }
		if isOpen && !slices.ContainsFunc(c.plan.Problems, isWarning) {
			return setting
		}
	}
	return ""
}

// asksForReason holds for what makes a plan slow: the workspaces that are as
// they are configured.
func asksForReason(c *decided) string {
	if len(c.plan.Steps)+len(c.plan.Problems)+len(c.plan.Replace) > 0 || c.plan.Uncertain != 0 || c.want.ActiveVersion {
		return ""
	}
	for name := range c.want.Parameters.Known {
		if !slices.Contains(c.memory.managed, name) {
			return "" // what it is has to be asked for
		}
	}
	name, configured := c.want.Preset.Get()
	if update := c.memory.unfinished; configured && (name != c.memory.preset || update != nil && update.Build == c.world.workspace.build.id) {
		return "" // whether its values are there has to be asked for
	}
	if owner, configured := c.want.OwnerName.Get(); configured && !strings.EqualFold(owner, "ann") {
		return ""
	}
	if !c.want.Dormant.IsAbsent() && !c.memory.dormancy {
		return "" // whether it sleeps has to be asked for
	}
	if server := c.world.server; !c.want.Deadline.IsAbsent() && server.AtLeast(2, 12) && server.Before(2, 19) {
		return "" // the template may forbid to move it
	}
	if !c.want.Deadline.IsAbsent() && c.world.silent {
		return "" // what time it is has to be asked for
	}
	if d := lifecycle.Decide(c.want, c.have(inPlan), nil); !d.IsNothing() {
		return fmt.Sprintf("%v", d.Open)
	}
	return ""
}
