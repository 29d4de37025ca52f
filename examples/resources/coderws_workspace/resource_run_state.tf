# A demo environment that is always up, on a chosen version of its template,
# and that no plan may destroy by mistake.
resource "coderws_workspace" "demo" {
  name                = "demo"
  template_id         = "c6d67e98-83ea-49f0-8812-e4abae2b68bc"
  template_version_id = "0ba39c92-1f1b-4c32-aa3e-9925d7713eb1"

  parameters = {
    region = "eu-west"
    cpu    = "4"
  }

  desired_status      = "running"
  wait_for_agents     = true
  deletion_protection = true

  timeouts {
    create = "30m"
    update = "30m"
  }
}
