package coder

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// What Coder says of itself with every answer.
const (
	requestIDHeader    = "X-Coder-Request-Id"
	buildVersionHeader = "X-Coder-Build-Version"
	sessionTokenHeader = "Coder-Session-Token"
)

// Error is a refusal by the server, or by a proxy in front of it.
type Error struct {
	Method string
	// Server is the scheme and host that was asked, Path the path there.
	Server string
	Path   string
	Status int
	// Message is never "": without one from Coder it is the beginning of the
	// answer's text, or the name of the status.
	Message     string
	Detail      string
	Validations []Validation
	RequestID   string
	// RetryAfter is the wait the server asks for before the next attempt.
	RetryAfter time.Duration

	foreign bool   // it is not Coder's own; see [Foreign]
	said    *Error // as the server put it, where that was reworded
}

// Reworded is the refusal with everything that the server has written itself
// changed. It means the same.
func (e *Error) Reworded(change func(string) string) *Error {
	other := *e
	other.said = cmp.Or(e.said, e)
	other.Message, other.Detail = change(e.Message), change(e.Detail)
	other.Validations = make([]Validation, len(e.Validations))
	for i, validation := range e.Validations {
		other.Validations[i] = Validation{Field: validation.Field, Detail: change(validation.Detail)}
	}
	return &other
}

// serverOf is the scheme and host that a request goes to.
func serverOf(req *http.Request) string { return req.URL.Scheme + "://" + req.URL.Host }

// Validation is what is wrong with one field of a request.
type Validation struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// Error implements error.
func (e *Error) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s: %d %s", e.Method, e.Path, e.Status, http.StatusText(e.Status))
	if e.Message != http.StatusText(e.Status) {
		text.WriteString(": " + e.Message)
	}
	if e.Detail != "" && e.Detail != e.Message {
		text.WriteString(": " + e.Detail)
	}
	for i, validation := range e.Validations {
		separator := "; "
		if i == 0 {
			separator = " ("
		}
		text.WriteString(separator + validation.Field + ": " + validation.Detail)
	}
	if len(e.Validations) > 0 {
		text.WriteString(")")
	}
	return text.String()
}

// RequestError is a request without a usable answer: the connection could not
// be made or was lost, the body could not be read, or the context ended, which
// errors.Is tells.
type RequestError struct {
	Method string
	Server string // as in [Error]
	Path   string
	Err    error

	sent bool // the server may have received it
}

// Error implements error.
func (e *RequestError) Error() string {
	return fmt.Sprintf("%s %s: %v", e.Method, e.Path, e.Err)
}

// Unwrap returns what went wrong.
func (e *RequestError) Unwrap() error { return e.Err }

// ContentError is a success that the API did not send: a wrong URL or a login
// page in front of the deployment. Coder itself answers every path outside its
// API with the dashboard's HTML and status 200.
type ContentError struct {
	Method      string
	Server      string // as in [Error]
	Path        string
	Status      int
	ContentType string
}

// Error implements error.
func (e *ContentError) Error() string {
	return fmt.Sprintf("%s %s: %d with content type %q, which is not an answer of the API", e.Method, e.Path, e.Status, e.ContentType)
}

// RedirectError is an answer that points elsewhere. The client does not follow:
// the token must not leave for another host, and Coder redirects to its bare
// access URL, dropping the path.
type RedirectError struct {
	Method   string
	Server   string // as in [Error]
	Path     string
	Status   int
	Location string
}

// Error implements error.
func (e *RedirectError) Error() string {
	return fmt.Sprintf("%s %s: %d redirects to %q", e.Method, e.Path, e.Status, e.Location)
}

// newError reads a refusal.
func newError(resp *http.Response, limit int64) *Error {
	e := &Error{
		Method:    resp.Request.Method,
		Server:    serverOf(resp.Request),
		Path:      resp.Request.URL.Path,
		Status:    resp.StatusCode,
		RequestID: resp.Header.Get(requestIDHeader),
	}
	e.RetryAfter, _ = retryAfter(resp)
	// A body cut short is worth no error of its own.
	raw, _ := io.ReadAll(io.LimitReader(resp.Body, limit))
	said, shape := readRefusal(raw)
	e.Message, e.Detail, e.Validations = said.Message, said.Detail, said.Validations
	if e.Message == "" {
		e.Message = cmp.Or(excerpt(string(raw)), http.StatusText(resp.StatusCode), "no message")
	}
	e.foreign = !e.isCoders(resp.Header, shape)
	return e
}

// shape is how much the body of a refusal looks like one of Coder's.
type shape int

const (
	shapeOther   shape = iota // a text, a page, other JSON
	shapeEmpty                // nothing
	shapeMessage              // an object with a message, and perhaps others' fields
	shapeWhole                // an object with a message and more, and Coder's fields only
)

func readRefusal(raw []byte) (response, shape) {
	var said response
	if len(bytes.TrimSpace(raw)) == 0 {
		return said, shapeEmpty
	}
	if err := json.Unmarshal(raw, &said); err != nil || said.Message == "" {
		return response{}, shapeOther
	}
	strict := json.NewDecoder(bytes.NewReader(raw))
	strict.DisallowUnknownFields()
	if err := strict.Decode(new(response)); err == nil && (said.Detail != "" || len(said.Validations) > 0) {
		return said, shapeWhole
	}
	return said, shapeMessage
}

var (
	invisibleHTML = regexp.MustCompile(`(?is)<(script|style|head)\b.*?</(script|style|head)\s*>|<!--.*?-->`)
	titleHTML     = regexp.MustCompile(`(?is)<title\b[^>]*>(.*?)</title\s*>`)
	tagHTML       = regexp.MustCompile(`(?s)<[^<>]*>`)
)

// excerpt is the beginning of a text for people: no tags, no control
// characters, one line.
func excerpt(text string) string {
	const longest = 200
	title := ""
	if match := titleHTML.FindStringSubmatch(text); match != nil {
		title = match[1] + " "
	}
	text = title + invisibleHTML.ReplaceAllString(text, " ")
	text = html.UnescapeString(tagHTML.ReplaceAllString(text, " "))
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r), r == unicode.ReplacementChar:
			return -1
		default:
			return r
		}
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return text
}

// refusal finds the server's refusal in an error, nil when it is none.
func refusal(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// IsUnreadable tells whether the server agreed in an answer that arrived whole
// and is none of Coder's API: not the JSON that was expected, or too much of it.
func IsUnreadable(err error) bool {
	var body *bodyError
	return errors.As(err, &body) && !body.lost && !errors.Is(err, errLate)
}

// IsUnclear tells whether a failed POST may have had its effect all the same:
// the connection was lost or the context ended after there had been a
// connection to send it on, somebody in front of the server failed, or the
// server agreed in an answer that cannot be read. Ask the server before trying
// again.
func IsUnclear(err error) bool {
	var (
		failed  *RequestError
		content *ContentError
	)
	switch e := refusal(err); {
	case e != nil:
		return e.Method == http.MethodPost && (e.Status >= http.StatusBadGateway || e.foreign && e.Status >= http.StatusInternalServerError)
	case errors.As(err, &failed):
		return failed.Method == http.MethodPost && failed.sent
	case errors.As(err, &content):
		return content.Method == http.MethodPost
	default:
		return false
	}
}
