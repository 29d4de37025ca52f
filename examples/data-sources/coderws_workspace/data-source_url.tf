# The workspace whose page is open in the browser
data "coderws_workspace" "page" {
  url = "https://coder.example.com/@alice/dev"
}
