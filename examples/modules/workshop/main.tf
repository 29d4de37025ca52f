# The same workspace for everybody who attends a workshop.

terraform {
  required_version = ">= 1.7"
  required_providers {
    coderws = {
      source = "coderws/coderws"
    }
  }
}

data "coderws_template" "this" {
  name = var.template
}

resource "coderws_workspace" "attendee" {
  for_each = var.attendees

  name        = var.name
  owner_name  = each.key
  template_id = data.coderws_template.this.id
  parameters  = merge(var.parameters, each.value)

  ttl_ms         = var.hours * 60 * 60 * 1000
  deadline       = var.ends_at
  desired_status = var.status

  timeouts {
    create = "40m"
    update = "40m"
  }
}
