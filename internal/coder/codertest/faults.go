package codertest

import (
	"io"
	"net/http"
	"time"
)

// Fault lets some requests go wrong.
type Fault struct {
	// Method and Route choose the requests; "" matches any. Route is a path template as in Request.Route.
	Method, Route string
	// Skip lets that many matching requests pass first; then Times of them are hit, 0 = all further ones.
	Skip, Times int
	// Status, when set, is answered instead of acting, with Header, Body and ContentType (default JSON).
	Status      int
	Header      http.Header
	Body        string
	ContentType string
	// DropBefore closes the connection instead of acting, DropAfter closes it instead of answering.
	DropBefore, DropAfter bool
	// Spoil lets the deployment act and spoils its answer on the way.
	Spoil Spoil
	// Delay comes before everything else.
	Delay time.Duration
	// Before is called before the request is handled, for instance to change the deployment at that moment.
	Before func(r *http.Request)
}

// Spoil is what happens to an answer on its way to the client. Answers without a body, such as 204, can only be Silent.
type Spoil int

// The ways to spoil an answer.
const (
	Whole     Spoil = iota // nothing happens
	Truncated              // the connection ends in the middle of the body
	Endless                // the body never ends
	Dripping               // the body comes byte by byte, one every ten seconds
	Silent                 // nothing comes at all, and the connection stays open
)

type fault struct {
	Fault

	seen int
}

// AddFault adds a fault. Faults are tried in the order of their addition; the first that hits counts.
func (d *Deployment) AddFault(f Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = append(d.faults, &fault{Fault: f})
}

// PrependFault adds a fault that is tried before those that are there already.
func (d *Deployment) PrependFault(f Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = append([]*fault{{Fault: f}}, d.faults...)
}

// ClearFaults removes all faults.
func (d *Deployment) ClearFaults() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = nil
}

// fault counts the request in all faults that match and returns the first one that hits it.
func (d *Deployment) fault(method, route string) *fault {
	d.mu.Lock()
	defer d.mu.Unlock()
	var hit *fault
	for _, f := range d.faults {
		if f.Method != "" && f.Method != method || f.Route != "" && f.Route != route {
			continue
		}
		f.seen++
		if hit == nil && f.seen > f.Skip && (f.Times == 0 || f.seen <= f.Skip+f.Times) {
			hit = f
		}
	}
	return hit
}

// beforeFault does what comes before the handling; false says that the request is settled.
func (d *Deployment) beforeFault(f *fault, w http.ResponseWriter, r *http.Request) bool {
	if f.Delay > 0 && !d.pause(r, f.Delay) {
		return false
	}
	if f.Before != nil {
		f.Before(r)
	}
	if f.DropBefore {
		panic(http.ErrAbortHandler)
	}
	if f.Status == 0 {
		return true
	}
	h := w.Header()
	contentType := f.ContentType
	if contentType == "" {
		contentType = "application/json; charset=utf-8"
	}
	h.Set("Content-Type", contentType)
	for key, values := range f.Header {
		h[http.CanonicalHeaderKey(key)] = values
	}
	w.WriteHeader(f.Status)
	_, _ = io.WriteString(w, f.Body)
	return false
}
