output "names" {
  description = "Names of the connectors, each projects/P/dataconnectors/C: the variable connectors of the cloud's module."
  value       = tolist([for k in sort(keys(local.names)) : local.names[k]])
}

output "connectors" {
  description = "The same by the keys of the variable connectors."
  value       = local.names
}

output "commands" {
  description = "With manage_connector = false: the command that makes each connector, or that brings it to what is wanted. They take the signature secret from DT_SIGNATURE_SECRET."
  value = var.manage_connector ? {} : { for k, c in var.connectors : k => (
    contains(keys(var.existing), k)
    ? "echo '${replace(jsonencode(local.wanted[k]), "'", "'\\''")}' | dtfn connector apply --config - ${var.existing[k]}"
    : "dtfn connector create projects/${c.project} --url '${var.url}' --display-name '${replace(local.wanted[k].displayName, "'", "'\\''")}'${local.flags[k]}"
  ) }
}
