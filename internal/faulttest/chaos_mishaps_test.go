package faulttest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// elsewhere is the address of another deployment.
const elsewhere = "http://elsewhere"

// mishap is what goes wrong while Terraform runs.
type mishap func(ctx context.Context, h *history, c *command)

// mishaps prepare what goes wrong at the next command.
func mishaps() []kindOfEvent {
	at := func(weight int, draw func(random *rand.Rand) (string, mishap)) kindOfEvent {
		return kindOfEvent{weight, false, func(random *rand.Rand) event {
			text, arm := draw(random)
			return event{"at the next command: " + text, func(_ context.Context, h *history) { h.once = append(h.once, arm) }}
		}}
	}
	when := func(h *history, c *command, skip int, hook func(ws *codertest.Workspace)) {
		h.fake.AddFault(codertest.Fault{Skip: skip, Times: 1, Before: func(*http.Request) {
			if ws := h.mine(); ws != nil {
				c.people = true
				hook(ws)
			}
		}})
	}
	return []kindOfEvent{
		at(18, func(random *rand.Rand) (string, mishap) {
			what, skip, times := oneOf(random, honest()...), random.IntN(10), 1+random.IntN(3)
			return fmt.Sprintf("%s at request %d and %d more", what.name, skip+1, times-1), func(_ context.Context, h *history, c *command) {
				fault := what.fault
				fault.Skip, fault.Times = skip, times
				h.fake.AddFault(fault)
				h.network.reset.Store(what.reset)
				c.hampered = true
			}
		}),
		at(4, func(random *rand.Rand) (string, mishap) {
			skip := random.IntN(10)
			return fmt.Sprintf("interrupt at request %d", skip+1), func(ctx context.Context, h *history, c *command) {
				c.hampered = true
				h.fake.AddFault(codertest.Fault{Skip: skip, Times: 1, Before: func(*http.Request) { h.interrupt(ctx) }})
			}
		}),
		at(3, func(random *rand.Rand) (string, mishap) {
			skip, down := random.IntN(10), time.Duration(random.Int64N(int64(90*time.Second)))
			return fmt.Sprintf("the server is away for %s at request %d", down, skip+1), func(_ context.Context, h *history, c *command) {
				c.hampered = true
				h.fake.AddFault(codertest.Fault{Skip: skip, Times: 1, Before: func(*http.Request) {
					h.network.down.Store(true)
					time.AfterFunc(down, func() { h.network.down.Store(false) })
					h.fake.Restart(func(*codertest.Options) {})
					h.network.cut()
				}})
			}
		}),
		at(9, func(random *rand.Rand) (string, mishap) {
			skip, transition, cpu := random.IntN(12), oneOf(random, "start", "stop"), oneOf(random, "", "5")
			return fmt.Sprintf("the owner builds (%s, cpu %q) at request %d", transition, cpu, skip+1), func(_ context.Context, h *history, c *command) {
				when(h, c, skip, func(ws *codertest.Workspace) {
					r := codertest.BuildRequest{}
					if cpu != "" {
						r.Parameters = map[string]string{"cpu": cpu}
					}
					_ = h.person(ws, transition, r)
				})
			}
		}),
		at(5, func(random *rand.Rand) (string, mishap) {
			skip, later := random.IntN(12), oneOf(random, 0, buildTime/2)
			return fmt.Sprintf("the owner cancels what is built %s after request %d", later, skip+1), func(_ context.Context, h *history, c *command) {
				when(h, c, skip, func(ws *codertest.Workspace) {
					time.AfterFunc(later, func() {
						if now := h.look().workspace(ws.ID.String()); now != nil {
							c.canceled = c.canceled || now.Status == "deleting"
							h.fake.CancelActiveBuild(ws.ID)
						}
					})
				})
			}
		}),
		at(4, func(random *rand.Rand) (string, mishap) {
			skip, transition := random.IntN(2), oneOf(random, "start", "stop")
			return fmt.Sprintf("build request %d is lost, and the owner builds (%s, cpu 5) in that moment", skip+1, transition), func(_ context.Context, h *history, c *command) {
				c.hampered = true
				h.fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: "/workspaces/{workspace}/builds", Skip: skip, Times: 1, DropBefore: true, Before: func(*http.Request) {
					if ws := h.mine(); ws != nil {
						c.people = true
						_ = h.person(ws, transition, codertest.BuildRequest{Parameters: map[string]string{"cpu": "5"}})
					}
				}})
			}
		}),
		at(6, func(random *rand.Rand) (string, mishap) {
			actor := oneOf(random, admin, carol, carol, "nobody")
			return "the token is that of " + actor, func(_ context.Context, h *history, c *command) {
				c.actor, c.foreign = actor, c.foreign || actor == "nobody"
				if h.settings["token"] = h.tokens[actor]; actor == "nobody" {
					h.settings["token"] = "expired-0123456789012345678901"
				}
			}
		}),
		at(3, func(*rand.Rand) (string, mishap) {
			return "the url is that of another deployment", func(_ context.Context, h *history, c *command) {
				if h.state != nil {
					h.settings["url"], h.settings["token"], c.foreign = elsewhere, h.elsewhere.Token(), true
				}
			}
		}),
		{4, false, func(random *rand.Rand) event {
			actor := oneOf(random, admin, carol)
			return event{"from here on the token is that of " + actor, func(_ context.Context, h *history) { h.actor = actor }}
		}},
	}
}

// honest are the misfortunes that do not tell lies about what exists, and are
// not slow to make.
func honest() []misfortune {
	var list []misfortune
	for _, m := range misfortunes {
		if !m.word && m.fault.Spoil != codertest.Endless {
			list = append(list, m)
		}
	}
	return list
}
