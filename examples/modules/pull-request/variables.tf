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
