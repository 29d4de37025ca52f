# The standing workspaces of a team whose members work in several offices. Each
# starts before its owner's day does, and stops after it.

terraform {
  required_version = ">= 1.9" # functions, and a validation that looks at another variable
  required_providers {
    coderws = {
      source = "coderws/coderws"
    }
  }
}

data "coderws_template" "this" {
  name = var.template
}

resource "coderws_workspace" "member" {
  for_each = var.members

  name        = var.name
  owner_name  = each.key
  template_id = data.coderws_template.this.id

  autostart_schedule = provider::coderws::autostart_schedule(
    var.offices[each.value].starts_at, var.offices[each.value].days, var.offices[each.value].time_zone
  )
  ttl_ms = provider::coderws::duration_ms(var.offices[each.value].open_for)

  # What people keep in a standing workspace is worth more than a plan.
  deletion_protection = var.deletion_protection
}
