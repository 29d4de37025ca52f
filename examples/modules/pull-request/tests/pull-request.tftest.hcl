# terraform test: needs no Coder, only Terraform 1.7.

mock_provider "coderws" {}

variables {
  template = "review"
}

run "one_workspace_each" {
  variables {
    pull_requests = {
      "7"  = { author = "alice", branch = "fix-login" }
      "12" = { author = "bob", branch = "new-search" }
    }
  }

  assert {
    condition     = output.workspaces == { "7" = "alice/pr-7", "12" = "bob/pr-12" }
    error_message = "Each pull request gets a workspace of its author."
  }

  assert {
    condition     = coderws_workspace.review["12"].parameters == tomap({ branch = "new-search" })
    error_message = "The workspace should have the branch."
  }
}

run "no_preview" {
  command = plan

  variables {
    pull_requests = {
      "7" = { author = "alice", branch = "fix-login" }
    }
  }

  assert {
    condition     = length(coderws_workspace_port_share.preview) == 0
    error_message = "Nothing should be shared unless it is asked for."
  }
}

run "preview" {
  variables {
    preview_port = 3000
    pull_requests = {
      "7"  = { author = "alice", branch = "fix-login" }
      "12" = { author = "bob", branch = "new-search" }
    }
  }

  assert {
    condition     = keys(output.previews) == ["12", "7"]
    error_message = "Each pull request gets a preview."
  }

  assert {
    condition     = coderws_workspace_port_share.preview["7"].port == 3000 && coderws_workspace_port_share.preview["7"].share_level == "public"
    error_message = "The preview should be public."
  }
}

run "closed" {
  variables {
    pull_requests = {}
  }

  assert {
    condition     = length(output.workspaces) == 0
    error_message = "No pull request, no workspace."
  }
}

run "key_is_no_number" {
  command = plan

  variables {
    pull_requests = {
      "fix-login" = { author = "alice", branch = "fix-login" }
    }
  }

  expect_failures = [var.pull_requests]
}
