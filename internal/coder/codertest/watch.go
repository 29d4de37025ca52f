package codertest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"
)

// watcher is one open event stream. Events that do not fit its buffer are lost: Coder's updates are best effort, too.
type watcher struct {
	workspace *workspace
	user      *user
	events    chan []byte
	closed    chan struct{}
}

const (
	pingInterval  = 15 * time.Second
	watcherBuffer = 256
)

// notify is called after every change that a watcher gets to know. It sends the workspace's present state to whoever
// watches it.
func (d *Deployment) notify(w *workspace) {
	w.forgetResources()
	for s := range w.watchers {
		select {
		case s.events <- d.dataEvent(w, s.user):
		default:
		}
	}
}

// forgetResources lets the resources be encoded anew after a change.
func (w *workspace) forgetResources() {
	for _, b := range w.builds {
		b.encoded = nil
	}
}

// dataEvent is the workspace as the user sees it. A stream goes on for somebody who does not see it any more.
func (d *Deployment) dataEvent(w *workspace, u *user) []byte {
	if !d.mayRead(u, w) {
		return []byte(`event: error
data: {"message":"Internal error fetching workspace.","detail":"unauthorized: rbac: forbidden"}

`)
	}
	var buf bytes.Buffer
	buf.WriteString("event: data\ndata: ")
	if err := json.NewEncoder(&buf).Encode(d.workspaceJSON(w, u, full)); err != nil { // ends the line
		return []byte("event: error\ndata: {\"message\":\"Internal error.\"}\n\n")
	}
	buf.WriteString("\n")
	return buf.Bytes()
}

// CloseWatches ends all open watch streams, as a restart of the server does.
func (d *Deployment) CloseWatches() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for s := range d.watchers {
		close(s.closed)
		delete(d.watchers, s)
		delete(s.workspace.watchers, s)
	}
}

// Watches is the number of open watch streams.
func (d *Deployment) Watches() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.watchers)
}

// watch streams a workspace's changes: a ping at once and every 15 s, since 2.2 the present state after the first ping.
// The stream outlives builds and even the workspace.
func (c *call) watch(out http.ResponseWriter) {
	d := c.d
	d.mu.Lock()
	w, rep, found := c.workspace()
	if !found {
		d.mu.Unlock()
		d.write(out, rep)
		return
	}
	s := &watcher{workspace: w, user: c.user, events: make(chan []byte, watcherBuffer), closed: make(chan struct{})}
	w.watchers[s] = true
	d.watchers[s] = true
	first := []byte("event: ping\n\n")
	if d.since(2, 2) {
		first = append(first, d.dataEvent(w, c.user)...)
	}
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(w.watchers, s)
		delete(d.watchers, s)
	}()

	h := out.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache")
	h.Set("Connection", "keep-alive")
	h.Set("X-Accel-Buffering", "no")
	out.WriteHeader(http.StatusOK)
	control := http.NewResponseController(out)
	send := func(event []byte) bool {
		if _, err := out.Write(event); err != nil {
			return false
		}
		return control.Flush() == nil
	}
	ticker := time.NewTicker(pingInterval)
	defer ticker.Stop()
	for alive := send(first); alive; {
		select {
		case event := <-s.events:
			alive = send(event)
		case <-ticker.C:
			alive = send([]byte("event: ping\n\n"))
		case <-s.closed:
			return
		case <-d.done:
			return
		case <-c.r.Context().Done():
			return
		}
	}
}
