output "endpoint" {
  description = "URL that the Data Connectors post to: input url of ../connector."
  value       = google_cloudfunctions2_function.receive.service_config[0].uri

  # Nobody is told the URL before it can be called.
  depends_on = [google_cloud_run_v2_service_iam_member.receive]
}

output "sinks" {
  description = "Where events go, as URLs of DT_SINK."
  value       = local.sinks
}

output "dead_letter" {
  description = "Where bodies go that cannot be handled, as the URL of DT_DEAD_LETTER; the subscription has the topic's name."
  value       = local.dead_letter
}

output "functions" {
  description = "Ids of the functions, by name."
  value       = local.functions
}

output "signature_secret" {
  description = "Where the signature secret is: the name of a version in Secret Manager, never the secret."
  value       = local.signature_secret
}

output "forward_secret" {
  description = "Where the secret is that https:// sinks verify events with; null without any."
  value       = one([for s in google_secret_manager_secret_version.forward : "projects/${var.project_id}/secrets/${google_secret_manager_secret.forward[0].secret_id}/versions/${s.version}"])
}

output "topic" {
  description = "Id of the topic that events go to, for subscriptions of your own; null where there is none."
  value       = one(local.topics)
}

output "subscription" {
  description = "Id of the pull subscription with the events; null where there is none."
  value       = one([for s in google_pubsub_subscription.events : "projects/${s.project}/subscriptions/${s.name}"])
}

output "table" {
  description = "The BigQuery table with the events, project.dataset.table; null where there is none."
  value       = one([for t in google_bigquery_table.events : "${t.project}.${t.dataset_id}.${t.table_id}"])
}

output "doctor" {
  description = "What `dtfn doctor` needs to know to look whether all of it works. There is no secret in it."
  value = {
    version          = 1
    cloud            = "gcp"
    name             = var.name
    region           = var.region
    endpoint         = google_cloudfunctions2_function.receive.service_config[0].uri
    sinks            = local.sinks
    dead_letter      = local.dead_letter
    connectors       = var.connectors
    signature_secret = local.signature_secret
    service_account = var.service_account == null ? null : {
      key_id = var.service_account.key_id
      email  = var.service_account.email
      secret = one([for s in google_secret_manager_secret_version.service_account : "projects/${var.project_id}/secrets/${google_secret_manager_secret.service_account[0].secret_id}/versions/${s.version}"])
    }
    functions = local.functions
    schedules = { for f, s in local.scheduled : f => {
      id         = google_cloud_scheduler_job.this[f].id
      expression = s
    } }
    settings = local.receive_settings
    wanted   = local.wanted
  }
}

locals {
  functions = merge(
    { receive = google_cloudfunctions2_function.receive.id },
    { for f, v in google_cloudfunctions2_function.scheduled : f => v.id },
  )
  signature_secret = "projects/${var.project_id}/secrets/${google_secret_manager_secret.signature.secret_id}/versions/${google_secret_manager_secret_version.signature.version}"
}
