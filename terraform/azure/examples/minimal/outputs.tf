output "endpoint" {
  description = "What DT posts to."
  value       = module.dt_functions.endpoint
}

output "sync_timers" {
  description = "Commands that tell the platform of the timers, where the apply does not."
  value       = module.dt_functions.sync_timers
}

output "doctor" {
  description = "What `dtfn doctor` looks at the deployment by."
  value       = module.dt_functions.doctor
}
