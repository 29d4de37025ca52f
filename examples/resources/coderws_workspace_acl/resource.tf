data "coderws_workspace" "dev" {
  owner_name = "alice"
  name       = "dev"
}

resource "coderws_workspace_acl" "dev" {
  workspace_id = data.coderws_workspace.dev.id

  users = {
    bob   = "use"
    carol = "admin"
  }
}
