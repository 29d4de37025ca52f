# Starts at 8:30 on working days, stops nine hours after each start.
resource "coderws_workspace" "office_hours" {
  name               = "office-hours"
  template_id        = "c6d67e98-83ea-49f0-8812-e4abae2b68bc"
  autostart_schedule = "CRON_TZ=Europe/Berlin 30 8 * * 1-5"
  ttl_ms             = 9 * 60 * 60 * 1000
}
