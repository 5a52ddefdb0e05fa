# IBM Cloud Logs. Code Engine's lines come to it by Logs Routing, for all of the region; the
# output next says how that is set up, which the provider's version of it is not used for:
# an account has one such route a region, and it is not this deployment's.

locals {
  logs_are_made = var.logs.enabled && var.logs.existing == null

  logs_crn  = local.logs_are_made ? ibm_resource_instance.logs[0].id : var.logs.existing
  logs_guid = local.logs_are_made ? ibm_resource_instance.logs[0].guid : var.logs.existing == null ? null : split(":", var.logs.existing)[7]

  # The longest that it keeps lines to be searched.
  log_retention_days = min(var.log_retention_days, 90)

  # How Code Engine passes a line on that is JSON: the line is message.
  log_query = coalesce(var.logs.query, "app:\"codeengine\" AND label.Project:\"${local.project_name}\"")
}

resource "ibm_resource_instance" "logs" {
  count = local.logs_are_made ? 1 : 0

  name              = "${var.name}-logs"
  service           = "logs"
  plan              = "standard"
  location          = var.region
  resource_group_id = local.resource_group
  parameters        = { retention_period = tostring(local.log_retention_days) }
  tags              = local.tags
}

# So that Logs Routing may write to it.
resource "ibm_iam_authorization_policy" "logs_routing" {
  count = local.logs_are_made ? 1 : 0

  description                 = "Logs Routing sends lines to the logs of ${var.name}"
  source_service_name         = "logs-router"
  target_service_name         = "logs"
  target_resource_instance_id = local.logs_guid
  roles                       = ["Sender"]
}
