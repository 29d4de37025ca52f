// Package parameter finds out, before anything is built, what is wrong with the
// values given for the parameters of a template: what the server would refuse,
// what it would accept and then fail on in the build, and names it would drop
// without a word.
//
// A template version is described either by its list of parameters, see
// [Check], or, on Coder ≥2.24 when its template does not use the classic
// parameter flow, by a form that the server evaluates for given values, see
// [FromForm].
package parameter

import (
	"maps"
	"slices"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// Input is what is known about a build's parameters.
type Input struct {
	// Values are the configured values that are kept for later builds.
	Values map[string]string
	// Ephemeral are the configured values for one build only.
	Ephemeral map[string]string
	// Preset are the values of the chosen preset, which win over all others.
	Preset map[string]string
	// Unknown are configured names whose value is not known yet.
	Unknown []string
	// Incomplete tells that not all configured names are known yet.
	Incomplete bool
	// Previous are all values of the previous build, nil when there is none.
	Previous map[string]string
	// Server is the release of the server, whose rules differ.
	Server coder.Version
}

// Merged are the values that a build with this input starts from, by the
// server's precedence: preset, configured, previous build. It is what to
// evaluate a form with.
func (in *Input) Merged() map[string]string {
	merged := map[string]string{}
	maps.Copy(merged, in.Previous)
	maps.Copy(merged, in.Values)
	maps.Copy(merged, in.Ephemeral)
	for _, name := range in.Unknown {
		delete(merged, name) // the previous value will be replaced
	}
	maps.Copy(merged, in.Preset)
	return merged
}

// Kind is what sort of a [Problem] it is.
type Kind int

const (
	// UnknownName is a name that the template does not have. The server drops it
	// without a word.
	UnknownName Kind = iota + 1
	// Missing is a value that is required and not given.
	Missing
	// Invalid is a value that the server refuses or the build fails on.
	Invalid
	// Immutable is a changed value that can only be set at create. It is no
	// error: the workspace has to be replaced. What the replacement would
	// complain of, a check without previous values tells.
	Immutable
	// PerhapsImmutable is a value that is not known yet and can only be set at
	// create. It is no error either: it may turn out the same.
	PerhapsImmutable
	// NotEphemeral is a parameter that is kept among the ephemeral ones. The
	// server would keep its value.
	NotEphemeral
	// NotKept is an ephemeral parameter among the values to be kept.
	NotKept
	// Template is a fault of the template itself, with these values.
	Template
)

// Problem is one thing that stands against a build.
type Problem struct {
	Kind Kind
	// Name is the parameter's; "" for a fault of the template as a whole. It
	// need not be configured: a value can be missing, and the one of the
	// previous build or the default may not suit.
	Name string
	// Message is one or more sentences that name the parameter and, where the
	// template limits them, the values it takes. [Secrets] are not shown.
	Message string
}

// given is the value that a build would have for a parameter.
type given struct {
	value     string
	origin    origin
	ephemeral bool // from Input.Ephemeral
}

type origin int

const (
	nowhere origin = iota // the default applies
	notYet                // configured, but not known
	preset
	configured
	previous
)

// lookup finds the value for a parameter.
func (in *Input) lookup(name string, ephemeral bool) given {
	if value, ok := in.Preset[name]; ok {
		return given{value: value, origin: preset}
	}
	if slices.Contains(in.Unknown, name) {
		return given{origin: notYet}
	}
	if value, ok := in.Ephemeral[name]; ok {
		return given{value: value, origin: configured, ephemeral: true}
	}
	if value, ok := in.Values[name]; ok {
		return given{value: value, origin: configured}
	}
	if value, ok := in.Previous[name]; ok && !ephemeral {
		return given{value: value, origin: previous}
	}
	return given{}
}
