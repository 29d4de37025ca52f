# A workspace that follows the template's active version
data "coderws_template" "docker" {
  name = "docker"
}

resource "coderws_workspace" "dev" {
  name                = "dev"
  template_id         = data.coderws_template.docker.id
  template_version_id = data.coderws_template.docker.active_version_id
}
