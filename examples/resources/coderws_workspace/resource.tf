resource "coderws_workspace" "dev" {
  name        = "dev"
  template_id = "c6d67e98-83ea-49f0-8812-e4abae2b68bc"
}
