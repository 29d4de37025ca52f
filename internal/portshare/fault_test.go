package portshare_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// The answer to the request that shares the port is lost: it is shared, and the
// next apply takes it over. A lost answer to the end of it is asked for again.
func TestPortShare_lostAnswers(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	template := d.Template(t, acctest.Basic)
	configured := config(d, template, "one", port("main", 8080, "public"))
	lose := func(method string) func() {
		return func() {
			d.Fake.AddFault(codertest.Fault{Method: method, Route: "/workspaces/{workspace}/port-share", Times: 1, DropAfter: true})
		}
	}
	acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
		{PreConfig: lose("POST"), Config: configured, ExpectError: message("It is not known whether Coder carried the request out")},
		{Config: configured, Check: shares(t, d, "main 8080 public http")},
		{PreConfig: lose("DELETE"), Config: config(d, template, "one", ""), Check: shares(t, d)},
	}})
}
