package acctest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// Versions are the server versions that [Run] fakes: both ends of the range
// the provider supports.
var Versions = []string{"seed", "v2.35.1"}

// Deployment is the Coder that a test runs on.
type Deployment struct {
	URL   string
	Token string
	// Fake is the deployment's inside, nil on a real one.
	Fake *codertest.Deployment
	// Client makes requests beside Terraform's, with the same token.
	Client *coder.Client
}

// Run runs a test body as subtests in parallel: on a fake of every version in
// [Versions], or once on the real deployment that the environment names.
func Run(t *testing.T, body func(t *testing.T, d *Deployment)) {
	t.Helper()
	if IsReal() {
		t.Run("real", func(t *testing.T) {
			t.Parallel()
			body(t, newDeployment(t, os.Getenv("CODER_URL"), os.Getenv("CODER_SESSION_TOKEN"), nil))
		})
		return
	}
	for _, version := range Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			body(t, NewFake(t, codertest.Options{Version: version}))
		})
	}
}

// IsReal tells whether [Run] uses a real deployment: TF_ACC, CODER_URL and
// CODER_SESSION_TOKEN are all set.
func IsReal() bool {
	return os.Getenv("TF_ACC") != "" && os.Getenv("CODER_URL") != "" && os.Getenv("CODER_SESSION_TOKEN") != ""
}

// NewFake serves a fake deployment on loopback until the test ends, for tests
// that need other options than [Run] gives.
func NewFake(t testing.TB, options codertest.Options) *Deployment {
	t.Helper()
	fake := codertest.New(options)
	server := httptest.NewServer(fake)
	t.Cleanup(func() {
		fake.Close() // ends the streams, for which the server would wait
		server.Close()
	})
	return newDeployment(t, server.URL, fake.Token(), fake)
}

func newDeployment(t testing.TB, address, token string, fake *codertest.Deployment) *Deployment {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatalf("the deployment's URL is invalid: %v", err)
	}
	return &Deployment{
		URL:    address,
		Token:  token,
		Fake:   fake,
		Client: coder.New(coder.Config{URL: target, Token: token, MaxRetries: 4, UserAgent: "terraform-provider-coderws/test"}),
	}
}

// ProviderConfig is the provider block for this deployment.
func (d *Deployment) ProviderConfig() string {
	return d.ProviderConfigFor(d.Token)
}

// ProviderConfigFor is the provider block with the token of another user.
func (d *Deployment) ProviderConfigFor(token string) string {
	return fmt.Sprintf(`
provider "coderws" {
  url   = %q
  token = %q
}
`, d.URL, token)
}

// SkipUnlessFake skips a test that cannot run on a real deployment.
func (d *Deployment) SkipUnlessFake(t *testing.T, why string) {
	t.Helper()
	if d.Fake == nil {
		t.Skip("needs a fake deployment: " + why)
	}
}

// SkipBefore skips a test that a real deployment is too old for.
func (d *Deployment) SkipBefore(t *testing.T, major, minor int) {
	t.Helper()
	if d.Fake != nil {
		return
	}
	if _, err := d.Client.User(t.Context(), coder.Me); err != nil { // any answer names the version
		t.Fatal(err)
	}
	if d.Client.ServerVersion().Before(major, minor) {
		t.Skipf("needs Coder %d.%d", major, minor)
	}
}

// Requests are the requests the fake answered, in order, as "METHOD route";
// none on a real deployment.
func (d *Deployment) Requests() []string {
	if d.Fake == nil {
		return nil
	}
	all := d.Fake.Requests()
	requests := make([]string, len(all))
	for i, request := range all {
		requests[i] = request.Method + " " + request.Route
	}
	return requests
}

// RequestCounts tells how often the fake answered each "METHOD route".
func (d *Deployment) RequestCounts() map[string]int {
	counts := map[string]int{}
	for _, request := range d.Requests() {
		counts[request]++
	}
	return counts
}

// RequestCount is how many requests of a method on a route the fake answered;
// "" matches any. Routes look like "/workspaces/{workspace}/ttl".
func (d *Deployment) RequestCount(method, route string) int {
	count := 0
	for request, n := range d.RequestCounts() {
		gotMethod, gotRoute, _ := strings.Cut(request, " ")
		if (method == "" || method == gotMethod) && (route == "" || route == gotRoute) {
			count += n
		}
	}
	return count
}

// maxName is Coder's limit for the names of workspaces and templates.
const maxName = 32

// Name is a name no other test uses: the prefix, cut where it is too long, and
// something random. It suits workspaces and templates.
func Name(t *testing.T, prefix string) string {
	t.Helper()
	suffix := "-" + strings.ToLower(rand.Text()[:8])
	prefix = prefix[:min(len(prefix), maxName-len(suffix))]
	return strings.Trim(prefix, "-") + suffix
}

// cleanupTime is how long tidying up may take after a test.
const cleanupTime = 10 * time.Minute

// cleanupContext outlives the test's own context, which ends before cleanups.
func cleanupContext(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(context.WithoutCancel(t.Context()), cleanupTime)
}
