# A mock without any values of ours: Terraform makes up all, ids included.

mock_provider "coderws" {}

run "made_up_values" {
  variables {
    template      = "review"
    pull_requests = { "7" = { author = "alice", branch = "fix-login" } }
    preview_port  = 3000
  }

  assert {
    condition     = coderws_workspace.review["7"].template_version_id == data.coderws_template.this.active_version_id
    error_message = "The workspace is not of the active version."
  }
}
