# A script that calls Coder's API with no more rights than it needs, by a token
# that ends with the run. A provisioner runs once, when its resource is created.
ephemeral "coderws_token" "script" {
  scopes = ["workspace:read", "template:read"] # Coder 2.27 or newer
}

resource "terraform_data" "report" {
  provisioner "local-exec" {
    command = "coder list --all > workspaces.txt"

    environment = {
      CODER_URL           = "https://coder.example.com"
      CODER_SESSION_TOKEN = ephemeral.coderws_token.script.token
    }
  }
}
