# terraform test: needs no Coder, only Terraform 1.7 or OpenTofu 1.8.

mock_provider "coderws" {}

variables {
  template   = "kubernetes"
  parameters = { region = "eu-west", cpu = "2" }
  attendees  = "students.csv"
}

run "one_workspace_each" {
  assert {
    condition     = toset(keys(output.workspaces)) == toset(["alice", "bob"])
    error_message = "Everybody gets a workspace."
  }

  assert {
    condition     = coderws_workspace.attendee["alice"].template_id == data.coderws_template.this.id
    error_message = "The workspace is not of the template."
  }
}

run "own_values_win" {
  command = plan

  assert {
    condition     = coderws_workspace.attendee["bob"].parameters == tomap({ region = "eu-west", cpu = "4" })
    error_message = "Bob's own value should win."
  }
}

run "hours_in_milliseconds" {
  command = plan

  variables {
    hours = 3
  }

  assert {
    condition     = coderws_workspace.attendee["alice"].ttl_ms == 10800000
    error_message = "Three hours are 10800000 ms."
  }
}

run "instructors" {
  command = plan

  variables {
    instructors = { carol = "use", dora = "admin" }
  }

  assert {
    condition     = toset(keys(coderws_workspace_acl.attendee)) == toset(["alice", "bob"])
    error_message = "Every workspace should be shared."
  }

  assert {
    condition     = coderws_workspace_acl.attendee["bob"].users == tomap({ carol = "use", dora = "admin" })
    error_message = "The instructors should have their roles."
  }
}

run "no_instructors" {
  command = plan

  assert {
    condition     = length(coderws_workspace_acl.attendee) == 0
    error_message = "Without instructors nobody touches who shares what."
  }
}

run "unknown_role" {
  command = plan

  variables {
    instructors = { carol = "owner" }
  }

  expect_failures = [var.instructors]
}

run "too_many_hours" {
  command = plan

  variables {
    hours = 25
  }

  expect_failures = [var.hours]
}
