package coder

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"

	"github.com/google/uuid"
	"github.com/tmaxmax/go-sse"
)

// streamContent is the content type of an event stream.
const streamContent = "text/event-stream"

// The events of the workspace stream.
const (
	// eventPing has no data. The first one says that the subscription is in
	// place, the others follow every 15 seconds.
	eventPing = "ping"
	// eventData carries the workspace.
	eventData = "data"
	// eventError carries the body of an error.
	eventError = "error"
)

// event is one message of an event stream.
type event struct {
	name string
	data string
}

// watchWorkspace listens to the changes of a workspace. The stream never ends
// by itself; it ends with the context, with the connection, or after the first
// error. Alive is called whenever anything arrives, be it part of an event.
func (c *Client) watchWorkspace(ctx context.Context, id uuid.UUID, alive func()) iter.Seq2[event, error] {
	return func(yield func(event, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		resp, err := c.openStream(ctx, "workspaces", id.String(), "watch")
		if err != nil {
			yield(event{}, err)
			return
		}
		// Not closeBody: there is no end to read up to.
		defer func() { _ = resp.Body.Close() }()
		reader := &heartbeat{reader: resp.Body, beat: alive}
		for message, err := range sse.Read(reader, &sse.ReadConfig{MaxEventSize: c.limits.event}) {
			if err != nil {
				yield(event{}, fmt.Errorf("watching workspace %s: %w", id, err))
				return
			}
			if !yield(event{name: message.Type, data: message.Data}, nil) {
				return
			}
		}
	}
}

// openStream asks for an event stream once; a caller that is refused has
// another way.
func (c *Client) openStream(ctx context.Context, elements ...string) (*http.Response, error) {
	resp, err := c.getOnce(ctx, nil, http.Header{
		"Accept":          {streamContent},
		"Accept-Encoding": {"identity"}, // packing holds events back
	}, elements...)
	if err != nil {
		return nil, err
	}
	if err := checkContentType(resp, streamContent); err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	return resp, nil
}

// heartbeat reports that something was read.
type heartbeat struct {
	reader io.Reader
	beat   func()
}

// Read implements [io.Reader].
func (h *heartbeat) Read(p []byte) (int, error) {
	n, err := h.reader.Read(p)
	if n > 0 {
		h.beat()
	}
	return n, err
}
