package faulttest_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// scene is a deployment, the network before it, and a Terraform that uses it.
type scene struct {
	*core

	fake    *codertest.Deployment
	version string
	basic   codertest.TemplateInfo
	failing codertest.TemplateInfo
	// handler answers on the network: the deployment, or what lies before it.
	// It is changed while requests that nobody waits for any more still run.
	handler atomic.Pointer[http.Handler]
	// result is what a data source has read.
	result tftypes.Value
}

// inBubble runs a test in a bubble of virtual time on a deployment of its own.
// It fails when a goroutine of the provider outlives it.
func inBubble(t *testing.T, options codertest.Options, body func(ctx context.Context, s *scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		fake := codertest.New(options)
		net := newNetwork()
		s := &scene{
			core: &core{t: t, network: net, settings: object{"url": "http://localhost", "token": fake.Token(), "headers": object{}}},
			fake: fake, version: options.Version,
		}
		s.answerBy(fake)
		server := net.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*s.handler.Load()).ServeHTTP(w, r) }))
		basic := codertest.BasicTemplate()
		basic.Version.Presets = []codertest.Preset{{Name: "Large", Parameters: map[string]string{"cpu": "8"}}}
		s.basic = fake.AddTemplate(basic)
		s.failing = fake.AddTemplate(codertest.FailingTemplate())

		body(t.Context(), s)

		fake.ClearFaults()
		fake.Close()
		<-time.After(idle)
		_ = server.Close()
		synctest.Wait()
	})
}

// idle is longer than a client keeps an unused connection.
const idle = time.Minute

// answerBy has a handler answer on the network from the next request on.
func (s *scene) answerBy(handler http.Handler) { s.handler.Store(&handler) }

// newest tells whether the deployment is of the newer end of the range.
func (s *scene) newest() bool { return s.version != "seed" }

// live are the workspaces that exist.
func (s *scene) live() []codertest.Workspace {
	return slices.DeleteFunc(s.fake.Workspaces(), func(w codertest.Workspace) bool { return w.Deleted })
}

// byHand is somebody else's client.
func (s *scene) byHand() *coder.Client {
	return coder.New(coder.Config{URL: mustURL(s.t, "http://localhost"), Token: s.fake.Token(), Dial: s.network.dial, MaxRetries: 4})
}

// must applies without faults; it ends the test when that fails.
func (s *scene) must(ctx context.Context, config object) {
	s.t.Helper()
	if out := s.apply(ctx, config); out.failed() {
		s.t.Fatalf("without any fault: %s", out)
	}
}

// calls are the requests since the last reset, as "METHOD route".
func (s *scene) calls() []string {
	var calls []string
	for _, request := range s.fake.Requests() {
		calls = append(calls, request.Method+" "+request.Route)
	}
	return calls
}

func splitCall(call string) (method, route string) {
	method, route, _ = strings.Cut(call, " ")
	return method, route
}

// put changes the deployment by a request of which the client knows nothing.
func (s *scene) put(ctx context.Context, path, body string) error {
	transport := &http.Transport{DialContext: s.network.dial}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://localhost"+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Coder-Session-Token", s.fake.Token())
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("PUT %s: %s", path, resp.Status)
	}
	return nil
}
