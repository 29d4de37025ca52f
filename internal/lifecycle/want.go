package lifecycle

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// Setting is what a configuration says of one setting: nothing, something that
// is not known yet, or a value. The zero Setting says nothing. What is absent is
// neither sent nor compared; what is unknown is no difference.
type Setting[T comparable] struct {
	value T
	state settingState
}

type settingState int

const (
	absent settingState = iota
	unknown
	known
)

// Value is a known setting.
func Value[T comparable](value T) Setting[T] { return Setting[T]{value, known} }

// Unknown is a setting whose value is not known yet.
func Unknown[T comparable]() Setting[T] { return Setting[T]{state: unknown} }

// Get is the value; false when there is none or it is not known yet.
func (s Setting[T]) Get() (T, bool) { return s.value, s.state == known }

// IsAbsent tells whether nothing is configured.
func (s Setting[T]) IsAbsent() bool { return s.state == absent }

// IsUnknown tells whether something is configured that is not known yet.
func (s Setting[T]) IsUnknown() bool { return s.state == unknown }

// Differs tells whether the setting is known and not the given value.
func (s Setting[T]) Differs(from T) bool { return s.state == known && s.value != from }

// RunState is a state that a workspace can be kept in.
type RunState string

// The run states.
const (
	Running RunState = RunState(coder.StatusRunning)
	Stopped RunState = RunState(coder.StatusStopped)
)

// Values are configured values of template parameters by name.
type Values struct {
	Known map[string]string
	// Unknown are names whose value is not known yet, sorted.
	Unknown []string
	// Incomplete tells that not even all names are known yet.
	Incomplete bool
}

// areUnknown tells whether something of the values is still to come.
func (v Values) areUnknown() bool { return v.Incomplete || len(v.Unknown) > 0 }

// Want is what is configured for a workspace. Each setting that is absent is
// left as it is.
type Want struct {
	Name           Setting[string]
	TemplateID     Setting[uuid.UUID]
	OwnerName      Setting[string] // compared without regard to case
	OrganizationID Setting[uuid.UUID]

	VersionID Setting[uuid.UUID]
	// ActiveVersion asks for the template's active version where VersionID is
	// absent.
	ActiveVersion bool
	Preset        Setting[string] // name or id
	Parameters    Values
	// Ephemeral values go with every build, and count for it alone.
	Ephemeral Values
	// EphemeralVersion asks for one build when it is another than remembered.
	EphemeralVersion Setting[int64]
	RunState         Setting[RunState]
	// Repair asks for a build when the latest one did not succeed.
	Repair bool

	// Dormant asks for sleep, which stops no workspace, or for none.
	Dormant          Setting[bool]
	AutomaticUpdates Setting[string]
	Schedule         Setting[string] // "" is no schedule
	TTL              Setting[int64]  // milliseconds, 0 is no autostop
	Deadline         Setting[time.Time]
	// DeadlineNow makes an error of a deadline that cannot be sent, which else
	// waits for a build that it can be sent to.
	DeadlineNow bool

	// InPlace tells that no replacement can be had: what would need one is an
	// error.
	InPlace bool
	// AwaitBuild is a build to wait for, and for its success; the nil UUID for
	// none.
	AwaitBuild uuid.UUID
	// WaitForAgents asks to wait for the agents after a start.
	WaitForAgents bool

	// Deleted asks for the end of the workspace, Orphan for one that leaves its
	// resources behind should its delete build fail.
	Deleted, Orphan bool
}

// Without is what is wanted but for what a run failed on; false where that is
// no setting which changes without a build.
func (w Want) Without(err error) (Want, bool) {
	var step *StepError
	var refusal *Refusal
	switch {
	case errors.As(err, &step):
		return w.withoutStep(step.Step)
	case errors.As(err, &refusal):
		less := true
		for _, problem := range refusal.Problems {
			var is bool
			if w, is = w.withoutSetting(problem.At.Setting); !is {
				less = false
			}
		}
		return w, less
	default:
		return w, false
	}
}

func (w Want) withoutStep(step Step) (Want, bool) {
	switch step.(type) {
	case Rename:
		return w.withoutSetting(AtName)
	case SetSchedule:
		return w.withoutSetting(AtSchedule)
	case SetTTL:
		return w.withoutSetting(AtTTL)
	case SetAutomaticUpdates:
		return w.withoutSetting(AtAutomaticUpdates)
	case SetDormant:
		return w.withoutSetting(AtDormant)
	default:
		return w, false
	}
}

func (w Want) withoutSetting(setting string) (Want, bool) {
	switch setting {
	case AtName:
		w.Name = Setting[string]{}
	case AtSchedule:
		w.Schedule = Setting[string]{}
	case AtTTL:
		w.TTL = Setting[int64]{}
	case AtAutomaticUpdates:
		w.AutomaticUpdates = Setting[string]{}
	case AtDormant:
		w.Dormant = Setting[bool]{}
	case AtDeadline:
		w.Deadline = Setting[time.Time]{}
	default:
		return w, false
	}
	return w, true
}
