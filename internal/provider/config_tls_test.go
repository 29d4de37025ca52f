package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/provider"
)

// keyPair makes a self-signed certificate and its key, both PEM.
func keyPair(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
}

func TestResolveConfig_tls(t *testing.T) {
	t.Parallel()

	certA, keyA := keyPair(t)
	certB, keyB := keyPair(t)
	files := map[string]provider.File{
		"a.crt": {Content: certA}, "a.key": {Content: keyA},
		"b.crt": {Content: certB}, "b.key": {Content: keyB},
	}
	block := func(ca, cert, key string) map[string]attr.Value {
		values := map[string]attr.Value{}
		for name, value := range map[string]string{"ca_file": ca, "cert_file": cert, "key_file": key} {
			if value != "" {
				values[name] = types.StringValue(value)
			}
		}
		return values
	}
	env := func(ca, cert, key string) map[string]string {
		return vars("CODER_CLIENT_TLS_CA_FILE", ca, "CODER_CLIENT_TLS_CERT_FILE", cert, "CODER_CLIENT_TLS_KEY_FILE", key)
	}
	tests := map[string]struct {
		block    map[string]attr.Value
		vars     map[string]string
		ca, cert string // PEM of what must be in use
		insecure bool
	}{
		"nothing":                  {},
		"block":                    {block: block("a.crt", "a.crt", "a.key"), ca: certA, cert: certA},
		"environment":              {vars: env("b.crt", "b.crt", "b.key"), ca: certB, cert: certB},
		"block before environment": {block: block("a.crt", "a.crt", "a.key"), vars: env("b.crt", "b.crt", "b.key"), ca: certA, cert: certA},
		"authority of the block, rest of the env": {block: block("a.crt", "", ""), vars: env("b.crt", "b.crt", "b.key"), ca: certA, cert: certB},
		"authority of the env, rest of the block": {block: block("", "a.crt", "a.key"), vars: env("b.crt", "b.crt", "b.key"), ca: certB, cert: certA},
		"insecure": {block: map[string]attr.Value{"insecure_skip_verify": types.BoolValue(true)}, insecure: true},
		"empty block leaves the environment valid": {block: map[string]attr.Value{}, vars: env("b.crt", "", ""), ca: certB},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := model(url("https://a.example.com"), token(secret))
			if tt.block != nil {
				tlsBlock(tt.block)(&m)
			}
			config, diags := provider.ResolveConfig(m, provider.Machine{Vars: tt.vars, Files: files}.Environment())
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			if config.TLS.MinVersion != tls.VersionTLS12 {
				t.Errorf("oldest version is %x", config.TLS.MinVersion)
			}
			if config.TLS.InsecureSkipVerify != tt.insecure {
				t.Errorf("InsecureSkipVerify is %v", config.TLS.InsecureSkipVerify)
			}

			var want *x509.CertPool
			if tt.ca != "" {
				want = x509.NewCertPool()
				want.AppendCertsFromPEM([]byte(tt.ca))
			}
			if !config.TLS.RootCAs.Equal(want) {
				t.Error("other authorities are trusted than wanted")
			}

			var got string
			for _, certificate := range config.TLS.Certificates {
				got += string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}))
			}
			if got != tt.cert {
				t.Errorf("client certificate is %q, want %q", got, tt.cert)
			}
		})
	}
}

func TestResolveConfig_tlsErrors(t *testing.T) {
	t.Parallel()

	certA, keyA := keyPair(t)
	_, keyB := keyPair(t)
	files := map[string]provider.File{
		"a.crt": {Content: certA}, "a.key": {Content: keyA}, "b.key": {Content: keyB},
		"text": {Content: "hello"},
	}
	at := path.Root("tls")
	tests := map[string]struct {
		block   map[string]string
		vars    map[string]string
		at      path.Path
		summary string
		detail  string
	}{
		"no such authority": {
			block: map[string]string{"ca_file": "gone.crt"},
			at:    at.AtName("ca_file"), summary: "Unreadable TLS file", detail: `"gone.crt", given in the attribute`,
		},
		"no such authority, environment": {
			vars: vars("CODER_CLIENT_TLS_CA_FILE", "gone.crt"),
			at:   at.AtName("ca_file"), summary: "Unreadable TLS file", detail: "environment variable CODER_CLIENT_TLS_CA_FILE",
		},
		"authority is no certificate": {
			block: map[string]string{"ca_file": "text"},
			at:    at.AtName("ca_file"), summary: "Invalid TLS certificate authority", detail: "PEM",
		},
		"certificate without key": {
			block: map[string]string{"cert_file": "a.crt"},
			at:    at.AtName("key_file"), summary: "Missing TLS private key", detail: "`tls.cert_file`",
		},
		"key without certificate": {
			vars: vars("CODER_CLIENT_TLS_KEY_FILE", "a.key"),
			at:   at.AtName("cert_file"), summary: "Missing TLS client certificate", detail: "CODER_CLIENT_TLS_KEY_FILE",
		},
		"certificate of the block is not completed by the environment": {
			block: map[string]string{"cert_file": "a.crt"}, vars: vars("CODER_CLIENT_TLS_KEY_FILE", "a.key"),
			at: at.AtName("key_file"), summary: "Missing TLS private key", detail: "`tls.cert_file`",
		},
		"no such certificate": {
			block: map[string]string{"cert_file": "gone.crt", "key_file": "a.key"},
			at:    at.AtName("cert_file"), summary: "Unreadable TLS file", detail: "gone.crt",
		},
		"no such key": {
			block: map[string]string{"cert_file": "a.crt", "key_file": "gone.key"},
			at:    at.AtName("key_file"), summary: "Unreadable TLS file", detail: "gone.key",
		},
		"key of another certificate": {
			block: map[string]string{"cert_file": "a.crt", "key_file": "b.key"},
			at:    at.AtName("cert_file"), summary: "Invalid TLS client certificate", detail: "private key does not match",
		},
		"swapped": {
			block: map[string]string{"cert_file": "a.key", "key_file": "a.crt"},
			at:    at.AtName("cert_file"), summary: "Invalid TLS client certificate", detail: "a.crt",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := model(url("https://a.example.com"), token(secret), tlsBlock(text(tt.block)))
			_, diags := provider.ResolveConfig(m, provider.Machine{Vars: tt.vars, Files: files}.Environment())
			wantSingleError(t, diags, tt.at, tt.summary, tt.detail)
		})
	}
}
