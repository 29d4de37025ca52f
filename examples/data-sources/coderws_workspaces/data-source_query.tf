# Coder's own search string, as typed into the dashboard. Without their
# resources, large lists stay small in the state.
data "coderws_workspaces" "mine" {
  query             = "owner:me name:web"
  include_resources = false
}

output "number_of_my_workspaces" {
  value = data.coderws_workspaces.mine.total
}
