# By the id of the workspace, the name of the agent and the port
terraform import coderws_workspace_port_share.preview 5e1ab4d8-4b5e-4d8f-a7b7-7d3e4a3c2f10/main/8080
