# A workspace of one's own, by name
data "coderws_workspace" "dev" {
  name = "dev"
}

# Addresses that open its apps
output "apps" {
  value = { for app in data.coderws_workspace.dev.apps : app.slug => app.url }
}
