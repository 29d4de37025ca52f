import {
  to = coderws_workspace.dev
  id = "alice/dev" # or the workspace's id
}
