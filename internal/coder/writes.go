package coder

import (
	"math"
	"net/http"

	"github.com/google/uuid"
)

// writes remembers when the client wrote to which workspace, so that nothing
// read before is taken for news. Its clock counts; it tells the order of events
// and nothing else.
type writes struct {
	clock   uint64
	ongoing map[uuid.UUID]int
	ended   map[uuid.UUID]uint64
}

// anyWorkspace stands for all of them, where a request does not tell which one
// it changes.
var anyWorkspace = uuid.Nil

// tick is the moment of an event, later than all before it.
func (w *writes) tick() uint64 {
	w.clock++
	return w.clock
}

// allow tells whether a row asked for at a moment shows all writes to its
// workspace.
func (w *writes) allow(id uuid.UUID, asked uint64) bool {
	for _, id := range []uuid.UUID{id, anyWorkspace} {
		if w.ongoing[id] > 0 || w.ended[id] >= asked {
			return false
		}
	}
	return true
}

func (w *writes) begin(id uuid.UUID) {
	if w.ongoing == nil {
		w.ongoing, w.ended = map[uuid.UUID]int{}, map[uuid.UUID]uint64{}
	}
	w.ongoing[id]++
}

func (w *writes) end(id uuid.UUID, unclear bool) {
	if w.ongoing[id]--; w.ongoing[id] == 0 {
		delete(w.ongoing, id)
	}
	w.ended[id] = max(w.ended[id], w.tick())
	if unclear { // it can take effect at any time, or never
		w.ended[id] = math.MaxUint64
	}
}

// writing notes the begin of a request; the returned function its end.
func (r *reader) writing(method string, elements []string) func(error) {
	id := anyWorkspace
	switch {
	case method == http.MethodGet:
		return func(error) {}
	case elements[0] == "workspacebuilds":
	case elements[0] == "workspaces" && len(elements) > 1:
		id, _ = uuid.Parse(elements[1])
	default: // it changes no workspace, or makes one
		return func(error) {}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writes.begin(id)
	return func(err error) {
		e := refusal(err)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.writes.end(id, err != nil && (e == nil || e.isUnclear()))
	}
}

// wrote notes that what is read of a workspace from now on must be new: it was
// made, or a build of it has ended.
func (c *Client) wrote(id uuid.UUID) {
	c.reader.mu.Lock()
	defer c.reader.mu.Unlock()
	c.reader.writes.begin(id)
	c.reader.writes.end(id, false)
}
