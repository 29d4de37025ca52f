# One version of a template of one organization, and what it asks for
data "coderws_template" "kubernetes" {
  name             = "kubernetes"
  organization     = "research"
  version_name     = "2026-01"
  include_versions = false
}

output "required_parameters" {
  value = [for p in data.coderws_template.kubernetes.parameters : p.name if p.required]
}
