package provider_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/provider"
)

// model builds a provider block; only the values that are set are not null.
func model(edits ...func(*provider.ConfigModel)) provider.ConfigModel {
	m := provider.ConfigModel{
		Headers: types.MapNull(types.StringType),
		TLS:     types.ObjectNull(provider.TLSAttributes),
	}
	for _, edit := range edits {
		edit(&m)
	}
	return m
}

func url(value string) func(*provider.ConfigModel) {
	return func(m *provider.ConfigModel) { m.URL = types.StringValue(value) }
}

func token(value string) func(*provider.ConfigModel) {
	return func(m *provider.ConfigModel) { m.Token = types.StringValue(value) }
}

func headers(values map[string]attr.Value) func(*provider.ConfigModel) {
	return func(m *provider.ConfigModel) { m.Headers = types.MapValueMust(types.StringType, values) }
}

func tlsBlock(values map[string]attr.Value) func(*provider.ConfigModel) {
	all := map[string]attr.Value{
		"ca_file": types.StringNull(), "cert_file": types.StringNull(), "key_file": types.StringNull(),
		"insecure_skip_verify": types.BoolNull(),
	}
	for name, value := range values {
		all[name] = value
	}
	return func(m *provider.ConfigModel) { m.TLS = types.ObjectValueMust(provider.TLSAttributes, all) }
}

const (
	secret  = "aaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbb"
	cliURL  = "/home/ada/.config/coderv2/url"
	cliFile = "/home/ada/.config/coderv2/session"
)

// loggedIn is a Linux machine after `coder login`.
func loggedIn(vars map[string]string) provider.Machine {
	return provider.Machine{Vars: vars, Files: map[string]provider.File{
		cliURL:  {Content: "https://cli.example.com\n"},
		cliFile: {Content: " cli-token\n"},
	}}
}

func vars(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

func TestResolveConfig_urlAndToken(t *testing.T) {
	t.Parallel()

	at := func(dir, url, token string) map[string]provider.File {
		return map[string]provider.File{dir + "/url": {Content: url}, dir + "/session": {Content: token}}
	}
	tests := map[string]struct {
		model   provider.ConfigModel
		machine provider.Machine
		url     string
		token   string
		warning string
	}{
		"attributes before everything": {
			model:   model(url("https://attr.example.com"), token("attr-token")),
			machine: loggedIn(vars("CODER_URL", "https://env.example.com", "CODER_SESSION_TOKEN", "env-token")),
			url:     "https://attr.example.com", token: "attr-token",
		},
		"environment before CLI": {
			machine: loggedIn(vars("CODER_URL", "https://env.example.com", "CODER_SESSION_TOKEN", "env-token")),
			url:     "https://env.example.com", token: "env-token",
		},
		"CLI alone": {
			machine: loggedIn(nil),
			url:     "https://cli.example.com", token: "cli-token",
		},
		"empty variables count as unset": {
			machine: loggedIn(vars("CODER_URL", "", "CODER_SESSION_TOKEN", " ", "CODER_HEADER", "")),
			url:     "https://cli.example.com", token: "cli-token",
		},
		"attribute url, environment token": {
			model:   model(url("https://attr.example.com")),
			machine: loggedIn(vars("CODER_URL", "https://env.example.com", "CODER_SESSION_TOKEN", "env-token")),
			url:     "https://attr.example.com", token: "env-token",
		},
		"CLI url, attribute token": {
			model:   model(token("attr-token")),
			machine: loggedIn(nil),
			url:     "https://cli.example.com", token: "attr-token",
		},
		"attribute url equal to the CLI's takes its token": {
			model:   model(url("HTTPS://CLI.example.com:443/")),
			machine: loggedIn(nil),
			url:     "https://CLI.example.com:443", token: "cli-token",
		},
		"blanks around values": {
			model: model(url(" https://a.example.com \n"), token(secret+"\n")),
			url:   "https://a.example.com", token: secret,
		},
		"path prefix kept, slashes at the end dropped": {
			model: model(url("https://a.example.com:8443/team%2Fa/coder//"), token(secret)),
			url:   "https://a.example.com:8443/team%2Fa/coder", token: secret,
		},
		"IPv6":           {model: model(url("https://[2001:db8::1]:8443"), token(secret)), url: "https://[2001:db8::1]:8443", token: secret},
		"http localhost": {model: model(url("http://localhost:7080"), token(secret)), url: "http://localhost:7080", token: secret},
		"http 127.1.2.3": {model: model(url("http://127.1.2.3"), token(secret)), url: "http://127.1.2.3", token: secret},
		"http ::1":       {model: model(url("http://[::1]:7080"), token(secret)), url: "http://[::1]:7080", token: secret},
		"http elsewhere": {
			model: model(url("http://coder.example.com"), token(secret)), url: "http://coder.example.com", token: secret,
			warning: "Unencrypted connection to Coder",
		},
		"http lookalike of localhost": {
			model: model(url("http://localhost.example.com"), token(secret)), url: "http://localhost.example.com", token: secret,
			warning: "Unencrypted connection to Coder",
		},
		"CODER_CONFIG_DIR": {
			machine: provider.Machine{Vars: vars("CODER_CONFIG_DIR", "/etc/cli"), Files: at("/etc/cli", "https://d.example.com", "d-token")},
			url:     "https://d.example.com", token: "d-token",
		},
		"XDG_CONFIG_HOME": {
			machine: provider.Machine{Vars: vars("XDG_CONFIG_HOME", "/xdg"), Files: at("/xdg/coderv2", "https://x.example.com", "x-token")},
			url:     "https://x.example.com", token: "x-token",
		},
		"macOS": {
			machine: provider.Machine{OS: "darwin", Files: at("/home/ada/Library/Application Support/coderv2", "https://m.example.com", "m-token")},
			url:     "https://m.example.com", token: "m-token",
		},
		"Windows": {
			machine: provider.Machine{OS: "windows", Vars: vars("APPDATA", "/roaming"), Files: map[string]provider.File{
				"/roaming/coderv2/url":     {Content: "https://w.example.com"},
				"/roaming/coderv2/session": {Content: "w-token\r\n", Mode: 0o666},
			}},
			url: "https://w.example.com", token: "w-token",
		},
		"session file open to others": {
			machine: provider.Machine{Files: map[string]provider.File{
				cliURL: {Content: "https://cli.example.com"}, cliFile: {Content: "cli-token", Mode: 0o640},
			}},
			url: "https://cli.example.com", token: "cli-token",
			warning: "Coder CLI session readable by others",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, diags := provider.ResolveConfig(tt.model, tt.machine.Environment())
			if diags.HasError() {
				t.Fatalf("unexpected errors: %v", diags)
			}
			if got := config.URL.String(); got != tt.url {
				t.Errorf("url is %q, want %q", got, tt.url)
			}
			if config.Token != tt.token {
				t.Errorf("token is %q, want %q", config.Token, tt.token)
			}
			if got, want := summaries(diags), nonEmpty(tt.warning); !cmp.Equal(got, want) {
				t.Errorf("warnings are %q, want %q", got, want)
			}
		})
	}
}

func TestResolveConfig_errors(t *testing.T) {
	t.Parallel()

	attributes := func(u string) provider.ConfigModel { return model(url(u), token(secret)) }
	tests := map[string]struct {
		model   provider.ConfigModel
		machine provider.Machine
		at      path.Path
		summary string
		detail  []string
	}{
		"nothing at all: url": {
			model: model(token(secret)), at: path.Root("url"), summary: "Missing Coder URL",
			detail: []string{"attribute `url`", "CODER_URL", "coder login", cliURL},
		},
		"empty url": {model: attributes(""), machine: loggedIn(nil), at: path.Root("url"), summary: "Empty Coder URL", detail: []string{"set, but empty"}},
		"no token": {
			model: model(url("https://a.example.com")), at: path.Root("token"), summary: "Missing Coder session token",
			detail: []string{"attribute `token`", "CODER_SESSION_TOKEN", "coder login", cliFile},
		},
		"no token, no home": {
			model: model(url("https://a.example.com")), machine: provider.Machine{NoHome: true},
			at: path.Root("token"), summary: "Missing Coder session token", detail: []string{"CODER_CONFIG_DIR"},
		},
		"empty token": {
			model: model(url("https://cli.example.com"), token("")), machine: loggedIn(nil),
			at: path.Root("token"), summary: "Empty Coder session token", detail: []string{"set, but empty"},
		},
		"keyring on macOS": {
			machine: provider.Machine{OS: "darwin", Files: map[string]provider.File{
				"/home/ada/Library/Application Support/coderv2/url": {Content: "https://m.example.com"},
			}},
			at: path.Root("token"), summary: "Missing Coder session token", detail: []string{"keyring", "CODER_USE_KEYRING=false"},
		},
		"CLI token of another host": {
			model: model(url("https://other.example.com")), machine: loggedIn(nil),
			at: path.Root("token"), summary: "Coder CLI session belongs to another deployment",
			detail: []string{"https://other.example.com", "https://cli.example.com", "coder login"},
		},
		"CLI token of another port": {
			machine: loggedIn(vars("CODER_URL", "https://cli.example.com:8443")),
			at:      path.Root("token"), summary: "Coder CLI session belongs to another deployment",
		},
		"CLI token over plain http": {
			machine: provider.Machine{Vars: vars("CODER_URL", "http://localhost"), Files: map[string]provider.File{
				cliURL: {Content: "https://localhost"}, cliFile: {Content: "cli-token"},
			}},
			at: path.Root("token"), summary: "Coder CLI session belongs to another deployment",
		},
		"CLI token without its url": {
			model:   model(url("https://a.example.com")),
			machine: provider.Machine{Files: map[string]provider.File{cliFile: {Content: "cli-token"}}},
			at:      path.Root("token"), summary: "Coder CLI session belongs to another deployment",
		},
		"CLI url unreadable": {
			model:   model(token(secret)),
			machine: provider.Machine{Files: map[string]provider.File{cliURL: {Err: errors.New("permission denied")}}},
			at:      path.Root("url"), summary: "Unreadable Coder CLI address", detail: []string{cliURL, "permission denied"},
		},
		"CLI url unreadable, url configured": {
			model: model(url("https://cli.example.com")),
			machine: provider.Machine{Files: map[string]provider.File{
				cliURL: {Err: errors.New("permission denied")}, cliFile: {Content: secret},
			}},
			at: path.Root("token"), summary: "Unknown origin of the Coder CLI session", detail: []string{cliURL, "permission denied"},
		},
		"CLI session unreadable": {
			model: model(url("https://cli.example.com")),
			machine: provider.Machine{Files: map[string]provider.File{
				cliURL: {Content: "https://cli.example.com"}, cliFile: {Err: errors.New("permission denied")},
			}},
			at: path.Root("token"), summary: "Unreadable Coder CLI session", detail: []string{cliFile, "permission denied"},
		},
		"token of two lines": {
			model: model(url("https://a.example.com"), token(secret+"\n"+secret)),
			at:    path.Root("token"), summary: "Invalid Coder session token",
		},
		"no scheme":           {model: attributes("coder.example.com"), at: path.Root("url"), summary: "Invalid Coder URL", detail: []string{`"https://coder.example.com"`}},
		"host and port":       {model: attributes("localhost:7080"), at: path.Root("url"), summary: "Invalid Coder URL", detail: []string{`"http://localhost:7080"`}},
		"wrong scheme":        {model: attributes("ftp://coder.example.com"), at: path.Root("url"), summary: "Invalid Coder URL", detail: []string{`"ftp"`}},
		"no host":             {model: attributes("https:///coder"), at: path.Root("url"), summary: "Invalid Coder URL", detail: []string{"no host"}},
		"port without host":   {model: attributes("https://:8443"), at: path.Root("url"), summary: "Invalid Coder URL", detail: []string{"no host"}},
		"query":               {model: attributes("https://a.example.com/?x=1"), at: path.Root("url"), summary: "Invalid Coder URL", detail: []string{"query"}},
		"empty query":         {model: attributes("https://a.example.com/?"), at: path.Root("url"), summary: "Invalid Coder URL", detail: []string{"query"}},
		"fragment":            {model: attributes("https://a.example.com/#x"), at: path.Root("url"), summary: "Invalid Coder URL", detail: []string{"fragment"}},
		"user":                {model: attributes("https://bob:" + secret + "@a.example.com"), at: path.Root("url"), summary: "Invalid Coder URL", detail: []string{"password"}},
		"password, unparsed":  {model: attributes("https://bob:" + secret + "@a.example.com:x"), at: path.Root("url"), summary: "Invalid Coder URL"},
		"password, no scheme": {model: attributes("bob:" + secret + "@a.example.com"), at: path.Root("url"), summary: "Invalid Coder URL"},
		"port too high":       {model: attributes("https://a.example.com:70000"), at: path.Root("url"), summary: "Invalid Coder URL", detail: []string{"65535"}},
		"path of the API":     {model: attributes("https://a.example.com/api/v2/"), at: path.Root("url"), summary: "Invalid Coder URL", detail: []string{"/api/v2"}},
		"from the environment": {
			model: model(token(secret)), machine: provider.Machine{Vars: vars("CODER_URL", "nope")},
			at: path.Root("url"), summary: "Invalid Coder URL", detail: []string{"environment variable CODER_URL"},
		},
		"from the CLI": {
			model: model(token(secret)), machine: provider.Machine{Files: map[string]provider.File{cliURL: {Content: "nope"}}},
			at: path.Root("url"), summary: "Invalid Coder URL", detail: []string{cliURL},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, diags := provider.ResolveConfig(tt.model, tt.machine.Environment())
			wantSingleError(t, diags, tt.at, tt.summary, tt.detail...)
		})
	}
}

func TestResolveConfig_nothingConfigured(t *testing.T) {
	t.Parallel()
	_, diags := provider.ResolveConfig(model(), provider.Machine{}.Environment())
	want := []string{"Missing Coder URL", "Missing Coder session token"}
	if got := summaries(diags); !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestResolveConfig_unknown(t *testing.T) {
	t.Parallel()

	edits := map[string]struct {
		edit func(*provider.ConfigModel)
		at   path.Path
	}{
		"url":     {func(m *provider.ConfigModel) { m.URL = types.StringUnknown() }, path.Root("url")},
		"token":   {func(m *provider.ConfigModel) { m.Token = types.StringUnknown() }, path.Root("token")},
		"headers": {func(m *provider.ConfigModel) { m.Headers = types.MapUnknown(types.StringType) }, path.Root("headers")},
		"a header": {
			headers(map[string]attr.Value{"X-A": types.StringValue("1"), "X-B": types.StringUnknown()}),
			path.Root("headers").AtMapKey("X-B"),
		},
		"max_retries": {func(m *provider.ConfigModel) { m.MaxRetries = types.Int64Unknown() }, path.Root("max_retries")},
		"tls":         {func(m *provider.ConfigModel) { m.TLS = types.ObjectUnknown(provider.TLSAttributes) }, path.Root("tls")},
		"ca_file":     {tlsBlock(map[string]attr.Value{"ca_file": types.StringUnknown()}), path.Root("tls").AtName("ca_file")},
		"insecure":    {tlsBlock(map[string]attr.Value{"insecure_skip_verify": types.BoolUnknown()}), path.Root("tls").AtName("insecure_skip_verify")},
	}
	for name, tt := range edits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The environment has a value for everything, and must not be used.
			machine := loggedIn(vars("CODER_URL", "https://env.example.com", "CODER_SESSION_TOKEN", "env-token"))
			_, diags := provider.ResolveConfig(model(tt.edit), machine.Environment())
			wantSingleError(t, diags, tt.at, "Unknown value in the provider configuration", tt.at.String())
		})
	}
}

func TestResolveConfig_maxRetries(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		value types.Int64
		want  int
	}{
		{types.Int64Null(), 4},
		{types.Int64Value(0), 0},
		{types.Int64Value(7), 7},
		{types.Int64Value(1 << 40), 1<<31 - 1},
	} {
		t.Run(fmt.Sprint(tt.value), func(t *testing.T) {
			t.Parallel()
			m := model(url("https://a.example.com"), token(secret))
			m.MaxRetries = tt.value
			config, diags := provider.ResolveConfig(m, provider.Machine{}.Environment())
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			if config.MaxRetries != tt.want {
				t.Errorf("got %d, want %d", config.MaxRetries, tt.want)
			}
		})
	}
}

// wantSingleError checks for exactly one diagnostic, an error at a path, whose
// detail has the given parts and repeats no secret.
func wantSingleError(t *testing.T, diags diag.Diagnostics, at path.Path, summary string, parts ...string) {
	t.Helper()
	if len(diags) != 1 || !diags.HasError() {
		t.Fatalf("want one error, got %v", diags)
	}
	if got := diags[0].Summary(); got != summary {
		t.Errorf("summary is %q, want %q (%s)", got, summary, diags[0].Detail())
	}
	if got, ok := diags[0].(diag.DiagnosticWithPath); !ok || !got.Path().Equal(at) {
		t.Errorf("%v is not at %s", diags[0], at)
	}
	for _, part := range parts {
		if !strings.Contains(diags[0].Detail(), part) {
			t.Errorf("detail lacks %q: %s", part, diags[0].Detail())
		}
	}
	for _, hidden := range []string{secret, "cli-token", "env-token"} {
		if strings.Contains(diags[0].Detail(), hidden) {
			t.Errorf("detail repeats a secret: %s", diags[0].Detail())
		}
	}
}

func summaries(diags diag.Diagnostics) []string {
	var all []string
	for _, d := range diags {
		all = append(all, d.Summary())
	}
	return all
}

func nonEmpty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}
