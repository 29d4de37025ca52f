# Somebody else's workspace, even if it is deleted by now
data "coderws_workspace" "alice" {
  owner_name      = "alice"
  name            = "dev"
  include_deleted = true
}

output "alice" {
  value = {
    status     = data.coderws_workspace.alice.latest_build.status
    parameters = data.coderws_workspace.alice.parameters
    connect    = data.coderws_workspace.alice.agents[*].ssh_command
  }
}
