# sync, configure and recover: functions of their own, for Cloud Scheduler alone.

locals {
  scheduled_accounts = { for f in keys(local.scheduled) : f => lookup(var.service_accounts, f, try(google_service_account.scheduled[f].email, null)) }

  # By function and variable: the secret and its version.
  scheduled_secrets = { for f in keys(local.scheduled) : f => merge(
    {
      DT_SERVICE_ACCOUNT_SECRET = {
        secret  = google_secret_manager_secret.service_account[0].secret_id
        version = google_secret_manager_secret_version.service_account[0].version
      }
    },
    f != "configure" ? {} : {
      DT_SIGNATURE_SECRET = {
        secret  = google_secret_manager_secret.signature.secret_id
        version = google_secret_manager_secret_version.signature.version
      }
    },
    { for s in google_secret_manager_secret_version.forward : "DT_FORWARD_SECRET" => {
      secret  = google_secret_manager_secret.forward[0].secret_id
      version = s.version
    } if f == "recover" },
  ) }

  scheduled_descriptions = {
    sync      = "Lets the connectors send each device's newest events again."
    configure = "Keeps the connectors at their settings and their secret."
    recover   = "Enables connectors that DT has disabled, and fetches what was missed."
  }

  # Seconds that a run may take; Cloud Scheduler waits for 1800 at most.
  scheduled_timeouts = { sync = 300, configure = 300, recover = 1800 }

  recovers   = contains(keys(local.scheduled), "recover")
  configures = contains(keys(local.scheduled), "configure")
}

resource "google_service_account" "scheduled" {
  for_each = { for f, s in local.scheduled : f => s if !contains(keys(var.service_accounts), f) }

  project      = var.project_id
  account_id   = "${var.name}-${each.key}"
  display_name = "${var.name}: ${each.key}"

  depends_on = [google_project_service.this]
}

resource "google_secret_manager_secret_iam_member" "scheduled_service_account" {
  for_each = local.scheduled

  project   = var.project_id
  secret_id = google_secret_manager_secret.service_account[0].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${local.scheduled_accounts[each.key]}"
}

resource "google_secret_manager_secret_iam_member" "configure_signature" {
  count = local.configures ? 1 : 0

  project   = var.project_id
  secret_id = google_secret_manager_secret.signature.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${local.scheduled_accounts["configure"]}"
}

resource "google_secret_manager_secret_iam_member" "recover_forward" {
  count = local.recovers && local.forwarding ? 1 : 0

  project   = var.project_id
  secret_id = google_secret_manager_secret.forward[0].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${local.scheduled_accounts["recover"]}"
}

resource "google_pubsub_topic_iam_member" "recover" {
  count = local.recovers && var.sink.kind == "pubsub" ? 1 : 0

  project = split("/", local.topics[0])[1]
  topic   = split("/", local.topics[0])[3]
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:${local.scheduled_accounts["recover"]}"
}

resource "google_pubsub_topic_iam_member" "recover_dead_letter" {
  count = local.recovers ? 1 : 0

  project = google_pubsub_topic.dead_letter.project
  topic   = google_pubsub_topic.dead_letter.name
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:${local.scheduled_accounts["recover"]}"
}

resource "google_cloudfunctions2_function" "scheduled" {
  for_each = local.scheduled

  project      = var.project_id
  location     = var.region
  name         = "${var.name}-${each.key}"
  description  = local.scheduled_descriptions[each.key]
  kms_key_name = var.kms_key_name
  labels       = var.tags

  build_config {
    runtime               = "go126"
    entry_point           = title(each.key)
    service_account       = local.build_account_id
    docker_repository     = google_artifact_registry_repository.this.id
    environment_variables = { GOOGLE_GOLDFLAGS = "-s -w" }

    source {
      storage_source {
        bucket     = google_storage_bucket.source.name
        object     = google_storage_bucket_object.source.name
        generation = google_storage_bucket_object.source.generation
      }
    }
  }

  service_config {
    service_account_email = local.scheduled_accounts[each.key]
    # Cloud Scheduler counts as internal where it calls the run.app address of a service
    # in its own project.
    ingress_settings                 = "ALLOW_INTERNAL_ONLY"
    all_traffic_on_latest_revision   = true
    timeout_seconds                  = local.scheduled_timeouts[each.key]
    available_memory                 = each.key == "recover" ? "512Mi" : "256Mi"
    available_cpu                    = "1"
    max_instance_request_concurrency = 1
    min_instance_count               = 0
    max_instance_count               = 1 # two runs at a time would only be in each other's way

    environment_variables = merge(
      local.scheduled_settings[each.key],
      { GOOGLE_CLOUD_PROJECT = var.project_id },
      each.key == "recover" ? merge(local.sink_settings, { DT_CHECKPOINT = local.checkpoint }) : {},
    )

    dynamic "secret_environment_variables" {
      for_each = local.scheduled_secrets[each.key]
      content {
        key        = secret_environment_variables.key
        project_id = var.project_id
        secret     = secret_environment_variables.value.secret
        version    = secret_environment_variables.value.version
      }
    }
  }

  # receive first: it must know a new secret before configure gives it to the connectors.
  depends_on = [google_cloudfunctions2_function.receive, time_sleep.scheduled]
}
