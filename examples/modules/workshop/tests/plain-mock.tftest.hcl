# A mock without any values of ours: Terraform makes up all, ids included.

mock_provider "coderws" {}

run "made_up_values" {
  variables {
    template    = "kubernetes"
    parameters  = { region = "eu-west" }
    attendees   = "students.csv"
    instructors = { carol = "use" }
  }

  assert {
    condition     = coderws_workspace.attendee["alice"].template_id == data.coderws_template.this.id
    error_message = "The workspace is not of the template."
  }
}
