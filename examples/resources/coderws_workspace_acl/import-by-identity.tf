import {
  to = coderws_workspace_acl.dev
  identity = {
    workspace_id = "5e1ab4d8-4b5e-4d8f-a7b7-7d3e4a3c2f10"
  }
}
