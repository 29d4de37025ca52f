variable "students" {
  type    = set(string)
  default = ["alice", "bob"]
}

data "coderws_template" "class" {
  name = "docker"
}

resource "coderws_workspace" "student" {
  for_each = var.students

  name        = "class"
  owner_name  = each.key
  template_id = data.coderws_template.class.id
}

# The instructor may change every workspace of the class, and everybody else of
# the organization may use it.
resource "coderws_workspace_acl" "student" {
  for_each = coderws_workspace.student

  workspace_id = each.value.id
  users        = { carol = "admin" }
  groups       = { Everyone = "use" }
}
