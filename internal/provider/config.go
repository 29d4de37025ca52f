package provider

import (
	"fmt"
	"math"
	"net"
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// The environment variables the provider reads, all shared with the Coder CLI.
const (
	envURL       = "CODER_URL"
	envToken     = "CODER_SESSION_TOKEN"
	envHeader    = "CODER_HEADER"
	envConfigDir = "CODER_CONFIG_DIR"
	envCAFile    = "CODER_CLIENT_TLS_CA_FILE"
	envCertFile  = "CODER_CLIENT_TLS_CERT_FILE"
	envKeyFile   = "CODER_CLIENT_TLS_KEY_FILE"
)

// defaultMaxRetries is how often a request is repeated unless configured.
const defaultMaxRetries = 4

// configModel is the provider block. Collections stay framework types, because
// they may be unknown while Terraform plans.
type configModel struct {
	URL        types.String `tfsdk:"url"`
	Token      types.String `tfsdk:"token"`
	Headers    types.Map    `tfsdk:"headers"`
	MaxRetries types.Int64  `tfsdk:"max_retries"`
	TLS        types.Object `tfsdk:"tls"`
}

// resolveConfig turns the provider block and the environment into the client's
// configuration: attribute before environment variable before the Coder CLI's
// files. It reads files but never touches the network. The result is only of
// use when the diagnostics hold no error.
func resolveConfig(model configModel, env environment) (coder.Config, diag.Diagnostics) {
	diags := unknownValues(model)
	if diags.HasError() {
		return coder.Config{}, diags
	}

	cli := newCLI(env)
	target := resolveURL(model.URL, env, cli, &diags)
	token := resolveToken(model.Token, env, cli, target, &diags)
	headers := resolveHeaders(model.Headers, env, &diags)
	tlsConfig := resolveTLS(model.TLS, env, &diags)

	retries := int64(defaultMaxRetries)
	if !model.MaxRetries.IsNull() {
		retries = min(model.MaxRetries.ValueInt64(), math.MaxInt32)
	}

	return coder.Config{
		URL:        target,
		Token:      token,
		Headers:    headers,
		TLS:        tlsConfig,
		MaxRetries: int(retries),
	}, diags
}

// unknownValues reports every value Terraform does not know yet. Falling back
// to the environment instead could send requests to another deployment than
// the one that is meant.
func unknownValues(model configModel) diag.Diagnostics {
	var diags diag.Diagnostics
	check := func(at path.Path, value attr.Value) {
		if !value.IsUnknown() {
			return
		}
		diags.AddAttributeError(at, "Unknown value in the provider configuration",
			fmt.Sprintf("The value of %s comes from something that Terraform has not created yet, so the provider cannot connect to Coder.\n\n", at)+
				"Use a value that is known while planning (a variable, a local, an environment variable), "+
				"or create what it depends on first, with `terraform apply -target=…` or in a configuration of its own.")
	}

	check(path.Root("url"), model.URL)
	check(path.Root("token"), model.Token)
	check(path.Root("max_retries"), model.MaxRetries)
	check(path.Root("headers"), model.Headers)
	for name, value := range model.Headers.Elements() {
		check(path.Root("headers").AtMapKey(name), value)
	}
	check(path.Root("tls"), model.TLS)
	for name, value := range model.TLS.Attributes() {
		check(path.Root("tls").AtName(name), value)
	}
	return diags
}

// resolveURL finds the address of the deployment. It is nil after an error.
func resolveURL(configured types.String, env environment, cli cliFiles, diags *diag.Diagnostics) *url.URL {
	at := path.Root("url")
	raw, source := strings.TrimSpace(configured.ValueString()), "the provider's `url` attribute"
	if configured.IsNull() {
		raw, source = strings.TrimSpace(env.getenv(envURL)), "the environment variable "+envURL
	}
	if raw == "" && configured.IsNull() {
		var err error
		raw, err = cli.url()
		if err != nil {
			diags.AddAttributeError(at, "Unreadable Coder CLI address", cli.unreadable("url", err))
			return nil
		}
		source = fmt.Sprintf("the Coder CLI's file %q", cli.path("url"))
	}

	switch {
	case raw == "" && !configured.IsNull():
		diags.AddAttributeError(at, "Empty Coder URL",
			"The attribute `url` is set, but empty. Set it to the address of the deployment, such as \"https://coder.example.com\", "+
				"or leave it out (null) to take the address from the environment variable "+envURL+" or from `coder login`.")
		return nil
	case raw == "":
		diags.AddAttributeError(at, "Missing Coder URL",
			"The provider does not know which Coder deployment to use. Do one of these:\n\n"+
				"  - set the attribute `url` in the provider block, such as \"https://coder.example.com\";\n"+
				"  - set the environment variable "+envURL+";\n"+
				"  - log in with the Coder CLI, `coder login <url>`; its address is read from "+cli.describe("url")+".")
		return nil
	}

	target, problem := coder.ParseURL(raw)
	if problem != "" {
		diags.AddAttributeError(at, "Invalid Coder URL",
			fmt.Sprintf("The address in %s cannot be used: %s", source, problem))
		return nil
	}
	if target.Scheme == "http" && !isLoopback(target.Hostname()) {
		diags.AddAttributeWarning(at, "Unencrypted connection to Coder",
			fmt.Sprintf("The address %s uses plain HTTP, so the session token and all answers cross the network unencrypted. Use https:// if the deployment offers it.", target))
	}
	return target
}

// isLoopback tells whether a host is this machine itself, without asking DNS.
func isLoopback(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	host, _, _ = strings.Cut(host, "%") // zone of an IPv6 address
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// resolveToken finds the session token. Without a target, which has got its
// error already, the CLI's token is of no use.
func resolveToken(configured types.String, env environment, cli cliFiles, target *url.URL, diags *diag.Diagnostics) string {
	at := path.Root("token")
	token := strings.TrimSpace(configured.ValueString())
	if configured.IsNull() {
		token = strings.TrimSpace(env.getenv(envToken))
	}
	if token == "" && configured.IsNull() {
		return cli.tokenFor(target, diags)
	}
	if token == "" {
		diags.AddAttributeError(at, "Empty Coder session token",
			"The attribute `token` is set, but empty. Set it to a session token (`coder tokens create`), "+
				"or leave it out (null) to take the token from the environment variable "+envToken+" or from `coder login`.")
		return ""
	}
	return checkToken(token, diags)
}

// checkToken refuses what cannot be sent in a header, without repeating it.
func checkToken(token string, diags *diag.Diagnostics) string {
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		diags.AddAttributeError(path.Root("token"), "Invalid Coder session token",
			"The session token contains blanks, line breaks or other characters that no Coder token has. "+
				"It was probably copied incompletely, or together with other text; `coder tokens create` prints a new one.")
		return ""
	}
	return token
}
