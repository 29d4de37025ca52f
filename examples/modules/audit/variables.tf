variable "organization" {
  type        = string
  default     = null
  description = "Name or id of the organization to look at; null means all that the token may read."
}
