package diagnose_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// ask makes one request and returns its error.
func ask(ctx context.Context, t *testing.T, address string, config *tls.Config) error {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	_, err = coder.New(coder.Config{URL: target, Token: "secret-token", TLS: config}).User(ctx, coder.Me)
	if err == nil {
		t.Fatal("the request succeeded")
	}
	return err
}

// serve answers on loopback until the test ends.
func serve(t *testing.T, start func(http.Handler) *httptest.Server, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := start(handler)
	t.Cleanup(server.Close)
	return server
}

// quietTLS serves TLS without a log of the handshakes that fail as intended.
func quietTLS(handler http.Handler) *httptest.Server {
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	return server
}

// TestDetail_failures meets real failures of the network, TLS and HTTP.
func TestDetail_failures(t *testing.T) {
	t.Parallel()
	answer := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }

	tests := map[string]struct {
		err  func(t *testing.T) error
		want []string
	}{
		"dashboard": {
			func(t *testing.T) error {
				server := serve(t, httptest.NewServer, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "text/html; charset=utf-8")
					_, _ = w.Write([]byte("<html>Coder</html>"))
				})
				return ask(t.Context(), t, server.URL, nil)
			},
			[]string{"did not come from Coder's API", "text/html", "`url`", "login page"},
		},
		"redirect": {
			func(t *testing.T) error {
				server := serve(t, httptest.NewServer, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Location", "https://coder.example.com/login?x=1")
					w.WriteHeader(http.StatusTemporaryRedirect)
				})
				return ask(t.Context(), t, server.URL, nil)
			},
			[]string{"redirects to", "token was not sent", `"https://coder.example.com"`},
		},
		"relative redirect": {
			func(t *testing.T) error {
				server := serve(t, httptest.NewServer, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Location", "/login")
					w.WriteHeader(http.StatusFound)
				})
				return ask(t.Context(), t, server.URL, nil)
			},
			[]string{`redirects to "/login"`, "Check the provider's `url`"},
		},
		"unknown authority": {
			func(t *testing.T) error { return ask(t.Context(), t, serve(t, quietTLS, answer).URL, nil) },
			[]string{"`ca_file`", "CODER_CLIENT_TLS_CA_FILE"},
		},
		"certificate of another host": {
			func(t *testing.T) error {
				server := serve(t, quietTLS, answer)
				pool := x509.NewCertPool()
				pool.AddCert(server.Certificate())
				return ask(t.Context(), t, server.URL, &tls.Config{RootCAs: pool, ServerName: "coder.invalid", MinVersion: tls.VersionTLS12})
			},
			[]string{"another host name"},
		},
		"client certificate wanted": {
			func(t *testing.T) error {
				server := httptest.NewUnstartedServer(http.HandlerFunc(answer))
				server.Config.ErrorLog = log.New(io.Discard, "", 0)
				server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12}
				server.StartTLS()
				t.Cleanup(server.Close)
				pool := x509.NewCertPool()
				pool.AddCert(server.Certificate())
				return ask(t.Context(), t, server.URL, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12})
			},
			[]string{"`cert_file`", "`key_file`"},
		},
		"https for http": {
			func(t *testing.T) error {
				server := serve(t, httptest.NewServer, answer)
				return ask(t.Context(), t, strings.Replace(server.URL, "http:", "https:", 1), nil)
			},
			[]string{"does not speak TLS", "http://"},
		},
		"http for https": {
			func(t *testing.T) error {
				server := serve(t, quietTLS, answer)
				return ask(t.Context(), t, strings.Replace(server.URL, "https:", "http:", 1), nil)
			},
			[]string{"400 Bad Request", "expects TLS"},
		},
		"nothing listens": {
			func(t *testing.T) error {
				listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // loopback, closed at once
				if err != nil {
					t.Fatal(err)
				}
				address := listener.Addr().String()
				_ = listener.Close()
				return ask(t.Context(), t, "http://"+address, nil)
			},
			[]string{"No connection", "host and port"},
		},
		"connection cut": {
			func(t *testing.T) error {
				server := serve(t, httptest.NewServer, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
				return ask(t.Context(), t, server.URL, nil)
			},
			[]string{"connection broke"},
		},
		"no JSON": {
			func(t *testing.T) error {
				server := serve(t, httptest.NewServer, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "application/json")
					_, _ = w.Write([]byte("{broken"))
				})
				return ask(t.Context(), t, server.URL, nil)
			},
			[]string{"not what Coder's API sends"},
		},
		"deadline": {
			func(t *testing.T) error {
				ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
				defer cancel()
				return ask(ctx, t, "http://127.0.0.1:1", nil)
			},
			[]string{"ran out", "`timeouts`"},
		},
		"interrupted": {
			func(t *testing.T) error {
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				return ask(ctx, t, "http://127.0.0.1:1", nil)
			},
			[]string{"interrupted", "may still take effect"},
		},
		"DNS": {
			func(*testing.T) error {
				return &coder.RequestError{Method: "GET", Path: "/x", Err: &net.OpError{
					Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "coder.invalid", IsNotFound: true},
				}}
			},
			[]string{`"coder.invalid" could not be resolved`},
		},
		"proxy": {
			func(*testing.T) error {
				return &coder.RequestError{Method: "GET", Path: "/x", Err: &net.OpError{Op: "proxyconnect", Net: "tcp", Err: net.ErrClosed}}
			},
			[]string{"HTTPS_PROXY", "NO_PROXY"},
		},
		"expired certificate": {
			func(*testing.T) error {
				return &coder.RequestError{Method: "GET", Path: "/x", Err: x509.CertificateInvalidError{Cert: &x509.Certificate{}, Reason: x509.Expired}}
			},
			[]string{"has expired", "clock"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			detail := diagnose.Detail("read the user", tt.err(t))
			for _, part := range append(tt.want, "Could not read the user: ") {
				if !strings.Contains(detail, part) {
					t.Errorf("detail lacks %q:\n%s", part, detail)
				}
			}
			if strings.Contains(detail, "secret-token") {
				t.Errorf("detail repeats the token:\n%s", detail)
			}
		})
	}
}

// TestDetail_gateways names who answered, and how, when it was not Coder, and
// does not blame what Coder has not seen.
func TestDetail_gateways(t *testing.T) {
	t.Parallel()
	const page = "<html><head><title>Sign in</title></head><body>Welcome</body></html>"
	tests := map[string]struct {
		status            int
		contentType, body string
		want              []string
	}{
		"Kong, no route":     {404, "application/json", `{"message":"no Route matched with those values"}`, []string{"404 Not Found", "which is not Coder", "no Route matched", "Check the provider's `url`"}},
		"Kong, no key":       {401, "application/json", `{"message":"No API key found in request"}`, []string{"401 Unauthorized", "which is not Coder", "`headers`"}},
		"API gateway":        {403, "application/json", `{"message":"Forbidden"}`, []string{"403 Forbidden", "which is not Coder", "`headers`"}},
		"nginx, gone":        {410, "text/html", "<html><head><title>410 Gone</title></head></html>", []string{"410 Gone", "which is not Coder", "Check the provider's `url`"}},
		"Envoy":              {503, "text/plain", "no healthy upstream", []string{"503 Service Unavailable", "which is not Coder", "no healthy upstream", "overloaded"}},
		"Cloudflare":         {524, "text/html", "<title>524: A timeout occurred</title>", []string{"524", "which is not Coder", "A timeout occurred", "overloaded"}},
		"rate limit":         {429, "application/json", `{"message":"API rate limit exceeded"}`, []string{"429 Too Many Requests", "which is not Coder", "`-parallelism`"}},
		"login page, 401":    {401, "text/html", page, []string{"401 Unauthorized", "which is not Coder", "Sign in", "`headers`"}},
		"login page, 200":    {200, "text/html", page, []string{"200", "did not come from Coder's API", "`headers`"}},
		"login page, 302":    {302, "text/html", page, []string{"302 Found", "redirects to", "`headers`"}},
		"nothing":            {404, "", "", []string{"404 Not Found", "which is not Coder"}},
		"nothing to a wrong": {400, "", "", []string{"400 Bad Request", "which is not Coder"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, httptest.NewServer, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", tt.contentType)
				w.Header().Set("Location", "https://login.example.com/")
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			})
			fields := diagnose.WorkspaceFields().AtRefused(path.Root("name"))
			for _, d := range diagnose.Error("Unable to read the user", "read the user", ask(t.Context(), t, server.URL, nil), fields) {
				for _, part := range append(tt.want, "Could not read the user: ", server.URL) {
					if !strings.Contains(d.Detail(), part) {
						t.Errorf("detail lacks %q:\n%s", part, d.Detail())
					}
				}
				if strings.Contains(d.Detail(), "does not accept the session token") || strings.Contains(d.Detail(), "deleted") || at(d) != "" {
					t.Errorf("%s blames what it cannot:\n%s", at(d), d.Detail())
				}
			}
		})
	}
}
