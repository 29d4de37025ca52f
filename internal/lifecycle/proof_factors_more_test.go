package lifecycle_test

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

func schedulePolicy() factor {
	policy := func(autostart, autostop bool) func(*scene) {
		return func(s *scene) {
			for _, t := range []*template{&s.world.home, &s.world.other} {
				t.forbidsAutostart, t.forbidsAutostop = autostart, autostop
				if autostop {
					t.defaultTTL = hours(8)
				}
			}
		}
	}
	return factor{"schedule policy", []member{
		as("none", nothing), as("no autostart", policy(true, false)), as("no autostop", policy(false, true)), as("neither", policy(true, true)),
	}}
}

func schedule() factor {
	const morning, noonish = "CRON_TZ=UTC 0 8 * * 1-5", "CRON_TZ=UTC 0 12 * * 1-5"
	set := func(now lifecycle.Setting[string], before string) func(*scene) {
		return func(s *scene) { s.want.Schedule, s.world.workspace.schedule = now, before }
	}
	return factor{"schedule", []member{
		as("none", nothing),
		as("same", set(lifecycle.Value(morning), morning)),
		as("new", set(lifecycle.Value(morning), "")),
		as("other", set(lifecycle.Value(noonish), morning)),
		as("cleared", set(lifecycle.Value(""), morning)),
		as("absent", set(lifecycle.Setting[string]{}, morning)),
		as("unknown", func(s *scene) {
			s.want.Schedule, s.world.workspace.schedule = lifecycle.Unknown[string](), morning
			s.reveal = append(s.reveal, func(want *lifecycle.Want, same bool) {
				want.Schedule = lifecycle.Value("")
				if same {
					want.Schedule = lifecycle.Value(morning)
				}
			})
		}),
	}}
}

func ttl() factor {
	set := func(now lifecycle.Setting[int64], before int64) func(*scene) {
		return func(s *scene) { s.want.TTL, s.world.workspace.ttl = now, before }
	}
	return factor{"TTL", []member{
		as("absent", nothing),
		as("absent, and there is one", set(lifecycle.Setting[int64]{}, hours(2))),
		as("same", set(lifecycle.Value(hours(2)), hours(2))),
		as("other", set(lifecycle.Value(hours(3)), hours(2))),
		as("switched off", set(lifecycle.Value(int64(0)), hours(2))),
		as("as the template has it", set(lifecycle.Value(hours(8)), hours(8))),
		as("of ten days", set(lifecycle.Value(hours(240)), 0)),
		as("unknown", func(s *scene) {
			s.want.TTL, s.world.workspace.ttl = lifecycle.Unknown[int64](), hours(2)
			s.reveal = append(s.reveal, func(want *lifecycle.Want, same bool) {
				want.TTL = lifecycle.Value(int64(0))
				if same {
					want.TTL = lifecycle.Value(hours(2))
				}
			})
		}),
	}}
}

func automaticUpdates() factor {
	return factor{"automatic updates", []member{
		as("absent", nothing),
		as("same", func(s *scene) { s.want.AutomaticUpdates = lifecycle.Value("never") }),
		as("other", func(s *scene) { s.want.AutomaticUpdates = lifecycle.Value("always") }),
		as("unknown", func(s *scene) {
			s.want.AutomaticUpdates = lifecycle.Unknown[string]()
			s.reveal = append(s.reveal, func(want *lifecycle.Want, same bool) {
				want.AutomaticUpdates = lifecycle.Value("always")
				if same {
					want.AutomaticUpdates = lifecycle.Value("never")
				}
			})
		}),
	}}
}

// deadline is what is configured, and what was applied before.
func deadline() factor {
	at := func(now, before time.Duration) func(*scene) {
		return func(s *scene) {
			s.want.Deadline = lifecycle.Value(noon.Add(now))
			if before != 0 {
				s.memory.deadline = noon.Add(before)
			}
		}
	}
	return factor{"deadline", []member{
		as("absent", nothing),
		as("applied before", at(5*time.Hour, 5*time.Hour)),
		as("new", at(5*time.Hour, 0)),
		as("other, earlier", at(2*time.Hour, 5*time.Hour)),
		as("new, with nine digits", at(5*time.Hour+123456789, 0)),
		as("applied before, with nine digits", at(5*time.Hour+123456789, 5*time.Hour+123456789)),
		as("new, and past", at(-time.Hour, 0)),
		as("new, and too soon", at(29*time.Minute, 0)),
		as("applied before, and past", at(-time.Hour, -time.Hour)),
		as("applied before, and soon", at(20*time.Minute, 20*time.Minute)),
		as("taken out", func(s *scene) { s.memory.deadline = noon.Add(5 * time.Hour) }),
		as("unknown", func(s *scene) {
			s.want.Deadline, s.memory.deadline = lifecycle.Unknown[time.Time](), noon.Add(5*time.Hour)
			s.reveal = append(s.reveal, func(want *lifecycle.Want, same bool) {
				want.Deadline = lifecycle.Value(noon.Add(6 * time.Hour))
				if same {
					want.Deadline = lifecycle.Value(noon.Add(5 * time.Hour))
				}
			})
		}),
	}}
}

// heard is whether the server was heard of before the plan, as in a refresh.
func heard() factor {
	return factor{"answers before", []member{as("some", nothing), as("none", func(s *scene) { s.world.silent = true })}}
}

// until is when the running build stops. A stopped workspace can show it, too.
func until() factor {
	f := factor{"running until", []member{as("somebody stops it", nothing)}}
	for _, at := range []time.Duration{time.Hour, 5 * time.Hour, 9 * time.Hour} {
		f.members = append(f.members, as("in "+at.String(), func(s *scene) {
			if b := &s.world.workspace.build; !isActive(b.status) {
				b.deadline = noon.Add(at)
			}
		}))
	}
	return f
}

// limit is the latest deadline that the template allows.
func limit() factor {
	f := factor{"limit of the deadline", []member{as("none", nothing)}}
	for _, at := range []time.Duration{3 * time.Hour, 12 * time.Hour} {
		f.members = append(f.members, as("in "+at.String(), func(s *scene) {
			b := &s.world.workspace.build
			b.limit = noon.Add(at)
			if b.deadline.After(b.limit) || b.deadline.IsZero() && !isActive(b.status) {
				b.deadline = b.limit
			}
		}))
	}
	return f
}

func configuredTemplate() factor {
	set := func(setting lifecycle.Setting[uuid.UUID]) func(*scene) {
		return func(s *scene) { s.want.TemplateID = setting }
	}
	return factor{"template", []member{
		as("same", nothing), as("other", set(lifecycle.Value(otherTemplate))), as("that there is not", set(lifecycle.Value(templateNobodyHas))),
		as("unknown", func(s *scene) {
			s.want.TemplateID = lifecycle.Unknown[uuid.UUID]()
			s.reveal = append(s.reveal, func(want *lifecycle.Want, same bool) {
				want.TemplateID = lifecycle.Value(otherTemplate)
				if same {
					want.TemplateID = lifecycle.Value(homeTemplate)
				}
			})
		}),
	}}
}

func owner() factor {
	set := func(name string) func(*scene) {
		return func(s *scene) { s.want.OwnerName = lifecycle.Value(name) }
	}
	return factor{"owner", []member{
		as("absent", nothing), as("same", set("ann")), as("same, spelled otherwise", set("Ann")), as("a name that nobody has (any more)", set("annette")),
		as("somebody else", set("bob")),
		as("as it was, which somebody else is called now", func(s *scene) {
			s.memory.formerOwners = []string{"annabel", "Bob"}
			set("bob")(s)
		}),
		as("unknown", func(s *scene) {
			s.want.OwnerName = lifecycle.Unknown[string]()
			s.reveal = append(s.reveal, func(want *lifecycle.Want, same bool) {
				want.OwnerName = lifecycle.Value("bob")
				if same {
					want.OwnerName = lifecycle.Value("ann")
				}
			})
		}),
	}}
}

func organization() factor {
	set := func(organization uuid.UUID) func(*scene) {
		return func(s *scene) { s.want.OrganizationID = lifecycle.Value(organization) }
	}
	return factor{"organization", []member{
		as("absent", nothing), as("same", set(homeOrganization)), as("other", set(otherOrg)),
		as("other, as the other template's", func(s *scene) {
			s.world.other.organization = otherOrg
			set(otherOrg)(s)
		}),
		as("unknown", func(s *scene) {
			s.want.OrganizationID = lifecycle.Unknown[uuid.UUID]()
			s.reveal = append(s.reveal, func(want *lifecycle.Want, same bool) {
				want.OrganizationID = lifecycle.Value(otherOrg)
				if same {
					want.OrganizationID = lifecycle.Value(homeOrganization)
				}
			})
		}),
	}}
}

func workspaceName() factor {
	set := func(name string) func(*scene) {
		return func(s *scene) { s.want.Name = lifecycle.Value(name) }
	}
	return factor{"name", []member{
		as("same", nothing), as("other", set("two")), as("spelled otherwise", set("One")),
		as("absent", func(s *scene) { s.want.Name = lifecycle.Setting[string]{} }),
		as("unknown", func(s *scene) {
			s.want.Name = lifecycle.Unknown[string]()
			s.reveal = append(s.reveal, func(want *lifecycle.Want, same bool) {
				want.Name = lifecycle.Value("two")
				if same {
					want.Name = lifecycle.Value("one")
				}
			})
		}),
	}}
}

func renames() factor {
	return factor{"renames", []member{as("allowed", nothing), as("forbidden", func(s *scene) { s.world.noRenames = true })}}
}

// obstacle is what stands in the way of a workspace that would replace this one.
func obstacle() factor {
	active := func(version uuid.UUID) func(*scene) {
		return func(s *scene) { s.world.other.active = version }
	}
	return factor{"in the way of a replacement", []member{
		as("nothing", nothing),
		as("both templates are deprecated", func(s *scene) { s.world.home.deprecated, s.world.other.deprecated = true, true }),
		as("bob has a workspace of that name", func(s *scene) { s.world.taken = "bob/one" }),
		as("the token may create none", func(s *scene) { s.world.mayNotCreate = true }),
		as("the token is somebody else's", func(s *scene) { s.world.me = bob }),
		as("the other template demands a value", active(foreignDemanding)),
		as("the other template needs a login", active(foreignLinked)),
	}}
}

// manner is for what is decided: a resource, or one of the actions.
func manner() factor {
	action := func(set func(want *lifecycle.Want)) func(*scene) {
		return func(s *scene) {
			*s = *s.revealed(false) // by the time that an action runs all is known
			s.memory = memory{}     // and it has none
			w := &s.want
			s.want = lifecycle.Want{
				InPlace: true, VersionID: w.VersionID, Preset: w.Preset, Parameters: w.Parameters, Ephemeral: w.Ephemeral, EphemeralVersion: w.EphemeralVersion,
			}
			set(w)
		}
	}
	return factor{"for", []member{
		as("a resource", nothing),
		as("the action start", action(func(w *lifecycle.Want) { w.RunState = lifecycle.Value(lifecycle.Running) })),
		as("the action stop", action(func(w *lifecycle.Want) { w.RunState = lifecycle.Value(lifecycle.Stopped) })),
		as("the action restart", action(func(w *lifecycle.Want) {
			w.RunState, w.EphemeralVersion = lifecycle.Value(lifecycle.Running), lifecycle.Value(int64(1))
		})),
		as("the action update", action(func(w *lifecycle.Want) { w.Repair, w.ActiveVersion = true, w.VersionID.IsAbsent() })),
	}}
}

// shortContent are the ways in which there can be something new to build. Which
// it is makes no difference for whether and how it is built.
func shortContent() factor {
	return factor{"content", []member{
		as("as it is", nothing),
		as("another value", configure("cpu", "4")),
		as("another version", pin(moved)),
		as("another preset", preset().members[3].set),
		as("another ephemeral version", ephemeral().members[3].set),
		as("a value in place of a preset", func(s *scene) {
			s.memory.preset = "Small"
			configureNew("cpu", "4")(s)
		}),
		as("an unknown value", mutable().members[4].set),
		as("an unknown version", templateVersion().members[14].set),
		as("an unknown preset", preset().members[8].set),
		as("a refused value", configure("cpu", "99")),
	}}
}

// first has the first members only.
func (f factor) first(n int) factor {
	f.members = f.members[:n]
	return f
}

// but leaves members out.
func (f factor) but(members ...int) factor {
	return f.where(func(i int) bool { return !slices.Contains(members, i) })
}

// only has no other members than these.
func (f factor) only(members ...int) factor {
	return f.where(func(i int) bool { return slices.Contains(members, i) })
}

func (f factor) where(isIn func(i int) bool) factor {
	var left []member
	for i, m := range f.members {
		if isIn(i) {
			left = append(left, m)
		}
	}
	f.members = left
	return f
}
