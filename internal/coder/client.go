package coder

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Config says which deployment a [Client] talks to, and how.
type Config struct {
	// URL is the deployment's address. A path prefix of a reverse proxy is
	// kept; "/api/v2" is added by the client. Required.
	URL *url.URL
	// Token is the session token; "" sends none.
	Token string
	// Headers are sent with every request, for proxies that ask for them.
	Headers map[string]string
	// TLS is the TLS configuration; nil is Go's default.
	TLS *tls.Config
	// Dial makes the connections; nil uses the network. It is for tests with a
	// server in the same process.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// MaxRetries is how many times a request is repeated after its first
	// attempt; 0 means never.
	MaxRetries int
	// UserAgent is sent with every request.
	UserAgent string
	// OnExchange, when set, is told of every attempt as soon as its headers
	// have arrived or it has failed. It gets the context of the caller and must
	// be safe for concurrent use.
	OnExchange func(context.Context, Exchange)
}

// Exchange is one attempt of a request, for logs. It holds no bodies, headers
// or query values.
type Exchange struct {
	Method    string
	Path      string
	Status    int           // 0 when there was no answer
	Duration  time.Duration // until the headers arrived
	Attempt   int           // from 1
	RequestID string        // Coder's, "" when there is none
	Err       error         // why there was no answer
}

// Client calls one deployment. It is safe for concurrent use and keeps its
// connections alive between calls.
type Client struct {
	baseURL   *url.URL
	token     string
	headers   map[string]string
	userAgent string
	limits    limits

	http  *http.Client // one attempt
	retry *retryablehttp.Client

	lookup Lookup
	reader reader

	version      atomic.Pointer[Version] // nil until an answer has told it
	versionAsked atomic.Bool             // and need not be again
	clockOffset  atomic.Int64            // the server's clock minus ours, nanoseconds
	clockKnown   atomic.Bool             // an answer has told it
}

// New makes a client. It does not touch the network.
func New(config Config) *Client {
	return newClient(config, newBaseTransport(config))
}

func newClient(config Config, base http.RoundTripper) *Client {
	baseURL := *config.URL
	baseURL.RawQuery, baseURL.ForceQuery, baseURL.Fragment, baseURL.RawFragment = "", false, "", ""
	c := &Client{
		baseURL:   &baseURL,
		token:     config.Token,
		headers:   config.Headers,
		userAgent: config.UserAgent,
		limits:    defaultLimits,
	}
	c.lookup.client, c.reader.client = c, c
	c.reader.made = time.Now()
	c.http = &http.Client{
		Transport: &transport{base: base, onAnswer: c.noteAnswer, onExchange: config.OnExchange},
		// The transport turns redirects into errors; this is the second lock.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c.retry = &retryablehttp.Client{
		HTTPClient:   c.http,
		RetryWaitMin: retryWaitMin,
		RetryWaitMax: retryWaitMax,
		RetryMax:     max(config.MaxRetries, 0),
		CheckRetry:   checkRetry,
		Backoff:      retryBackoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return c
}

// response is the body of answers that carry no object, errors included.
type response struct {
	Message     string       `json:"message"`
	Detail      string       `json:"detail"`
	Validations []Validation `json:"validations"`
}

// call sends a request and decodes the object in its answer. Path elements are
// escaped one by one and follow "/api/v2".
func call[T any](ctx context.Context, c *Client, method string, query url.Values, body any, elements ...string) (*T, error) {
	var result *T
	err := c.do(ctx, method, query, body, func(resp *http.Response) error {
		var err error
		if result, err = decodeObject[T](resp, c.limits.object); err != nil {
			return err
		}
		return checkIdentity(result, elements[len(elements)-1])
	}, elements...)
	if err != nil {
		return nil, err
	}
	c.settle(result)
	return result, nil
}

// callList reads a plain JSON array; null is an empty one.
func callList[T any](ctx context.Context, c *Client, query url.Values, elements ...string) ([]T, error) {
	var result []T
	err := c.do(ctx, http.MethodGet, query, nil, func(resp *http.Response) error {
		var err error
		result, err = decodeArray[T](resp, c.limits.list)
		return err
	}, elements...)
	if err != nil {
		return nil, err
	}
	return result, nil
}

// send sends a request whose answer tells nothing beyond its status.
func (c *Client) send(ctx context.Context, method string, body any, elements ...string) error {
	return c.do(ctx, method, nil, body, func(resp *http.Response) error {
		if resp.StatusCode == http.StatusNoContent || resp.ContentLength == 0 {
			return nil
		}
		return checkContentType(resp, "application/json")
	}, elements...)
}

// afterQuery asks for the entries after an id; 0 asks for all.
func afterQuery(after int64) url.Values {
	if after <= 0 {
		return nil
	}
	return url.Values{"after": {fmt.Sprint(after)}}
}

// do sends a request, repeats it by the rules of [checkRetry], and hands a
// success to decode. Decode can be called again when the connection is lost in
// the middle of a body.
func (c *Client) do(ctx context.Context, method string, query url.Values, body any, decode func(*http.Response) error, elements ...string) error {
	err := c.repeat(ctx, method, query, body, decode, elements...)
	if err == nil && elements[0] != buildInfo {
		c.learnVersionOnce(ctx)
	}
	return err
}

func (c *Client) repeat(ctx context.Context, method string, query url.Values, body any, decode func(*http.Response) error, elements ...string) error {
	att := &attempts{method: method}
	req, err := c.newRequest(att.attach(ctx), method, query, body, elements...)
	if err != nil {
		return err
	}
	retryable, err := retryablehttp.FromRequest(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, req.URL.Path, err)
	}
	retryable.SetResponseHandler(func(resp *http.Response) error {
		if !isSuccess(resp.StatusCode) {
			return nil
		}
		return decode(resp)
	})
	resp, err := c.retry.Do(retryable) //nolint:bodyclose // closeBody does, after reading it up
	if resp != nil {
		defer closeBody(resp.Body)
	}
	if err != nil {
		return newRequestError(ctx, req, att, err)
	}
	if !isSuccess(resp.StatusCode) {
		return newError(resp, c.limits.failure)
	}
	return nil
}

// getOnce sends a GET a single time, for callers that have another way when it
// fails. The caller closes the body of a success.
func (c *Client) getOnce(ctx context.Context, query url.Values, header http.Header, elements ...string) (*http.Response, error) {
	att := &attempts{method: http.MethodGet}
	req, err := c.newRequest(att.attach(ctx), http.MethodGet, query, nil, elements...)
	if err != nil {
		return nil, err
	}
	maps.Copy(req.Header, header)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, newRequestError(ctx, req, att, err)
	}
	if resp.StatusCode != http.StatusOK {
		defer closeBody(resp.Body)
		return nil, newError(resp, c.limits.failure)
	}
	return resp, nil
}

// newRequest builds a request with every header of the client.
func (c *Client) newRequest(ctx context.Context, method string, query url.Values, body any, elements ...string) (*http.Request, error) {
	target, err := c.endpoint(query, elements...)
	if err != nil {
		return nil, err
	}
	var payload []byte
	if body != nil {
		if payload, err = json.Marshal(body); err != nil {
			return nil, fmt.Errorf("%s %s: encoding the request: %w", method, target.Path, err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, target.String(), bytes.NewReader(payload))
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, target.Path, err)
	}
	for name, value := range c.headers {
		if http.CanonicalHeaderKey(name) == "Host" {
			req.Host = value // net/http ignores it among the headers
			continue
		}
		req.Header.Set(name, value)
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.userAgent != "" {
		req.Header.Set("User-Agent", c.userAgent)
	}
	if c.token != "" {
		req.Header.Set(sessionTokenHeader, c.token)
	}
	return req, nil
}

// endpoint is the address of an API call.
func (c *Client) endpoint(query url.Values, elements ...string) (*url.URL, error) {
	escaped := []string{"api", "v2"}
	for _, element := range elements {
		// These would name another endpoint, or none.
		if element == "" || element == "." || element == ".." {
			return nil, fmt.Errorf("%q cannot be part of the path /api/v2/%s", element, strings.Join(elements, "/"))
		}
		escaped = append(escaped, url.PathEscape(element))
	}
	target := c.baseURL.JoinPath(escaped...)
	target.RawQuery = query.Encode()
	return target, nil
}

func isSuccess(status int) bool {
	return status >= 200 && status <= 299
}

// newRequestError words the failure of a request that got no usable answer.
func newRequestError(ctx context.Context, req *http.Request, att *attempts, err error) error {
	var redirect *RedirectError
	if errors.As(err, &redirect) {
		return redirect
	}
	var content *ContentError
	if errors.As(err, &content) {
		return content
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // it repeats method and URL, query values included
	}
	switch ended := ctx.Err(); {
	case ended != nil:
		text := att.lastOutcome()
		if text == "" && !errors.Is(err, ended) {
			text = err.Error()
		}
		err = ended
		if text != "" {
			err = fmt.Errorf("%w (before that: %s)", ended, text)
		}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		// Time limits of net and net/http claim to be the context's deadline.
		err = opaqueError{err}
	}
	return &RequestError{Method: req.Method, Server: serverOf(req), Path: req.URL.Path, Err: err, sent: att.sent.Load()}
}

// opaqueError keeps the text of an error, and whether it is a timeout, and hides
// what it wraps.
type opaqueError struct{ err error }

func (e opaqueError) Error() string { return e.err.Error() }

// Timeout implements [net.Error].
func (e opaqueError) Timeout() bool {
	var network net.Error
	return errors.As(e.err, &network) && network.Timeout()
}

// Temporary implements [net.Error].
func (e opaqueError) Temporary() bool { return false }
