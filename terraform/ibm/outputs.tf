output "endpoint" {
  description = "What DT posts to: url of ../connector."
  value       = local.endpoint
}

output "sinks" {
  description = "Where events go, as in DT_SINK without the login."
  value       = local.sinks
}

output "topic_crn" {
  description = "CRN of the topic with the events, for the policies of those who read it."
  value       = local.topic_crn
}

output "brokers" {
  description = "Brokers of Event Streams, HOST:PORT, for those who read the topic."
  value       = local.brokers
}

output "dead_letter" {
  description = "Where authentic events go that cannot be handled, as in DT_DEAD_LETTER without the login."
  value       = local.dead_letter_url
}

output "functions" {
  description = "What runs in Code Engine, by function: the app receive, the jobs sync, configure and recover; and the app that keeps their times, schedules."
  value       = local.functions
}

output "code_engine_project_id" {
  description = "Id of the Code Engine project."
  value       = local.project_id
}

output "signature_secret" {
  description = "Where the signature secret is: a reference, not the secret."
  value       = local.signature_secret
}

output "forward_secret" {
  description = "Where the secret is that forwarded events are signed with: a reference, not the secret; null where none are forwarded."
  value       = local.forwards ? "${local.secret_reference}/${ibm_code_engine_secret.sink.name}/DT_FORWARD_SECRET" : null
}

output "image" {
  description = "Image that runs."
  value       = local.image
}

output "logs_instance" {
  description = "CRN of the instance of IBM Cloud Logs; null where there is none."
  value       = local.logs_crn
}

output "next" {
  description = "Commands for what the provider cannot do: Logs Routing, the integration with Event Notifications, the run of a build, cron subscriptions instead of the app schedules, a secret to be read. See README.md."
  value       = local.next
}

output "doctor" {
  description = "All that `dtfn doctor` needs to know of this deployment. There is no secret in it, so sinks are without their login."
  value = {
    version          = 1
    cloud            = "ibm"
    name             = var.name
    region           = var.region
    endpoint         = local.endpoint
    sinks            = local.sinks
    dead_letter      = local.dead_letter_url
    connectors       = var.connectors
    signature_secret = local.signature_secret
    service_account = var.service_account == null ? null : {
      key_id = var.service_account.key_id
      email  = var.service_account.email
      secret = local.has_connectors ? "${local.secret_reference}/${ibm_code_engine_secret.service_account[0].name}/DT_SERVICE_ACCOUNT_SECRET" : null
    }
    functions = local.functions
    schedules = { for f, expression in local.scheduled : f => { id = ibm_code_engine_app.schedules[0].id, expression = expression } }
    settings  = local.receive_settings
    wanted    = local.wanted
  }
}

locals {
  functions = merge(
    { receive = ibm_code_engine_app.receive.id },
    { for f, job in ibm_code_engine_job.this : f => job.id },
    { for app in ibm_code_engine_app.schedules : "schedules" => app.id },
  )

  secret_reference = "ibm-code-engine://${local.project_id}"
  signature_secret = "${local.secret_reference}/${ibm_code_engine_secret.signature.name}/DT_SIGNATURE_SECRET"

  select = "ibmcloud target -r ${var.region} && ibmcloud ce project select --id ${local.project_id}"

  # Makes the account's route of the region; where there is one, it is changed instead.
  route = join(" ", [
    "curl -sS -X POST https://management.${var.region}.logs-router.cloud.ibm.com/v1/tenants",
    "-H \"Authorization: $(ibmcloud iam oauth-tokens --output json | jq -r .iam_token)\" -H 'IBM-API-Version: 2024-03-01' -H 'Content-Type: application/json'",
    "-d '${jsonencode({ name = var.name, targets = [{ log_sink_crn = local.logs_crn, name = var.name, parameters = { host = "${coalesce(local.logs_guid, "-")}.ingress.${var.region}.logs.cloud.ibm.com", port = 443 } }] })}'",
  ])

  next = { for k, command in {
    secret = "${local.select} && ibmcloud ce secret get --name ${var.name}-signature --decode"
    build  = local.builds ? "${local.select} && ibmcloud ce buildrun submit --build ${var.name}-image --wait" : ""
    logs   = local.logs_are_made ? local.route : ""
    notifications = local.tells_emails ? join(" ", [
      "ibmcloud logs outgoing-webhook-create --service-url https://${local.logs_guid}.api.${var.region}.logs.cloud.ibm.com",
      "--type ibm_event_notifications --name ${var.name} --url null --ibm-event-notifications",
      "'${jsonencode({ event_notifications_instance_id = local.notifications_guid, region_id = split(":", local.notifications_crn)[5] })}'",
    ]) : ""
    run      = local.has_connectors ? "${local.select} && ibmcloud ce jobrun submit --job ${var.name}-recover" : ""
    schedule = local.has_connectors ? join(" && ", concat([local.select], [for f, expression in local.scheduled : "ibmcloud ce subscription cron create --name ${var.name}-${f} --destination-type job --destination ${var.name}-${f} --schedule '${expression}'"])) : ""
  } : k => command if command != "" }
}
