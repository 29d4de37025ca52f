# Two more hours for the workspace:
# terraform apply -invoke=action.coderws_workspace_extend.overtime
action "coderws_workspace_extend" "overtime" {
  config {
    workspace_id = coderws_workspace.dev.id
    by           = "2h"
  }
}

resource "coderws_workspace" "dev" {
  name        = "dev"
  template_id = "c6d67e98-83ea-49f0-8812-e4abae2b68bc"
  ttl_ms      = 8 * 60 * 60 * 1000
}
