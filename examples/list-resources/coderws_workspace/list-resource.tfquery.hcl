# All workspaces of one template, with configuration to adopt them:
# terraform query -generate-config-out=adopted.tf && terraform apply
list "coderws_workspace" "kubernetes" {
  provider = coderws
  limit    = 1000

  config {
    template = "kubernetes"
  }
}
