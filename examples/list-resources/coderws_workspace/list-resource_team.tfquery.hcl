# The workspaces of a team, member by member:
# terraform query -generate-config-out=adopted.tf && terraform apply
variable "team" {
  type    = set(string)
  default = ["alice", "bob"]
}

list "coderws_workspace" "team" {
  for_each = var.team

  provider = coderws
  limit    = 100

  config {
    owner = each.key
  }
}
