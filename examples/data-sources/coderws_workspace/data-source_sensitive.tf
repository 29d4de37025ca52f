# A secret in the environment of an agent. What may be a secret stands apart,
# under the id of what it belongs to.
data "coderws_workspace" "server" {
  name = "dev"
}

output "password" {
  value = one([
    for agent in data.coderws_workspace.server.agents :
    lookup(data.coderws_workspace.server.sensitive_values, "${agent.id}/environment_variables/PASSWORD", null)
    if agent.name == "main"
  ])
  sensitive = true
}
