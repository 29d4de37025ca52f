package coder

import "net/http"

// NewWithTransport makes a client on an in-memory transport.
func NewWithTransport(config Config, base http.RoundTripper) *Client {
	return newClient(config, base)
}

// Kinds is how many kinds there are.
const Kinds = len(kindNames)

// NewError reads a refusal.
func NewError(resp *http.Response) *Error { return newError(resp, defaultLimits.failure) }

// IsTLS tells whether the two sides disagree about TLS.
func IsTLS(err error) bool { return isTLSError(err) }

// SetLimits lowers the sizes the client reads.
func (c *Client) SetLimits(object, list int64, event int) {
	c.limits.object, c.limits.list, c.limits.event = object, list, event
}

// QueryFor is the search as it is put to a server of a version.
func (s WorkspaceSearch) QueryFor(v Version) (string, error) { return s.query(v) }

// Matches tells whether a row that a server found is meant.
func (s WorkspaceSearch) Matches(w *Workspace) bool { return s.matches(w) }
