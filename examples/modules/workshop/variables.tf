variable "name" {
  type        = string
  default     = "workshop"
  description = "Name of every workspace."
}

variable "template" {
  type        = string
  description = "Name of the template."
}

variable "attendees" {
  type        = string
  description = "Path of a CSV file: a column username, and one for each template parameter that may differ."
}

variable "parameters" {
  type        = map(string)
  default     = {}
  description = "Values of template parameters for everybody."
}

variable "hours" {
  type        = number
  default     = 8
  description = "Hours after its start at which a workspace stops by itself."

  validation {
    condition     = var.hours > 0 && var.hours <= 24
    error_message = "A day of the workshop has at most 24 hours."
  }
}

variable "ends_at" {
  type        = string
  default     = null
  description = "Time (RFC 3339) before which no running workspace stops by itself."
}

variable "status" {
  type        = string
  default     = null
  description = "running or stopped; null leaves it to the attendees."
}

variable "instructors" {
  type        = map(string)
  default     = {}
  description = "Roles by username of those who may enter every workspace: use to see, start and stop it, admin to change it, too."

  validation {
    condition     = alltrue([for role in values(var.instructors) : contains(["use", "admin"], role)])
    error_message = "A role is use or admin."
  }
}
