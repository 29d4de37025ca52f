package faulttest_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

var (
	seed      = flag.Uint64("seed", 0, "run the chaos of this seed alone")
	first     = flag.Uint64("first", 1, "the seed of the first history")
	histories = flag.Int("histories", 40, "how many histories of chaos per server version")
	length    = flag.Int("length", 14, "how many events a history has")
	rules     = flag.String("rule", "", "look alone for breaches whose rule and words begin with this regular expression")
)

// TestChaos runs random histories of one workspace: people edit its
// configuration and run Terraform; colleagues build it, rename, hide and delete
// things; template authors publish versions and set policies; requests fail, and
// somebody interrupts. After each command the model says what the user was owed.
//
// A failure names its seed and the shortest part of the history that still
// fails, as steps that a person can follow. -seed runs a history again.
func TestChaos(t *testing.T) {
	t.Parallel()
	var all tally
	t.Cleanup(func() { t.Log(&all) })
	for _, version := range acctest.Versions {
		for i := range *histories {
			number := *first + uint64(i)
			if *seed != 0 {
				if number = *seed; i > 0 {
					break
				}
			}
			t.Run(fmt.Sprintf("%s/%d", version, number), func(t *testing.T) {
				t.Parallel()
				events := draw(rand.New(rand.NewPCG(number, 18)), version, *length)
				found := live(t, version, events)
				all.add(found.commands)
				if len(found.problems) == 0 {
					return
				}
				shortest, found := shrink(t, version, events, found)
				t.Errorf("seed %d on %s, %d events of %d:\n%s", number, version, len(shortest), len(events), found)
			})
		}
	}
}

// tally counts what came of the commands.
type tally struct {
	mu        sync.Mutex
	histories int
	count     map[string]int
}

func (a *tally) add(commands []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.count == nil {
		a.count = map[string]int{}
	}
	a.histories++
	for _, c := range commands {
		a.count[c]++
	}
}

// String is a table.
func (a *tally) String() string {
	text := fmt.Sprintf("%d histories", a.histories)
	for _, c := range slices.Sorted(maps.Keys(a.count)) {
		text += fmt.Sprintf("\n  %-50s %6d", c, a.count[c])
	}
	return text
}

// event is something that happens in a history. All its choices are made before
// the history begins, so that events can be left out of it.
type event struct {
	text string
	do   func(ctx context.Context, h *history)
}

// draw chooses the events of a history.
func draw(random *rand.Rand, version string, count int) []event {
	all := slices.Concat(editing(), commands(), outside(), mishaps())
	total := 0
	for _, k := range all {
		total += k.weight
	}
	var events []event
	for len(events) < count {
		at := random.IntN(total)
		for _, k := range all {
			if at -= k.weight; at >= 0 {
				continue
			}
			if !k.newest || version != "seed" {
				events = append(events, k.draw(random))
			}
			break
		}
	}
	return events
}

// kindOfEvent is a letter of the alphabet.
type kindOfEvent struct {
	weight int
	newest bool // needs a server of the newer end of the range
	draw   func(random *rand.Rand) event
}

func oneOf[T any](random *rand.Rand, from ...T) T { return from[random.IntN(len(from))] }

// live runs a history to its end, or to the first problem.
func live(t *testing.T, version string, events []event) *history {
	t.Helper()
	var h *history
	inBubble(t, codertest.Options{Version: version, BuildTime: buildTime}, func(ctx context.Context, s *scene) {
		h = newHistory(newWorld(s))
		for i, e := range events {
			h.note("%2d. %s", i+1, e.text)
			if e.do(ctx, h); len(h.problems) > 0 {
				break
			}
		}
		if len(h.problems) == 0 {
			h.note("In the end:")
			h.finish(ctx)
		}
		h.elsewhere.Close()
	})
	return h
}

// shrink leaves out events as long as the history still fails in the same way.
func shrink(t *testing.T, version string, events []event, found *history) ([]event, *history) {
	t.Helper()
	for size := len(events) / 2; size > 0; {
		shorter := false
		for from := 0; from < len(events); {
			part := slices.Delete(slices.Clone(events), from, min(from+size, len(events)))
			if again := live(t, version, part); again.failsAs(found) {
				events, found, shorter = part, again, true
				continue
			}
			from += max(1, size/2)
		}
		if !shorter {
			size /= 2
		}
	}
	return events, found
}
