# A mock without any values of ours: Terraform makes up all, ids included.

mock_provider "coderws" {}

run "made_up_values" {
  variables {
    template = "kubernetes"
    offices  = { berlin = { time_zone = "Europe/Berlin" } }
    members  = { alice = "berlin" }
  }

  assert {
    condition     = coderws_workspace.member["alice"].template_id == data.coderws_template.this.id
    error_message = "The workspace is not of the template."
  }
}
