package codertest

import (
	"container/heap"
	"time"
)

// The deployment's clock is the real one plus an offset that only Advance moves. What is to happen later stands in a queue;
// one timer waits for its head. Tests inside a testing/synctest bubble get virtual time without further ado.

type event struct {
	at       time.Time
	sequence int
	run      func()
}

type agenda struct {
	events   []event
	sequence int
}

func (a *agenda) Len() int { return len(a.events) }
func (a *agenda) Less(i, j int) bool {
	x, y := a.events[i], a.events[j]
	return x.at.Before(y.at) || x.at.Equal(y.at) && x.sequence < y.sequence
}
func (a *agenda) Swap(i, j int) { a.events[i], a.events[j] = a.events[j], a.events[i] }
func (a *agenda) Push(x any)    { a.events = append(a.events, x.(event)) }
func (a *agenda) Pop() any {
	last := len(a.events) - 1
	e := a.events[last]
	a.events[last] = event{}
	a.events = a.events[:last]
	return e
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
	d.agenda.sequence++
	heap.Push(&d.agenda, event{t, d.agenda.sequence, run})
	d.arm()
}

func (d *Deployment) after(delay time.Duration, run func()) { d.at(d.now().Add(delay), run) }

// arm sets the timer for the head of the queue.
func (d *Deployment) arm() {
	if d.closed || d.agenda.Len() == 0 {
		return
	}
	wait := max(d.agenda.events[0].at.Sub(d.now()), 0)
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
	for d.agenda.Len() > 0 && !d.agenda.events[0].at.After(t) {
		e := heap.Pop(&d.agenda).(event)
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
