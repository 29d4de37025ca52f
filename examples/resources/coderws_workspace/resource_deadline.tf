variable "keep_until" {
  type        = string
  default     = null
  description = "Time (RFC 3339) before which the workspace must not stop by itself."
}

# Stops eight hours after each start, but not in the middle of long work:
# terraform apply -var keep_until=2030-01-15T20:00:00Z
resource "coderws_workspace" "training" {
  name        = "training"
  template_id = "c6d67e98-83ea-49f0-8812-e4abae2b68bc"
  ttl_ms      = 8 * 60 * 60 * 1000
  deadline    = var.keep_until
}
