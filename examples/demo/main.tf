# Several workspaces from one map: what "make demo" applies, changes and destroys.

terraform {
  required_version = ">= 1.5"
  required_providers {
    coderws = {
      source = "coderws/coderws"
    }
  }
}

# Address and session token come from CODER_URL and CODER_SESSION_TOKEN.
provider "coderws" {}

variable "template_id" {
  type        = string
  description = "Id of the template that all workspaces are built from."
}

variable "workspaces" {
  type = map(object({
    name               = string
    autostart_schedule = optional(string)
    ttl_ms             = optional(number)
    deadline           = optional(string)
  }))
  description = "The workspaces by a key that stays the same when a workspace is renamed."
}

resource "coderws_workspace" "this" {
  for_each = var.workspaces

  name               = each.value.name
  template_id        = var.template_id
  autostart_schedule = each.value.autostart_schedule
  ttl_ms             = each.value.ttl_ms
  deadline           = each.value.deadline
}

output "workspaces" {
  value = {
    for key, workspace in coderws_workspace.this :
    key => "${workspace.owner_name}/${workspace.name}: ${workspace.latest_build.status}"
  }
}
