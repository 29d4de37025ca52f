package faulttest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
)

// network connects clients with one server in the same process. In a bubble of
// testing/synctest, waiting for it counts as waiting, which the real network
// does not.
type network struct {
	accepted chan net.Conn
	closed   chan struct{}
	// reset makes connections that the server drops fail as by a TCP reset,
	// not as by an orderly end.
	reset atomic.Bool
	// down refuses new connections.
	down atomic.Bool

	mu     sync.Mutex
	open   map[net.Conn]bool
	dialed []string
}

// addresses are what connections were wanted to.
func (n *network) addresses() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Compact(slices.Sorted(slices.Values(n.dialed)))
}

func newNetwork() *network {
	return &network{accepted: make(chan net.Conn), closed: make(chan struct{}), open: map[net.Conn]bool{}}
}

// cut ends all connections.
func (n *network) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for conn := range n.open {
		_ = conn.Close()
	}
	clear(n.open)
}

// serve answers on the network until it is closed.
func (n *network) serve(handler http.Handler) *http.Server {
	server := &http.Server{Handler: handler}
	go func() { _ = server.Serve(n) }()
	return server
}

// dial is for [coder.Config].
func (n *network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	n.dialed = append(n.dialed, address)
	n.mu.Unlock()
	failed := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	if n.down.Load() {
		return nil, failed
	}
	near, far := net.Pipe()
	select {
	case n.accepted <- far:
		n.mu.Lock()
		defer n.mu.Unlock()
		n.open[far] = true
		return &connection{Conn: near, network: n}, nil
	case <-n.closed:
		return nil, failed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements [net.Listener].
func (n *network) Accept() (net.Conn, error) {
	select {
	case conn := <-n.accepted:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (n *network) Close() error {
	close(n.closed)
	return nil
}

// Addr implements [net.Listener].
func (n *network) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// connection is the client's end; it fails with the errors of a real one.
type connection struct {
	net.Conn

	network *network
}

// Read implements [net.Conn].
func (c *connection) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, io.EOF) && c.network.reset.Load() {
		err = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	return n, err
}

// Write implements [net.Conn].
func (c *connection) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if errors.Is(err, io.ErrClosedPipe) {
		err = &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE}
	}
	return n, err
}
