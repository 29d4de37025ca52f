package coder_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// On a real connection: one long line, and the stream is let go of when the
// wait is over.
func TestWaitForBuild_RealConnection(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1 << 20, 8 << 20} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			left := make(chan struct{})
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer close(left)
				w.Header().Set("Content-Type", "text/event-stream")
				w.Header().Set("X-Coder-Build-Version", newVersion)
				if got := r.Header.Get("Accept"); got != "text/event-stream" {
					t.Errorf("accepted is %q", got)
				}
				_, _ = io.WriteString(w, ping)
				_ = http.NewResponseController(w).Flush()
				_, _ = io.WriteString(w, data(running))
				_, _ = io.WriteString(w, strings.Replace(data(done), `"name"`, `"filler":"`+strings.Repeat("x", size)+`","name"`, 1))
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
			}))
			defer server.Close()
			finished, err := newClient(t, server.URL).WaitForBuild(t.Context(), workspaceID, buildID, nil)
			if err != nil || finished.Workspace == nil || finished.Build.Status != coder.StatusRunning {
				t.Errorf("build %v, error %v", finished, err)
			}
			<-left
		})
	}
}
