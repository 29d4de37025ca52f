# A report on workspaces that need somebody's attention: those whose latest
# build failed, and those that are not on their template's active version. It
# changes nothing.

terraform {
  required_version = ">= 1.5"
  required_providers {
    coderws = {
      source = "coderws/coderws"
    }
  }
}

data "coderws_workspaces" "failed" {
  organization      = var.organization
  status            = "failed"
  include_resources = false
}

data "coderws_workspaces" "outdated" {
  organization      = var.organization
  outdated          = true
  include_resources = false
}

locals {
  failed = {
    for w in data.coderws_workspaces.failed.workspaces :
    "${w.owner_name}/${w.name}" => coalesce(w.latest_build.job.error, "The build gave no reason.")
  }
  outdated = {
    for w in data.coderws_workspaces.outdated.workspaces :
    "${w.owner_name}/${w.name}" => w.latest_build.template_version_name
  }
}

# A plan that finds failed workspaces says so without failing.
check "builds" {
  assert {
    condition     = length(local.failed) == 0
    error_message = "The latest build failed: ${join(", ", keys(local.failed))}"
  }
}
