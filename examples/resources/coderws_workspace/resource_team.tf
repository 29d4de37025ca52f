# One workspace for each person, with values for the template's parameters.
variable "team" {
  type = map(object({ cpu = number }))
  default = {
    alice = { cpu = 2 }
    bob   = { cpu = 4 }
  }
}

resource "coderws_workspace" "team" {
  for_each = var.team

  name        = "project-x"
  owner_name  = each.key
  template_id = "c6d67e98-83ea-49f0-8812-e4abae2b68bc"

  parameters = {
    region = "eu-west"
    cpu    = each.value.cpu
  }

  timeouts {
    create = "30m"
  }
}

output "team_status" {
  value = { for owner, workspace in coderws_workspace.team : owner => workspace.latest_build.status }
}
