# A made-up status is none that Coder has, so this test says what it is.

mock_provider "coderws" {
  mock_resource "coderws_workspace" {
    defaults = {
      latest_build = { # Terraform fills in what is left out, OpenTofu wants all
        id                    = "0c9f7a52-61d3-4e0b-8a55-9c1d2e3f4a5b"
        build_number          = 1
        transition            = "start"
        status                = "running"
        template_version_name = "v1"
        deadline              = null
        max_deadline          = null
      }
    }
  }
}

variables {
  template  = "kubernetes"
  attendees = "students.csv"
}

run "all_run" {
  assert {
    condition     = length(output.not_running) == 0
    error_message = "All should run."
  }
}
