package coder

import (
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

	foreign bool // the body was not Coder's
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
	var parsed response
	if err := json.Unmarshal(raw, &parsed); err == nil && parsed.Message != "" {
		e.Message, e.Detail, e.Validations = parsed.Message, parsed.Detail, parsed.Validations
		e.foreign = !isCoders(resp, parsed.Message)
		return e
	}
	e.foreign = true
	e.Message = excerpt(string(raw))
	if e.Message == "" {
		e.Message = http.StatusText(resp.StatusCode)
	}
	if e.Message == "" {
		e.Message = "no message"
	}
	return e
}

// isCoders tells whether a refusal in Coder's form is Coder's: gateways write
// JSON with a message as well. Coder's have headers that say so, but proxies
// drop headers; then the words tell of the refusals where it matters most.
func isCoders(resp *http.Response, message string) bool {
	switch {
	case resp.Header.Get(requestIDHeader) != "", resp.Header.Get(buildVersionHeader) != "":
		return true
	case resp.StatusCode == http.StatusNotFound:
		return message == notFoundMessage || message == unknownRouteMessage
	case resp.StatusCode == http.StatusGone:
		return strings.HasPrefix(message, "Workspace ") && strings.Contains(message, " was deleted")
	default:
		return true
	}
}

// Coder's words for 404.
const (
	notFoundMessage     = "Resource not found or you do not have access to this resource"
	unknownRouteMessage = "Route not found."
)

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

func hasStatus(err error, status int) bool {
	e := refusal(err)
	return e != nil && e.Status == status
}

// IsNotFound tells whether the server says that something does not exist, or
// that the token may not see it. Coder ≤2.31 says 400 of an unknown user. A
// 404 that is not Coder's, and the one of an endpoint that the server does not
// have, tell nothing about the object and are not meant.
func IsNotFound(err error) bool {
	e := refusal(err)
	switch {
	case e == nil:
		return false
	case e.Status == http.StatusNotFound:
		return !e.foreign && !isUnknownRoute(e)
	case e.Status == http.StatusBadRequest:
		return strings.HasPrefix(e.Message, `"user" must be an existing uuid or username`)
	default:
		return false
	}
}

// IsGone tells whether the server says that a workspace was deleted (410). It
// keeps deleted workspaces for ever and says so of every one; a 404 only means
// that the token may not see it, or that the deployment never had it.
func IsGone(err error) bool {
	e := refusal(err)
	return e != nil && !e.foreign && e.Status == http.StatusGone
}

// IsForeign tells whether a refusal was not Coder's own, but that of somebody in
// front of it, or of another server.
func IsForeign(err error) bool {
	e := refusal(err)
	return e != nil && e.foreign
}

// IsUnknownRoute tells whether the server does not know the endpoint, because
// it is older or because the URL has a wrong path.
func IsUnknownRoute(err error) bool {
	e := refusal(err)
	return e != nil && isUnknownRoute(e)
}

func isUnknownRoute(e *Error) bool {
	return e.Status == http.StatusNotFound && e.Message == unknownRouteMessage
}

// IsConflict tells whether the request clashes with the present state: a name
// in use, a build still active. Of two requests at the same instant Coder
// answers one with 500 and the database's words instead of 409.
func IsConflict(err error) bool {
	e := refusal(err)
	switch {
	case e == nil:
		return false
	case e.Status == http.StatusConflict:
		return true
	default:
		return e.Status == http.StatusInternalServerError && strings.Contains(e.Detail, "duplicate key value violates unique constraint")
	}
}

// IsBuildActive tells whether a build was refused because another one of the
// workspace is active. Two that arrive in the same instant end in 500 before
// Coder 2.19.
func IsBuildActive(err error) bool {
	e := refusal(err)
	switch {
	case e == nil:
		return false
	case e.Status == http.StatusConflict:
		return strings.Contains(e.Message, "already active") || strings.Contains(e.Message, "insert workspace build")
	default:
		return e.Status == http.StatusInternalServerError && strings.Contains(e.Message, "insert workspace build") && !IsForbidden(err)
	}
}

// IsUnauthorized tells whether the token is missing, wrong or expired, or its
// user suspended. Coder ≤2.1 also says 401 of a template in another
// organization, which is not meant.
func IsUnauthorized(err error) bool {
	e := refusal(err)
	return e != nil && e.Status == http.StatusUnauthorized && !strings.HasPrefix(e.Message, "Template is not in organization")
}

// IsForbidden tells whether the token may not do that. On many writes Coder
// says so with 500 and the reason in the detail.
func IsForbidden(err error) bool {
	e := refusal(err)
	switch {
	case e == nil:
		return false
	case e.Status == http.StatusForbidden:
		return true
	default:
		return e.Status == http.StatusInternalServerError && strings.Contains(e.Detail, "rbac: forbidden")
	}
}

// IsRateLimited tells whether too many requests were made (429).
func IsRateLimited(err error) bool { return hasStatus(err, http.StatusTooManyRequests) }

// IsRenameForbidden tells whether the deployment does not allow new names,
// which is the default since Coder 2.6.
func IsRenameForbidden(err error) bool {
	return hasStatus(err, http.StatusBadRequest) && strings.HasPrefix(refusal(err).Message, "Workspace renames are not allowed")
}

// IsTLS tells whether the connection failed on TLS: an untrusted or wrong
// certificate, or a server that does not speak TLS.
func IsTLS(err error) bool { return isTLSError(err) }

// IsUnreadable tells whether the server agreed in an answer that arrived whole
// and is none of Coder's API: not the JSON that was expected, or too much of it.
func IsUnreadable(err error) bool {
	var body *bodyError
	return errors.As(err, &body) && !body.lost && !errors.Is(err, errLate)
}

// IsUnclear tells whether a failed POST may have had its effect all the same:
// the connection was lost or the context ended after there had been a
// connection to send it on, a proxy gave up on the server (502 and above), or
// the server agreed in an answer that cannot be read. Ask the server before
// trying again.
func IsUnclear(err error) bool {
	var (
		failed  *RequestError
		content *ContentError
	)
	switch e := refusal(err); {
	case e != nil:
		return e.Method == http.MethodPost && e.Status >= http.StatusBadGateway
	case errors.As(err, &failed):
		return failed.Method == http.MethodPost && failed.sent
	case errors.As(err, &content):
		return content.Method == http.MethodPost
	default:
		return false
	}
}
