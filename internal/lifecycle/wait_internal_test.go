package lifecycle

import (
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

func TestWaitsForProvisioner(t *testing.T) {
	t.Parallel()
	queued := func(status coder.Status, matched *coder.MatchedProvisioners) *coder.WorkspaceBuild {
		return &coder.WorkspaceBuild{Status: status, MatchedProvisioners: matched}
	}
	none, some := &coder.MatchedProvisioners{}, &coder.MatchedProvisioners{Count: 3}
	for name, test := range map[string]struct {
		queued *coder.WorkspaceBuild
		later  []coder.Status
		want   bool
	}{
		"nobody fits":             {queued(coder.StatusPending, none), []coder.Status{coder.StatusPending}, true},
		"nobody fits, not looked": {queued(coder.StatusPending, none), nil, true},
		"somebody fits":           {queued(coder.StatusPending, some), []coder.Status{coder.StatusPending}, false},
		"an old server":           {queued(coder.StatusPending, nil), []coder.Status{coder.StatusPending}, false},
		"somebody came":           {queued(coder.StatusPending, none), []coder.Status{coder.StatusStarting}, false},
		"came, and was canceled":  {queued(coder.StatusPending, none), []coder.Status{coder.StatusStarting, coder.StatusCanceling}, false},
		"it was running before":   {queued(coder.StatusStarting, none), []coder.Status{coder.StatusStarting}, false},
	} {
		progress := buildProgress{run: &Run{lifecycle: new(Lifecycle)}, queued: test.queued, status: test.queued.Status}
		for _, status := range test.later {
			// Reads of the build alone say that nobody fits.
			progress.report(t.Context(), queued(status, none))
		}
		if got := progress.waitsForProvisioner(); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}
