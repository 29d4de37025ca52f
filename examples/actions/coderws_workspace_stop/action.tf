# Stops all running workspaces of a template, before an upgrade of the cluster for instance:
# terraform apply -invoke=action.coderws_workspace_stop.all
data "coderws_workspaces" "running" {
  template          = "kubernetes"
  status            = "running"
  include_resources = false
}

action "coderws_workspace_stop" "all" {
  for_each = { for w in data.coderws_workspaces.running.workspaces : "${w.owner_name}/${w.name}" => w.id }

  config {
    workspace_id = each.value
  }
}
