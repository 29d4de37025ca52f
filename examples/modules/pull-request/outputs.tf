output "workspaces" {
  value       = { for number, workspace in coderws_workspace.review : number => "${workspace.owner_name}/${workspace.name}" }
  description = "Owner and name of the workspaces by pull request."
}

output "previews" {
  value       = { for number, share in coderws_workspace_port_share.preview : number => share.url }
  description = "Addresses of the previews by pull request; null where the deployment has no wildcard address for apps."
}
