output "endpoint" {
  description = "What DT posts to: url of ../connector."
  value       = local.endpoint

  # Whoever waits for the endpoint waits until it can be reached.
  depends_on = [
    aws_lambda_permission.url,
    aws_lambda_permission.url_invoke,
    aws_lambda_permission.http_api,
    aws_apigatewayv2_route.receive,
    aws_apigatewayv2_stage.receive,
    aws_lambda_provisioned_concurrency_config.receive,
  ]
}

output "sinks" {
  description = "Where events go, as in DT_SINK."
  value       = local.sinks
}

output "sink_arn" {
  description = "ARN of the queue, topic, bus or stream, for the permissions of those who read it."
  value       = local.sink_arn
}

output "dead_letter" {
  description = "Where authentic events go that cannot be handled, as in DT_DEAD_LETTER."
  value       = local.dead_letter_url
}

output "functions" {
  description = "ARNs of the functions, by name."
  value       = local.functions
}

output "signature_secret" {
  description = "Where the signature secret is: a reference, not the secret."
  value       = local.signature_secret
}

output "forward_secret" {
  description = "Where the secret is that forwarded events are signed with: a reference, not the secret; null where none are forwarded."
  value       = local.forward_secret
}

output "alarm_topic" {
  description = "ARN of the topic that alarms are told by; null where no e-mail address is given."
  value       = one(aws_sns_topic.alarms[*].arn)
}

output "doctor" {
  description = "All that `dtfn doctor` needs to know of this deployment. There is no secret in it."
  value = {
    version          = 1
    cloud            = "aws"
    name             = var.name
    region           = local.region
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
    functions = local.functions
    schedules = { for f, expression in local.scheduled : f => { id = aws_scheduler_schedule.this[f].arn, expression = expression } }
    settings  = local.receive_settings
    wanted    = local.wanted
  }
}

locals {
  functions = merge({ receive = aws_lambda_function.receive.arn }, { for f, function in aws_lambda_function.job : f => function.arn })
}
