package coder

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	retryWaitMin = 250 * time.Millisecond
	retryWaitMax = 10 * time.Second
	// maxRetryAfter is the longest wait a server can ask for; beyond it the
	// answer is given to the caller at once. Coder's rate limit asks for 60 s.
	maxRetryAfter = 5 * time.Minute
)

// checkRetry decides whether an attempt is repeated; it is a
// [retryablehttp.CheckRetry].
//
// Repeated are 429, 502, 503, 504 and lost connections. A POST is repeated
// only when the server surely did not act on it: 429, or no connection at all.
// 500 is never repeated, since Coder answers it to many refusals.
func checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	select {
	case <-ctx.Done():
		return false, nil
	default:
	}
	if err != nil {
		return canRepeatAfter(err, attemptsOf(ctx)), nil
	}
	if wait, ok := retryAfter(resp); ok && wait > maxRetryAfter {
		return false, nil
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return true, nil
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return resp.Request.Method != http.MethodPost, nil
	default:
		return false, nil
	}
}

// canRepeatAfter tells whether a request without a usable answer may be sent
// again, and whether that can help.
func canRepeatAfter(err error, att *attempts) bool {
	if isTLSError(err) {
		return false
	}
	var (
		redirect *RedirectError
		content  *ContentError
		body     *bodyError
	)
	switch {
	case errors.As(err, &redirect), errors.As(err, &content):
		return false
	case errors.As(err, &body):
		return body.lost && att.method != http.MethodPost
	case att.sent.Load():
		return att.method != http.MethodPost
	default:
		// No connection. What is no network failure, a header with a line
		// break for example, fails the same way again.
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // it calls itself a network failure, whatever it wraps
		}
		var network net.Error
		return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	}
}

// isTLSError tells whether the two sides disagree about TLS or certificates,
// which no repetition mends.
func isTLSError(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		record       tls.RecordHeaderError
		authority    x509.UnknownAuthorityError
		hostname     x509.HostnameError
		invalid      x509.CertificateInvalidError
		operation    *net.OpError
	)
	switch {
	case errors.As(err, &verification), errors.As(err, &record), errors.As(err, &authority),
		errors.As(err, &hostname), errors.As(err, &invalid), errors.Is(err, http.ErrSchemeMismatch):
		return true
	case errors.As(err, &operation):
		// How crypto/tls wraps its alerts, whose type is not exported.
		return operation.Op == "remote error" || operation.Op == "local error"
	default:
		return false
	}
}

// retryBackoff is how long to wait before the next attempt; it is a
// [retryablehttp.Backoff]. A wait that the server asks for is kept, and a
// little is added so that parallel callers do not come back all at once.
func retryBackoff(shortest, longest time.Duration, attempt int, resp *http.Response) time.Duration {
	wait := backoff(shortest, longest, attempt)
	if asked, ok := retryAfter(resp); ok {
		return asked + min(wait, shortest)
	}
	return wait
}

// backoff doubles the shortest wait with every attempt (from 0) up to the
// longest, and takes up to half of it away by chance.
func backoff(shortest, longest time.Duration, attempt int) time.Duration {
	wait := longest
	if attempt < 30 {
		wait = min(shortest<<attempt, longest)
	}
	return wait - rand.N(wait/2)
}

// retryAfter reads the Retry-After header, in seconds or as an HTTP date. A
// date is compared with the answer's own, since clocks differ.
func retryAfter(resp *http.Response) (time.Duration, bool) {
	if resp == nil {
		return 0, false
	}
	value := resp.Header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
		return time.Duration(max(seconds, 0)) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	now, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(at.Sub(now), 0), true
}
