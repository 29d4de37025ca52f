# All running workspaces of one template
data "coderws_workspaces" "running" {
  template = "kubernetes"
  status   = "running"
}

output "running" {
  value = [for w in data.coderws_workspaces.running.workspaces : "${w.owner_name}/${w.name}"]
}
