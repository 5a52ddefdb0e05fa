# The endpoint by itself, without connectors: what is public, what it may do, and where its
# secrets are.

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
  project_id       = "plant-7-iot"
  region           = "europe-north1"
  archive          = "./tests/source/before.zip"
  signature_secret = "planted-signature-0123456789abcdef"

  # Terraform 1.11 cannot apply a test that leaves an ephemeral variable out; the examples
  # do so.
  service_account_secret = "planted-api-0123456789"
}

run "function" {
  command = apply

  assert {
    condition     = google_cloudfunctions2_function.receive.build_config[0].runtime == "go126" && google_cloudfunctions2_function.receive.build_config[0].entry_point == "Receive"
    error_message = "receive must be built with Go 1.26 as Receive."
  }
  assert {
    condition     = google_cloudfunctions2_function.receive.build_config[0].environment_variables["GOOGLE_GOLDFLAGS"] == "-s -w"
    error_message = "The program must be built without its symbol tables."
  }
  assert {
    condition     = google_cloudfunctions2_function.receive.build_config[0].service_account == "projects/plant-7-iot/serviceAccounts/${google_service_account.build[0].email}" && google_cloudfunctions2_function.receive.service_config[0].service_account_email == google_service_account.receive[0].email
    error_message = "receive must be built by, and run as, an account of its own."
  }
  assert {
    condition     = google_cloudfunctions2_function.receive.build_config[0].source[0].storage_source[0].object == google_storage_bucket_object.source.name && google_cloudfunctions2_function.receive.build_config[0].source[0].storage_source[0].generation == google_storage_bucket_object.source.generation
    error_message = "receive must be built from this very archive."
  }
  assert {
    condition     = google_cloudfunctions2_function.receive.service_config[0].timeout_seconds == 15 && google_cloudfunctions2_function.receive.service_config[0].max_instance_request_concurrency == 80 && google_cloudfunctions2_function.receive.service_config[0].available_cpu == "1"
    error_message = "An instance takes 80 requests at a time, which needs a whole CPU, and none longer than DT waits."
  }
  assert {
    condition     = length(google_cloudfunctions2_function.scheduled) == 0 && length(google_cloud_scheduler_job.this) == 0 && length(google_service_account.scheduler) == 0 && length(google_secret_manager_secret.service_account) == 0 && length(google_storage_bucket.checkpoints) == 0
    error_message = "Without connectors nothing is made for the scheduled functions."
  }
  assert {
    condition     = output.endpoint == "https://mocked-abcdefghij-lz.a.run.app" && output.doctor.endpoint == output.endpoint
    error_message = "The endpoint is the service's own address, without a path."
  }
  assert {
    condition     = output.doctor.service_account == null && length(output.doctor.connectors) == 0 && length(output.doctor.schedules) == 0 && keys(output.doctor.functions) == ["receive"]
    error_message = "doctor must not look for what is not there."
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

  assert {
    condition     = google_storage_bucket_object.source.name == "dt-functions-${substr(filesha256("./tests/source/after.zip"), 0, 16)}.zip"
    error_message = "A changed archive must be an object of another name."
  }
}

run "public" {
  command = plan

  assert {
    condition     = google_cloudfunctions2_function.receive.service_config[0].ingress_settings == "ALLOW_ALL" && google_cloud_run_v2_service_iam_member.receive.member == "allUsers" && google_cloud_run_v2_service_iam_member.receive.role == "roles/run.invoker" && google_cloud_run_v2_service_iam_member.receive.name == "dt-functions-receive"
    error_message = "Everyone may call receive."
  }
  assert {
    condition     = google_storage_bucket.source.public_access_prevention == "enforced" && google_storage_bucket.source.uniform_bucket_level_access
    error_message = "The bucket of the source must not be public."
  }
}

run "roles" {
  command = plan

  assert {
    condition     = google_pubsub_topic_iam_member.receive[0].role == "roles/pubsub.publisher" && google_pubsub_topic_iam_member.receive[0].topic == "dt-functions-events" && google_pubsub_topic_iam_member.receive[0].project == "plant-7-iot"
    error_message = "receive may publish to the sink."
  }
  assert {
    condition     = google_pubsub_topic_iam_member.receive_dead_letter.role == "roles/pubsub.publisher" && google_pubsub_topic_iam_member.receive_dead_letter.topic == "dt-functions-dead-letter"
    error_message = "receive may publish to the dead letters."
  }
  assert {
    condition     = google_secret_manager_secret_iam_member.receive_signature.role == "roles/secretmanager.secretAccessor" && google_secret_manager_secret_iam_member.receive_signature.secret_id == "dt-functions-signature" && length(google_secret_manager_secret_iam_member.receive_forward) == 0
    error_message = "receive may read its own secret, and no other."
  }
  assert {
    condition     = google_artifact_registry_repository_iam_member.build.role == "roles/artifactregistry.writer" && google_storage_bucket_iam_member.build.role == "roles/storage.objectViewer" && google_project_iam_member.build_logs.role == "roles/logging.logWriter"
    error_message = "The build may read sources, and write images and logs."
  }
  assert {
    condition     = google_project_iam_member.build_source.role == "roles/storage.objectViewer" && google_project_iam_member.build_source.condition[0].expression == "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-123456789012-europe-north1\")"
    error_message = "In the project the build may read the sources of functions, and no other objects."
  }
}

run "environment" {
  command = apply

  variables {
    event_types     = ["temperature", "touch"]
    label_selector  = "site, !test"
    label_defaults  = { site = "Oslo" }
    projects        = ["cvinmt9aq9sc738g6eog"]
    organization_id = "abcdefghijklmnopqrst"
    settings        = { DT_OIDC_ISSUER = "https://issuer.example.com", DT_ALLOW_SHA1 = "true" }
  }

  assert {
    condition = google_cloudfunctions2_function.receive.service_config[0].environment_variables == tomap(merge(output.doctor.settings, {
      DT_SINK              = "gcp-pubsub://projects/plant-7-iot/topics/dt-functions-events"
      DT_DEAD_LETTER       = "gcp-pubsub://projects/plant-7-iot/topics/dt-functions-dead-letter"
      GOOGLE_CLOUD_PROJECT = "plant-7-iot"
    }))
    error_message = "receive's environment must be its settings, its sinks and its project, and nothing else."
  }
  assert {
    condition     = google_cloudfunctions2_function.receive.service_config[0].environment_variables["DT_EVENT_TYPES"] == "temperature,touch" && google_cloudfunctions2_function.receive.service_config[0].environment_variables["DT_OIDC_ISSUER"] == "https://issuer.example.com"
    error_message = "The settings must arrive."
  }
}

run "secret" {
  command = apply

  assert {
    condition     = length(google_cloudfunctions2_function.receive.service_config[0].secret_environment_variables) == 1
    error_message = "receive must have one secret."
  }
  assert {
    condition = google_cloudfunctions2_function.receive.service_config[0].secret_environment_variables[0] == {
      key        = "DT_SIGNATURE_SECRET"
      project_id = "plant-7-iot"
      secret     = "dt-functions-signature"
      version    = "7"
    }
    error_message = "receive must have the signature secret in an exact version."
  }
  assert {
    condition     = google_secret_manager_secret_version.signature.secret_data == null && google_secret_manager_secret_version.signature.secret_data_wo_version == 1 && google_secret_manager_secret_version.signature.deletion_policy == "ABANDON"
    error_message = "The secret must be write-only, and a version that is replaced must stay."
  }
  assert {
    condition     = output.signature_secret == "projects/plant-7-iot/secrets/dt-functions-signature/versions/7" && output.forward_secret == null
    error_message = "The output says where the secret is."
  }
  assert {
    condition     = random_password.signature.length == 48 && !random_password.signature.special
    error_message = "A secret that is made must have 48 characters, none of them special."
  }
}

run "rotation" {
  command = apply

  variables {
    signature_secret                  = "planted-signature-fedcba9876543210"
    signature_secret_previous_version = 6
    secrets_version                   = 2
  }

  assert {
    condition = { for s in google_cloudfunctions2_function.receive.service_config[0].secret_environment_variables : s.key => s.version } == {
      DT_SIGNATURE_SECRET          = "7"
      DT_SIGNATURE_SECRET_PREVIOUS = "6"
    }
    error_message = "While the secret is being changed receive must accept the former one too."
  }
  assert {
    condition     = google_secret_manager_secret_version.signature.secret_data_wo_version == 2
    error_message = "A raised secrets_version must write the secret anew."
  }
  assert {
    condition     = time_sleep.receive.triggers["secrets"] == "dt-functions-signature"
    error_message = "Another version of the same secret needs no new permission, and no waiting."
  }
}

# What comes with new permissions waits for them.
run "waits" {
  command = apply

  variables {
    sink = { urls = ["https://example.com/events"] }
  }

  assert {
    condition     = time_sleep.receive.create_duration == "90s" && time_sleep.receive.triggers["secrets"] == "dt-functions-forward dt-functions-signature" && time_sleep.receive.triggers["topics"] == "projects/plant-7-iot/topics/dt-functions-events"
    error_message = "receive must be deployed only when its new permissions work."
  }
  assert {
    condition     = length(time_sleep.scheduled) == 0 && length(time_sleep.bigquery) == 0
    error_message = "Nobody waits for what is not made."
  }
}

run "instances" {
  command = plan

  variables {
    min_instances = 2
    max_instances = 30
  }

  assert {
    condition     = google_cloudfunctions2_function.receive.service_config[0].min_instance_count == 2 && google_cloudfunctions2_function.receive.service_config[0].max_instance_count == 30
    error_message = "The numbers of instances must arrive."
  }
}

run "apis" {
  command = plan

  assert {
    condition     = contains(keys(google_project_service.this), "run.googleapis.com") && alltrue([for s in google_project_service.this : !s.disable_on_destroy]) && !contains(keys(google_project_service.this), "bigquery.googleapis.com")
    error_message = "The APIs that are needed must be enabled, and stay so."
  }
}

run "no_apis" {
  command = plan

  variables {
    enable_apis = false
  }

  assert {
    condition     = length(google_project_service.this) == 0
    error_message = "enable_apis = false must leave the APIs alone."
  }
}

run "images" {
  command = plan

  assert {
    condition     = { for p in google_artifact_registry_repository.this.cleanup_policies : p.action => try(p.condition[0].older_than, tostring(p.most_recent_versions[0].keep_count)) } == { DELETE = "2592000s", KEEP = "5" }
    error_message = "Images must not pile up, and the last ones must stay."
  }
}

run "longest_name" {
  command = plan

  variables {
    project_id             = "abcdefghij-abcdefghij-abcdefgh"
    name                   = "abcdefghij-abcdefghi"
    connectors             = ["projects/p1/dataconnectors/c1"]
    service_account        = { key_id = "abcdefgh12345678", email = "sa@example.com" }
    service_account_secret = "planted-api-secret"
    schedules              = { sync = "0 3 * * *" }
    sink                   = { urls = ["https://example.com/events"] }
    bigquery               = { enabled = true }
    log_retention_days     = 90
  }

  assert {
    condition     = alltrue([for a in concat(google_service_account.build, google_service_account.receive, google_service_account.scheduler, values(google_service_account.scheduled)) : length(a.account_id) >= 6 && length(a.account_id) <= 30])
    error_message = "A service account's id has 6 to 30 characters."
  }
  assert {
    condition     = alltrue([for b in concat([google_storage_bucket.source], google_storage_bucket.checkpoints, google_storage_bucket.logs) : length(b.name) <= 63])
    error_message = "A bucket's name has at most 63 characters."
  }
  assert {
    condition     = alltrue([for f in concat([google_cloudfunctions2_function.receive], values(google_cloudfunctions2_function.scheduled)) : length(f.name) <= 49])
    error_message = "A Cloud Run service's name has at most 49 characters."
  }
  assert {
    condition     = google_bigquery_dataset.this[0].dataset_id == "abcdefghij_abcdefghi"
    error_message = "A dataset's id has no hyphens."
  }
  assert {
    condition     = alltrue([for f in concat([for p in values(google_monitoring_alert_policy.metric) : p.conditions[0].condition_threshold[0].filter], [google_monitoring_alert_policy.no_events[0].conditions[0].condition_threshold[0].filter]) : length(f) <= 2048])
    error_message = "A filter of Cloud Monitoring has at most 2048 characters."
  }
}

run "shortest_name" {
  command = plan

  variables {
    name = "dtf"
  }

  assert {
    condition     = length(google_storage_bucket.source.name) >= 3 && length(google_service_account.build[0].account_id) >= 6 && length(google_service_account.receive[0].account_id) >= 6
    error_message = "A service account's id has at least 6 characters."
  }
}
