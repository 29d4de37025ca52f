variable "cpu" {
  type    = string
  default = "8"
}

# Restarts the workspace with another number of processors:
# terraform apply -invoke=action.coderws_workspace_restart.bigger -var cpu=4
action "coderws_workspace_restart" "bigger" {
  config {
    workspace_id = coderws_workspace.dev.id
    parameters = {
      cpu = var.cpu
    }

    timeouts {
      invoke = "30m"
    }
  }
}

# It does not manage the parameter, so its next plan leaves it alone.
resource "coderws_workspace" "dev" {
  name        = "dev"
  template_id = "c6d67e98-83ea-49f0-8812-e4abae2b68bc"
}
