# Fails where the parameter fail_at says, as a cloud would.

terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

data "coder_workspace" "me" {}

data "coder_parameter" "fail_at" {
  name         = "fail_at"
  display_name = "Fail at"
  type         = "string"
  default      = "apply"
  mutable      = true

  option {
    name  = "never"
    value = "never"
  }
  option {
    name  = "plan"
    value = "plan"
  }
  option {
    name  = "apply"
    value = "apply"
  }
  option {
    name  = "stop"
    value = "stop"
  }
  option {
    name  = "delete"
    value = "delete"
  }
}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

# Made anew by every start, so that the start of a running workspace fails, too.
resource "terraform_data" "main" {
  count = data.coder_workspace.me.start_count
  input = {
    agent   = coder_agent.main.id
    fail_at = data.coder_parameter.fail_at.value
  }
  triggers_replace = timestamp()

  provisioner "local-exec" {
    command = self.input.fail_at == "apply" ? "echo 'creating the machine: no capacity left' >&2; exit 3" : "true"
  }
}

# Exists only in a stop build that is to fail.
resource "terraform_data" "stopper" {
  count = data.coder_workspace.me.transition == "stop" && data.coder_parameter.fail_at.value == "stop" ? 1 : 0

  provisioner "local-exec" {
    command = "echo 'stopping the machine: it does not answer' >&2; exit 3"
  }
}

# Outlives stops; a delete build destroys it, or fails to. The failing plan is here,
# since Coder of 2023 cannot read a plan with conditions on counted resources.
resource "terraform_data" "disk" {
  input = data.coder_parameter.fail_at.value

  lifecycle {
    precondition {
      condition     = data.coder_workspace.me.transition != "start" || data.coder_parameter.fail_at.value != "plan"
      error_message = "quota of the cloud account is used up (planned failure)."
    }
  }

  provisioner "local-exec" {
    when    = destroy
    command = contains(["stop", "delete"], self.input) ? "echo 'deleting the disk: it is locked' >&2; exit 3" : "true"
  }
}
