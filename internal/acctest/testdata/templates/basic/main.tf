# Parameters of several types, an agent with an app, and metadata.

terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

data "coder_workspace" "me" {}

data "coder_parameter" "region" {
  name         = "region"
  display_name = "Region"
  description  = "Where the workspace runs."
  type         = "string"
  default      = "eu-west"
  mutable      = false

  option {
    name  = "Europe (West)"
    value = "eu-west"
  }
  option {
    name  = "US (East)"
    value = "us-east"
  }
  option {
    name  = "Asia (South)"
    value = "ap-south"
  }
}

data "coder_parameter" "cpu" {
  name         = "cpu"
  display_name = "CPU cores"
  type         = "number"
  default      = "2"
  mutable      = true

  validation {
    min = 1
    max = 8
  }
}

data "coder_parameter" "gpu" {
  name         = "gpu"
  display_name = "GPU"
  type         = "bool"
  default      = "false"
  mutable      = true
}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

resource "coder_app" "web" {
  agent_id     = coder_agent.main.id
  slug         = "web"
  display_name = "Web"
  url          = "http://localhost:8080"
}

resource "terraform_data" "main" {
  count = data.coder_workspace.me.start_count
  input = coder_agent.main.id
}

resource "coder_metadata" "main" {
  count       = data.coder_workspace.me.start_count
  resource_id = terraform_data.main[0].id

  item {
    key   = "region"
    value = data.coder_parameter.region.value
  }
  item {
    key   = "cpu"
    value = data.coder_parameter.cpu.value
  }
  item {
    key       = "secret"
    value     = "hush"
    sensitive = true
  }
}
