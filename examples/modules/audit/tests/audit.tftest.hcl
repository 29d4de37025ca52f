# terraform test: needs no Coder, only Terraform 1.7. Mocked lists are empty.

mock_provider "coderws" {}

run "nothing_to_report" {
  assert {
    condition     = output.report == "0 failed, 0 outdated"
    error_message = "There should be nothing to report."
  }

  assert {
    condition     = length(output.failed) + length(output.outdated) == 0
    error_message = "No workspace needs attention."
  }
}
