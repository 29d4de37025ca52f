# Agents, apps and all else that moves by itself are in the data source.
resource "coderws_workspace" "review" {
  name        = "review"
  template_id = "c6d67e98-83ea-49f0-8812-e4abae2b68bc"
}

data "coderws_workspace" "review" {
  id = coderws_workspace.review.id
}

output "review_apps" {
  value = { for app in data.coderws_workspace.review.apps : app.slug => app.url }
}

output "review_ssh" {
  value = data.coderws_workspace.review.agents[*].ssh_command
}
