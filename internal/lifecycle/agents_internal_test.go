package lifecycle

import (
	"slices"
	"strings"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// agentsOf is a build with agents, each given as "status lifecycle_state", one
// in a resource.
func agentsOf(states ...string) *coder.WorkspaceBuild {
	build := new(coder.WorkspaceBuild)
	for i, state := range states {
		status, lifecycleState, _ := strings.Cut(state, " ")
		agent := coder.WorkspaceAgent{Name: string(rune('a' + i)), Status: status, LifecycleState: lifecycleState}
		build.Resources = append(build.Resources, coder.WorkspaceResource{}, coder.WorkspaceResource{Agents: []coder.WorkspaceAgent{agent}})
	}
	return build
}

func TestAgentsWaiting(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		agents  []string
		waiting []string // the names of the agents
		failed  string   // what the error says of the agent
	}{
		"no agents":                         {nil, nil, ""},
		"ready":                             {[]string{"connected ready"}, nil, ""},
		"all are ready":                     {[]string{"connected ready", "connected ready"}, nil, ""},
		"not heard of yet":                  {[]string{"connecting created"}, []string{"a"}, ""},
		"connected, script runs":            {[]string{"connected starting"}, []string{"a"}, ""},
		"connected, script runs long":       {[]string{"connected start_timeout"}, []string{"a"}, ""},
		"one of two":                        {[]string{"connected ready", "connecting created"}, []string{"b"}, ""},
		"both":                              {[]string{"connected starting", "connecting created"}, []string{"a", "b"}, ""},
		"not heard of in time, may come":    {[]string{"timeout created"}, []string{"a"}, ""},
		"was there, comes back perhaps":     {[]string{"disconnected ready"}, []string{"a"}, ""},
		"script failed":                     {[]string{"connected start_error"}, nil, `"a" is connected, start_error`},
		"script failed, another not ready":  {[]string{"connecting created", "connected start_error"}, nil, `"b" is connected, start_error`},
		"script failed, connection lost":    {[]string{"disconnected start_error"}, nil, `"a" is disconnected, start_error`},
		"a state that is not known is none": {[]string{"connected red"}, []string{"a"}, ""},
	} {
		waiting, failed := agentsWaiting(agentsOf(test.agents...))
		var names []string
		for _, text := range waiting {
			names = append(names, strings.Trim(strings.Fields(text)[0], `"`))
		}
		if !slices.Equal(names, test.waiting) {
			t.Errorf("%s: waiting for %q, want %q", name, names, test.waiting)
		}
		switch {
		case test.failed == "" && failed != nil:
			t.Errorf("%s: %v", name, failed)
		case test.failed != "" && (failed == nil || !strings.Contains(failed.Error(), test.failed)):
			t.Errorf("%s: error %v, want it to say %q", name, failed, test.failed)
		}
	}
}
