# Workspaces that run an old version of their template and were not used for
# thirty days, by their owners
data "coderws_workspaces" "neglected" {
  outdated          = true
  last_used_before  = timeadd(plantimestamp(), "-720h")
  include_resources = false
}

output "neglected" {
  value = { for w in data.coderws_workspaces.neglected.workspaces : w.owner_name => w.name... }
}
