package coder_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// An address is the deployment's on its own host and on that of the access URL,
// however they are written. Only for the latter anything is asked.
func TestIsOwnPage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		client, access, address string
		is                      bool
		own                     []string
		asked                   int
	}{
		{"https://coder.example.com", "", "https://coder.example.com/@ada/dev", true, []string{"coder.example.com"}, 0},
		{"https://Coder.Example.com", "", "HTTPS://CODER.example.COM:443/@ada/dev", true, []string{"coder.example.com"}, 0},
		{"https://coder.example.com.", "", "http://coder.example.com:80/@ada/dev", true, []string{"coder.example.com"}, 0},
		{"https://example.com/coder", "", "https://example.com/@ada/dev", true, []string{"example.com"}, 0},
		{"http://[::1]:7080", "", "http://[::1]:7080/@ada/dev", true, []string{"[::1]:7080"}, 0},
		{"http://10.0.0.1:7080", "https://coder.example.com", "https://coder.example.com/@ada/dev", true, []string{"10.0.0.1:7080", "coder.example.com"}, 1},
		{"http://10.0.0.1:7080", "https://coder.example.com", "https://coder.example.org/@ada/dev", false, []string{"10.0.0.1:7080", "coder.example.com"}, 1},
		{"https://coder.example.com", "https://coder.example.com/", "https://coder.example.com:8443/@ada/dev", false, []string{"coder.example.com"}, 1},
		{"https://coder.example.com", "", "https://github.com/@ada/dev", false, []string{"coder.example.com"}, 1}, // the external_url
		{"https://coder.example.com", "no host", "https://other.example.com/@ada/dev", false, []string{"coder.example.com"}, 1},
		{"https://coder.example.com", "403", "https://other.example.com/@ada/dev", false, []string{"coder.example.com"}, 3},
		{"https://coder.example.com", "", "https:///@ada/dev", false, []string{"coder.example.com"}, 1},
	} {
		t.Run(tt.client+" "+tt.address, func(t *testing.T) {
			t.Parallel()
			asked := 0
			client := coder.NewWithTransport(coder.Config{URL: parse(t, tt.client)}, wire(func(req *http.Request) (*http.Response, error) {
				asked++
				if tt.access == "403" {
					return answer(req, http.StatusForbidden, `{"message":"Forbidden."}`), nil
				}
				return answer(req, http.StatusOK, `{"external_url":"https://github.com/coder/coder","dashboard_url":"`+tt.access+`"}`), nil
			}))
			for range 3 {
				is, own, err := client.IsOwnPage(t.Context(), tt.address)
				if diff := cmp.Diff(tt.own, own); is != tt.is || diff != "" || (err != nil) != (tt.access == "403") {
					t.Errorf("it is: %t, want %t, error %v %s", is, tt.is, err, diff)
				}
			}
			if asked != tt.asked {
				t.Errorf("%d requests, want %d", asked, tt.asked)
			}
		})
	}
}
