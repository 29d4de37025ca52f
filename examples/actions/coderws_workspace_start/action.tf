# Starts the workspace whenever it is needed:
# terraform apply -invoke=action.coderws_workspace_start.dev
action "coderws_workspace_start" "dev" {
  config {
    workspace_id    = coderws_workspace.dev.id
    wait_for_agents = true
  }
}

resource "coderws_workspace" "dev" {
  name        = "dev"
  template_id = "c6d67e98-83ea-49f0-8812-e4abae2b68bc"
}
