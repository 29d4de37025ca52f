# Cannot be created without a value for the parameter project.

terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

data "coder_workspace" "me" {}

data "coder_parameter" "project" {
  name        = "project"
  description = "Short project name."
  type        = "string"
  mutable     = false

  validation {
    regex = "^([a-z]{3,10})?$"
    error = "project must be 3 to 10 lower-case letters"
  }
}

data "coder_parameter" "disk" {
  name    = "disk"
  type    = "number"
  default = "10"
  mutable = true

  validation {
    min       = 1
    max       = 100
    monotonic = "increasing"
  }
}

data "coder_parameter" "zones" {
  name    = "zones"
  type    = "list(string)"
  default = jsonencode(["a", "b"])
  mutable = true
}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

resource "terraform_data" "main" {
  count = data.coder_workspace.me.start_count
  input = {
    agent   = coder_agent.main.id
    project = data.coder_parameter.project.value
  }
}
