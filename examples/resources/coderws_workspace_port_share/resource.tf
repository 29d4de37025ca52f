data "coderws_workspace" "dev" {
  owner_name = "alice"
  name       = "dev"
}

resource "coderws_workspace_port_share" "preview" {
  workspace_id = data.coderws_workspace.dev.id
  agent_name   = "main"
  port         = 8080
  share_level  = "authenticated"
}

output "preview" {
  value = coderws_workspace_port_share.preview.url
}
