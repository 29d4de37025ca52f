variable "proxy_token" {
  type      = string
  sensitive = true
}

# A deployment behind a proxy that wants a header of its own,
# with a certificate from a private authority.
provider "coderws" {
  url = "https://coder.example.com"

  headers = {
    "Proxy-Authorization" = "Bearer ${var.proxy_token}"
  }

  tls {
    ca_file = "/etc/ssl/certs/example-ca.pem"
  }
}
