output "endpoint" {
  description = "What DT posts to: url of ../connector."
  value       = local.endpoint

  # Whoever waits for the endpoint waits until it answers.
  depends_on = [heroku_formation.receive, heroku_domain.receive]
}

output "sinks" {
  description = "Where events go, as in DT_SINK, without a login. postgres: is the database in DATABASE_URL."
  value       = local.sinks
}

output "dead_letter" {
  description = "Where authentic events go that cannot be handled, as in DT_DEAD_LETTER: the table of the events, where the column dead_letter is not empty."
  value       = local.dead_letter
}

output "database" {
  description = "Name of the add-on that is the database, for those who read the events: heroku addons:attach NAME. null where it is none of Heroku's."
  value       = local.database
}

output "functions" {
  description = "Which app and process run each function, by the function's name."
  value       = local.functions

  precondition {
    condition     = alltrue(values(local.schedule_in_bounds))
    error_message = "schedules have a number that its field cannot have: minutes are 0 to 59, hours 0 to 23, days 1 to 31, months 1 to 12, */n begins at */1, and ranges go upwards."
  }
  precondition {
    condition     = alltrue(values(local.schedule_comes))
    error_message = "schedules have a day that none of the months has: these times never come."
  }
}

output "apps" {
  description = "Names of the apps: receive, and jobs where they are separate."
  value       = merge({ receive = heroku_app.receive.name }, { for app in heroku_app.jobs : "jobs" => app.name })
}

output "app_ids" {
  description = "Ids of the same apps, for what is to be made beside them: a logging add-on, collaborators, a pipeline."
  value       = merge({ receive = heroku_app.receive.id }, { for app in heroku_app.jobs : "jobs" => app.id })
}

output "domain_target" {
  description = "What a CNAME record of the domain must name; null without a domain."
  value       = one(heroku_domain.receive[*].cname)
}

output "signature_secret" {
  description = "Where the signature secret is: a reference, not the secret."
  value       = local.signature_secret_reference
}

output "forward_secret" {
  description = "Where the secret is that forwarded events are signed with: a reference, not the secret; null where none are forwarded."
  value       = local.forward_secret_reference
}

output "alarms" {
  description = "What to alarm on, for who gets the logs: the fields of a line and their values, how many of such lines, in how many minutes. Empty with alarms.enabled = false."
  value       = { for k, a in local.event_alarms : k => a if var.alarms.enabled }
}

output "doctor" {
  description = "All that `dtfn doctor` needs to know of this deployment. There is no secret in it."
  value = {
    version          = 1
    cloud            = "heroku"
    name             = var.name
    region           = var.region
    endpoint         = local.endpoint
    sinks            = local.sinks
    dead_letter      = local.dead_letter
    connectors       = var.connectors
    signature_secret = local.signature_secret_reference
    service_account = var.service_account == null ? null : {
      key_id = var.service_account.key_id
      email  = var.service_account.email
      secret = local.service_account_secret_reference
    }
    functions = local.functions
    schedules = { for f, expression in local.scheduled : f => { id = "${local.jobs_app}/DT_SCHEDULE", expression = expression } }
    settings  = local.receive_settings
    wanted    = local.wanted
  }
}

locals {
  functions = merge({ receive = "${heroku_app.receive.name}/web" },
    { for f in keys(local.scheduled) : f => "${local.jobs_app}/${local.separate ? "worker" : "web"}" },
  )
}
