package coder_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// An answer without the lists is none of Coder's: it must not look as if a
// workspace were shared with nobody.
func TestACL_otherJSON(t *testing.T) {
	t.Parallel()
	c := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
		return answer(req, http.StatusOK, `{"error":"login required"}`, "Content-Type", "application/json"), nil
	})
	if list, err := c.ACL(t.Context(), uuid.New()); !coder.IsUnreadable(err) {
		t.Errorf("%v, %v", list, err)
	}
	if shares, err := c.PortShares(t.Context(), uuid.New()); !coder.IsUnreadable(err) {
		t.Errorf("%v, %v", shares, err)
	}
}
