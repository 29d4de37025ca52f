package provider

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// tlsSettings are the file names and switches of the tls block after the
// environment was taken in, each with the place it came from.
type tlsSettings struct {
	caFile, certFile, keyFile       string
	caSource, certSource, keySource string
	insecure                        bool
}

// resolveTLS reads and parses the files, so that a wrong one is reported
// before the first request and by its name.
func resolveTLS(block types.Object, env environment, diags *diag.Diagnostics) *tls.Config {
	settings := mergeTLS(block, env)
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: settings.insecure, //nolint:gosec // the user's explicit choice
	}

	if settings.caFile != "" {
		config.RootCAs = loadCA(settings, env, diags)
	}
	switch {
	case settings.certFile != "" && settings.keyFile != "":
		if certificate, ok := loadCertificate(settings, env, diags); ok {
			config.Certificates = []tls.Certificate{certificate}
		}
	case settings.certFile != "":
		diags.AddAttributeError(path.Root("tls").AtName("key_file"), "Missing TLS private key",
			fmt.Sprintf("A client certificate is set in %s, but not its private key. Set both `cert_file` and `key_file` (or %s and %s), or neither.", settings.certSource, envCertFile, envKeyFile))
	case settings.keyFile != "":
		diags.AddAttributeError(path.Root("tls").AtName("cert_file"), "Missing TLS client certificate",
			fmt.Sprintf("A private key is set in %s, but not the certificate it belongs to. Set both `cert_file` and `key_file` (or %s and %s), or neither.", settings.keySource, envCertFile, envKeyFile))
	}
	return config
}

// mergeTLS takes each value from the block, else from the environment.
// Certificate and key are one value: a certificate of the block is never
// completed by a key of the environment.
func mergeTLS(block types.Object, env environment) tlsSettings {
	attribute := func(name string) string {
		value, _ := block.Attributes()[name].(types.String)
		return strings.TrimSpace(value.ValueString())
	}
	variable := func(name string) string { return strings.TrimSpace(env.getenv(name)) }
	insecure, _ := block.Attributes()["insecure_skip_verify"].(types.Bool)

	s := tlsSettings{
		caFile: attribute("ca_file"), caSource: "the attribute `tls.ca_file`",
		certFile: attribute("cert_file"), certSource: "the attribute `tls.cert_file`",
		keyFile: attribute("key_file"), keySource: "the attribute `tls.key_file`",
		insecure: insecure.ValueBool(),
	}
	if s.caFile == "" {
		s.caFile, s.caSource = variable(envCAFile), "the environment variable "+envCAFile
	}
	if s.certFile == "" && s.keyFile == "" {
		s.certFile, s.certSource = variable(envCertFile), "the environment variable "+envCertFile
		s.keyFile, s.keySource = variable(envKeyFile), "the environment variable "+envKeyFile
	}
	return s
}

func loadCA(s tlsSettings, env environment, diags *diag.Diagnostics) *x509.CertPool {
	at := path.Root("tls").AtName("ca_file")
	pem, ok := readTLS(env, at, s.caFile, s.caSource, diags)
	if !ok {
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		diags.AddAttributeError(at, "Invalid TLS certificate authority",
			fmt.Sprintf("The file %q, given in %s, holds no certificate in PEM form (-----BEGIN CERTIFICATE-----).", s.caFile, s.caSource))
		return nil
	}
	return pool
}

func loadCertificate(s tlsSettings, env environment, diags *diag.Diagnostics) (tls.Certificate, bool) {
	certificate, haveCertificate := readTLS(env, path.Root("tls").AtName("cert_file"), s.certFile, s.certSource, diags)
	key, haveKey := readTLS(env, path.Root("tls").AtName("key_file"), s.keyFile, s.keySource, diags)
	if !haveCertificate || !haveKey {
		return tls.Certificate{}, false
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		diags.AddAttributeError(path.Root("tls").AtName("cert_file"), "Invalid TLS client certificate",
			fmt.Sprintf("The certificate %q (%s) and the private key %q (%s) cannot be used together: %v.\n\nBoth must be in PEM form, belong together, and the key must not be encrypted.",
				s.certFile, s.certSource, s.keyFile, s.keySource, err))
		return tls.Certificate{}, false
	}
	return pair, true
}

// readTLS reads a file that is named in source.
func readTLS(env environment, at path.Path, file, source string, diags *diag.Diagnostics) ([]byte, bool) {
	content, err := env.readFile(file)
	if err != nil {
		diags.AddAttributeError(at, "Unreadable TLS file",
			fmt.Sprintf("The file %q, given in %s, cannot be read: %v.\n\nRelative paths start at the directory Terraform runs in; use \"${path.module}/…\" for a file beside the configuration.", file, source, err))
		return nil, false
	}
	return content, true
}
