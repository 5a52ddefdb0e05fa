# Secrets are in Code Engine's secrets alone, one by subject, so that each function gets
# those that it needs. What is in them is in the state too, marked sensitive.

resource "random_password" "signature" {
  # Made also where a secret is given; it is then used for nothing.
  length  = 48
  special = false
}

# Whoever verifies what is forwarded must not be able to forge DT's events: another secret.
resource "random_password" "forward" {
  count = local.forwards ? 1 : 0

  length  = 48
  special = false
}

resource "ibm_code_engine_secret" "signature" {
  project_id = local.project_id
  name       = "${var.name}-signature"
  format     = "generic"
  data       = local.signature_data
}

resource "ibm_code_engine_secret" "sink" {
  project_id = local.project_id
  name       = "${var.name}-sink"
  format     = "generic"
  data       = local.sink_data

  lifecycle {
    precondition {
      condition     = local.kafka_host != ""
      error_message = "The instance of Event Streams says nothing of its brokers: see that sink.existing or event_streams.existing is the CRN of an instance that is ready."
    }
  }
}

resource "ibm_code_engine_secret" "service_account" {
  count = local.has_connectors ? 1 : 0

  project_id = local.project_id
  name       = "${var.name}-service-account"
  format     = "generic"
  data       = local.service_account_data
}

# What receive has in sink, with keys of its own, and the keys of the checkpoints.
resource "ibm_code_engine_secret" "scheduled" {
  count = local.has_connectors ? 1 : 0

  project_id = local.project_id
  name       = "${var.name}-scheduled"
  format     = "generic"
  data       = local.scheduled_data
}

locals {
  has_connectors = length(var.connectors) > 0
  forwards       = length(var.sink.urls) > 0

  signature_data = merge(
    { DT_SIGNATURE_SECRET = coalesce(var.signature_secret, random_password.signature.result) },
    var.signature_secret_previous == null ? {} : { DT_SIGNATURE_SECRET_PREVIOUS = var.signature_secret_previous },
  )

  sink_urls    = { DT_SINK = join(",", local.sinks), DT_DEAD_LETTER = local.dead_letter_url }
  forward_data = { for s in random_password.forward : "DT_FORWARD_SECRET" => s.result }

  # The login stands in the URL, so the whole of it is secret.
  sink_data = merge(local.forward_data, {
    for k, url in local.sink_urls : k => replace(url, "kafkas://", "kafkas://token:${urlencode(ibm_iam_service_api_key.receive.apikey)}@")
  })

  scheduled_data = merge(local.forward_data,
    { for setting in setproduct(keys(local.sink_urls), ibm_iam_service_api_key.scheduled) :
    setting[0] => replace(local.sink_urls[setting[0]], "kafkas://", "kafkas://token:${urlencode(setting[1].apikey)}@") },
    { for key in ibm_resource_key.checkpoint : "AWS_ACCESS_KEY_ID" => key.credentials["cos_hmac_keys.access_key_id"] },
    { for key in ibm_resource_key.checkpoint : "AWS_SECRET_ACCESS_KEY" => key.credentials["cos_hmac_keys.secret_access_key"] },
  )

  service_account_data = { DT_SERVICE_ACCOUNT_SECRET = var.service_account_secret }
}

# Instances that run do not see that a secret or a setting has changed. These change with
# them, and are variables of the apps: Code Engine then starts new instances.

resource "random_id" "receive" {
  byte_length = 4

  lifecycle {
    replace_triggered_by = [ibm_code_engine_config_map.receive, ibm_code_engine_secret.signature, ibm_code_engine_secret.sink]
  }
}

resource "random_id" "schedules" {
  count = length(local.scheduled) > 0 ? 1 : 0

  byte_length = 4

  lifecycle {
    replace_triggered_by = [
      ibm_code_engine_config_map.schedules, ibm_code_engine_secret.signature, ibm_code_engine_secret.service_account, ibm_code_engine_secret.scheduled,
    ]
  }
}
