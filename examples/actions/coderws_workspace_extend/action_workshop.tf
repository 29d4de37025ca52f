# Workspaces of a workshop: whatever the template says, they stay up until the
# workshop is over. terraform apply -var ends_at=2030-01-15T17:00:00Z
variable "attendees" {
  type    = set(string)
  default = ["alice", "bob"]
}

variable "ends_at" {
  type        = string
  description = "When the workshop ends (RFC 3339)."
}

resource "coderws_workspace" "workshop" {
  for_each = var.attendees

  name        = "workshop"
  owner_name  = each.key
  template_id = "c6d67e98-83ea-49f0-8812-e4abae2b68bc"

  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.coderws_workspace_extend.workshop[each.key]]
    }
  }
}

action "coderws_workspace_extend" "workshop" {
  for_each = var.attendees

  config {
    workspace_id = coderws_workspace.workshop[each.key].id
    until        = var.ends_at
  }
}
