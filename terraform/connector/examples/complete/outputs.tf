output "connectors" {
  description = "Names of the connectors."
  value       = module.connector.names
}
