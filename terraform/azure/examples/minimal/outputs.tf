output "endpoint" {
  description = "What DT posts to."
  value       = module.dt_functions.endpoint
}

output "refresh" {
  description = "Commands to run after the first apply, and after one that changes a schedule."
  value       = module.dt_functions.refresh
}

output "doctor" {
  description = "What `dtfn doctor` looks at the deployment by."
  value       = module.dt_functions.doctor
}
