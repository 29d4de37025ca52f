# Brings every outdated workspace of a template to its active version:
# terraform apply -invoke=action.coderws_workspace_update.outdated
data "coderws_workspaces" "outdated" {
  template          = "kubernetes"
  outdated          = true
  include_resources = false
}

action "coderws_workspace_update" "outdated" {
  for_each = { for w in data.coderws_workspaces.outdated.workspaces : "${w.owner_name}/${w.name}" => w.id }

  config {
    workspace_id = each.value
  }
}
