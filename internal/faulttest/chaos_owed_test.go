package faulttest_test

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// What a user is owed of every run of Terraform, by what the documentation
// promises. Nothing in here asks how it is done.
var owed = []func(h *history, c *command){
	nothingBreaks, nothingIsWrittenByLooking, nothingIsDestroyed, nothingIsLost, nothingIsLeftDown, whatIsNotConfiguredStays,
	theStateIsTrue, whatIsConfiguredIsThere, noNeedlessBuild, thePlanIsExact, noGroundlessRefusal, itSettles, destroyingWorks, canceledIsNotFailed, foreignPagesAreRefused,
}

// persists tells whether the workspace of before is the one of after.
func (c *command) persists(h *history) bool {
	return c.mine != nil && h.state.id() == c.mine.ID.String() && c.now() != nil
}

// now is the workspace of before as it is after.
func (c *command) now() *codertest.Workspace {
	if c.mine == nil {
		return nil
	}
	return c.after.workspace(c.mine.ID.String())
}

func (c *command) applies() bool { return c.verb == applying || c.verb == applyingSaved }

// wellDone tells whether an apply went well and nobody interfered.
func (c *command) wellDone() bool { return c.applies() && !c.out.failed() && !c.people && !c.foreign }

// blind tells whether the plan did not know all that is configured: on new
// servers one parameter can decide about all others.
func (c *command) blind() bool {
	return !reflect.DeepEqual(c.planned, c.config)
}

// builds are the requests for builds that were sent, answered or not.
func (c *command) builds(transition string) (count int) {
	for _, call := range c.calls {
		if call.Method == http.MethodPost && call.Route == "/workspaces/{workspace}/builds" && call.Status < 300 && strings.Contains(call.Body, `"transition":"`+transition) {
			count++
		}
	}
	return count
}

// nothingBreaks: no rule of Terraform is broken, and errors are plain.
func nothingBreaks(h *history, c *command) {
	for _, broken := range c.out.broken {
		h.breach("broken", "%s", broken)
	}
	for _, d := range c.out.errors {
		if reason := unclear(d); reason != "" {
			h.breach("unclear", "%s: %s: %s", reason, d.Summary, d.Detail)
		}
	}
}

// nothingIsWrittenByLooking: plans, refreshes and imports change nothing.
func nothingIsWrittenByLooking(h *history, c *command) {
	if c.verb != planningOnly && c.verb != refreshing && c.verb != taking {
		return
	}
	for _, call := range c.calls {
		if call.Method != http.MethodGet && !strings.HasSuffix(call.Route, "/evaluate") && call.Route != "/authcheck" {
			h.breach("written", "%s %s is sent", call.Method, call.Path)
		}
	}
}

// nothingIsDestroyed unless a configured id differs, or the user asked for it.
func nothingIsDestroyed(h *history, c *command) {
	if c.out.action == "replace" && !c.mayEnd && c.mine != nil {
		h.breach("destroyed", "a replacement is planned, but no configured id differs and nobody asked")
	}
	if c.mine == nil || c.now() != nil || c.builds("delete") == 0 {
		return
	}
	switch made := c.after.newSince(c.before); {
	case c.verb == destroying:
	case !c.mayEnd:
		h.breach("destroyed", "the workspace was deleted, but no configured id differs and nobody asked")
	case len(made) == 0 && !c.hampered && !c.people && !c.blind() && !h.mayFail(c) && !h.replacesUnseen(c):
		h.breach("destroyed for nothing", "the workspace was deleted for another that could not be made, which could be known")
	}
}

// replacesUnseen tells whether a tainted workspace is to make room for one of
// another owner: Terraform asks for a plain create then, and does not say what it
// replaces, which only owner and name tell.
func (h *history) replacesUnseen(c *command) bool {
	owner, configured := h.owner(c.config)
	return c.was.tainted && configured && owner != c.mine.OwnerID
}

// nothingIsLost: what exists stays in the state, and nothing is made twice.
func nothingIsLost(h *history, c *command) {
	if c.mine != nil && c.now() != nil && h.state.id() != c.mine.ID.String() {
		h.breach("lost", "the workspace %s exists, the state has %q", c.mine.ID, h.state.id())
	}
	made := c.after.newSince(c.before)
	if len(made) > 1 {
		h.breach("twice", "%d workspaces were made", len(made))
	}
	if len(made) == 1 && h.state.id() != made[0].ID.String() && !c.out.failed() {
		h.breach("lost", "the workspace %s was made, the state has %q", made[0].ID, h.state.id())
	}
}

// goal is what a workspace should do after an apply; "" when nobody knows.
func (h *history) goal(c *command) string {
	desired := configuredText(c.config, "desired_status")
	switch {
	case desired != "":
		return desired
	case h.debt != nil, c.mine.Status == "running":
		return "running"
	case c.mine.Status == "stopped":
		return "stopped"
	default:
		return ""
	}
}

// nothingIsLeftDown: what ran and should run is running, or there is an error,
// and then the next apply brings it back. What a person has stopped stays so.
func nothingIsLeftDown(h *history, c *command) {
	if !c.persists(h) || c.people || c.foreign || c.verb == destroying || c.verb == taking || c.verb == refreshing {
		return
	}
	goal, now := h.goal(c), c.now()
	if c.verb == planningOnly {
		if h.debt != nil && c.out.action == "no-op" && !c.out.failed() && goal == "running" {
			h.breach("down", "the workspace was running before an apply that failed, and the plan leaves it down (%s)", now.Status)
		}
		return
	}
	switch {
	case goal == "" || now.Status == goal:
	case c.out.action == "no-op" && (c.flags.asIs || c.verb == applyingSaved || !settled(c.mine)): // it did not look, or somebody is at it
	case !c.out.failed() && goal == "running":
		h.breach("down", "the workspace should run, and is %s without an error", now.Status)
	case !c.out.failed():
		h.breach("woken", "the workspace should be %s and is %s", goal, now.Status)
	case goal == "running" && (c.mine.Status == "running" || c.mine.Status == "starting"):
		if c.mine.Status == "running" && !c.hampered && !h.mayFail(c) {
			h.breach("taken down", "the workspace ran, and was taken down (%s) for what could be known to fail", now.Status)
		}
		h.debt = c.mine
	}
}

// mayFail tells whether builds may fail, or take longer than is allowed.
func (h *history) mayFail(c *command) bool {
	parameters, _ := c.config["parameters"].(object)
	return parameters["mode"] == "broken" || c.mine != nil && c.mine.Parameters["mode"] == "broken" || c.config["timeouts"] != nil
}

// whatIsNotConfiguredStays as it is, whether the apply goes well or not.
func whatIsNotConfiguredStays(h *history, c *command) {
	if !c.persists(h) || c.people || c.verb == destroying {
		return
	}
	now, config := c.now(), c.config
	ran, failed := h.well, h.debt != nil || !settled(c.mine)
	if ran == nil {
		ran = now
	}
	stays := func(attribute string, before, after, ran any) {
		if before != after && (!failed || after != ran) { // what failed may go back to what ran

			h.breach("kept", "%s was %v and is %v", attribute, before, after)
		}
	}
	looking := !c.applies()
	policy := h.policies[now.TemplateID]
	if _, configured := config["ttl_ms"]; (!configured || looking) && !policy.ForbidUserAutostop {
		stays("ttl_ms", number(c.mine.TTLMillis), number(now.TTLMillis), nil)
	}
	if config["automatic_updates"] == nil || looking {
		stays("automatic_updates", c.mine.AutomaticUpdates, now.AutomaticUpdates, nil)
	}
	if config["template_version_id"] == nil || looking {
		stays("template_version_id", c.mine.VersionID, now.VersionID, ran.VersionID)
	}
	if configuredText(config, "autostart_schedule") != "" && now.AutostartSchedule == nil && c.mine.AutostartSchedule != nil {
		h.breach("kept", "the autostart schedule was cleared")
	}
	asked := h.asked(config, now)
	for name, value := range c.mine.Parameters {
		after, has := now.Parameters[name]
		if _, configured := asked[name]; has && (!configured || looking) && name != "note" {
			stays("parameter "+name, value, after, ran.Parameters[name])
		}
	}
}

func number(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// theStateIsTrue after a refresh, an import and an apply that went well.
func theStateIsTrue(h *history, c *command) {
	if c.out.failed() || c.people || c.foreign || h.state == nil || c.verb == planningOnly || c.verb == destroying || c.flags.asIs || c.verb == applyingSaved && c.out.action == "no-op" {
		return
	}
	ws := c.atEnd.workspace(h.state.id())
	if ws == nil {
		h.breach("true", "the state has %q, which does not exist", h.state.id())
		return
	}
	is := func(attribute, server string) {
		if held := text(h.state.value, attribute); held != server {
			h.breach("true", "the state says %s = %q, the server %q", attribute, held, server)
		}
	}
	is("name", ws.Name)
	is("owner_name", ws.Owner)
	is("owner_id", ws.OwnerID.String())
	is("template_id", ws.TemplateID.String())
	is("template_version_id", ws.VersionID.String())
	if h.newest() {
		is("automatic_updates", ws.AutomaticUpdates)
	}
	if !h.policies[ws.TemplateID].ForbidUserAutostart {
		schedule := ""
		if ws.AutostartSchedule != nil {
			schedule = *ws.AutostartSchedule
		}
		is("autostart_schedule", schedule)
	}
	for name, value := range attributes(attributes(h.state.value)["parameters"]) {
		var held string
		_ = value.As(&held) // a string
		if held != ws.Parameters[name] {
			h.breach("true", "the state says parameter %s = %q, the server %q", name, held, ws.Parameters[name])
		}
	}
}

// whatIsConfiguredIsThere after an apply that went well.
func whatIsConfiguredIsThere(h *history, c *command) {
	if !c.wellDone() || h.state == nil || c.verb == applyingSaved || c.flags.asIs || c.hampered && len(c.out.warnings) > 0 {
		return
	}
	if c.mine != nil && !settled(c.mine) && c.out.action == "no-op" {
		return // somebody is at it
	}
	ws := c.after.workspace(h.state.id())
	if ws == nil {
		return // theStateIsTrue says so
	}
	for _, difference := range h.differences(c.config, ws) {
		h.breach("done", "the apply went well, but %s", difference)
	}
	if c.builds("start")+c.builds("stop") > 0 || !c.persists(h) {
		for _, wrong := range wrongValues(c.config, h.versions[ws.VersionID]) {
			h.breach("accepted", "the apply went well, but %s", wrong)
		}
	}
	preset := configuredText(c.config, "preset")
	if preset != "" && (c.mine == nil || preset != h.applied["preset"] || h.version != ws.VersionID.String() && c.config["template_version_id"] != nil) {
		for name, value := range presetValues(h.versions[ws.VersionID], preset) {
			if ws.Parameters[name] != value {
				h.breach("done", "preset %s has %s = %s, the workspace %s", preset, name, value, ws.Parameters[name])
			}
		}
	}
}

// noNeedlessBuild: what is there already takes none.
func noNeedlessBuild(h *history, c *command) {
	if !c.applies() || !c.persists(h) || c.people || c.foreign || c.mayEnd || h.debt != nil {
		return
	}
	if count := c.builds("start") + c.builds("stop"); count > 0 && !h.buildDue(c) {
		h.breach("needless build", "%d builds, but nothing is configured that takes one", count)
	}
}

// settled tells whether a workspace is as its builds have left it.
func settled(ws *codertest.Workspace) bool { return ws.Status == "running" || ws.Status == "stopped" }

// thePlanIsExact: it shows a change where there is a difference, and none where
// nothing differs.
func thePlanIsExact(h *history, c *command) {
	if c.mine == nil || !settled(c.mine) || c.verb != applying && c.verb != planningOnly || c.out.failed() || c.hampered || c.people || c.foreign || c.mayEnd || c.flags.asIs || len(h.unknown) > 0 {
		return
	}
	differences := h.differences(c.config, c.mine)
	if c.out.action == "no-op" && len(differences) > 0 {
		h.breach("silent", "the plan shows nothing, but %s", differences[0])
	}
	if c.config["preset"] != nil || c.config["deadline"] != nil || h.debt != nil || !reflect.DeepEqual(c.config, h.applied) {
		return // it may have to be built, extended, or noted
	}
	if c.out.action != "no-op" && len(differences) == 0 {
		h.breach("noise", "the plan shows an %s of %v, but nothing differs", c.out.action, c.out.changed)
	}
}

// noGroundlessRefusal: where nothing stands in the way, it is done.
func noGroundlessRefusal(h *history, c *command) {
	if !c.applies() && c.verb != planningOnly || !c.out.failed() || c.hampered || c.people || c.foreign || c.verb == applyingSaved || len(c.out.broken) > 0 {
		return
	}
	if ways := h.obstacles(c); len(ways) == 0 {
		h.breach("refused", "nothing stands in the way, but: %s", c.out)
	}
}

// itSettles: after an apply that went well there is nothing left to do.
func itSettles(h *history, c *command) {
	if !c.wellDone() || c.hampered || c.verb == applyingSaved || c.flags.asIs || c.mine != nil && !settled(c.mine) && c.out.action == "no-op" {
		return
	}
	if again := h.plan(h.t.Context(), c.config); again.failed() || again.action != "no-op" {
		h.breach("settles", "the plan after the apply is not empty: %s %v", again, again.changed)
	}
}

// destroyingWorks, without a look at the configuration in any case.
func destroyingWorks(h *history, c *command) {
	if c.verb != destroying || c.mine == nil || c.hampered || c.people || c.foreign || len(h.obstaclesToSee(c)) > 0 {
		return
	}
	switch gone, isProtected := c.now() == nil, protected(c.was); {
	case isProtected && gone:
		h.breach("destroyed", "it was protected")
	case isProtected, gone:
	case !c.out.failed():
		h.breach("left", "destroyed without an error, but it exists")
	case c.flags.asIs:
		h.breach("way out", "it cannot be destroyed: %s", c.out)
	case !c.out.invalid && !h.replacesUnseen(c) && !strings.Contains(c.out.String(), "-refresh=false"):
		h.breach("way out", "the error does not say how to destroy: %s", c.out)
	}
}

// canceledIsNotFailed: a workspace is orphaned where its deletion fails, not
// where somebody stopped it.
func canceledIsNotFailed(h *history, c *command) {
	for _, call := range c.calls {
		if c.canceled && strings.Contains(call.Body, `"orphan":true`) {
			h.breach("orphaned", "its deletion was canceled, and so it was orphaned")
		}
	}
}

// foreignPagesAreRefused: the address of another deployment names nothing here.
func foreignPagesAreRefused(h *history, c *command) {
	if c.verb == taking && c.stale && !c.out.failed() {
		h.breach("foreign page", "an address of another deployment is imported")
	}
}

// presetValues are those of a version's preset, nil when it has none of that
// name.
func presetValues(v codertest.TemplateVersion, name string) map[string]string {
	at := slices.IndexFunc(v.Presets, func(p codertest.Preset) bool { return p.Name == name })
	if at < 0 {
		return nil
	}
	return v.Presets[at].Parameters
}
