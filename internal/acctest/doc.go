// Package acctest is for tests alone: it runs a Terraform-driven test on fake
// deployments, or on a real one, without the test having to know which.
//
// A test reads
//
//	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
//		template := d.Template(t, acctest.Basic)
//		acctest.Test(t, d, resource.TestCase{
//			Steps: []resource.TestStep{{Config: d.ProviderConfig() + `…`}},
//		})
//	})
//
// and runs once per server version on a fresh fake. With TF_ACC=1, CODER_URL
// and CODER_SESSION_TOKEN in the environment it runs once, on that deployment,
// with templates and users of its own that are deleted afterwards.
package acctest
