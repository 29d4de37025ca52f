//go:build unix

package main

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// fake is a fake deployment that counts what it sends.
type fake struct {
	deployment *codertest.Deployment
	server     *http.Server
	url        string
	sent       atomic.Int64
}

func startFake(ctx context.Context, latency time.Duration) (*fake, error) {
	f := &fake{deployment: codertest.New(codertest.Options{Latency: latency})}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f.url = "http://" + listener.Addr().String()
	f.server = &http.Server{Handler: http.HandlerFunc(f.serve), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = f.server.Serve(listener) }() // ends by close
	return f, nil
}

func (f *fake) close() {
	f.deployment.Close()
	_ = f.server.Close()
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	f.deployment.ServeHTTP(&countingWriter{ResponseWriter: w, count: &f.sent}, r)
}

func (f *fake) reset() {
	f.deployment.ResetRequests()
	f.sent.Store(0)
}

// traffic is the number of requests and the bytes of their answers' bodies
// since the last reset.
func (f *fake) traffic() (requests int, bytes int64) {
	return len(f.deployment.Requests()), f.sent.Load()
}

type countingWriter struct {
	http.ResponseWriter
	count *atomic.Int64
}

func (w *countingWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.count.Add(int64(n))
	return n, err
}

// Unwrap lets a stream flush.
func (w *countingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
