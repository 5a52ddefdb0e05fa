output "endpoint" {
  description = "What DT posts to."
  value       = module.dt_functions.endpoint
}

output "doctor" {
  description = "What `dtfn doctor` looks at the deployment by."
  value       = module.dt_functions.doctor
}

output "next" {
  description = "Commands for what the provider cannot do."
  value       = module.dt_functions.next
}
