package faulttest_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// history is a course of events, and what is known of it so far.
type history struct {
	*world

	config  object          // what is configured
	unknown map[string]bool // what the next plan does not know yet
	actor   string          // whose token the provider has
	once    []mishap        // what goes wrong at the next command
	saved   *savedPlan

	// debt is a workspace as it ran when Terraform began to work on it, while it
	// is down since, and nobody else has touched it.
	debt *codertest.Workspace
	// well is the workspace as it was when its builds had last gone well.
	well *codertest.Workspace
	// applied is the configuration that was last applied without an error, and
	// version the template version that the workspace had then.
	applied object
	version string

	problems []breach
	log      []string
	commands []string // what was run, and how it ended
}

// breach is a breach of what a user is owed.
type breach struct{ rule, text string }

// String is the breach in words.
func (b breach) String() string { return b.rule + ": " + b.text }

// savedPlan is what `terraform plan -out` has written.
type savedPlan struct {
	change  change
	config  object
	command *command // the one that made it
}

func newHistory(w *world) *history {
	h := &history{world: w, actor: admin, unknown: map[string]bool{}}
	h.config = object{"name": "dev", "template_id": w.work.ID.String()}
	return h
}

func (h *history) note(format string, arguments ...any) {
	h.log = append(h.log, fmt.Sprintf(format, arguments...))
}

func (h *history) breach(rule, format string, arguments ...any) {
	found := breach{rule, fmt.Sprintf(format, arguments...)}
	if wanted, _ := regexp.MatchString("^("+*rules+")", found.String()); wanted {
		h.problems = append(h.problems, found)
	}
}

// failsAs tells whether two histories break the same rule.
func (h *history) failsAs(other *history) bool {
	return len(h.problems) > 0 && h.problems[0].rule == other.problems[0].rule
}

// String is the history, and what is wrong with it.
func (h *history) String() string {
	text := strings.Join(h.log, "\n")
	for _, b := range h.problems {
		text += "\n>>> " + b.String()
	}
	return text
}

// mine is the workspace that the state knows, nil when it does not exist.
func (h *history) mine() *codertest.Workspace { return h.look().workspace(h.state.id()) }

// configured is the configuration as the next plan sees it, and as it turns out
// to be.
func (h *history) configured() (planned, final object) {
	planned, final = object{}, object{}
	for name, value := range h.config {
		if part, isObject := value.(object); isObject {
			value = maps.Clone(part)
		}
		final[name], planned[name] = value, value
	}
	for name := range h.unknown {
		attribute, key, isPart := strings.Cut(name, ".")
		part, isObject := planned[attribute].(object)
		switch {
		case isPart && isObject:
			if part = maps.Clone(part); part[key] != nil {
				part[key] = tftypes.UnknownValue
				planned[attribute] = part
			}
		case !isPart && planned[attribute] != nil:
			planned[attribute] = tftypes.UnknownValue
		}
	}
	return planned, final
}

// set configures an attribute, or a key of one; nil takes it out.
func (h *history) set(name string, value any) {
	attribute, key, isPart := strings.Cut(name, ".")
	if !isPart {
		h.config[attribute] = value
		if value == nil {
			delete(h.config, attribute)
		}
		return
	}
	part, _ := h.config[attribute].(object)
	part = maps.Clone(part)
	if part == nil {
		part = object{}
	}
	part[key] = value
	if value == nil {
		delete(part, key)
	}
	h.config[attribute] = part
	if len(part) == 0 {
		delete(h.config, attribute)
	}
}

// command is one run of Terraform.
type command struct {
	verb    verb
	flags   planning
	config  object // as it turned out
	planned object // as the plan saw it
	out     *outcome
	actor   string

	before, atEnd, after sight
	mine                 *codertest.Workspace // of the state, before
	was                  *instance            // the state before
	calls                []codertest.Request

	foreign  bool // another token or deployment
	hampered bool // faults or an interrupt
	people   bool // somebody else acted at the same time
	canceled bool // somebody canceled the deletion
	mayEnd   bool // there is a reason to replace
	stale    bool // a saved plan, and things have happened since
}

// String is what was run and how it ended.
func (c *command) String() string {
	text := string(c.verb)
	if c.out.action != "" {
		text += ", " + c.out.action
	}
	if c.hampered || c.people || c.foreign {
		text += ", disturbed"
	}
	if c.out.failed() {
		text += ": error"
	}
	return text
}

// verb is what Terraform is to do.
type verb string

const (
	applying      verb = "apply"
	applyingSaved verb = "apply of a saved plan"
	planningOnly  verb = "plan"
	refreshing    verb = "refresh"
	destroying    verb = "destroy"
	taking        verb = "import"
)

// run runs Terraform once, with what goes wrong, and judges what came of it.
func (h *history) run(ctx context.Context, c *command, body func() *outcome) {
	if c.config == nil {
		c.planned, c.config = h.configured()
	}
	c.before, c.was, c.actor = h.look(), h.state, h.actor
	c.mine = c.before.workspace(h.state.id())
	if c.verb != applyingSaved {
		c.mayEnd = c.flags.replace || c.was != nil && c.was.tainted || c.mine != nil && h.other(c.planned, c.mine) != ""
	}
	h.settings["token"] = h.tokens[h.actor]
	h.fake.ResetRequests()
	for _, goesWrong := range h.once {
		goesWrong(ctx, h, c)
	}
	h.once = nil
	c.out = body()
	c.calls = h.fake.Requests()
	c.atEnd = h.look()
	h.note("    = %s", c.out)
	h.settings["url"] = "http://localhost"
	h.fake.ClearFaults()
	h.network.reset.Store(false)
	pause(ctx, 2*time.Minute)
	h.network.down.Store(false)
	c.after = h.look()
	for _, rule := range owed {
		rule(h, c)
	}
	h.commands = append(h.commands, c.String())
	h.remember(c)
	h.takeUp(ctx, c)
}

// remember keeps what the model has to know for what comes next.
func (h *history) remember(c *command) {
	switch c.verb {
	case applying, applyingSaved:
		h.unknown = map[string]bool{}
		if c.out.failed() {
			h.applied = nil
		}
	case planningOnly, refreshing, destroying, taking:
	}
	now := h.mine()
	if h.state.id() != c.was.id() || now == nil || c.people || now.Status == "running" {
		h.debt = nil
	}
	if now != nil && h.debt == nil && (now.Status == "running" || now.Status == "stopped") {
		h.well = now
	}
	if now != nil && !c.out.failed() && (c.verb == applying || c.verb == applyingSaved) {
		h.applied, h.version = c.config, now.VersionID.String()
		if c.config["desired_status"] == "stopped" {
			h.debt = nil
		}
	}
	if h.state != c.was && c.verb != planningOnly {
		h.saved = nil // Terraform calls it stale
	}
}

// takeUp imports what a create has made without Terraform getting to know.
func (h *history) takeUp(ctx context.Context, c *command) {
	made := c.after.newSince(c.before)
	if h.state != nil || len(made) != 1 || len(h.problems) > 0 || h.hidden[sighted{h.actor, made[0].ID.String()}] {
		return
	}
	if again := h.importID(ctx, made[0].ID.String()); again.failed() {
		h.breach("lost", "a workspace was made and cannot be imported: %s", again)
	}
	h.note("    (imported)")
}

func configuredText(config object, name string) string {
	text, _ := config[name].(string)
	return text
}

// finish puts everything in order and takes it down.
func (h *history) finish(ctx context.Context) {
	h.once, h.unknown = nil, map[string]bool{}
	for name := range h.ids {
		h.hide(name, false)
	}
	if now := h.mine(); now != nil && now.OwnerID != h.ids[carol] {
		h.actor = admin
	}
	h.note("apply")
	if h.applyNow(ctx, planning{}); len(h.problems) > 0 {
		return
	}
	if h.state == nil {
		return
	}
	if protected(h.state) {
		h.note("deletion protection is switched off in an apply of a plain configuration")
		h.config = h.plain()
		if h.applyNow(ctx, planning{}); len(h.problems) > 0 {
			return
		}
	}
	h.note("destroy -refresh=false")
	h.destroyNow(ctx, true)
}

// plain is a configuration of the present workspace that nothing is wrong with.
func (h *history) plain() object {
	now := h.mine()
	if now == nil {
		return h.config
	}
	config := object{"name": now.Name, "template_id": now.TemplateID.String()}
	for _, p := range h.versions[now.VersionID].Parameters {
		if p.Required {
			config["parameters"] = object{p.Name: "blue"}
		}
	}
	return config
}

// protected tells whether a state says that the workspace must not end.
func protected(i *instance) bool {
	on := false
	if i == nil {
		return false
	}
	if v, has := attributes(i.value)["deletion_protection"]; has && v.IsKnown() && !v.IsNull() {
		_ = v.As(&on)
	}
	return on
}
