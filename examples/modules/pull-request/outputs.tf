output "workspaces" {
  value       = { for number, workspace in coderws_workspace.review : number => "${workspace.owner_name}/${workspace.name}" }
  description = "Owner and name of the workspaces by pull request."
}
