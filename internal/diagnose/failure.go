package diagnose

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// explainFailure words an error that is no error answer of Coder: what
// happened, and what the user can do. The remedy may be "".
func explainFailure(err error) (what, remedy string) {
	what = sentence(err.Error())

	var content *coder.ContentError
	var redirect *coder.RedirectError
	switch {
	case errors.As(err, &content):
		return "the answer did not come from Coder's API (" + strings.TrimSuffix(what, ".") + ").", remedyContent
	case errors.As(err, &redirect):
		return explainRedirect(redirect)
	case errors.Is(err, context.Canceled):
		return "it was interrupted.", remedyInterrupted
	case errors.Is(err, context.DeadlineExceeded):
		return "the time allowed for this operation ran out (" + strings.TrimSuffix(what, ".") + ").", remedyDeadline
	}

	for _, explain := range []func(error) string{explainTLS, explainConnection, explainBody} {
		if remedy := explain(err); remedy != "" {
			return what, joinNonEmpty([]string{remedy, unclearNote(err)}, " ")
		}
	}
	return what, unclearNote(err)
}

// sentence ends a text with a full stop.
func sentence(text string) string { return strings.TrimSuffix(strings.TrimSpace(text), ".") + "." }

// The remedies that need no values.
const (
	remedyContent = "The provider's `url` probably does not lead to Coder's API: it is another site, has a wrong path, " +
		"or a proxy in front of Coder shows its own login page. Check `url` (or CODER_URL); " +
		"it is the address of the dashboard without any further path. Credentials for a proxy belong in the provider's `headers` (or CODER_HEADER)."
	remedyInterrupted = "What was sent to Coder before may still take effect there. The next plan shows how things are."
	remedyDeadline    = "Coder goes on with what was started; the next plan shows how things are. " +
		"If it needs more time, raise it in the `timeouts` block."
)

func explainRedirect(redirect *coder.RedirectError) (what, remedy string) {
	what = fmt.Sprintf("the server redirects to %q instead of answering (%d %s).", redirect.Location, redirect.Status, http.StatusText(redirect.Status))
	remedy = "Redirects are not followed, so the session token was not sent there. "
	target, err := url.Parse(redirect.Location)
	if err != nil || target.Host == "" || target.User != nil {
		return what, remedy + "Check the provider's `url` (or CODER_URL)."
	}
	return what, remedy + fmt.Sprintf("If that is the deployment's own address, set the provider's `url` (or CODER_URL) to \"%s://%s\". "+
		"If it is a login page of a proxy in front of Coder, give the proxy's credentials in `headers`, or use an address that bypasses it.", target.Scheme, target.Host)
}

// explainTLS gives the remedy for a failed TLS handshake, "" for other errors.
func explainTLS(err error) string {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var verification *tls.CertificateVerificationError
	var operation *net.OpError
	switch {
	case errors.As(err, &authority):
		return "This machine does not trust the authority that signed the server's certificate. " +
			"Set `ca_file` in the provider's `tls` block (or CODER_CLIENT_TLS_CA_FILE) to a PEM file with that authority's certificate; a self-signed certificate is its own authority."
	case errors.As(err, &host):
		return "The server's certificate is for another host name. Use a name in the provider's `url` that the certificate covers."
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "The server's certificate has expired or is not valid yet. Renew it, or correct this machine's clock."
	case errors.As(err, &invalid), errors.As(err, &verification):
		return "The server's certificate is not acceptable; its administrator has to replace it."
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return "The server does not speak TLS on this port. Check scheme and port of the provider's `url`; a server without TLS needs http://."
	case errors.As(err, &operation) && operation.Op == "remote error": // an alert, whose type crypto/tls does not export
		return "The server refused the TLS connection. If it asks for a client certificate, set `cert_file` and `key_file` in the provider's `tls` block."
	default:
		return ""
	}
}

// explainConnection gives the remedy for a broken or impossible connection, ""
// for other errors.
func explainConnection(err error) string {
	var dns *net.DNSError
	var operation *net.OpError
	var network net.Error
	switch {
	case errors.As(err, &dns):
		return fmt.Sprintf("The host name %q could not be resolved. Check the provider's `url` (or CODER_URL), and whether a VPN is needed.", dns.Name)
	case errors.As(err, &operation) && operation.Op == "proxyconnect":
		return "The connection goes through the proxy named in HTTPS_PROXY or HTTP_PROXY, which could not be reached. Check these variables and NO_PROXY."
	case errors.As(err, &network) && network.Timeout():
		return "The server did not answer in time. Check that the deployment is up and that nothing on the way (firewall, VPN, proxy) holds requests back."
	case errors.As(err, &operation) && operation.Op == "dial":
		return "No connection to the server was possible. Check host and port of the provider's `url` (or CODER_URL), and that the deployment is up."
	case operation != nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "The connection broke before the answer was complete; the server or a proxy may have been restarted. Run Terraform again."
	default:
		return ""
	}
}

// explainBody gives the remedy for an answer that cannot be used, "" for other
// errors.
func explainBody(err error) string {
	if !coder.IsUnreadable(err) {
		return ""
	}
	return "The answer is not what Coder's API sends. A proxy may have changed it, or the server is of a version that the provider does not know."
}

// unclearNote warns after a request that may have taken effect all the same.
func unclearNote(err error) string {
	if !coder.IsUnclear(err) {
		return ""
	}
	return "It is not known whether Coder carried the request out; the next plan shows how things are."
}
