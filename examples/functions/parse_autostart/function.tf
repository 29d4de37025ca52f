data "coderws_workspaces" "mine" {
  owner             = "me"
  include_resources = false
}

# When the workspaces start, in words
output "schedules" {
  value = {
    for w in data.coderws_workspaces.mine.workspaces :
    w.name => provider::coderws::parse_autostart(w.autostart_schedule).description if w.autostart_schedule != null
  }
}

# 2026-01-05T08:30:00+01:00, a Monday
output "next_run" {
  value = provider::coderws::parse_autostart("CRON_TZ=Europe/Berlin 30 8 * * 1-5", "2026-01-03T00:00:00Z").next_runs[0]
}
