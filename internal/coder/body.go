package coder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// ErrBodyTooLarge is wrapped by the error of a call whose answer is larger
// than the client reads.
var ErrBodyTooLarge = errors.New("the answer is too large")

// limits are the largest bodies the client reads, in bytes, after unpacking.
type limits struct {
	object  int64 // one object
	list    int64 // a page of a list, a log
	failure int64 // an error; the rest is ignored
	event   int   // one event of a stream; one cut off by it costs a wait its stream, nothing more
}

var defaultLimits = limits{object: 32 << 20, list: 256 << 20, failure: 64 << 10, event: 16 << 20}

// bodyError is a success whose body could not be read.
type bodyError struct {
	err  error
	lost bool // the connection ended before the body did
}

func (e *bodyError) Error() string { return "reading the answer: " + e.err.Error() }
func (e *bodyError) Unwrap() error { return e.err }

// timedBody is a body that has to end within [answerTimeout].
type timedBody struct {
	io.ReadCloser

	timer *time.Timer
	late  atomic.Bool
}

func newTimedBody(b io.ReadCloser) *timedBody {
	timed := &timedBody{ReadCloser: b}
	timed.timer = time.AfterFunc(answerTimeout, func() {
		timed.late.Store(true)
		_ = b.Close() // ends a read that waits
	})
	return timed
}

// Read implements [io.Reader].
func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && b.late.Load() {
		err = errLate
	}
	return n, err
}

// Close implements [io.Closer].
func (b *timedBody) Close() error {
	b.timer.Stop()
	return b.ReadCloser.Close()
}

// errLate ends an answer that comes too slowly. Asking again would take as
// long.
var errLate error = lateError{}

type lateError struct{}

func (lateError) Error() string {
	return "timeout: the answer did not end in " + answerTimeout.String()
}

// Timeout implements [net.Error].
func (lateError) Timeout() bool { return true }

// Temporary implements [net.Error].
func (lateError) Temporary() bool { return false }

// body reads a success up to a limit and remembers why reading ended early.
type body struct {
	reader io.Reader
	limit  int64
	left   int64
	failed *bodyError
}

func newBody(resp *http.Response, limit int64) *body {
	return &body{reader: resp.Body, limit: limit, left: limit}
}

// Read implements [io.Reader].
func (b *body) Read(p []byte) (int, error) {
	if b.failed != nil {
		return 0, b.failed
	}
	// One byte more than is left tells a full body from one too large.
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.reader.Read(p)
	if int64(n) > b.left {
		b.failed = &bodyError{err: fmt.Errorf("%w: more than %d bytes", ErrBodyTooLarge, b.limit)}
		return int(b.left), b.failed
	}
	b.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		b.failed = &bodyError{err: err, lost: !errors.Is(err, errLate)}
		return n, b.failed
	}
	return n, err
}

// fail turns an error of the JSON decoder into the reason behind it.
func (b *body) fail(err error) error {
	if b.failed != nil {
		return b.failed
	}
	return &bodyError{err: err}
}

// finish checks that nothing but space follows the value.
func (b *body) finish(decoder *json.Decoder) error {
	switch _, err := decoder.Token(); {
	case errors.Is(err, io.EOF) && b.failed == nil:
		return nil
	case err != nil:
		return b.fail(err)
	default:
		return b.fail(errors.New("the JSON value is followed by more"))
	}
}

// decodeObject decodes an answer that is one JSON value.
func decodeObject[T any](resp *http.Response, limit int64) (*T, error) {
	if err := checkContentType(resp, "application/json"); err != nil {
		return nil, err
	}
	b := newBody(resp, limit)
	decoder := json.NewDecoder(b)
	var value *T
	if err := decoder.Decode(&value); err != nil {
		return nil, b.fail(err)
	}
	if value == nil {
		return nil, b.fail(errors.New("null where an object should be"))
	}
	if err := b.finish(decoder); err != nil {
		return nil, err
	}
	return value, nil
}

// decodeArray decodes an answer that is one JSON array, element by element.
func decodeArray[T any](resp *http.Response, limit int64) ([]T, error) {
	if err := checkContentType(resp, "application/json"); err != nil {
		return nil, err
	}
	b := newBody(resp, limit)
	decoder := json.NewDecoder(b)
	values, err := decodeElements[T](decoder)
	if err != nil {
		return nil, b.fail(err)
	}
	if err := b.finish(decoder); err != nil {
		return nil, err
	}
	return values, nil
}

// decodeElements reads a JSON array element by element, so that a large one is
// not held twice. Null is an empty array.
func decodeElements[T any](decoder *json.Decoder) ([]T, error) {
	values := []T{}
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	if token == nil {
		return values, nil
	}
	if token != json.Delim('[') {
		return nil, fmt.Errorf("%s where a list should begin", tokenText(token))
	}
	for decoder.More() {
		var value T
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	_, err = decoder.Token()
	return values, err
}

// tokenText is a piece of JSON for an error.
func tokenText(token json.Token) string {
	if token == nil {
		return "null"
	}
	return fmt.Sprint(token)
}

// checkContentType refuses a success that is not what the API sends. Anything
// but the API, the dashboard above all, answers 200 with HTML.
func checkContentType(resp *http.Response, want string) error {
	value := resp.Header.Get("Content-Type")
	if value == "" {
		return nil
	}
	if got, _, err := mime.ParseMediaType(value); err == nil && strings.EqualFold(got, want) {
		return nil
	}
	return &ContentError{Method: resp.Request.Method, Server: serverOf(resp.Request), Path: resp.Request.URL.Path, Status: resp.StatusCode, ContentType: value}
}

// closeBody reads what little is left, so that the connection can be used
// again, and closes.
func closeBody(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 4<<10)
	_ = body.Close()
}
