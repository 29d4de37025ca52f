package lifecycle_test

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// fate is how a build comes out.
type fate string

const (
	succeeds   fate = ""
	fails      fate = "fails"
	isCanceled fate = "is canceled"
)

// do does what a step asks for, as the server would, up to the end of a build.
// It tells why the server refuses it, "" when it does not.
func (w *world) do(step lifecycle.Step, f fate) (refusal string) {
	m := &w.workspace
	switch step := step.(type) {
	case lifecycle.Rename:
		if w.noRenames && !w.server.Before(2, 6) {
			return "400 Workspace renames are not allowed."
		}
		if w.taken == "ann/"+step.To {
			return "409 Workspace already exists."
		}
		m.name = step.To
	case lifecycle.SetSchedule:
		if w.home.forbidsAutostart {
			return "400 Autostart is not allowed for workspaces using this template."
		}
		m.schedule = step.To
	case lifecycle.SetTTL:
		return w.setTTL(step.To)
	case lifecycle.SetAutomaticUpdates:
		if w.server.Before(2, 3) {
			return "404 Route not found."
		}
		m.updates = step.To
	case lifecycle.Await:
		if step.Build != m.build.id {
			return "an older build is awaited"
		}
		w.end(f)
	case lifecycle.Cancel:
		if m.build.status == coder.StatusPending {
			w.end(isCanceled)
		} else {
			w.end(f)
		}
	case lifecycle.Wake:
		m.dormant = false
	case lifecycle.SetDormant:
		if w.server.Before(0, 25) {
			return "404 Route not found."
		}
		m.dormant = step.To
	case lifecycle.BuildStep:
		return w.build(step.Request, f)
	case lifecycle.Extend:
		return w.extend(step.To)
	}
	return ""
}

func (w *world) setTTL(ttl int64) string {
	switch days := time.Duration(ttl) * time.Millisecond / (24 * time.Hour); {
	case w.home.forbidsAutostop:
		return "400 Custom autostop TTL is not allowed for workspaces using this template."
	case days > 30, days > 7 && w.server.Before(0, 27):
		return "400 time until shutdown must be less than some days"
	}
	w.workspace.ttl = ttl
	if b := &w.workspace.build; ttl == 0 && b.transition == coder.TransitionStart && !w.server.Before(2, 19) {
		b.deadline = time.Time{}
		if !w.server.Before(2, 26) {
			b.deadline = b.limit
		}
	}
	return ""
}

func (w *world) extend(to time.Time) string {
	b := &w.workspace.build
	switch {
	case b.transition != coder.TransitionStart:
		return "409 Workspace must be started"
	case isActive(b.status):
		return "409 Workspace is still building!"
	case b.deadline.IsZero():
		return "409 Workspace shutdown is manual."
	case w.home.forbidsAutostop && w.server.AtLeast(2, 12) && w.server.Before(2, 19):
		return "400 Cannot extend workspace: template does not allow user autostop."
	case to.Sub(w.now) < 29*time.Minute:
		return "400 Cannot extend workspace: new deadline must be at least 30 minutes in the future"
	case !b.limit.IsZero() && to.After(b.limit):
		return "400 Cannot extend workspace beyond max deadline."
	}
	b.deadline = to.Truncate(time.Microsecond)
	return ""
}

// build makes a build of the workspace and brings it to its end.
func (w *world) build(request coder.CreateBuildRequest, f fate) string {
	m, previous := &w.workspace, &w.workspace.build
	starts := request.Transition == coder.TransitionStart
	next := build{
		id: id(previous.number + 1001), number: previous.number + 1, transition: request.Transition, status: coder.StatusPending,
		version: previous.version, limit: previous.limit,
	}
	if request.TemplateVersionID != nil {
		next.version = *request.TemplateVersionID
	}
	switch {
	case isActive(previous.status):
		return "409 A workspace build is already active."
	case previous.status == coder.StatusDeleted:
		return "409 Cannot start a deleted workspace!"
	case starts && m.dormant && w.server.Before(2, 30):
		return "403 unauthorized: rbac: forbidden"
	case starts && w.mustBeActive(&w.home) && next.version != w.home.active:
		return "403 cannot use non-active version: unauthorized: rbac: forbidden"
	}
	var refusal string
	if next.values, refusal = w.values(next.version, homeTemplate, previous.values, request.RichParameterValues, request.TemplateVersionPresetID); refusal != "" {
		return refusal
	}
	if starts && next.version != previous.version && w.lacksLogin(next.version, ann) {
		return "201, and the build fails: ann is not logged in to Git"
	}
	m.build = next
	if starts {
		m.dormant = false
	}
	w.end(f)
	return ""
}

// lacksLogin tells whether it can be known that the owner of a workspace is not
// logged in to a service that a version needs: the server tells it of the
// token's own user.
func (w *world) lacksLogin(id, owner uuid.UUID) bool {
	v := versions[id]
	return v != nil && v.needsLogin && owner == w.me && !w.server.Before(2, 3)
}

// mustBeActive tells whether the token may start the active version only.
func (w *world) mustBeActive(t *template) bool {
	return t.requireActive && !w.mayUpdate && !w.server.Before(2, 4)
}

// values are those of a build, or why the server refuses it or fails on it.
func (w *world) values(id, of uuid.UUID, previous map[string]string, requested []coder.BuildParameter, preset uuid.UUID) (map[string]string, string) {
	v := versions[id]
	switch {
	case v == nil:
		return nil, "400 template version does not exist"
	case v.template != of:
		return nil, "400 template version doesn't match template"
	case v.archived:
		return nil, "500 Archived template versions cannot be used to make a workspace."
	case v.job == coder.JobFailed:
		return nil, "400 The provided template version has failed to import"
	case v.job != "":
		return nil, "406 The provided template version is running. Wait for it to complete importing!"
	}
	given := map[string]string{}
	for _, value := range requested {
		if v.definition(value.Name) == nil {
			return nil, "201, and " + value.Name + " is dropped without a word"
		}
		given[value.Name] = value.Value
	}
	if preset != uuid.Nil {
		found := false
		for name, values := range v.presets {
			if presetID(id, name) == preset {
				maps.Copy(given, values)
				found = true
			}
		}
		if !found || w.server.Before(2, 22) {
			return nil, "500 failed to fetch preset parameter values"
		}
	}
	values := map[string]string{}
	for i := range v.parameters {
		d := &v.parameters[i]
		before, had := previous[d.name]
		value, isGiven := given[d.name]
		switch {
		case isGiven && !d.mutable && had && (value != before || w.server.Before(2, 22)):
			return nil, "400 Immutable parameter changed: " + d.name
		case isGiven:
		case had && !d.ephemeral:
			value = before
		case d.required:
			return nil, "400 Required parameter not provided: " + d.name
		default:
			value = d.initial
		}
		if !d.allows(value) {
			return nil, fmt.Sprintf("400 Invalid parameter value: %s = %q", d.name, value)
		}
		values[d.name] = value
	}
	return values, ""
}

func isActive(s coder.Status) bool {
	switch s {
	case coder.StatusPending, coder.StatusStarting, coder.StatusStopping, coder.StatusDeleting, coder.StatusCanceling:
		return true
	default:
		return false
	}
}

// end brings the build under way to its end.
func (w *world) end(f fate) {
	b := &w.workspace.build
	switch {
	case !isActive(b.status):
	case f == isCanceled || b.status == coder.StatusCanceling:
		b.status = coder.StatusCanceled
	case f == fails:
		b.status = coder.StatusFailed
	case b.transition == coder.TransitionStart:
		b.status, b.deadline = coder.StatusRunning, time.Time{}
		if ttl := w.effectiveTTL(); ttl > 0 {
			b.deadline = w.now.Add(time.Duration(ttl) * time.Millisecond)
		}
		if !b.limit.IsZero() && (b.deadline.IsZero() || b.deadline.After(b.limit)) {
			b.deadline = b.limit
		}
	case b.transition == coder.TransitionStop:
		b.status = coder.StatusStopped
	default:
		b.status = coder.StatusDeleted
	}
}

func (w *world) effectiveTTL() int64 {
	if w.home.forbidsAutostop {
		return w.home.defaultTTL
	}
	return w.workspace.ttl
}

// create tells why a workspace in place of this one could not be had, "" when it
// could: refused, built without success, or with less than is wanted.
func (w *world) create(want *lifecycle.Want) string {
	templateID, _ := want.TemplateID.Get()
	t := w.template(templateID)
	if t == nil {
		return "400 Template doesn't exist."
	}
	organization, configured := want.OrganizationID.Get()
	if configured && organization != t.organization {
		return "the template is in another organization"
	}
	ownerName, hasOwner := want.OwnerName.Get()
	owner := w.user(ownerName)
	name, _ := want.Name.Get()
	switch {
	case t.deprecated && !w.server.Before(2, 5):
		return "400 Template has been deprecated"
	case hasOwner && owner == uuid.Nil:
		return "404 unknown user"
	case !hasOwner && w.me != ann:
		return "the new workspace would belong to somebody else"
	case hasOwner && strings.EqualFold(ownerName+"/"+name, w.taken), !hasOwner && strings.EqualFold("ann/"+name, w.taken):
		return "409 Workspace already exists."
	case w.mayNotCreate:
		return "403 Unauthorized to create workspace."
	}
	schedule, _ := want.Schedule.Get()
	ttl, hasTTL := want.TTL.Get()
	switch {
	case schedule != "" && t.forbidsAutostart:
		return "201, and the schedule has no effect"
	case hasTTL && t.forbidsAutostop && ttl != t.defaultTTL:
		return "201, and the TTL has no effect"
	case time.Duration(ttl)*time.Millisecond > 7*24*time.Hour && w.server.Before(0, 27):
		return "400 Invalid Workspace Time to Shutdown."
	case !want.AutomaticUpdates.IsAbsent() && w.server.Before(2, 3):
		return "automatic updates are ignored"
	case !want.Dormant.IsAbsent() && w.server.Before(0, 25):
		return "there is no dormancy"
	case want.Dormant == lifecycle.Value(true) && want.RunState == lifecycle.Value(lifecycle.Running):
		return "it is not to sleep and to run"
	}
	chosen, hasVersion := want.VersionID.Get()
	if !hasVersion {
		chosen = t.active
	}
	if !hasOwner {
		owner = w.me
	}
	switch {
	case want.VersionID.IsUnknown() || want.Preset.IsUnknown():
		return "" // nobody can tell
	case chosen != t.active && w.server.Before(2, 2):
		return "the active version is taken instead"
	case chosen != t.active && w.mustBeActive(t):
		return "403 cannot use non-active version"
	case w.lacksLogin(chosen, owner):
		return "403 External authentication is required to create a workspace with this template."
	}
	presetName, hasPreset := want.Preset.Get()
	preset := uuid.Nil
	if hasPreset {
		preset = presetID(chosen, presetName)
		if id, err := uuid.Parse(presetName); err == nil {
			preset = id
		}
	}
	values, refusal := w.values(chosen, t.id, nil, requested(want), preset)
	if refusal == "" && !contains(values, want.Parameters.Known) {
		return "201, and the preset overrules a value"
	}
	if v := versions[chosen]; refusal == "" {
		for i := range v.parameters {
			d := &v.parameters[i]
			_, kept := want.Parameters.Known[d.name]
			_, once := want.Ephemeral.Known[d.name]
			if kept && d.ephemeral || once && !d.ephemeral {
				return "201, and a value of the other sort"
			}
		}
	}
	return refusal
}

func requested(want *lifecycle.Want) []coder.BuildParameter {
	var list []coder.BuildParameter
	for _, values := range []lifecycle.Values{want.Parameters, want.Ephemeral} {
		for name, value := range values.Known {
			list = append(list, coder.BuildParameter{Name: name, Value: value})
		}
	}
	return list
}
