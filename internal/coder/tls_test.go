package coder_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// serveTLS starts a server with HTTP/2 and counts the handshakes begun.
func serveTLS(t *testing.T) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	handshakes := new(atomic.Int32)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("protocol is %s", r.Proto)
		}
		w.Header().Set("Content-Type", jsonContent)
		if r.Method == http.MethodPost {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, `{"version":"v2.35.1"}`)
	}))
	server.EnableHTTP2 = true
	server.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		handshakes.Add(1)
		return nil, nil
	}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, handshakes
}

func TestTLS_Untrusted(t *testing.T) {
	t.Parallel()
	server, handshakes := serveTLS(t)
	client := coder.New(coder.Config{URL: parse(t, server.URL), MaxRetries: 3})
	if _, err := client.BuildInfo(t.Context()); !coder.IsTLS(err) {
		t.Errorf("error is %v", err)
	}
	if n := handshakes.Load(); n != 1 {
		t.Errorf("%d handshakes were tried, want 1", n)
	}
}

func TestTLS_Trusted(t *testing.T) {
	t.Parallel()
	server, handshakes := serveTLS(t)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	client := coder.New(coder.Config{URL: parse(t, server.URL), TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}})
	for range 2 {
		if _, err := client.BuildInfo(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if n := handshakes.Load(); n != 1 {
		t.Errorf("%d handshakes were made, want 1", n)
	}
	// HTTP/2, too, tells what may have reached the server.
	if _, err := client.CreateBuild(t.Context(), workspaceID, coder.CreateBuildRequest{}); !coder.IsUnclear(err) {
		t.Errorf("error is %v", err)
	}
}

func TestTLS_ServerSpeaksPlainHTTP(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	client := coder.New(coder.Config{URL: parse(t, strings.Replace(server.URL, "http:", "https:", 1)), MaxRetries: 3})
	if _, err := client.BuildInfo(t.Context()); !coder.IsTLS(err) {
		t.Errorf("error is %v", err)
	}
}
