# terraform test: needs no Coder, only Terraform 1.9.

mock_provider "coderws" {}

variables {
  template = "kubernetes"
  offices = {
    berlin    = { time_zone = "Europe/Berlin" }
    sao_paulo = { time_zone = "America/Sao_Paulo", starts_at = "9:30", open_for = "8h30m" }
  }
  members = {
    alice = "berlin"
    bob   = "sao_paulo"
  }
}

run "schedules_by_office" {
  assert {
    condition = output.schedules == {
      alice = "08:00 on Monday to Friday (Europe/Berlin)"
      bob   = "09:30 on Monday to Friday (America/Sao_Paulo)"
    }
    error_message = "Workspaces start by the clock of their owner's office."
  }

  assert {
    condition     = coderws_workspace.member["bob"].ttl_ms == 30600000
    error_message = "Eight and a half hours are 30600000 ms."
  }

  assert {
    condition     = coderws_workspace.member["alice"].deletion_protection
    error_message = "Standing workspaces are protected."
  }
}

run "unknown_office" {
  command = plan

  variables {
    members = {
      alice = "atlantis"
    }
  }

  expect_failures = [var.members]
}
