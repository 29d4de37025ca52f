package coder

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-cleanhttp"
)

const (
	// maxIdleConns per host lets a parallel apply keep its connections.
	maxIdleConns = 64
	// idleTimeout is below the usual 60 s of load balancers, so that the
	// client and not the other side ends an idle connection: a POST caught by
	// such an end has an unclear outcome.
	idleTimeout = 45 * time.Second
	// headerTimeout notices a server that accepts requests but never answers.
	headerTimeout = 60 * time.Second
	// answerTimeout is how long the body of an answer may take after its
	// headers. Event streams have no end and are watched otherwise.
	answerTimeout = 5 * time.Minute
	// pingAfter and pingTimeout notice an HTTP/2 connection that died silently.
	pingAfter   = 30 * time.Second
	pingTimeout = 15 * time.Second
)

// newBaseTransport makes the connection pool of one client.
func newBaseTransport(config Config) *http.Transport {
	base := cleanhttp.DefaultPooledTransport()
	base.MaxIdleConns = maxIdleConns
	base.MaxIdleConnsPerHost = maxIdleConns
	base.IdleConnTimeout = idleTimeout
	base.ResponseHeaderTimeout = headerTimeout
	base.HTTP2 = &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout}
	base.TLSClientConfig = config.TLS.Clone()
	if config.Dial != nil {
		base.DialContext = config.Dial
	}
	return base
}

// transport makes one attempt. It lies below the repeating layer and sees
// every answer: it reports exchanges, learns the server's version and clock, and
// turns redirects into errors, so that nothing above can follow them with the
// token.
type transport struct {
	base       http.RoundTripper
	onAnswer   func(*http.Response)
	onExchange func(context.Context, Exchange)
}

// RoundTrip implements [http.RoundTripper].
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	att := attemptsOf(ctx)
	number := att.begin()
	started := time.Now()
	resp, err := t.base.RoundTrip(req)
	exchange := Exchange{
		Method:   req.Method,
		Path:     req.URL.Path,
		Duration: time.Since(started),
		Attempt:  number,
		Err:      err,
	}
	if resp != nil {
		exchange.Status = resp.StatusCode
		exchange.RequestID = resp.Header.Get(requestIDHeader)
		t.onAnswer(resp)
	}
	att.end(ctx, exchange)
	if resp != nil && req.Header.Get("Accept") != streamContent {
		resp.Body = newTimedBody(resp.Body)
	}
	if t.onExchange != nil {
		t.onExchange(ctx, exchange)
	}
	if err != nil {
		return nil, err
	}
	if isRedirect(resp.StatusCode) {
		closeBody(resp.Body)
		return nil, &RedirectError{
			Method:   req.Method,
			Server:   serverOf(req),
			Path:     req.URL.Path,
			Status:   resp.StatusCode,
			Location: resp.Header.Get("Location"),
		}
	}
	return resp, nil
}

// isRedirect tells whether a status sends the client elsewhere. 304 does not;
// Coder answers it when nothing had to be changed.
func isRedirect(status int) bool {
	return status >= 300 && status <= 399 && status != http.StatusNotModified
}

// attempts is what the layers know about one request of a caller. It travels
// in the request's context.
type attempts struct {
	method string

	// sent tells whether the server can have received, and acted on, the
	// newest attempt: a connection for it was there, and no refusal came back.
	sent atomic.Bool

	mu    sync.Mutex
	count int
	last  Exchange
}

type attemptsKey struct{}

// attach puts the attempts, and the trace that fills them, into a context.
func (a *attempts) attach(ctx context.Context) context.Context {
	ctx = context.WithValue(ctx, attemptsKey{}, a)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { a.sent.Store(true) },
	})
}

func attemptsOf(ctx context.Context) *attempts {
	if a, ok := ctx.Value(attemptsKey{}).(*attempts); ok {
		return a
	}
	return new(attempts)
}

func (a *attempts) begin() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent.Store(false)
	a.count++
	return a.count
}

func (a *attempts) end(ctx context.Context, exchange Exchange) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if ctx.Err() == nil || exchange.Status != 0 {
		a.last = exchange // what the end of the context broke off is no outcome
	}
	if exchange.Status == http.StatusTooManyRequests || isRedirect(exchange.Status) {
		a.sent.Store(false) // the server did not act
	}
}

// lastOutcome words the newest failed attempt, for the error of a request that
// ran out of time between two attempts; "" when there is nothing to tell.
func (a *attempts) lastOutcome() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.last.Status != 0 && !isSuccess(a.last.Status):
		return fmt.Sprintf("attempt %d was answered with %d %s", a.last.Attempt, a.last.Status, http.StatusText(a.last.Status))
	case a.last.Err != nil:
		return fmt.Sprintf("attempt %d failed with %v", a.last.Attempt, a.last.Err)
	default:
		return ""
	}
}
