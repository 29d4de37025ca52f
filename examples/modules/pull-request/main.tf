# A workspace for every open pull request, for its author to work in: created
# when the pull request appears in the map, deleted when it leaves it.

terraform {
  required_version = ">= 1.7"
  required_providers {
    coderws = {
      source = "coderws/coderws"
    }
  }
}

data "coderws_template" "this" {
  name = var.template
}

resource "coderws_workspace" "review" {
  for_each = var.pull_requests

  name                = "pr-${each.key}"
  owner_name          = each.value.author
  template_id         = data.coderws_template.this.id
  template_version_id = data.coderws_template.this.active_version_id
  parameters          = { (var.branch_parameter) = each.value.branch }
  ttl_ms              = 2 * 60 * 60 * 1000
  wait_for_agents     = true
}

# What the branch looks like, for whoever has the address.
resource "coderws_workspace_port_share" "preview" {
  for_each = { for number, workspace in coderws_workspace.review : number => workspace.id if var.preview_port != null }

  workspace_id = each.value
  agent_name   = var.preview_agent
  port         = var.preview_port
  share_level  = var.preview_level
}
