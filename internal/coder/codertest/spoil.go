package codertest

import (
	"bytes"
	"net/http"
	"time"
)

const (
	dripInterval = 10 * time.Second
	endlessChunk = 1 << 20
)

// spoiler spoils one answer. Handlers write a body in one piece, event streams write event by event.
type spoiler struct {
	http.ResponseWriter

	how Spoil
	d   *Deployment
	r   *http.Request
}

// Unwrap gives http.ResponseController the connection.
func (w *spoiler) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader passes the status on, unless nothing is to come.
func (w *spoiler) WriteHeader(status int) {
	if w.how == Silent {
		<-w.r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write sends as much as the client is to get.
func (w *spoiler) Write(p []byte) (int, error) {
	half := p[:len(p)/2]
	switch w.how {
	case Truncated:
		w.send(half)
		panic(http.ErrAbortHandler) // what was sent before is a part of a body that announced more, or was chunked
	case Endless:
		for more := half; w.send(more); {
			more = bytes.Repeat([]byte(" "), endlessChunk)
		}
		panic(http.ErrAbortHandler)
	case Dripping:
		for i := range p {
			if !w.send(p[i:i+1]) || !w.d.pause(w.r, dripInterval) {
				panic(http.ErrAbortHandler)
			}
		}
		return len(p), nil
	case Silent:
		w.WriteHeader(http.StatusOK)
	case Whole:
	}
	return w.ResponseWriter.Write(p)
}

// send writes and makes sure that it leaves; false when the client is gone.
func (w *spoiler) send(p []byte) bool {
	if _, err := w.ResponseWriter.Write(p); err != nil {
		return false
	}
	return http.NewResponseController(w.ResponseWriter).Flush() == nil
}
