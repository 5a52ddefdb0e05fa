# All that can be had, at once: it is made, a second plan changes nothing, and nobody may do
# more than they must.

mock_provider "google" {
  source = "./tests/mocks"
}

mock_provider "random" {
  source = "./tests/mocks"
}

mock_provider "time" {
  source = "./tests/mocks"
}

variables {
  project_id             = "plant-7-iot"
  region                 = "europe-north1"
  name                   = "cold-chain"
  tags                   = { team = "facilities" }
  archive                = "./tests/source/before.zip"
  event_types            = ["temperature"]
  projects               = ["cvinmt9aq9sc738g6eog"]
  label_selector         = "site, !test"
  labels                 = ["name", "site"]
  label_defaults         = { site = "Oslo" }
  organization_id        = "abcdefghijklmnopqrst"
  sink                   = { urls = ["https://partner.example.com/events"] }
  subscription           = { message_ordering = true }
  bigquery               = { enabled = true, expiration_days = 730 }
  connectors             = ["projects/p1/dataconnectors/c1"]
  connector_config       = { status = "ACTIVE", headers = { "X-Site" = "oslo" } }
  service_account        = { key_id = "abcdefgh12345678", email = "sa@p1.serviceaccount.d21s.com" }
  service_account_secret = "planted-api-0123456789"
  signature_secret       = "planted-signature-0123456789abcdef"
  schedules              = { sync = "0 3 * * *" }
  kms_key_name           = "projects/plant-7-iot/locations/europe-north1/keyRings/iot/cryptoKeys/events"
  min_instances          = 1
  alarms                 = { emails = ["ops@example.com"] }
  log_retention_days     = 365
  budget                 = { billing_account = "012345-6789AB-CDEF01", amount = 50 }
}

run "all" {
  command = apply

  # Everyone but allUsers is an account of this project, or one of Google's own in it.
  assert {
    condition = alltrue([for m in concat(
      [
        google_artifact_registry_repository_iam_member.build.member,
        google_project_iam_member.build_logs.member,
        google_project_iam_member.build_source.member,
        google_pubsub_topic_iam_member.receive_dead_letter.member,
        google_secret_manager_secret_iam_member.receive_signature.member,
        google_storage_bucket_iam_member.build.member,
      ],
      google_bigquery_table_iam_member.pubsub[*].member,
      google_pubsub_subscription_iam_member.bigquery[*].member,
      google_pubsub_subscription_iam_member.events[*].member,
      google_pubsub_topic_iam_member.receive[*].member,
      google_pubsub_topic_iam_member.recover[*].member,
      google_pubsub_topic_iam_member.recover_dead_letter[*].member,
      google_pubsub_topic_iam_member.undelivered[*].member,
      google_secret_manager_secret_iam_member.configure_signature[*].member,
      google_secret_manager_secret_iam_member.receive_forward[*].member,
      google_secret_manager_secret_iam_member.recover_forward[*].member,
      google_storage_bucket_iam_member.logs[*].member,
      google_storage_bucket_iam_member.recover[*].member,
      values(google_cloud_run_v2_service_iam_member.scheduled)[*].member,
      values(google_secret_manager_secret_iam_member.scheduled_service_account)[*].member,
    ) : can(regex("^serviceAccount:([a-z0-9-]+@plant-7-iot|service-123456789012@gcp-sa-(pubsub|logging))[.]iam[.]gserviceaccount[.]com$", m))])
    error_message = "Nobody but accounts of the project may do anything, save for calling receive."
  }
  assert {
    condition     = google_cloud_run_v2_service_iam_member.receive.member == "allUsers" && google_cloud_run_v2_service_iam_member.receive.name == "cold-chain-receive" && google_cloud_run_v2_service_iam_member.receive.role == "roles/run.invoker"
    error_message = "Everyone may call receive, and nothing else."
  }
  assert {
    condition     = { for f, m in google_cloud_run_v2_service_iam_member.scheduled : f => m.name } == { for f in ["sync", "configure", "recover"] : f => "cold-chain-${f}" }
    error_message = "The scheduler may call each of the three."
  }
  assert {
    condition     = alltrue([for b in concat([google_storage_bucket.source], google_storage_bucket.checkpoints, google_storage_bucket.logs) : b.public_access_prevention == "enforced" && b.uniform_bucket_level_access])
    error_message = "No bucket may be public."
  }
  assert {
    condition     = alltrue([for k, v in merge(google_cloudfunctions2_function.receive.service_config[0].environment_variables, google_cloudfunctions2_function.scheduled["sync"].service_config[0].environment_variables, google_cloudfunctions2_function.scheduled["configure"].service_config[0].environment_variables, google_cloudfunctions2_function.scheduled["recover"].service_config[0].environment_variables) : !strcontains(k, "SECRET") && !strcontains(v, "planted")])
    error_message = "No secret may be a plain setting."
  }
  assert {
    condition     = alltrue([for labels in concat([for f in google_cloudfunctions2_function.scheduled : f.labels], [google_cloudfunctions2_function.receive.labels, google_storage_bucket.source.labels, google_pubsub_topic.dead_letter.labels, google_secret_manager_secret.signature.labels, google_artifact_registry_repository.this.labels, google_bigquery_dataset.this[0].labels, google_bigquery_table.events[0].labels, google_monitoring_alert_policy.no_events[0].user_labels]) : labels == tomap({ team = "facilities" })])
    error_message = "Everything that can have tags must have them."
  }
  assert {
    condition     = keys(output.doctor) == ["cloud", "connectors", "dead_letter", "endpoint", "functions", "name", "region", "schedules", "service_account", "settings", "signature_secret", "sinks", "version", "wanted"] && output.doctor.version == 1 && output.doctor.cloud == "gcp"
    error_message = "doctor must say what it says on every cloud."
  }
  assert {
    condition     = jsonencode(output.doctor.wanted) == jsonencode({ status = "ACTIVE", httpConfig = { headers = { "X-Site" = "oslo" } } }) && output.doctor.schedules["sync"].expression == "0 3 * * *" && output.doctor.settings["DT_LABEL_SELECTOR"] == "site, !test"
    error_message = "doctor must know what is wanted."
  }
}

run "again" {
  command = plan
}

run "changed_source" {
  command = plan

  variables {
    archive = "./tests/source/after.zip"
  }
}

# Accounts of your own are not made, and get the same permissions.
run "own_accounts" {
  command = apply

  variables {
    service_accounts = {
      receive   = "own-receive@plant-7-iot.iam.gserviceaccount.com"
      sync      = "own-sync@plant-7-iot.iam.gserviceaccount.com"
      configure = "own-configure@plant-7-iot.iam.gserviceaccount.com"
      recover   = "own-recover@plant-7-iot.iam.gserviceaccount.com"
      build     = "own-build@plant-7-iot.iam.gserviceaccount.com"
      scheduler = "own-scheduler@plant-7-iot.iam.gserviceaccount.com"
    }
  }

  assert {
    condition     = length(google_service_account.receive) + length(google_service_account.scheduled) + length(google_service_account.build) + length(google_service_account.scheduler) == 0
    error_message = "No account may be made where one is given."
  }
  assert {
    condition     = google_cloudfunctions2_function.receive.service_config[0].service_account_email == var.service_accounts["receive"] && { for f, v in google_cloudfunctions2_function.scheduled : f => v.service_config[0].service_account_email } == { for f in ["sync", "configure", "recover"] : f => "own-${f}@plant-7-iot.iam.gserviceaccount.com" }
    error_message = "Functions must run as the accounts that are given."
  }
  assert {
    condition     = alltrue([for f in concat([google_cloudfunctions2_function.receive], values(google_cloudfunctions2_function.scheduled)) : f.build_config[0].service_account == "projects/plant-7-iot/serviceAccounts/own-build@plant-7-iot.iam.gserviceaccount.com"])
    error_message = "They must be built by the account that is given."
  }
  assert {
    condition = alltrue([for m in concat(
      google_pubsub_topic_iam_member.receive[*].member,
      google_secret_manager_secret_iam_member.receive_forward[*].member,
      [google_pubsub_topic_iam_member.receive_dead_letter.member, google_secret_manager_secret_iam_member.receive_signature.member],
    ) : m == "serviceAccount:own-receive@plant-7-iot.iam.gserviceaccount.com"])
    error_message = "receive's permissions must be its account's."
  }
  assert {
    condition = alltrue([for m in concat(
      google_pubsub_topic_iam_member.recover[*].member,
      google_pubsub_topic_iam_member.recover_dead_letter[*].member,
      google_secret_manager_secret_iam_member.recover_forward[*].member,
      google_storage_bucket_iam_member.recover[*].member,
    ) : m == "serviceAccount:own-recover@plant-7-iot.iam.gserviceaccount.com"])
    error_message = "recover's permissions must be its account's."
  }
  assert {
    condition     = { for f, m in google_secret_manager_secret_iam_member.scheduled_service_account : f => m.member } == { for f in ["sync", "configure", "recover"] : f => "serviceAccount:own-${f}@plant-7-iot.iam.gserviceaccount.com" } && google_secret_manager_secret_iam_member.configure_signature[0].member == "serviceAccount:own-configure@plant-7-iot.iam.gserviceaccount.com"
    error_message = "Each must read its secrets as itself."
  }
  assert {
    condition     = alltrue([for m in [google_artifact_registry_repository_iam_member.build.member, google_storage_bucket_iam_member.build.member, google_project_iam_member.build_source.member, google_project_iam_member.build_logs.member] : m == "serviceAccount:own-build@plant-7-iot.iam.gserviceaccount.com"])
    error_message = "The build's permissions must be its account's."
  }
  assert {
    condition     = alltrue([for m in google_cloud_run_v2_service_iam_member.scheduled : m.member == "serviceAccount:own-scheduler@plant-7-iot.iam.gserviceaccount.com"]) && alltrue([for j in google_cloud_scheduler_job.this : j.http_target[0].oidc_token[0].service_account_email == "own-scheduler@plant-7-iot.iam.gserviceaccount.com"])
    error_message = "The scheduler must call as its account."
  }
}

run "some_own_accounts" {
  command = apply

  variables {
    service_accounts = { recover = "own-recover@plant-7-iot.iam.gserviceaccount.com" }
  }

  assert {
    condition     = keys(google_service_account.scheduled) == ["configure", "sync"] && length(google_service_account.receive) == 1 && length(google_service_account.build) == 1 && length(google_service_account.scheduler) == 1
    error_message = "Accounts that are not given must be made."
  }
  assert {
    condition     = google_cloudfunctions2_function.scheduled["recover"].service_config[0].service_account_email == "own-recover@plant-7-iot.iam.gserviceaccount.com" && google_cloudfunctions2_function.scheduled["sync"].service_config[0].service_account_email == google_service_account.scheduled["sync"].email
    error_message = "Each function must run as its own account."
  }
}
