package provider_test

import (
	"os"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/provider"
)

// The levels are variables of the process, so these cases cannot run in
// parallel.
func TestLimitLog(t *testing.T) {
	for name, test := range map[string]struct {
		env  map[string]string
		want map[string]string
	}{
		"nobody listens":        {nil, map[string]string{"TF_LOG_SDK": "OFF", "TF_LOG_SDK_PROTO": "OFF", "TF_LOG_SDK_FRAMEWORK": "OFF", "TF_LOG_PROVIDER_CODERWS": "OFF"}},
		"everything":            {map[string]string{"TF_LOG": "trace"}, map[string]string{"TF_LOG_SDK": "", "TF_LOG_PROVIDER_CODERWS": ""}},
		"as JSON":               {map[string]string{"TF_LOG": "JSON"}, map[string]string{"TF_LOG_SDK": ""}},
		"unknown is all":        {map[string]string{"TF_LOG": "1"}, map[string]string{"TF_LOG_SDK": ""}},
		"some":                  {map[string]string{"TF_LOG": "info"}, map[string]string{"TF_LOG_SDK": "INFO", "TF_LOG_PROVIDER_CODERWS": "INFO"}},
		"provider before all":   {map[string]string{"TF_LOG": "TRACE", "TF_LOG_PROVIDER": "ERROR"}, map[string]string{"TF_LOG_SDK": "ERROR"}},
		"own level is kept":     {map[string]string{"TF_LOG": "WARN", "TF_LOG_SDK_PROTO": "TRACE"}, map[string]string{"TF_LOG_SDK_PROTO": "TRACE", "TF_LOG_SDK": "WARN"}},
		"Terraform's core only": {map[string]string{"TF_LOG_CORE": "TRACE"}, map[string]string{"TF_LOG_SDK": "OFF"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER_CODERWS"} {
				t.Setenv(variable, test.env[variable]) // brings it back in the end
				if _, set := test.env[variable]; !set {
					if err := os.Unsetenv(variable); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := provider.LimitLog(); err != nil {
				t.Fatal(err)
			}
			for variable, want := range test.want {
				if got := os.Getenv(variable); got != want {
					t.Errorf("%s is %q, want %q", variable, got, want)
				}
			}
		})
	}
}
