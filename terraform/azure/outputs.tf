output "endpoint" {
  description = "What DT posts to: url of ../connector."
  value       = local.endpoint
}

output "sinks" {
  description = "Where events go, as in DT_SINK."
  value       = local.sinks
}

output "sink_id" {
  description = "Resource id of the queue, topic or hub, for the roles of those who read it."
  value       = local.sink_id
}

output "dead_letter" {
  description = "Where authentic events go that cannot be handled, as in DT_DEAD_LETTER."
  value       = local.dead_letter_url
}

output "functions" {
  description = "Resource ids of the function apps, by the function that each runs."
  value       = local.function_ids
}

output "signature_secret" {
  description = "Where the signature secret is: a reference, not the secret."
  value       = local.signature_secret
}

output "forward_secret" {
  description = "Where the secret is that forwarded events are signed with: a reference, not the secret; null where none are forwarded."
  value       = local.forward_secret
}

output "resource_group_name" {
  description = "Name of the resource group that everything is in."
  value       = local.group_name
}

output "key_vault_id" {
  description = "Resource id of the vault with the secrets."
  value       = azurerm_key_vault.this.id
}

output "application_insights_id" {
  description = "Resource id of the component that has the logs."
  value       = azurerm_application_insights.this.id
}

output "action_group_id" {
  description = "Resource id of the action group that alarms are told by; null where no e-mail address is given."
  value       = one(azurerm_monitor_action_group.this[*].id)
}

output "sync_timers" {
  description = "Commands that tell the platform of each app's timer. terraform apply runs them itself, unless the variable sync_timers is false."
  value       = { for f, url in local.timer_urls : f => "${join(" ", local.timer_command)} '${url}'" }
}

output "doctor" {
  description = "All that `dtfn doctor` needs to know of this deployment. There is no secret in it."
  value = {
    version          = 1
    cloud            = "azure"
    name             = var.name
    region           = local.location
    endpoint         = local.endpoint
    sinks            = local.sinks
    dead_letter      = local.dead_letter_url
    connectors       = var.connectors
    signature_secret = local.signature_secret
    service_account = var.service_account == null ? null : {
      key_id = var.service_account.key_id
      email  = var.service_account.email
      secret = local.service_account_secret
    }
    functions = local.function_ids
    schedules = { for f, expression in local.scheduled : f => { id = azurerm_function_app_flex_consumption.job[f].id, expression = expression } }
    settings  = local.receive_settings
    wanted    = local.wanted
  }
}

locals {
  function_ids = merge({ receive = azurerm_function_app_flex_consumption.receive.id }, { for f, app in azurerm_function_app_flex_consumption.job : f => app.id })
}
