# Values such as a real Coder gives, for the tests of modules. What is not here
# Terraform makes up. For terraform test:
#
#   mock_provider "coderws" {
#     source = "./tests/mocks" # the folder with a copy of this file
#   }
#
# OpenTofu has no "source": there the blocks stand in mock_provider themselves.
# It takes no value for what a configuration sets, so that what one may set is
# not here.

mock_data "coderws_template" {
  defaults = {
    display_name         = "Kubernetes"
    description          = "A workspace in the cluster"
    icon                 = "/icon/k8s.png"
    organization_id      = "e61e346d-16a7-4bec-9701-a8bf378d3c26"
    organization_name    = "coder"
    active_version_id    = "0ba39c92-1f1b-4c32-aa3e-9925d7713eb1"
    default_ttl_ms       = 28800000
    allow_user_autostart = true
    allow_user_autostop  = true
    deprecated           = false
    deprecation_message  = null
    created_at           = "2026-01-05T09:00:00Z"
    updated_at           = "2026-11-02T09:00:00Z"
  }
}

mock_resource "coderws_workspace" {
  defaults = {
    id                = "5e1ab4d8-4b5e-4d8f-a7b7-7d3e4a3c2f10"
    owner_id          = "f92129ea-a6a4-4472-a1cd-0edbc2883d56"
    organization_name = "coder"
    template_name     = "kubernetes"
    created_at        = "2026-11-26T09:00:00Z"
    url               = "https://coder.example.com/@alice/dev"
    latest_build = {
      id                    = "0c9f7a52-61d3-4e0b-8a55-9c1d2e3f4a5b"
      build_number          = 1
      transition            = "start"
      status                = "running"
      template_version_name = "2026-11"
      deadline              = "2026-11-26T17:00:00Z"
      max_deadline          = null
    }
  }
}

mock_data "coderws_workspace" {
  defaults = {
    owner_id           = "f92129ea-a6a4-4472-a1cd-0edbc2883d56"
    organization_id    = "e61e346d-16a7-4bec-9701-a8bf378d3c26"
    organization_name  = "coder"
    template_id        = "c6d67e98-83ea-49f0-8812-e4abae2b68bc"
    template_name      = "kubernetes"
    outdated           = false
    dormant_at         = null
    autostart_schedule = "CRON_TZ=Europe/Berlin 30 8 * * 1-5"
    ttl_ms             = 28800000
    automatic_updates  = "never"
    created_at         = "2026-11-26T09:00:00Z"
    last_used_at       = "2026-11-26T12:00:00Z"
    parameters         = { cpu = "4", region = "eu-west" }
    agents = [{
      id               = "0b2ee33e-88c7-46ac-9a16-4db2b7f5f6c9"
      name             = "main"
      status           = "connected"
      lifecycle_state  = "ready"
      operating_system = "linux"
      architecture     = "amd64"
      directory        = "/home/coder"
      ssh_command      = "coder ssh alice/dev.main"
      terminal_url     = "https://coder.example.com/@alice/dev.main/terminal"
    }]
    apps = [{
      slug          = "code"
      display_name  = "code-server"
      agent_name    = "main"
      health        = "healthy"
      sharing_level = "owner"
      external      = false
      url           = "https://coder.example.com/@alice/dev.main/apps/code/"
    }]
  }
}

mock_resource "coderws_workspace_port_share" {
  defaults = {
    url = "https://3000--main--dev--alice.apps.coder.example.com/"
  }
}
