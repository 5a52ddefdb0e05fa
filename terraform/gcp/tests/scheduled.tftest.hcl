# sync, configure and recover: who may call them, when, and what they may do.

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
  archive                = "./tests/source/before.zip"
  connectors             = ["projects/p1/dataconnectors/c1", "projects/p2/dataconnectors/c2"]
  service_account        = { key_id = "abcdefgh12345678", email = "sa@p1.serviceaccount.d21s.com" }
  service_account_secret = "planted-api-0123456789"
  signature_secret       = "planted-signature-0123456789abcdef"
  schedules              = { sync = "30 2 * * MON" }
}

run "functions" {
  command = apply

  assert {
    condition     = { for f, v in google_cloudfunctions2_function.scheduled : f => v.build_config[0].entry_point } == { sync = "Sync", configure = "Configure", recover = "Recover" }
    error_message = "Each schedule has a function of its own."
  }
  assert {
    condition     = alltrue([for f in google_cloudfunctions2_function.scheduled : f.service_config[0].ingress_settings == "ALLOW_INTERNAL_ONLY" && f.service_config[0].max_instance_count == 1])
    error_message = "The scheduled functions must not be reached from the internet, and not run twice at a time."
  }
  assert {
    condition     = alltrue([for m in google_cloud_run_v2_service_iam_member.scheduled : m.role == "roles/run.invoker" && m.member == "serviceAccount:${google_service_account.scheduler[0].email}"]) && length(google_cloud_run_v2_service_iam_member.scheduled) == 3
    error_message = "The scheduler's account alone may call them."
  }
  assert {
    condition     = keys(output.functions) == ["configure", "receive", "recover", "sync"] && output.doctor.functions == output.functions
    error_message = "The outputs must name the functions."
  }
  assert {
    condition     = output.doctor.service_account.key_id == "abcdefgh12345678" && output.doctor.service_account.secret == "projects/plant-7-iot/secrets/dt-functions-service-account/versions/7" && output.doctor.connectors == tolist(var.connectors)
    error_message = "doctor must know the service account, but not its secret."
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

run "jobs" {
  command = apply

  assert {
    condition     = { for f, j in google_cloud_scheduler_job.this : f => j.schedule } == { sync = "30 2 * * 1", configure = "*/5 * * * *", recover = "*/15 * * * *" }
    error_message = "The jobs must have the schedules."
  }
  assert {
    condition     = alltrue([for j in google_cloud_scheduler_job.this : j.time_zone == "Etc/UTC"])
    error_message = "Schedules are in UTC."
  }
  assert {
    condition     = alltrue([for f, j in google_cloud_scheduler_job.this : j.attempt_deadline == "${google_cloudfunctions2_function.scheduled[f].service_config[0].timeout_seconds}s"]) && google_cloud_scheduler_job.this["recover"].attempt_deadline == "1800s"
    error_message = "A job must wait as long as its function may take, and never more than 30 minutes."
  }
  assert {
    condition = alltrue([for f, j in google_cloud_scheduler_job.this :
      j.http_target[0].http_method == "POST" &&
      j.http_target[0].uri == google_cloudfunctions2_function.scheduled[f].service_config[0].uri &&
      j.http_target[0].oidc_token[0].audience == google_cloudfunctions2_function.scheduled[f].service_config[0].uri &&
      j.http_target[0].oidc_token[0].service_account_email == google_service_account.scheduler[0].email
    ])
    error_message = "A job must call its function's own address, with a token for just that."
  }
  assert {
    condition     = output.doctor.schedules["sync"].expression == "30 2 * * MON" && keys(output.doctor.schedules) == ["configure", "recover", "sync"]
    error_message = "doctor must know the schedules as they were given."
  }
}

run "days" {
  command = plan

  variables {
    schedules = { sync = "0 3 * * SAT-MON,WED", configure = "0 3 * * MON-FRI", recover = "15,45 2-4 1 1-6 *" }
  }

  assert {
    condition     = { for f, j in google_cloud_scheduler_job.this : f => j.schedule } == { sync = "0 3 * * 6,0,1,3", configure = "0 3 * * 1,2,3,4,5", recover = "15,45 2-4 1 1-6 *" }
    error_message = "Days of the week must become numbers, also over the end of the week; the other fields stay."
  }
}

run "whole_week" {
  command = plan

  variables {
    schedules = { sync = "0 3 * * MON-SUN", configure = "0 3 * * SUN", recover = "0 3 * * SUN-SAT" }
  }

  assert {
    condition     = { for f, j in google_cloud_scheduler_job.this : f => j.schedule } == { sync = "0 3 * * 1,2,3,4,5,6,0", configure = "0 3 * * 0", recover = "0 3 * * 0,1,2,3,4,5,6" }
    error_message = "A whole week has seven days, whichever it begins with."
  }
}

run "off" {
  command = plan

  variables {
    schedules = { configure = "off", recover = "off" }
  }

  assert {
    condition     = length(google_cloudfunctions2_function.scheduled) == 0 && length(google_service_account.scheduled) == 0 && length(google_cloud_scheduler_job.this) == 0 && length(google_storage_bucket.checkpoints) == 0 && length(google_secret_manager_secret_version.service_account) == 0
    error_message = "What is off is not made."
  }
}

run "environments" {
  command = apply

  variables {
    event_types      = ["temperature"]
    connector_config = { events = ["temperature"], headers = { "X-Site" = "oslo" } }
    settings         = { DT_RECOVER_OVERLAP = "2h" }
  }

  assert {
    condition     = google_cloudfunctions2_function.scheduled["sync"].service_config[0].environment_variables == tomap(merge(local.scheduled_settings.sync, { GOOGLE_CLOUD_PROJECT = "plant-7-iot" }))
    error_message = "sync must know the connectors, and no more."
  }
  assert {
    condition     = jsondecode(google_cloudfunctions2_function.scheduled["configure"].service_config[0].environment_variables["DT_CONNECTOR_CONFIG"]) == { events = ["temperature"], httpConfig = { headers = { "X-Site" = "oslo" } } }
    error_message = "configure must know what is wanted."
  }
  assert {
    condition = google_cloudfunctions2_function.scheduled["recover"].service_config[0].environment_variables == tomap(merge(local.scheduled_settings.recover, {
      DT_SINK              = "gcp-pubsub://projects/plant-7-iot/topics/dt-functions-events"
      DT_DEAD_LETTER       = "gcp-pubsub://projects/plant-7-iot/topics/dt-functions-dead-letter"
      DT_CHECKPOINT        = "gcp-storage://plant-7-iot-dt-functions-checkpoints/dt-functions"
      GOOGLE_CLOUD_PROJECT = "plant-7-iot"
    }))
    error_message = "recover must know sinks and checkpoints."
  }
  assert {
    condition     = google_cloudfunctions2_function.scheduled["recover"].service_config[0].environment_variables["DT_CONNECTORS"] == "projects/p1/dataconnectors/c1,projects/p2/dataconnectors/c2" && google_cloudfunctions2_function.scheduled["recover"].service_config[0].environment_variables["DT_RECOVER_OVERLAP"] == "2h"
    error_message = "The settings must arrive."
  }
}

run "secrets" {
  command = apply

  variables {
    sink = { urls = ["https://example.com/events"] }
  }

  assert {
    condition = { for f, v in google_cloudfunctions2_function.scheduled : f => { for s in v.service_config[0].secret_environment_variables : s.key => "${s.secret}:${s.version}" } } == {
      sync      = { DT_SERVICE_ACCOUNT_SECRET = "dt-functions-service-account:7" }
      configure = { DT_SERVICE_ACCOUNT_SECRET = "dt-functions-service-account:7", DT_SIGNATURE_SECRET = "dt-functions-signature:7" }
      recover   = { DT_SERVICE_ACCOUNT_SECRET = "dt-functions-service-account:7", DT_FORWARD_SECRET = "dt-functions-forward:7" }
    }
    error_message = "Each function must have its own secrets, and no other, in exact versions."
  }
  assert {
    condition     = { for s in google_cloudfunctions2_function.receive.service_config[0].secret_environment_variables : s.key => s.secret } == { DT_SIGNATURE_SECRET = "dt-functions-signature", DT_FORWARD_SECRET = "dt-functions-forward" }
    error_message = "receive must have the secret to forward with."
  }
  assert {
    condition     = output.sinks == ["gcp-pubsub://projects/plant-7-iot/topics/dt-functions-events", "https://example.com/events"] && output.forward_secret == "projects/plant-7-iot/secrets/dt-functions-forward/versions/7"
    error_message = "The outputs must have the sinks, and where the secret is that they verify with."
  }
  assert {
    condition     = alltrue([for f in concat([google_cloudfunctions2_function.receive], values(google_cloudfunctions2_function.scheduled)) : alltrue([for k in keys(f.service_config[0].environment_variables) : !strcontains(k, "SECRET")])])
    error_message = "No secret may be a plain setting."
  }
  assert {
    condition     = google_secret_manager_secret_version.service_account[0].secret_data == null && google_secret_manager_secret_version.forward[0].secret_data == null
    error_message = "Secrets must be write-only."
  }
}

run "roles" {
  command = plan

  variables {
    sink = { urls = ["https://example.com/events"] }
  }

  assert {
    condition     = keys(google_secret_manager_secret_iam_member.scheduled_service_account) == ["configure", "recover", "sync"] && alltrue([for m in google_secret_manager_secret_iam_member.scheduled_service_account : m.role == "roles/secretmanager.secretAccessor" && m.secret_id == "dt-functions-service-account"])
    error_message = "Each may read the service account's secret."
  }
  assert {
    condition     = google_secret_manager_secret_iam_member.configure_signature[0].role == "roles/secretmanager.secretAccessor" && google_secret_manager_secret_iam_member.configure_signature[0].secret_id == "dt-functions-signature"
    error_message = "configure may read the signature secret."
  }
  assert {
    condition     = google_secret_manager_secret_iam_member.recover_forward[0].role == "roles/secretmanager.secretAccessor" && google_secret_manager_secret_iam_member.recover_forward[0].secret_id == "dt-functions-forward"
    error_message = "recover may read the secret to forward with."
  }
  assert {
    condition     = google_pubsub_topic_iam_member.recover[0].role == "roles/pubsub.publisher" && google_pubsub_topic_iam_member.recover[0].topic == "dt-functions-events" && google_pubsub_topic_iam_member.recover_dead_letter[0].role == "roles/pubsub.publisher" && google_pubsub_topic_iam_member.recover_dead_letter[0].topic == "dt-functions-dead-letter"
    error_message = "recover may publish to sink and dead letters."
  }
  assert {
    condition     = google_storage_bucket_iam_member.recover[0].role == "roles/storage.objectUser" && google_storage_bucket_iam_member.recover[0].bucket == "plant-7-iot-dt-functions-checkpoints"
    error_message = "recover may read and write checkpoints."
  }
  assert {
    condition     = google_storage_bucket.checkpoints[0].public_access_prevention == "enforced" && google_storage_bucket.checkpoints[0].uniform_bucket_level_access
    error_message = "The bucket of the checkpoints must not be public."
  }
}

# Accounts that are told apart: who is who in the permissions.
run "members" {
  command = apply

  override_resource {
    target = google_service_account.receive
    values = { email = "receive@plant-7-iot.iam.gserviceaccount.com" }
  }
  override_resource {
    target = google_service_account.build
    values = { id = "projects/plant-7-iot/serviceAccounts/build@plant-7-iot.iam.gserviceaccount.com", email = "build@plant-7-iot.iam.gserviceaccount.com" }
  }
  override_resource {
    target = google_service_account.scheduler
    values = { email = "scheduler@plant-7-iot.iam.gserviceaccount.com" }
  }
  override_resource {
    target = google_service_account.scheduled["recover"]
    values = { email = "recover@plant-7-iot.iam.gserviceaccount.com" }
  }
  override_resource {
    target = google_service_account.scheduled["configure"]
    values = { email = "configure@plant-7-iot.iam.gserviceaccount.com" }
  }
  override_resource {
    target = google_service_account.scheduled["sync"]
    values = { email = "sync@plant-7-iot.iam.gserviceaccount.com" }
  }

  variables {
    name = "dt-members"
    sink = { urls = ["https://example.com/events"] }
  }

  assert {
    condition     = alltrue([for m in [google_pubsub_topic_iam_member.receive[0].member, google_pubsub_topic_iam_member.receive_dead_letter.member, google_secret_manager_secret_iam_member.receive_signature.member, google_secret_manager_secret_iam_member.receive_forward[0].member] : m == "serviceAccount:${google_service_account.receive[0].email}"])
    error_message = "receive's permissions must be receive's alone."
  }
  assert {
    condition     = alltrue([for m in [google_pubsub_topic_iam_member.recover[0].member, google_pubsub_topic_iam_member.recover_dead_letter[0].member, google_secret_manager_secret_iam_member.recover_forward[0].member, google_storage_bucket_iam_member.recover[0].member] : m == "serviceAccount:${google_service_account.scheduled["recover"].email}"])
    error_message = "recover's permissions must be recover's alone."
  }
  assert {
    condition     = google_secret_manager_secret_iam_member.configure_signature[0].member == "serviceAccount:${google_service_account.scheduled["configure"].email}"
    error_message = "configure's permission must be configure's alone."
  }
  assert {
    condition     = alltrue([for f, m in google_secret_manager_secret_iam_member.scheduled_service_account : m.member == "serviceAccount:${google_service_account.scheduled[f].email}"])
    error_message = "Each function must read the service account's secret as itself."
  }
  assert {
    condition     = alltrue([for m in [google_artifact_registry_repository_iam_member.build.member, google_storage_bucket_iam_member.build.member, google_project_iam_member.build_source.member, google_project_iam_member.build_logs.member] : m == "serviceAccount:${google_service_account.build[0].email}"])
    error_message = "The build's permissions must be the build's alone."
  }
  assert {
    condition     = alltrue([for m in google_cloud_run_v2_service_iam_member.scheduled : m.member == "serviceAccount:${google_service_account.scheduler[0].email}"])
    error_message = "The scheduler alone may call the scheduled functions."
  }
}
