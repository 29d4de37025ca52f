variable "gateway_token" {
  type      = string
  sensitive = true
}

# A deployment behind a gateway that wants a header of its own,
# with a certificate from a private authority.
provider "coderws" {
  url = "https://coder.example.com"

  headers = {
    "X-Gateway-Token" = var.gateway_token
  }

  tls {
    ca_file = "/etc/ssl/certs/example-ca.pem"
  }
}
