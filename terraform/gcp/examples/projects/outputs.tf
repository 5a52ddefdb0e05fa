output "endpoint" {
  description = "URL that the connectors post to."
  value       = module.dt_functions.endpoint
}

output "doctor" {
  description = "What `dtfn doctor` needs: terraform output -json doctor."
  value       = module.dt_functions.doctor
}
