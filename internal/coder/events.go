package coder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/tmaxmax/go-sse"
)

const (
	// firstPingLimit is how long an event stream may take to begin. Coder pings at
	// once; a proxy that collects the stream passes nothing on.
	firstPingLimit = 10 * time.Second
	// silenceLimit is how long a running stream may be silent. Coder pings every
	// 15 seconds.
	silenceLimit = 30 * time.Second
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

// stream is an event stream of a workspace that somebody listens to. Nil is one
// on which nothing comes.
type stream struct {
	events <-chan event // closed at the end
	pings  int          // that the listener has heard
	cancel context.CancelFunc
	err    error // why it ended
}

// listen opens the event stream of a workspace. It ends with the context, with
// the first error, or when it is silent.
func (c *Client) listen(ctx context.Context, workspace uuid.UUID) *stream {
	ctx, cancel := context.WithCancel(ctx)
	events := make(chan event)
	s := &stream{events: events, cancel: cancel}
	go func() {
		defer close(events)
		defer cancel()
		s.err = s.follow(ctx, c, workspace, events)
	}()
	return s
}

// follow hands on the events until the stream ends.
func (s *stream) follow(ctx context.Context, c *Client, workspace uuid.UUID, events chan<- event) error {
	silence := time.AfterFunc(firstPingLimit, s.cancel)
	defer silence.Stop()
	subscribed := false
	lastEvent := time.Now()
	alive := func() {
		// A large event may take its time, but not for ever.
		if subscribed && time.Since(lastEvent) < staleLimit {
			silence.Reset(silenceLimit)
		}
	}
	for event, err := range c.watchWorkspace(ctx, workspace, alive) {
		if err != nil {
			return err
		}
		lastEvent = time.Now()
		if event.name == eventPing {
			subscribed = true
			silence.Reset(silenceLimit)
		}
		select {
		case events <- event:
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// next is where the next event comes.
func (s *stream) next() <-chan event {
	if s == nil {
		return nil
	}
	return s.events
}

// end closes the stream and tells why it has ended, if it has by itself.
func (s *stream) end() error {
	if s == nil {
		return nil
	}
	s.cancel()
	for range s.events { // until it is closed
	}
	return s.err
}

// isRefusedStream tells whether it is of no use to open a stream again: the
// server or somebody in front of it does not give it out.
func isRefusedStream(err error) bool {
	var (
		content  *ContentError
		redirect *RedirectError
	)
	return isFinal(err) || errors.As(err, &content) || errors.As(err, &redirect)
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
