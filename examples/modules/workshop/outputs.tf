output "workspaces" {
  value       = { for attendee, workspace in coderws_workspace.attendee : attendee => workspace.id }
  description = "Ids of the workspaces by username."
}

output "not_running" {
  value       = [for attendee, workspace in coderws_workspace.attendee : attendee if workspace.latest_build.status != "running"]
  description = "Whose workspace does not run."
}
