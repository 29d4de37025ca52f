package faulttest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// editing is what people do to their configuration.
func editing() []kindOfEvent {
	setting := func(weight int, newest bool, name string, values ...any) kindOfEvent {
		return kindOfEvent{weight, newest, func(random *rand.Rand) event { return edit(random, name, values) }}
	}
	return []kindOfEvent{
		setting(6, false, "name", "dev", "other"),
		setting(8, false, "owner_name", carol, "caroline", admin, "nobody-at-all"),
		setting(3, false, "template_id", "work", "spare"),
		setting(8, false, "template_version_id", "newest", "newest", "first"),
		setting(14, false, "parameters.cpu", "1", "2", "4", "7"),
		setting(6, false, "parameters.region", "eu", "us"),
		setting(6, false, "parameters.mode", "ok", "broken"),
		setting(4, false, "parameters.team", "blue"),
		setting(1, false, "parameters.cpus", "2"), // a slip
		setting(7, false, "ttl_ms", int64(0), 9*time.Hour.Milliseconds(), 10*time.Hour.Milliseconds()),
		setting(5, false, "autostart_schedule", "", "30 9 * * 1-5", "CRON_TZ=Europe/Berlin 0 7 * * 1-5"),
		setting(8, false, "desired_status", "running", "stopped"),
		setting(4, true, "automatic_updates", "always", "never"),
		setting(10, true, "preset", "Small", "Large", "Medium"),
		setting(2, true, "ephemeral_parameters", object{"note": "hello"}, object{"note": "hello"}, object{"cpu": "3"}),
		setting(5, true, "ephemeral_parameters_version", int64(1), int64(2)),
		setting(2, false, "deadline", "2000-01-01T10:00:00Z", "2000-01-01T06:10:00.123456789Z"),
		setting(2, false, "deletion_protection", true, false),
		setting(2, false, "orphan_on_destroy", true),
		setting(3, false, "timeouts", object{"update": "4s"}, object{"update": "12s"}, object{"read": "0s"}, object{"delete": "4s"}),
	}
}

// edit gives an attribute a value, takes it out, or lets it come from something
// that the next plan does not know yet.
func edit(random *rand.Rand, name string, values []any) event {
	value := oneOf(random, values...)
	required := name == "name" || name == "template_id"
	switch at := random.IntN(10); {
	case at < 3 && !required:
		return event{name + " is taken out of the configuration", func(_ context.Context, h *history) { h.set(name, nil) }}
	case at < 5 && name != "timeouts" && name != "ephemeral_parameters":
		return event{fmt.Sprintf("%s = %v, which the next plan does not know yet", name, value), func(_ context.Context, h *history) {
			h.set(name, h.resolve(value))
			h.unknown[name] = true
		}}
	case at < 6 && name != "timeouts" && name != "ephemeral_parameters":
		return event{fmt.Sprintf("the value of %s, if it is configured, is not known to the next plan, and stays the same", name), func(_ context.Context, h *history) {
			h.unknown[name] = true
		}}
	default:
		return event{fmt.Sprintf("%s = %v", name, value), func(_ context.Context, h *history) { h.set(name, h.resolve(value)) }}
	}
}

// resolve gives ids for names.
func (h *history) resolve(value any) any {
	switch value {
	case "work":
		return h.work.ID.String()
	case "spare":
		return h.spare.ID.String()
	case "newest":
		return h.active(h.work.ID).String()
	case "first":
		return h.published[0].String()
	default:
		return value
	}
}

// outside is what others do.
func outside() []kindOfEvent {
	does := func(weight int, newest bool, text string, do func(ctx context.Context, h *history, ws *codertest.Workspace) error) kindOfEvent {
		return kindOfEvent{weight, newest, func(*rand.Rand) event {
			return event{text, func(ctx context.Context, h *history) {
				ws := h.mine()
				if ws == nil {
					return
				}
				if err := do(ctx, h, ws); err != nil {
					h.note("    (%v)", err)
				}
			}}
		}}
	}
	builds := func(weight int, text, transition string, r codertest.BuildRequest, after func(ctx context.Context, h *history, ws *codertest.Workspace)) kindOfEvent {
		return does(weight, false, text, func(ctx context.Context, h *history, ws *codertest.Workspace) error {
			err := h.person(ws, transition, r)
			if err == nil {
				h.debt = nil // it is as a person wants it
				after(ctx, h, ws)
			}
			return err
		})
	}
	ends := func(ctx context.Context, _ *history, _ *codertest.Workspace) { pause(ctx, time.Minute) }
	begins := func(ctx context.Context, _ *history, _ *codertest.Workspace) { pause(ctx, buildTime/2) }
	canceled := func(ctx context.Context, h *history, ws *codertest.Workspace) {
		pause(ctx, buildTime/2)
		h.fake.CancelActiveBuild(ws.ID)
		pause(ctx, time.Minute)
	}
	byClient := func(weight int, text string, do func(ctx context.Context, client *coder.Client, ws *codertest.Workspace) error) kindOfEvent {
		return does(weight, false, text, func(ctx context.Context, h *history, ws *codertest.Workspace) error {
			return do(ctx, h.byHand(), ws)
		})
	}
	ttl, schedule := 12*time.Hour.Milliseconds(), "15 8 * * 1-5"
	return append(authors(), []kindOfEvent{
		builds(8, "the owner stops the workspace", "stop", codertest.BuildRequest{}, ends),
		builds(5, "the owner starts the workspace", "start", codertest.BuildRequest{}, ends),
		builds(2, "the owner begins to stop the workspace", "stop", codertest.BuildRequest{}, begins),
		builds(2, "the owner begins to start the workspace", "start", codertest.BuildRequest{}, begins),
		builds(3, "the owner builds the workspace with cpu = 3", "start", codertest.BuildRequest{Parameters: map[string]string{"cpu": "3"}}, ends),
		builds(2, "the owner starts the workspace and cancels that", "start", codertest.BuildRequest{}, canceled),
		builds(1, "the owner stops the workspace and cancels that", "stop", codertest.BuildRequest{}, canceled),
		builds(2, "the owner deletes the workspace", "delete", codertest.BuildRequest{}, ends),
		does(5, false, "the owner updates the workspace to the newest version", func(ctx context.Context, h *history, ws *codertest.Workspace) error {
			err := h.person(ws, "start", codertest.BuildRequest{VersionID: h.active(ws.TemplateID), Parameters: map[string]string{"team": "red"}})
			if err == nil {
				h.debt = nil
			}
			pause(ctx, time.Minute)
			return err
		}),
		byClient(2, "the workspace is renamed to renamed", func(ctx context.Context, client *coder.Client, ws *codertest.Workspace) error {
			return client.RenameWorkspace(ctx, ws.ID, "renamed")
		}),
		byClient(3, "its TTL is set to 12 hours", func(ctx context.Context, client *coder.Client, ws *codertest.Workspace) error {
			return client.PutTTL(ctx, ws.ID, &ttl)
		}),
		byClient(2, "its schedule is set", func(ctx context.Context, client *coder.Client, ws *codertest.Workspace) error {
			return client.PutAutostart(ctx, ws.ID, &schedule)
		}),
		{5, false, func(*rand.Rand) event {
			return event{"carol is renamed to caroline, or back", func(_ context.Context, h *history) {
				if _, is := h.users[carol]; is {
					h.rename(carol, "caroline")
				} else {
					h.rename("caroline", carol)
				}
			}}
		}},
		does(3, false, "the user of the token may not see the workspace any more", func(_ context.Context, h *history, _ *codertest.Workspace) error {
			h.hide(h.actor, true)
			return nil
		}),
		does(3, false, "the user of the token may see the workspace again", func(_ context.Context, h *history, _ *codertest.Workspace) error {
			h.hide(h.actor, false)
			return nil
		}),
		{2, false, func(random *rand.Rand) event {
			name := oneOf(random, "dev", "other")
			return event{"carol makes a workspace " + name, func(_ context.Context, h *history) {
				if owner := h.ids[carol]; h.look().named(owner, name) == nil {
					h.fake.CreateWorkspace(h.nameOf(owner), name, h.spare.ID, nil)
				}
			}}
		}},
		{1, false, func(random *rand.Rand) event {
			d := oneOf(random, 30*time.Minute, 13*time.Hour)
			return event{fmt.Sprintf("%s pass", d), func(ctx context.Context, _ *history) { pause(ctx, d) }}
		}},
	}...)
}

// authors are the template's.
func authors() []kindOfEvent {
	policy := func(weight int, text string, change func(*codertest.Template)) kindOfEvent {
		return kindOfEvent{weight, true, func(*rand.Rand) event {
			return event{text, func(_ context.Context, h *history) { h.rule(change) }}
		}}
	}
	return []kindOfEvent{
		{9, false, func(random *rand.Rand) event {
			kind := oneOf(random, versionKinds...)
			return event{"the template gets a version " + kind, func(_ context.Context, h *history) { h.publish(kind) }}
		}},
		policy(2, "the template is deprecated", func(t *codertest.Template) { t.DeprecationMessage = "Use another." }),
		policy(1, "the template is deprecated no more", func(t *codertest.Template) { t.DeprecationMessage = "" }),
		policy(3, "the template requires its active version", func(t *codertest.Template) { t.RequireActiveVersion = true }),
		policy(1, "the template allows all versions", func(t *codertest.Template) { t.RequireActiveVersion = false }),
		policy(2, "the template forbids autostart", func(t *codertest.Template) { t.ForbidUserAutostart = true }),
		policy(1, "the template allows autostart", func(t *codertest.Template) { t.ForbidUserAutostart = false }),
		policy(2, "the template decides about autostop", func(t *codertest.Template) { t.ForbidUserAutostop = true }),
		policy(1, "the template lets users decide about autostop", func(t *codertest.Template) { t.ForbidUserAutostop = false }),
	}
}
