output "schedules" {
  value = {
    for member, workspace in coderws_workspace.member :
    member => provider::coderws::parse_autostart(workspace.autostart_schedule).description
  }
  description = "When each workspace starts, in words."
}
