output "failed" {
  value       = local.failed
  description = "Why the latest build failed, by owner and name."
}

output "outdated" {
  value       = local.outdated
  description = "The template version in use, by owner and name."
}

output "report" {
  value = join("\n", concat(
    ["${length(local.failed)} failed, ${length(local.outdated)} outdated"],
    [for workspace, reason in local.failed : "- ${workspace} failed: ${reason}"],
    [for workspace, version in local.outdated : "- ${workspace} is on ${version}"],
  ))
  description = "All of it as a text."
}
