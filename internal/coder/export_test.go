package coder

import "net/http"

// NewWithTransport makes a client on an in-memory transport.
func NewWithTransport(config Config, base http.RoundTripper) *Client {
	return newClient(config, base)
}

// SetLimits lowers the sizes the client reads.
func (c *Client) SetLimits(object, list int64, event int) {
	c.limits.object, c.limits.list, c.limits.event = object, list, event
}

// PageSize is the number of workspaces in a page.
const PageSize = pageSize
