package coder_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// JSON of somebody else's must not become a workspace of zeros, nor another
// workspace the one that was asked for.
func TestIdentity(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body, words string // no words: the answer is good
	}{
		"good":            {`{"id":"` + workspaceID.String() + `","latest_build":{"id":"` + buildID.String() + `"}}`, ""},
		"nothing":         {`{}`, "it lacks the id"},
		"an error":        {`{"error":"login required"}`, "it lacks the id"},
		"nil id":          {`{"id":"00000000-0000-0000-0000-000000000000","latest_build":{"id":"` + buildID.String() + `"}}`, "it lacks the id"},
		"no build":        {`{"id":"` + workspaceID.String() + `"}`, "it lacks the id"},
		"another's":       {`{"id":"` + otherBuild.String() + `","latest_build":{"id":"` + buildID.String() + `"}}`, "it is about " + otherBuild.String()},
		"id of no string": {`{"id":17}`, "cannot unmarshal"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := onWire(t, 2, func(req *http.Request) (*http.Response, error) { return answer(req, 200, tt.body), nil })
			workspace, err := client.Workspace(t.Context(), workspaceID)
			if tt.words == "" {
				if err != nil || workspace.ID != workspaceID {
					t.Errorf("workspace %v, error %v", workspace, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.words) || !coder.IsUnreadable(err) {
				t.Errorf("workspace %v, error %v", workspace, err)
			}
		})
	}
}

// A list with such a row is none that can be shown.
func TestIdentity_inList(t *testing.T) {
	t.Parallel()
	client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
		return answer(req, 200, `{"workspaces":[{"name":"x"}],"count":1}`), nil
	})
	if list, err := client.AllWorkspaces(t.Context(), coder.WorkspaceSearch{}); !coder.IsUnreadable(err) {
		t.Errorf("list %v, error %v", list, err)
	}
}

// A user is asked for by a name, which is not the id in the answer.
func TestIdentity_byName(t *testing.T) {
	t.Parallel()
	client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
		return answer(req, 200, `{"id":"`+workspaceID.String()+`"}`), nil
	})
	for _, name := range []string{coder.Me, "alice", strings.Repeat("0123456789abcdef", 2)} {
		if _, err := client.User(t.Context(), name); err != nil {
			t.Errorf("user %s: %v", name, err)
		}
	}
}
