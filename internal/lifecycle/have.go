package lifecycle

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// Have is what is there: what the server says, as of a look of our own or of
// the state's last refresh, and what is remembered of earlier applies.
type Have struct {
	ID             uuid.UUID
	Name           string
	OwnerID        uuid.UUID
	OwnerName      string
	OrganizationID uuid.UUID
	TemplateID     uuid.UUID

	Schedule         string // "" is none
	TTL              int64  // milliseconds, 0 is no autostop
	AutomaticUpdates string // "" before Coder 2.3
	// Dormant tells whether the workspace sleeps; absent where a state does not
	// say, as it is not configured there.
	Dormant Setting[bool]
	Build   Build

	// Parameters are values of the latest build. When they are not Complete,
	// more than these may exist.
	Parameters map[string]string
	Complete   bool

	// FormerOwners are what the owner was called before, since the configuration
	// was last applied by a change.
	FormerOwners []string

	// Identified tells that the configured owner was found to be the workspace's.
	// Whatever either is called while a run goes on, that stays so.
	Identified bool

	// Fresh is the workspace as just read; nil when all this is a state's.
	Fresh *coder.Workspace

	// Namesake is somebody else's workspace that a create may be to replace, since
	// it is tainted for instance; nil when there is none. Nothing tells.
	Namesake *Namesake

	// What was applied before, which the server does not tell.
	Preset           string
	EphemeralVersion Setting[int64]
	Deadline         time.Time // zero when none was configured
	// Unfinished is the update that no apply has seen come to its end, nil when
	// none is known of. It counts only while its build is the latest.
	Unfinished *Unfinished

	// Awaited tells that the build to wait for has ended well.
	Awaited bool

	// Now is the time by the server's clock, zero before its first answer, Server
	// its release, and Page the address of the workspace in the dashboard.
	Now    time.Time
	Server coder.Version
	Page   string
	// Applying tells that the plan has been approved: what it promised can have
	// expired since, and nothing may be replaced any more.
	Applying bool
}

// Namesake is a workspace of the same name as another.
type Namesake struct{ Name, OwnerName string }

// Build is the latest build of a workspace.
type Build struct {
	ID          uuid.UUID
	Number      int64
	Transition  coder.Transition
	Status      coder.Status
	VersionID   uuid.UUID
	Deadline    time.Time // zero when nothing will stop the workspace
	MaxDeadline time.Time // zero without a limit
}

// Unfinished is an update under way: a build of it, the run state from before,
// to which the workspace comes back when the configuration does, and the one
// that the update leads to.
type Unfinished struct {
	Build uuid.UUID `json:"build"`
	From  RunState  `json:"from"`
	To    RunState  `json:"to"`
	// Version and Values are the template version from before, and the values of
	// the parameters that the update has changed.
	Version uuid.UUID         `json:"version,omitzero"`
	Values  map[string]string `json:"values,omitempty"`
	// EphemeralVersion is the one that the update's last build has, which no other
	// trace of it tells; nil without one.
	EphemeralVersion *int64 `json:"ephemeral_version,omitempty"`
}

// with is the update with the ephemeral version that is configured.
func (u Unfinished) with(configured Setting[int64]) *Unfinished {
	u.EphemeralVersion = nil
	if version, known := configured.Get(); known {
		u.EphemeralVersion = &version
	}
	return &u
}

// active tells whether the build has not come to its end. Statuses that are not
// known are ends.
func (b *Build) active() bool {
	switch b.Status {
	case coder.StatusPending, coder.StatusStarting, coder.StatusStopping, coder.StatusDeleting, coder.StatusCanceling:
		return true
	default:
		return false
	}
}

// LeadsTo is the run state that the build has reached or is on its way to. One
// that failed, was canceled or deletes leads to none: "".
func (b *Build) LeadsTo() RunState {
	pending := b.Status == coder.StatusPending
	switch {
	case b.Status == coder.StatusRunning, b.Status == coder.StatusStarting, pending && b.Transition == coder.TransitionStart:
		return Running
	case b.Status == coder.StatusStopped, b.Status == coder.StatusStopping, pending && b.Transition == coder.TransitionStop:
		return Stopped
	default:
		return ""
	}
}

// runningUntil is when the server will stop the workspace; zero when it is not
// running or nothing will stop it.
func (b *Build) runningUntil() time.Time {
	if b.Transition != coder.TransitionStart || b.Status != coder.StatusRunning {
		return time.Time{}
	}
	return b.Deadline
}

// unfinished is the update that is still to be brought to its end, if any: one
// whose build is the latest and has not led where the update was to.
func (h *Have) unfinished() *Unfinished {
	if update := h.latestUpdate(); update != nil && update.To != h.Build.LeadsTo() {
		return update
	}
	return nil
}

// latestUpdate is the update that the latest build belongs to, if one is
// remembered. It may have come to its end since, unseen by any apply.
func (h *Have) latestUpdate() *Unfinished {
	if h.Unfinished == nil || h.Unfinished.Build != h.Build.ID {
		return nil
	}
	return h.Unfinished
}

// ephemeralVersion is the one that was built last: of an update that has come
// to its end unseen, the update's own.
func (h *Have) ephemeralVersion() Setting[int64] {
	update := h.latestUpdate()
	switch {
	case update == nil || h.unfinished() != nil:
		return h.EphemeralVersion
	case update.EphemeralVersion == nil:
		return Setting[int64]{}
	default:
		return Value(*update.EphemeralVersion)
	}
}

// OwnerWas tells whether the owner was called so: then not the configuration has
// changed that has the name, but whom it names.
func (h *Have) OwnerWas(name string) bool {
	return slices.ContainsFunc(h.FormerOwners, func(former string) bool { return strings.EqualFold(former, name) })
}

// FormerOwners are the former names of an owner who is found to have another
// name now than before.
func FormerOwners(former []string, before, now string) []string {
	if before == "" || strings.EqualFold(before, now) || slices.Contains(former, before) {
		return former
	}
	return append(slices.Clone(former), before)
}

// see takes over a workspace that was just read. Values of parameters, and with
// them a preset, belong to one build.
func (h *Have) see(w *coder.Workspace) {
	if w.LatestBuild.ID != h.Build.ID {
		h.Parameters, h.Complete, h.Preset = nil, false, ""
	}
	h.FormerOwners = FormerOwners(h.FormerOwners, h.OwnerName, w.OwnerName)
	h.ID, h.Name, h.OwnerID, h.OwnerName = w.ID, w.Name, w.OwnerID, w.OwnerName
	h.OrganizationID, h.TemplateID = w.OrganizationID, w.TemplateID
	h.Schedule, h.TTL, h.AutomaticUpdates = "", 0, w.AutomaticUpdates
	if w.AutostartSchedule != nil {
		h.Schedule = *w.AutostartSchedule
	}
	if w.TTLMillis != nil {
		h.TTL = *w.TTLMillis
	}
	h.Dormant = Value(w.IsDormant())
	h.Build = buildOf(&w.LatestBuild)
	h.Fresh = w
}

func buildOf(b *coder.WorkspaceBuild) Build {
	built := Build{
		ID: b.ID, Number: b.BuildNumber, Transition: b.Transition, Status: b.Status, VersionID: b.TemplateVersionID,
		Deadline: b.Deadline, MaxDeadline: b.MaxDeadline,
	}
	if isCanceled(b) {
		built.Status = coder.StatusCanceled
	}
	// The seed server reports "failed" of a build that goes on; see
	// [coder.WorkspaceBuild.Done].
	if !built.active() && !b.Done() {
		built.Status = coder.StatusPending
	}
	return built
}
