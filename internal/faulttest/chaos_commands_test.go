package faulttest_test

import (
	"context"
	"math/rand/v2"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// commands are the ways to run Terraform.
func commands() []kindOfEvent {
	runs := func(weight int, text string, do func(ctx context.Context, h *history)) kindOfEvent {
		return kindOfEvent{weight, false, func(*rand.Rand) event { return event{text, do} }}
	}
	return []kindOfEvent{
		runs(70, "terraform apply", func(ctx context.Context, h *history) { h.applyNow(ctx, planning{}) }),
		runs(4, "terraform apply -replace", func(ctx context.Context, h *history) { h.applyNow(ctx, planning{replace: true}) }),
		runs(5, "terraform apply -refresh=false", func(ctx context.Context, h *history) { h.applyNow(ctx, planning{asIs: true}) }),
		runs(6, "terraform plan", func(ctx context.Context, h *history) { h.planNow(ctx, planning{}, false) }),
		runs(12, "terraform plan -out=saved", func(ctx context.Context, h *history) { h.planNow(ctx, planning{}, true) }),
		runs(14, "terraform apply saved", func(ctx context.Context, h *history) { h.applySaved(ctx) }),
		runs(5, "terraform refresh", func(ctx context.Context, h *history) {
			h.run(ctx, &command{verb: refreshing}, func() *outcome { return h.refresh(ctx) })
		}),
		runs(2, "terraform destroy", func(ctx context.Context, h *history) { h.destroyNow(ctx, false) }),
		runs(2, "terraform destroy -refresh=false", func(ctx context.Context, h *history) { h.destroyNow(ctx, true) }),
		runs(2, "terraform taint", func(_ context.Context, h *history) { h.taint(true) }),
		runs(1, "terraform untaint", func(_ context.Context, h *history) { h.taint(false) }),
		runs(3, "terraform state rm, and import by id", func(ctx context.Context, h *history) {
			h.importAs(ctx, func(ws *codertest.Workspace) string { return ws.ID.String() })
		}),
		runs(3, "terraform state rm, and import by owner and name", func(ctx context.Context, h *history) {
			h.importAs(ctx, func(ws *codertest.Workspace) string { return ws.Owner + "/" + ws.Name })
		}),
		runs(1, "terraform import of a page elsewhere", func(ctx context.Context, h *history) {
			h.importAs(ctx, func(ws *codertest.Workspace) string { return elsewhere + "/@" + ws.Owner + "/" + ws.Name })
		}),
	}
}

func (h *history) applyNow(ctx context.Context, flags planning) {
	c := &command{verb: applying, flags: flags}
	h.run(ctx, c, func() *outcome {
		out := new(outcome)
		if planned, ok := h.walkPlan(ctx, c.planned, flags, out); ok {
			h.walkApply(ctx, planned, c.config, out)
		}
		return out
	})
}

func (h *history) planNow(ctx context.Context, flags planning, save bool) {
	c := &command{verb: planningOnly, flags: flags}
	h.run(ctx, c, func() *outcome {
		out := new(outcome)
		if planned, ok := h.walkPlan(ctx, c.planned, flags, out); ok && save {
			h.saved = &savedPlan{change: planned, config: c.config, command: c}
		}
		return out
	})
	if save && h.saved != nil {
		h.unknown = map[string]bool{}
	}
}

func (h *history) applySaved(ctx context.Context) {
	saved := h.saved
	if saved == nil || len(h.problems) > 0 {
		h.note("    (there is no saved plan, or it is stale)")
		return
	}
	h.saved = nil
	c := &command{verb: applyingSaved, config: saved.config, planned: saved.command.planned, mayEnd: saved.command.mayEnd, stale: true}
	h.run(ctx, c, func() *outcome {
		out := &outcome{action: saved.change.action, changed: saved.command.out.changed}
		h.walkApply(ctx, saved.change, c.config, out)
		return out
	})
}

func (h *history) destroyNow(ctx context.Context, asIs bool) {
	c := &command{verb: destroying, flags: planning{asIs: asIs}}
	h.run(ctx, c, func() *outcome { return h.destroy(ctx, c.planned, asIs) })
}

func (h *history) taint(tainted bool) {
	if h.state == nil {
		return
	}
	copied := *h.state
	copied.tainted = tainted
	h.state, h.saved = &copied, nil
}

// importAs forgets the workspace and imports it.
func (h *history) importAs(ctx context.Context, id func(*codertest.Workspace) string) {
	ws := h.mine()
	if ws == nil || h.state.tainted {
		return
	}
	before, debt := h.state, h.debt
	h.state, h.debt, h.applied, h.saved = nil, nil, nil, nil
	h.run(ctx, &command{verb: taking, stale: len(id(ws)) > 0 && id(ws)[0] == 'h'}, func() *outcome { return h.importID(ctx, id(ws)) })
	if h.state == nil {
		h.state, h.debt = before, debt // from the backup
	}
}
