//go:build unix

package binarytest_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// The guide's module passes the guide's tests, with made-up values and with the
// ready ones.
func TestTestingModules(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t, "CODER_URL=", "CODER_SESSION_TOKEN=")
	if !tf.understands(t, `mock_provider "`) {
		t.Skip("needs a newer Terraform")
	}
	const guide = "testing-modules.md"
	write(t, filepath.Join(tf.dir, "main.tf"), codeBlock(t, guide, "hcl", "resource "))
	write(t, filepath.Join(tf.dir, "tests", "dev.tftest.hcl"), codeBlock(t, guide, "hcl", `mock_provider "coderws" {}`))
	values, ready := codeBlock(t, guide, "hcl", "source = \"./tests/mocks\""), readExample(t, "mocks/coderws.tfmock.hcl")
	if tf.isTofu() {
		values = strings.Replace(values, `source = "./tests/mocks"`, ready, 1)
	} else {
		write(t, filepath.Join(tf.dir, "tests", "mocks", "coderws.tfmock.hcl"), ready)
	}
	write(t, filepath.Join(tf.dir, "tests", "values.tftest.hcl"), values)
	mustContain(t, tf.run(t, 0, "test"), "3 passed, 0 failed")
}
