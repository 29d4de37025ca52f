# https://coder.example.com/@ada/dev
output "page" {
  value = provider::coderws::workspace_url("https://coder.example.com", "ada", "dev")
}
