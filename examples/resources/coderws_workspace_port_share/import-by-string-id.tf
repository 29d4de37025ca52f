import {
  to = coderws_workspace_port_share.preview
  id = "5e1ab4d8-4b5e-4d8f-a7b7-7d3e4a3c2f10/main/8080"
}
