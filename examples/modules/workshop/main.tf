# The same workspace for everybody who attends a workshop, from a list such as
# students.csv: a column "username", and one column for each template parameter
# that may differ. An empty cell means what holds for all.

terraform {
  required_version = ">= 1.7"
  required_providers {
    coderws = {
      source = "coderws/coderws"
    }
  }
}

locals {
  attendees = {
    for row in csvdecode(file(var.attendees)) :
    row.username => { for column, cell in row : column => cell if column != "username" && cell != "" }
  }
}

data "coderws_template" "this" {
  name = var.template
}

resource "coderws_workspace" "attendee" {
  for_each = local.attendees

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

# The instructors may enter every workspace. The list is whole: who is not in it
# has no access besides the attendee.
resource "coderws_workspace_acl" "attendee" {
  for_each = { for attendee, workspace in coderws_workspace.attendee : attendee => workspace.id if length(var.instructors) > 0 }

  workspace_id = each.value
  users        = var.instructors
}
