package faulttest_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

const (
	headerSecret    = "header-secret-4Kf9"
	ephemeralSecret = "ephemeral-secret-8Wq2"
	metadataSecret  = "hush" // of the standard templates
)

// TestSecrets lets everything go wrong once, with the most talkative log, and
// looks for secrets, for what could deceive a terminal, and for connections to
// other hosts.
func TestSecrets(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			for i, what := range misfortunes {
				// The endless one says the same as the dripping one, and takes its time.
				if what.fault.Spoil == codertest.Endless || !*soak && i%3 > 0 && what.name != "redirect" && what.name != "hostile words" {
					continue
				}
				inBubble(t, codertest.Options{Version: version}, func(ctx context.Context, s *scene) {
					var logged bytes.Buffer
					ctx = tflogtest.RootLogger(ctx, &logged)
					s.settings["headers"] = object{"X-Proxy-Authorization": headerSecret}
					basic := codertest.BasicTemplate()
					basic.Version.Parameters = append(basic.Version.Parameters, codertest.Parameter{Name: "note", Mutable: true, Ephemeral: s.newest(), Default: "-"})
					template := s.fake.AddTemplate(basic)
					config := s.config(object{"template_id": template.ID.String(), "ephemeral_parameters": object{"note": ephemeralSecret}})

					said := ""
					for _, skip := range []int{0, 2, 4} {
						fault := what.fault
						fault.Skip, fault.Times = skip, 2
						s.fake.AddFault(fault)
						out := s.apply(ctx, config)
						said += out.String() + "\n"
						if s.state != nil {
							said += plainText(s.state.value) + string(s.state.private)
						}
						s.fake.ClearFaults()
					}
					said += s.apply(ctx, nil).String()
					if !strings.Contains(logged.String(), "/api/v2/") {
						t.Fatalf("the log holds no requests: %s", logged.String())
					}
					checkSaid(t, what.name, s, said, &logged)
				})
			}
		})
	}
}

// checkSaid looks through everything that people get to see.
func checkSaid(t *testing.T, what string, s *scene, said string, logged *bytes.Buffer) {
	t.Helper()
	for _, secret := range []string{s.fake.Token(), headerSecret, ephemeralSecret, metadataSecret} {
		if strings.Contains(said, secret) {
			t.Errorf("%s: diagnostics or state hold %s", what, secret)
		}
		if strings.Contains(logged.String(), secret) {
			t.Errorf("%s: the log holds %s", what, secret)
		}
	}
	checkLog(t, what, logged)
	for _, address := range s.network.addresses() {
		if address != "localhost:80" {
			t.Errorf("%s: a connection to %s was wanted", what, address)
		}
	}
}
