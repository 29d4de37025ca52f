# What templates publish about the resources of workspaces, secrets included.
# Those stand apart, under the id of the resource.
data "coderws_workspaces" "all" {}

output "facts" {
  value = flatten([
    for w in data.coderws_workspaces.all.workspaces : [
      for r in w.latest_build.resources : [
        for m in r.metadata : {
          workspace = "${w.owner_name}/${w.name}"
          key       = m.key
          value     = m.sensitive ? data.coderws_workspaces.all.sensitive_values["${r.id}/metadata/${m.key}"] : m.value
        }
      ]
    ]
  ])
  sensitive = true
}
