variable "name" {
  type        = string
  default     = "dev"
  description = "Name of every workspace."
}

variable "template" {
  type        = string
  description = "Name of the template."
}

variable "offices" {
  type = map(object({
    time_zone = string
    starts_at = optional(string, "8:00")
    days      = optional(list(string), ["mon-fri"])
    open_for  = optional(string, "10h")
  }))
  description = "When people work, by office."
}

variable "members" {
  type        = map(string)
  description = "The office of each member, by username."

  validation {
    condition     = length(setsubtract(values(var.members), keys(var.offices))) == 0
    error_message = "Every member's office must be one of the offices."
  }
}

variable "deletion_protection" {
  type        = bool
  default     = true
  description = "Whether a plan that would destroy or replace a workspace fails. To let members go, apply false first."
}
