package codertest_test

import (
	"fmt"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// BenchmarkList reads one page of many workspaces.
func BenchmarkList(b *testing.B) {
	d := codertest.New(codertest.Options{})
	defer d.Close()
	basic := d.AddTemplate(codertest.BasicTemplate())
	for i := range 10_000 {
		d.CreateWorkspace("admin", fmt.Sprintf("w%05d", i), basic.ID, nil)
	}
	c := &client{ctx: b.Context(), d: d, token: d.Token()}
	for b.Loop() {
		c.send("GET", "/workspaces?limit=100&offset=5000", "")
		d.ResetRequests()
	}
}
