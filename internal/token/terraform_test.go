package token_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// A token made in a run signs a second configuration of the provider in, in plan
// and apply, and is gone afterwards. What happens when a run fails, which ends
// the provider, is tested with the built one.
func TestToken_SignsASecondProviderIn(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		me, err := d.Client.User(t.Context(), coder.Me)
		if err != nil {
			t.Fatal(err)
		}
		owner := me.Username
		if d.Fake != nil {
			owner = "alice"
			d.Fake.AddUser(owner)
		}
		basic := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "token")
		config := func(template acctest.Template, parameters string) string {
			return d.ProviderConfig() + fmt.Sprintf(`
				ephemeral "coderws_token" "owner" {
					owner_name = %[1]q
					name       = %[2]q
				}
				provider "coderws" {
					alias = "owner"
					url   = %[3]q
					token = ephemeral.coderws_token.owner.token
				}
				resource "coderws_workspace" "own" {
					provider    = coderws.owner
					name        = %[2]q
					template_id = %[4]q
					parameters  = { %[5]s }
				}`, owner, name, d.URL, template.ID, parameters)
		}
		// The plan and the apply have each made one of the same name, so each one
		// was gone before the next.
		gone := func(*terraform.State) error {
			if left := names(t, d, owner); slices.Contains(left, name) {
				return fmt.Errorf("left is %v", left)
			}
			return nil
		}
		acctest.Test(t, d, resource.TestCase{
			TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_10_0), tofuBefore12{acctest.TerraformBinary(t)}},
			Steps: []resource.TestStep{
				{
					Config: config(basic, `cpu = "2"`),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue("coderws_workspace.own", tfjsonpath.New("owner_name"), knownvalue.StringExact(owner)),
					},
					Check: gone,
				},
				{
					PreConfig: func() { checkMadeAndEnded(t, d, owner) },
					Config:    config(basic, `cpu = "4"`),
					Check:     gone,
				},
			},
		})
		checkMadeAndEnded(t, d, owner)
	})
}

// tofuBefore12 skips older OpenTofus: 1.10 has no ephemeral resources, and 1.11
// lists what a plan opens among its changes, so that no plan is empty for the
// testing library. What 1.11 does with tokens is tested with the built provider.
type tofuBefore12 struct{ binary string }

// CheckTerraformVersion implements [tfversion.TerraformVersionCheck].
func (c tofuBefore12) CheckTerraformVersion(_ context.Context, req tfversion.CheckTerraformVersionRequest, resp *tfversion.CheckTerraformVersionResponse) {
	if strings.Contains(filepath.Base(c.binary), "tofu") && req.TerraformVersion.Segments()[1] < 12 {
		resp.Skip = "OpenTofu before 1.12 has no ephemeral resources, or calls no plan empty that opens one"
	}
}

// checkMadeAndEnded looks at what the fake was asked for: tokens were made, all
// are gone, and they were used. On a real deployment it looks for tokens left.
func checkMadeAndEnded(t *testing.T, d *acctest.Deployment, owner string) {
	t.Helper()
	if d.Fake == nil {
		for _, name := range names(t, d, owner) {
			if strings.HasPrefix(name, "token-") {
				t.Errorf("left is %s", name)
			}
		}
		return
	}
	made, ended := d.RequestCount("POST", makeRoute), d.RequestCount("DELETE", oneRoute)
	if made == 0 || made != ended {
		t.Errorf("%d tokens were made and %d deleted", made, ended)
	}
	if left := names(t, d, owner); len(left) > 0 {
		t.Errorf("left is %v", left)
	}
	byOwner := 0
	for _, request := range d.Fake.Requests() {
		if request.User == owner {
			byOwner++
		}
	}
	if byOwner == 0 {
		t.Errorf("%s asked for nothing", owner)
	}
	d.Fake.ResetRequests()
}
