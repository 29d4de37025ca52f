package faulttest_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

var (
	seed      = flag.Uint64("seed", 0, "run the chaos of this seed alone")
	histories = flag.Int("histories", 3, "how many histories of chaos per server version")
	length    = flag.Int("length", 10, "how many steps a history has")
)

// TestChaos runs random histories: applies of ever other configurations, what
// people and time do meanwhile, faults, interrupts, a server that restarts.
// After every step a plan must say exactly how the deployment differs from the
// configuration, which a model works out from the deployment itself.
//
// A failure names its seed; -seed runs that history again.
func TestChaos(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		for i := range *histories {
			number := uint64(i + 1)
			if *seed != 0 {
				if number = *seed; i > 0 {
					break
				}
			}
			t.Run(fmt.Sprintf("%s/%d", version, number), func(t *testing.T) {
				t.Parallel()
				inBubble(t, codertest.Options{Version: version}, func(ctx context.Context, s *scene) {
					c := &chaos{scene: s, rand: rand.New(rand.NewPCG(number, 17))}
					c.run(ctx)
					if t.Failed() {
						t.Logf("seed %d on %s:", number, version)
						for _, line := range c.log {
							t.Log(line)
						}
					}
				})
			})
		}
	}
}

// chaos is one history.
type chaos struct {
	*scene

	rand   *rand.Rand
	config object
	log    []string
}

func (c *chaos) note(format string, arguments ...any) {
	c.log = append(c.log, fmt.Sprintf("  %s  ", time.Now().Format("02 15:04:05"))+fmt.Sprintf(format, arguments...))
}

// chance is true so many times out of a hundred.
func (c *chaos) chance(percent int) bool { return c.rand.IntN(100) < percent }

func pick[T any](c *chaos, from ...T) T { return from[c.rand.IntN(len(from))] }

func (c *chaos) run(ctx context.Context) {
	c.configure()
	for step := range *length {
		if c.chance(40) {
			c.configure()
		}
		if c.chance(50) {
			c.meddle(ctx)
		}
		if c.chance(30) {
			c.wait(time.Duration(c.rand.Int64N(int64(12 * time.Hour))))
		}
		c.command(ctx)
		c.settle()
		if c.check(ctx); c.t.Failed() {
			c.t.Errorf("after step %d", step+1)
			return
		}
	}
	c.finish(ctx)
}

// configure chooses another configuration.
func (c *chaos) configure() {
	config := object{
		"name": pick(c, "dev", "dev", "other"), "template_id": c.basic.ID.String(),
		"parameters": object{"cpu": pick(c, "1", "2", "4", "8")},
		"ttl_ms":     pick(c, 0, time.Hour.Milliseconds(), 8*time.Hour.Milliseconds()),
	}
	if c.chance(10) {
		config["parameters"] = object{"cpu": "2", "region": pick(c, "us-east", "ap-south")}
	}
	if c.chance(50) {
		config["autostart_schedule"] = pick(c, "30 9 * * 1-5", "CRON_TZ=Europe/Berlin 0 7 * * *")
	}
	if c.chance(50) {
		config["desired_status"] = pick(c, "running", "stopped")
	}
	if c.newest() && c.chance(30) {
		config["automatic_updates"] = pick(c, "always", "never")
	}
	c.config = config
	c.note("configuration %v", config)
}

// meddle is what somebody does in the dashboard.
func (c *chaos) meddle(ctx context.Context) {
	live := c.live()
	if len(live) == 0 {
		return
	}
	client, id := c.byHand(), live[0].ID
	ttl, schedule := 2*time.Hour.Milliseconds(), "15 8 * * *"
	var what string
	var err error
	build := func(transition coder.Transition, parameters ...coder.BuildParameter) error {
		_, err := client.CreateBuild(ctx, id, coder.CreateBuildRequest{Transition: transition, RichParameterValues: parameters})
		return err
	}
	switch c.rand.IntN(9) {
	case 0:
		what, err = "rename", client.RenameWorkspace(ctx, id, pick(c, "renamed", "dev"))
	case 1:
		what, err = "TTL", client.PutTTL(ctx, id, pick(c, &ttl, nil))
	case 2:
		what, err = "schedule", client.PutAutostart(ctx, id, pick(c, &schedule, nil))
	case 3:
		what, err = "stop", build(coder.TransitionStop)
	case 4:
		what, err = "start", build(coder.TransitionStart)
	case 5:
		what, err = "parameter", build(coder.TransitionStart, coder.BuildParameter{Name: "cpu", Value: pick(c, "3", "5")})
	case 6:
		what, err = "delete", build(coder.TransitionDelete)
	case 7:
		what = "new version"
		c.fake.PublishVersion(c.basic.ID, codertest.BasicTemplate().Version)
	case 8:
		what = "a failing build"
		if err = build(coder.TransitionStart); err == nil {
			c.fake.FailActiveBuild(id, "the machine is broken")
		}
	}
	c.note("by hand: %s (%v)", what, err)
	if c.chance(70) {
		c.wait(time.Minute)
	}
}

func (c *chaos) wait(d time.Duration) {
	<-time.After(d)
}

// command runs Terraform, mostly in trouble.
func (c *chaos) command(ctx context.Context) {
	if c.chance(70) {
		c.trouble(ctx)
	}
	var out *outcome
	what := "apply"
	switch {
	case c.chance(6):
		what = "destroy"
		out = c.apply(ctx, nil)
	case c.chance(10):
		what = "refresh"
		out = c.refresh(ctx)
	default:
		out = c.apply(ctx, c.config)
	}
	c.note("%s: %s", what, out)
	for _, broken := range out.broken {
		c.t.Error(broken)
	}
	for _, d := range out.errors {
		if reason := unclear(d); reason != "" {
			c.t.Errorf("an unclear error: %s: %s: %s", reason, d.Summary, d.Detail)
		}
	}
	told := len(out.errors)+len(out.warnings) > 0
	c.settle()
	live := c.live()
	if len(live) == 1 && c.state.id() != live[0].ID.String() {
		if !told {
			c.t.Errorf("workspace %s was lost without a word; the state holds %q", live[0].ID, c.state.id())
		}
		c.state = nil
		if again := c.importID(ctx, "admin/"+live[0].Name); again.failed() {
			c.t.Errorf("the lost workspace cannot be imported: %s", again)
		}
		c.note("imported")
	}
}

// trouble prepares what is to go wrong.
func (c *chaos) trouble(ctx context.Context) {
	skip := c.rand.IntN(10)
	at := func(hook func()) {
		c.fake.AddFault(codertest.Fault{Skip: skip, Times: 1, Before: func(*http.Request) { hook() }})
	}
	switch c.rand.IntN(4) {
	case 0:
		c.note("interrupt at request %d", skip+1)
		at(func() { c.interrupt(ctx) })
	case 1:
		down := time.Duration(c.rand.Int64N(int64(90 * time.Second)))
		c.note("server away for %s at request %d", down, skip+1)
		at(func() {
			c.network.down.Store(true)
			time.AfterFunc(down, func() { c.network.down.Store(false) })
			c.fake.Restart(func(*codertest.Options) {})
			c.network.cut()
		})
	default:
		what := pick(c, honest()...)
		fault := what.fault
		fault.Skip, fault.Times = skip, 1+c.rand.IntN(3)
		c.note("%s at request %d and %d more", what.name, skip+1, fault.Times-1)
		c.fake.AddFault(fault)
		c.network.reset.Store(what.reset)
	}
}

// honest are the misfortunes that do not tell lies about what exists, and are
// not slow to make.
func honest() []misfortune {
	return slices.DeleteFunc(slices.Clone(misfortunes), func(m misfortune) bool {
		return m.word || m.fault.Spoil == codertest.Endless
	})
}

// settle ends all trouble and lets builds end.
func (c *chaos) settle() {
	c.fake.ClearFaults()
	c.network.reset.Store(false)
	c.wait(2 * time.Minute)
}

// check compares the plan with the model.
func (c *chaos) check(ctx context.Context) {
	live := c.live()
	if len(live) > 1 {
		c.t.Errorf("there are %d workspaces: %v", len(live), ids(live))
		return
	}
	action, changed := c.expect(live)
	out := c.plan(ctx, c.config)
	c.note("plan: %s %v, expected %s %v", out, out.changed, action, changed)
	if out.failed() {
		c.t.Errorf("the plan fails: %s", out)
		return
	}
	if out.action != action || action == "update" && !slices.Equal(out.changed, changed) {
		c.t.Errorf("the plan is %s of %v, but the difference is %s of %v (%+v)", out.action, out.changed, action, changed, live)
	}
}

// expect is the model: what has to be done to bring the deployment to the
// configuration.
func (c *chaos) expect(live []codertest.Workspace) (action string, changed []string) {
	if len(live) == 0 || c.state == nil || c.state.id() != live[0].ID.String() {
		return "create", nil
	}
	w := live[0]
	differs := func(attribute string, is bool) {
		if is {
			changed = append(changed, attribute)
		}
	}
	updates := c.config["automatic_updates"]
	differs("automatic_updates", updates != nil && updates != w.AutomaticUpdates)
	schedule, _ := c.config["autostart_schedule"].(string)
	present := ""
	if w.AutostartSchedule != nil {
		present = *w.AutostartSchedule
	}
	differs("autostart_schedule", schedule != present)
	desired := c.config["desired_status"]
	if desired == nil { // known to Terraform alone
		differs("desired_status", text(c.state.value, "desired_status") != "")
	} else {
		differs("desired_status", desired != w.Status || text(c.state.value, "desired_status") == "")
	}
	differs("name", c.config["name"] != w.Name)
	parameters := c.config["parameters"].(object)
	managed := attributes(attributes(c.state.value)["parameters"])
	differs("parameters", parameters["cpu"] != w.Parameters["cpu"] || len(parameters) != len(managed))
	ttl := int64(0)
	if w.TTLMillis != nil {
		ttl = *w.TTLMillis
	}
	differs("ttl_ms", fmt.Sprint(c.config["ttl_ms"]) != fmt.Sprint(ttl))

	region := parameters["region"]
	switch {
	case c.state.tainted, region != nil && region != w.Parameters["region"]:
		return "replace", nil
	case len(changed) > 0:
		return "update", changed
	default:
		return "no-op", nil
	}
}

// finish puts everything in order and takes it down.
func (c *chaos) finish(ctx context.Context) {
	c.must(ctx, c.config)
	c.settle()
	live := c.live()
	if action, changed := c.expect(live); action != "no-op" {
		c.t.Errorf("after the last apply there still is to do: %s of %v (%+v)", action, changed, live)
	}
	c.must(ctx, nil)
	if left := c.live(); len(left) > 0 || c.state != nil {
		c.t.Errorf("after the destroy there are %v", ids(left))
	}
}
