package provider_test

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
	"github.com/coderws/terraform-provider-coderws/internal/provider"
)

const listAll = "\ndata \"coderws_workspaces\" \"all\" {}\n"

// factoriesOn serves the provider as if it ran on a made-up machine.
func factoriesOn(machine provider.Machine) map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		provider.TypeName: func() (tfprotov6.ProviderServer, error) {
			return provider.NewServer(provider.NewOn("1.2.3", machine)()), nil
		},
	}
}

// inWords matches a text however Terraform wraps its lines.
func inWords(text string) *regexp.Regexp {
	words := strings.Fields(text)
	for i, word := range words {
		words[i] = regexp.QuoteMeta(word)
	}
	return regexp.MustCompile(strings.Join(words, `[\s│]+`))
}

func TestProvider_sources(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	tests := map[string]struct {
		machine provider.Machine
		config  string
	}{
		"after coder login": {
			provider.Machine{Files: map[string]provider.File{cliURL: {Content: d.URL + "\n"}, cliFile: {Content: d.Token + "\n"}}},
			`provider "coderws" {}`,
		},
		"no block, environment": {provider.Machine{Vars: vars("CODER_URL", d.URL, "CODER_SESSION_TOKEN", d.Token)}, ``},
		"attributes":            {provider.Machine{}, d.ProviderConfig()},
		"everything null": {
			provider.Machine{Vars: vars("CODER_URL", d.URL, "CODER_SESSION_TOKEN", d.Token)},
			"provider \"coderws\" {\n url = null\n token = null\n headers = null\n max_retries = null\n tls {}\n}",
		},
		"values of locals": {
			provider.Machine{},
			fmt.Sprintf("locals {\n  port = %q\n}\nprovider \"coderws\" {\n  url = \"http://127.0.0.1:${local.port}/\"\n  token = %q\n}",
				d.URL[strings.LastIndex(d.URL, ":")+1:], d.Token),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.Test(t, d, resource.TestCase{
				ProtoV6ProviderFactories: factoriesOn(tt.machine),
				Steps:                    []resource.TestStep{{Config: tt.config + listAll}},
			})
		})
	}
}

func TestProvider_errors(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	redirect := httptest.NewServer(http.RedirectHandler("https://sso.example.com/login", http.StatusFound))
	t.Cleanup(redirect.Close)
	at := func(url string) string {
		return fmt.Sprintf("provider \"coderws\" {\n  url = %q\n  token = %q\n max_retries = 0\n}\n", url, d.Token)
	}
	tests := map[string]struct {
		config string
		want   string
	}{
		"nothing configured": {`provider "coderws" {}`, "Missing Coder URL"},
		"no token":           {`provider "coderws" { url = "https://coder.example.com" }`, "Missing Coder session token"},
		"wrong token":        {d.ProviderConfigFor("aaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbb"), "Make a new one with `coder tokens create`"},
		"page, not the API":  {at(d.URL + "/templates"), "did not come from Coder's API"},
		"redirect":           {at(redirect.URL), "the session token was not sent there"},
		"negative retries":   {"provider \"coderws\" {\n  max_retries = -1\n}\n", "at least 0"},
		"empty file name":    {"provider \"coderws\" {\n  tls {\n    ca_file = \"\"\n  }\n}\n", "string length must be at least 1"},
		"unknown url": {
			"resource \"terraform_data\" \"server\" {\n  input = \"x\"\n}\n" +
				"provider \"coderws\" {\n  url = \"https://${terraform_data.server.id}.example.com\"\n  token = \"t\"\n}\n",
			"The value of url comes from something that Terraform has not created yet",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.Test(t, d, resource.TestCase{
				ProtoV6ProviderFactories: factoriesOn(provider.Machine{}),
				Steps:                    []resource.TestStep{{Config: tt.config + listAll, ExpectError: inWords(tt.want)}},
			})
		})
	}
}

// TestProvider_request looks at what reaches the server, through TLS with an
// authority of its own, and below a path of a reverse proxy.
func TestProvider_request(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	var mu sync.Mutex
	var seen []*http.Request
	proxy := httptest.NewTLSServer(http.StripPrefix("/team/coder", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen = append(seen, r.Clone(r.Context()))
		mu.Unlock()
		d.Fake.ServeHTTP(w, r)
	})))
	t.Cleanup(proxy.Close)

	ca := filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: proxy.Certificate().Raw})
	if err := os.WriteFile(ca, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf(`
provider "coderws" {
  url     = "%s/team/coder/"
  token   = %q
  headers = { X-Proxy-Secret = "letmein" }

  tls {
    ca_file = %q
  }
}
`, proxy.URL, d.Token, filepath.ToSlash(ca))
	acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{{Config: config + listAll}}})

	mu.Lock()
	defer mu.Unlock()
	if len(seen) == 0 {
		t.Fatal("no request arrived")
	}
	agent := regexp.MustCompile(`^terraform-provider-coderws/` + regexp.QuoteMeta(acctest.ProviderVersion) + ` \(terraform/\d+\.\d+\.\d+.*\)$`)
	for _, request := range seen {
		if got := request.Header.Get("Coder-Session-Token"); got != d.Token {
			t.Errorf("%s came with the token %q", request.URL.Path, got)
		}
		if got := request.Header.Get("X-Proxy-Secret"); got != "letmein" {
			t.Errorf("%s came with the header %q", request.URL.Path, got)
		}
		if got := request.Header.Get("User-Agent"); !agent.MatchString(got) {
			t.Errorf("%s came from %q", request.URL.Path, got)
		}
	}
}
