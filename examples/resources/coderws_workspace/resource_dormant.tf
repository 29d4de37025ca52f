# The workspace of somebody on leave: stopped, and not started by its schedule
# until dormant is false again.
resource "coderws_workspace" "on_leave" {
  name        = "dev"
  owner_name  = "carol"
  template_id = "c6d67e98-83ea-49f0-8812-e4abae2b68bc"

  autostart_schedule = "CRON_TZ=Europe/Berlin 30 8 * * 1-5"
  desired_status     = "stopped"
  dormant            = true
}
