variable "template" {
  type        = string
  description = "Name of the template."
}

variable "branch_parameter" {
  type        = string
  default     = "branch"
  description = "The template parameter that takes the branch. It should be mutable: a pull request can change its branch."
}

variable "pull_requests" {
  type = map(object({
    author = string
    branch = string
  }))
  description = "The open pull requests by number."

  validation {
    condition     = alltrue([for number in keys(var.pull_requests) : can(regex("^[1-9][0-9]*$", number))])
    error_message = "The keys are numbers of pull requests."
  }
}

variable "preview_port" {
  type        = number
  default     = null
  description = "The port that a preview listens on in every workspace; null shares none."
}

variable "preview_agent" {
  type        = string
  default     = "main"
  description = "Name of the template's agent that has the port."
}

variable "preview_level" {
  type        = string
  default     = "public"
  description = "Who may open a preview: public, authenticated or organization."
}
