terraform {
  required_providers {
    coderws = {
      source = "coderws/coderws"
    }
  }
}

# The address and the session token can also come from CODER_URL and
# CODER_SESSION_TOKEN, or from an earlier "coder login".
provider "coderws" {
  url = "https://coder.example.com"
}
