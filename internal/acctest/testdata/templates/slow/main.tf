# Takes its time to start and to stop.

terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

data "coder_workspace" "me" {}

data "coder_parameter" "seconds" {
  name         = "seconds"
  display_name = "Seconds to start"
  type         = "number"
  default      = "5"
  mutable      = true

  validation {
    min = 0
    max = 600
  }
}

data "coder_parameter" "stop_seconds" {
  name         = "stop_seconds"
  display_name = "Seconds to stop"
  type         = "number"
  default      = "0"
  mutable      = true

  validation {
    min = 0
    max = 600
  }
}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

resource "terraform_data" "main" {
  count = data.coder_workspace.me.start_count
  input = {
    agent        = coder_agent.main.id
    seconds      = data.coder_parameter.seconds.value
    stop_seconds = data.coder_parameter.stop_seconds.value
  }

  provisioner "local-exec" {
    command = "sleep ${self.input.seconds}"
  }
  provisioner "local-exec" {
    when    = destroy
    command = "sleep ${self.input.stop_seconds}"
  }
}
