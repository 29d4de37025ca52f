package lifecycle_test

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// factor is one thing in which cases differ, with a finite domain. The first
// member is what is the case where nothing is said of the factor.
type factor struct {
	name    string
	members []member
}

type member struct {
	name string
	set  func(*scene)
}

func as(name string, set func(*scene)) member { return member{name, set} }

func nothing(*scene) {}

// latestBuild is how the workspace stands: every transition with every status
// that it can have, but for that of a workspace which is gone.
func latestBuild() factor {
	f := factor{name: "latest build"}
	for _, b := range []struct {
		transition coder.Transition
		status     coder.Status
	}{
		{coder.TransitionStart, coder.StatusRunning},
		{coder.TransitionStop, coder.StatusStopped},
		{coder.TransitionStart, coder.StatusFailed},
		{coder.TransitionStop, coder.StatusFailed},
		{coder.TransitionDelete, coder.StatusFailed},
		{coder.TransitionStart, coder.StatusCanceled},
		{coder.TransitionStop, coder.StatusCanceled},
		{coder.TransitionDelete, coder.StatusCanceled},
		{coder.TransitionStart, coder.StatusPending},
		{coder.TransitionStop, coder.StatusPending},
		{coder.TransitionStart, coder.StatusStarting},
		{coder.TransitionStop, coder.StatusStopping},
		{coder.TransitionStart, coder.StatusCanceling},
		{coder.TransitionStop, coder.StatusCanceling},
		{coder.TransitionDelete, coder.StatusCanceling},
		{coder.TransitionDelete, coder.StatusPending},
		{coder.TransitionDelete, coder.StatusDeleting},
	} {
		f.members = append(f.members, as(string(b.transition)+" "+string(b.status), func(s *scene) {
			s.world.workspace.build.transition, s.world.workspace.build.status = b.transition, b.status
		}))
	}
	return f
}

// remembered is the memory of an update that did not come to its end. An update
// to running has a start as its last build, and a stop before that if the
// workspace ran; one to stopped is a stop.
func remembered() factor {
	memory := func(from, to lifecycle.RunState, builds ...coder.Transition) func(*scene) {
		return func(s *scene) {
			if slices.Contains(builds, s.world.workspace.build.transition) {
				s.memory.unfinished = &lifecycle.Unfinished{Build: firstBuild, From: from, To: to}
			}
		}
	}
	return factor{"memory", []member{
		as("none", nothing),
		as("from running to running", memory(lifecycle.Running, lifecycle.Running, coder.TransitionStop, coder.TransitionStart)),
		as("from stopped to running", memory(lifecycle.Stopped, lifecycle.Running, coder.TransitionStart)),
		as("from running to stopped", memory(lifecycle.Running, lifecycle.Stopped, coder.TransitionStop)),
		as("from stopped to stopped", memory(lifecycle.Stopped, lifecycle.Stopped, coder.TransitionStop)),
		as("of another build", func(s *scene) {
			s.memory.unfinished = &lifecycle.Unfinished{Build: somebodysBuild, From: lifecycle.Running, To: lifecycle.Running}
		}),
	}}
}

// former is what was before the update of that memory.
func former() factor {
	before := func(version uuid.UUID, values map[string]string) func(*scene) {
		return func(s *scene) {
			if s.memory.unfinished != nil {
				s.memory.unfinished.Version, s.memory.unfinished.Values = version, values
			}
		}
	}
	return factor{"before the update", []member{
		as("the same", before(v1, nil)), as("another version", before(moved, nil)), as("another value", before(v1, map[string]string{"cpu": "1"})),
		as("another immutable value", before(v1, map[string]string{"region": "us"})),
		as("another version and value", before(moved, map[string]string{"cpu": "1", "colour": "red"})),
	}}
}

func desired() factor {
	state := func(state lifecycle.RunState) func(*scene) {
		return func(s *scene) { s.want.RunState = lifecycle.Value(state) }
	}
	return factor{"run state", []member{
		as("absent", nothing), as("running", state(lifecycle.Running)), as("stopped", state(lifecycle.Stopped)),
		as("unknown", func(s *scene) {
			s.want.RunState = lifecycle.Unknown[lifecycle.RunState]()
			s.reveal = append(s.reveal, func(want *lifecycle.Want, same bool) {
				want.RunState = lifecycle.Value(lifecycle.Running)
				if !same {
					want.RunState = lifecycle.Value(lifecycle.Stopped)
				}
			})
		}),
	}}
}

// configure sets a parameter that the state has, too.
func configure(name, value string) func(*scene) {
	return func(s *scene) {
		s.want.Parameters.Known[name] = value
		s.memory.managed = append(s.memory.managed, name)
	}
}

// configureNew sets a parameter that was not configured before.
func configureNew(name, value string) func(*scene) {
	return func(s *scene) { s.want.Parameters.Known[name] = value }
}

// leaveOpen has a parameter whose value is not known yet.
func leaveOpen(name, same, other string) func(*scene) {
	return func(s *scene) {
		s.want.Parameters.Unknown = append(s.want.Parameters.Unknown, name)
		s.memory.managed = append(s.memory.managed, name)
		s.reveal = append(s.reveal, func(want *lifecycle.Want, isSame bool) {
			want.Parameters.Unknown = nil
			want.Parameters.Known[name] = other
			if isSame {
				want.Parameters.Known[name] = same
			}
		})
	}
}

func mutable() factor {
	return factor{"cpu", []member{
		as("not configured", nothing),
		as("same", configure("cpu", "2")),
		as("other", configure("cpu", "4")),
		as("refused", configure("cpu", "99")),
		as("unknown", leaveOpen("cpu", "2", "4")),
		as("new, as it is", configureNew("cpu", "2")),
		as("new, other", configureNew("cpu", "4")),
		as("removed", func(s *scene) { s.memory.managed = append(s.memory.managed, "cpu") }),
	}}
}

func immutable() factor {
	return factor{"region", []member{
		as("not configured", nothing),
		as("same", configure("region", "eu")),
		as("other", configure("region", "us")),
		as("refused", configure("region", "mars")),
		as("unknown", leaveOpen("region", "eu", "us")),
		as("new, as it is", configureNew("region", "eu")),
		as("new, other", configureNew("region", "us")),
	}}
}

// newInVersion is an immutable parameter that v2 brings.
func newInVersion() factor {
	return factor{"zone", []member{
		as("not configured", nothing), as("its default", configureNew("zone", "a")), as("other", configureNew("zone", "b")),
		as("unknown", leaveOpen("zone", "a", "b")),
	}}
}

func ephemeral() factor {
	values := func(want, before lifecycle.Setting[int64], values map[string]string) func(*scene) {
		return func(s *scene) {
			s.want.EphemeralVersion, s.memory.ephemeralVersion = want, before
			maps.Copy(s.want.Ephemeral.Known, values)
		}
	}
	none, one, two := lifecycle.Setting[int64]{}, lifecycle.Value(int64(1)), lifecycle.Value(int64(2))
	hello := map[string]string{"note": "hello"}
	return factor{"ephemeral version", []member{
		as("absent", nothing),
		as("new", values(one, none, hello)),
		as("same", values(one, one, hello)),
		as("other", values(two, one, hello)),
		as("taken out", values(none, one, nil)),
		as("unknown", func(s *scene) {
			s.want.EphemeralVersion, s.memory.ephemeralVersion = lifecycle.Unknown[int64](), one
			maps.Copy(s.want.Ephemeral.Known, hello)
			s.reveal = append(s.reveal, func(want *lifecycle.Want, same bool) {
				want.EphemeralVersion = two
				if same {
					want.EphemeralVersion = one
				}
			})
		}),
	}}
}

// builtOnce is the ephemeral version that the update of that memory has built.
func builtOnce() factor {
	return factor{"of the update", []member{
		as("as remembered", func(s *scene) {
			if update := s.memory.unfinished; update != nil {
				update.EphemeralVersion = nil
				if version, known := s.memory.ephemeralVersion.Get(); known {
					update.EphemeralVersion = &version
				}
			}
		}),
		as("another ephemeral version", func(s *scene) {
			if update, two := s.memory.unfinished, int64(2); update != nil {
				update.EphemeralVersion = &two
			}
		}),
	}}
}

// misplaced are values among those of the other sort.
func misplaced() factor {
	return factor{"sort of values", []member{
		as("right", nothing),
		as("kept among the ephemeral", func(s *scene) { s.want.Ephemeral.Known["cpu"] = "3" }),
		as("ephemeral among the kept", configureNew("note", "hello")),
		as("a name that there is not", configureNew("colour", "red")),
		as("not even the names are known", func(s *scene) {
			s.want.Parameters.Incomplete = true
			s.reveal = append(s.reveal, func(want *lifecycle.Want, same bool) {
				want.Parameters.Incomplete = false
				if !same {
					want.Parameters.Known["region"] = "us"
				}
			})
		}),
	}}
}

func templateVersion() factor {
	f := factor{"version", []member{as("absent", nothing), as("same", pin(v1))}}
	for _, v := range []struct {
		name string
		id   uuid.UUID
	}{
		{"with another parameter", v2},
		{"other", moved},
		{"where region is mutable", loosened},
		{"where cpu is immutable", tightened},
		{"that demands a value", demanding},
		{"that allows one cpu", narrow},
		{"that needs a login", linked},
		{"archived", archived},
		{"that failed to be imported", broken},
		{"that is being imported", importing},
		{"of another template", foreign},
		{"that there is not", versionNobodyHas},
	} {
		f.members = append(f.members, as(v.name, pin(v.id)))
	}
	f.members = append(f.members, as("unknown", func(s *scene) {
		s.want.VersionID = lifecycle.Unknown[uuid.UUID]()
		s.reveal = append(s.reveal, func(want *lifecycle.Want, same bool) {
			want.VersionID = lifecycle.Value(moved)
			if same {
				want.VersionID = lifecycle.Value(v1)
			}
		})
	}))
	return f
}

func pin(version uuid.UUID) func(*scene) {
	return func(s *scene) { s.want.VersionID = lifecycle.Value(version) }
}

func preset() factor {
	choose := func(now, before string) func(*scene) {
		return func(s *scene) {
			s.memory.preset = before
			if now != "" {
				s.want.Preset = lifecycle.Value(now)
			}
		}
	}
	return factor{"preset", []member{
		as("absent", nothing),
		as("kept", choose("Small", "Small")),
		as("new, its values are there", choose("Small", "")),
		as("other, another mutable value", choose("Large", "Small")),
		as("new, by its id", choose(presetID(v1, "Large").String(), "")),
		as("other, another immutable value", choose("Abroad", "Small")),
		as("that there is not", choose("Huge", "")),
		as("taken out", choose("", "Small")),
		as("unknown", func(s *scene) {
			s.memory.preset, s.want.Preset = "Small", lifecycle.Unknown[string]()
			s.reveal = append(s.reveal, func(want *lifecycle.Want, same bool) {
				want.Preset = lifecycle.Value("Large")
				if same {
					want.Preset = lifecycle.Value("Small")
				}
			})
		}),
	}}
}

func activeVersion() factor {
	policy := func(active uuid.UUID, may bool) func(*scene) {
		return func(s *scene) {
			s.world.home.requireActive, s.world.home.active, s.world.mayUpdate = true, active, may
			s.world.other.requireActive = true
		}
	}
	return factor{"active version", []member{
		as("not required", nothing),
		as("required, and it is not", policy(moved, false)),
		as("required, and it is", policy(v1, false)),
		as("required, not of this token", policy(moved, true)),
	}}
}

func flow() factor {
	return factor{"parameter flow", []member{as("dynamic", nothing), as("classic", func(s *scene) { s.world.classic = true })}}
}

// dormant is whether the workspace sleeps, and then whether it is configured to,
// now and in the state.
func dormant() factor {
	is := func(is bool, want lifecycle.Setting[bool], managed bool) func(*scene) {
		return func(s *scene) {
			s.world.workspace.dormant, s.want.Dormant, s.memory.dormancy = is, want, managed
		}
	}
	none, yes, no := lifecycle.Setting[bool]{}, lifecycle.Value(true), lifecycle.Value(false)
	return factor{"dormant", []member{
		as("no", nothing), as("yes", is(true, none, false)),
		as("no, as configured", is(false, no, true)), as("yes, as configured", is(true, yes, true)),
		as("yes, against the configuration", is(true, no, true)), as("no, against the configuration", is(false, yes, true)),
		as("no, as configured now", is(false, no, false)), as("yes, as configured now", is(true, yes, false)),
		as("yes, against what is configured now", is(true, no, false)), as("no, against what is configured now", is(false, yes, false)),
		as("taken out", is(true, none, true)),
		as("unknown", func(s *scene) {
			is(true, lifecycle.Unknown[bool](), true)(s)
			s.reveal = append(s.reveal, func(want *lifecycle.Want, same bool) { want.Dormant = lifecycle.Value(same) })
		}),
	}}
}

func release() factor {
	f := factor{"server", []member{as("v2.35.1", nothing)}}
	for _, name := range []string{"v2.29.0", "v2.21.1", "v2.15.0", "v0.24.1-devel+8dac0356e", "v0.0.0-devel"} {
		version := coder.ParseVersion(name)
		f.members = append(f.members, as(name, func(s *scene) { s.world.server = version }))
	}
	return f
}

// hours from noon, as milliseconds.
func hours(n int64) int64 { return n * time.Hour.Milliseconds() }
