package coder

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// limitWindow is the time in which Coder counts requests. It adds up those of
// the present minute and, as far as it reaches back into the last 60 seconds,
// those of the minute before.
const limitWindow = time.Minute

// Hold is a request that waits so as not to exceed the server's rate limit.
type Hold struct {
	Method string
	Path   string
	Wait   time.Duration
}

// pacer holds requests back when few are left of what the server allows, so that
// they are spread over the time instead of being refused for a minute. Coder
// counts by the exact path; all answers tell what is left for theirs.
type pacer struct {
	onHold func(context.Context, Hold)

	mu  sync.Mutex
	low map[string]*allowance // by path, where little is left
}

// allowance is what is left of the requests to one path.
type allowance struct {
	limit     int
	remaining int
	noted     time.Time // when the server said so
	reset     time.Time // the end of the server's present minute
	earlier   int       // requests of the minute before, which cease to count by and by
	next      time.Time // the turn of the next request
	reserved  int       // requests that have their turn and no answer yet
	shut      time.Time // until when all will be refused
}

// isLow tells whether so little is left that requests are to be spread: a tenth,
// but enough for those that are under way at the same time.
func isLow(remaining, limit int) bool {
	return remaining < min(max(limit/10, 20), limit/2)
}

// hold waits until a request may be sent. It returns what to call after it. Where
// the context would end before that, the server may decide.
func (p *pacer) hold(ctx context.Context, req *http.Request) (sent func(*http.Response), err error) {
	path := req.URL.Path
	for {
		wait, reserved := p.reserve(path, func(turn time.Time) bool {
			deadline, limited := ctx.Deadline()
			return !limited || turn.Before(deadline)
		})
		sent = func(resp *http.Response) { p.note(path, reserved, resp) }
		if wait <= 0 {
			return sent, nil
		}
		if p.onHold != nil {
			p.onHold(ctx, Hold{Method: req.Method, Path: path, Wait: wait})
		}
		if err := pause(ctx, wait); err != nil {
			sent(nil)
			return nil, err
		}
		if !p.isShut(path) {
			return sent, nil
		}
		sent(nil) // others were faster; it takes another turn
	}
}

// isShut tells whether the server will refuse every request to a path.
func (p *pacer) isShut(path string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.low[path]
	return a != nil && time.Now().Before(a.shut)
}

// reserve takes the next turn on a path, unless that is too late or there is no
// need, and returns the time until it.
func (p *pacer) reserve(path string, acceptable func(time.Time) bool) (wait time.Duration, reserved bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.low[path]
	if a == nil {
		return 0, false
	}
	now, turn := time.Now(), a.next
	if turn.Before(now) {
		turn = now
	}
	if !acceptable(turn) {
		return 0, false
	}
	a.next = turn.Add(a.gap(turn))
	a.reserved++
	return turn.Sub(now), true
}

// gap is the time between a turn and the next: never less than what the server
// can bear for long, since a new minute does not begin with a clean slate.
func (a *allowance) gap(turn time.Time) time.Duration {
	left := max(a.reset.Sub(turn), 0)
	free := max(a.remaining-a.reserved+a.expiring(left), 0)
	return max(left/time.Duration(free+1), limitWindow/time.Duration(a.limit))
}

// expiring is how many of the earlier requests cease to count in a time.
func (a *allowance) expiring(within time.Duration) int {
	return int(time.Duration(a.earlier) * within / limitWindow)
}

// note reads what the answer to a request says about its path; nil is no answer.
func (p *pacer) note(path string, reserved bool, resp *http.Response) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.low[path]
	if a != nil && reserved {
		a.reserved--
	}
	if resp == nil {
		return
	}
	limit, err := strconv.Atoi(resp.Header.Get("X-RateLimit-Limit"))
	if err != nil || limit <= 0 {
		return
	}
	remaining, err := strconv.Atoi(resp.Header.Get("X-RateLimit-Remaining"))
	if err != nil {
		return
	}
	now, reset := time.Now(), resetTime(resp)
	switch {
	case a == nil:
		a = new(allowance)
	case reset.Sub(a.reset) > limitWindow/2: // a new minute
		a.earlier = limit - remaining
	default: // answers can arrive in another order than they were made in
		remaining = min(remaining, a.remaining+a.expiring(now.Sub(a.noted))+1)
	}
	if !isLow(remaining, limit) {
		delete(p.low, path)
		return
	}
	if p.low == nil {
		p.low = map[string]*allowance{}
	}
	p.low[path] = a
	a.limit, a.remaining, a.noted, a.reset, a.shut = limit, remaining, now, reset, time.Time{}
	if remaining > 0 {
		return
	}
	free := now.Add(limitWindow / time.Duration(max(a.earlier, 1)))
	if a.earlier == 0 { // all were made in this minute
		free = reset.Add(limitWindow / time.Duration(limit))
		a.shut = free
	}
	if a.next.Before(free) {
		a.next = free
	}
}

// resetTime is the end of the server's present minute, by our clock.
func resetTime(resp *http.Response) time.Time {
	now := time.Now()
	theirs, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		theirs = now
	}
	left := limitWindow
	if seconds, err := strconv.ParseInt(resp.Header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
		left = min(max(time.Unix(seconds, 0).Sub(theirs), 0), limitWindow)
	}
	return now.Add(left)
}
