package codertest

import (
	"slices"
	"time"
)

// The deployment's clock is the real one plus an offset that only Advance moves. What is to happen later stands in a queue;
// one timer waits for its head. Tests inside a testing/synctest bubble get virtual time without further ado.

type event struct {
	at  time.Time
	run func()
}

// plan puts an event behind those that are due before it or at the same time.
func (d *Deployment) plan(e event) {
	place, _ := slices.BinarySearchFunc(d.agenda, e.at, func(other event, at time.Time) int {
		if other.at.After(at) {
			return 1
		}
		return -1
	})
	d.agenda = slices.Insert(d.agenda, place, e)
}

// Now is the deployment's time.
func (d *Deployment) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now()
}

// now has the microseconds of Coder's database.
func (d *Deployment) now() time.Time {
	return time.Now().Add(d.offset).UTC().Truncate(time.Microsecond)
}

// at plans something; it runs with d.mu held.
func (d *Deployment) at(t time.Time, run func()) {
	d.plan(event{t, run})
	d.arm()
}

func (d *Deployment) after(delay time.Duration, run func()) { d.at(d.now().Add(delay), run) }

// arm sets the timer for the head of the queue.
func (d *Deployment) arm() {
	if d.closed || len(d.agenda) == 0 {
		return
	}
	wait := max(d.agenda[0].at.Sub(d.now()), 0)
	if d.timer == nil {
		d.timer = time.AfterFunc(wait, d.tick)
		return
	}
	d.timer.Reset(wait)
}

func (d *Deployment) tick() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	d.runUntil(d.now())
	d.arm()
}

// runUntil runs what is due; the clock never stands before the time of what runs.
func (d *Deployment) runUntil(t time.Time) {
	for len(d.agenda) > 0 && !d.agenda[0].at.After(t) {
		e := d.agenda[0]
		d.agenda = d.agenda[1:]
		if ahead := e.at.Sub(d.now()); ahead > 0 {
			d.offset += ahead
		}
		e.run()
	}
}

// Advance moves the deployment's clock. All that falls due on the way happens in order, at its own time: builds finish,
// deadlines stop workspaces, schedules start them.
func (d *Deployment) Advance(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	target := d.now().Add(by)
	d.runUntil(target)
	if ahead := target.Sub(d.now()); ahead > 0 {
		d.offset += ahead
	}
	d.arm()
}
