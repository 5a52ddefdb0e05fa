# The function that Data Connectors post to: the only thing that is public.

locals {
  receive_account = lookup(var.service_accounts, "receive", one(google_service_account.receive[*].email))

  # By variable: the secret and its version.
  receive_secrets = merge(
    {
      DT_SIGNATURE_SECRET = {
        secret  = google_secret_manager_secret.signature.secret_id
        version = google_secret_manager_secret_version.signature.version
      }
    },
    var.signature_secret_previous_version == null ? {} : {
      DT_SIGNATURE_SECRET_PREVIOUS = {
        secret  = google_secret_manager_secret.signature.secret_id
        version = tostring(var.signature_secret_previous_version)
      }
    },
    { for s in google_secret_manager_secret_version.forward : "DT_FORWARD_SECRET" => {
      secret  = google_secret_manager_secret.forward[0].secret_id
      version = s.version
    } },
  )
}

resource "google_service_account" "receive" {
  count = contains(keys(var.service_accounts), "receive") ? 0 : 1

  project      = var.project_id
  account_id   = "${var.name}-receive"
  display_name = "${var.name}: receives events"

  depends_on = [google_project_service.this]
}

resource "google_pubsub_topic_iam_member" "receive" {
  count = var.sink.kind == "pubsub" ? 1 : 0

  project = split("/", local.topics[0])[1]
  topic   = split("/", local.topics[0])[3]
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:${local.receive_account}"
}

resource "google_pubsub_topic_iam_member" "receive_dead_letter" {
  project = google_pubsub_topic.dead_letter.project
  topic   = google_pubsub_topic.dead_letter.name
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:${local.receive_account}"
}

resource "google_secret_manager_secret_iam_member" "receive_signature" {
  project   = var.project_id
  secret_id = google_secret_manager_secret.signature.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${local.receive_account}"
}

resource "google_secret_manager_secret_iam_member" "receive_forward" {
  count = local.forwarding ? 1 : 0

  project   = var.project_id
  secret_id = google_secret_manager_secret.forward[0].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${local.receive_account}"
}

resource "google_cloudfunctions2_function" "receive" {
  project      = var.project_id
  location     = var.region
  name         = "${var.name}-receive"
  description  = "Receives the events of DT Data Connectors."
  kms_key_name = var.kms_key_name
  labels       = var.tags

  build_config {
    runtime               = "go126"
    entry_point           = "Receive"
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
    service_account_email          = local.receive_account
    ingress_settings               = "ALLOW_ALL"
    all_traffic_on_latest_revision = true
    # The function gives up after 8 seconds, and DT after 10.
    timeout_seconds                  = 15
    available_memory                 = "256Mi"
    available_cpu                    = "1" # the least for several requests at a time
    max_instance_request_concurrency = 80
    min_instance_count               = var.min_instances
    max_instance_count               = var.max_instances

    environment_variables = merge(local.receive_settings, local.sink_settings, {
      GOOGLE_CLOUD_PROJECT = var.project_id
    })

    dynamic "secret_environment_variables" {
      for_each = local.receive_secrets
      content {
        key        = secret_environment_variables.key
        project_id = var.project_id
        secret     = secret_environment_variables.value.secret
        version    = secret_environment_variables.value.version
      }
    }
  }

  depends_on = [time_sleep.receive]
}

# Everyone may call it: the signature decides.
resource "google_cloud_run_v2_service_iam_member" "receive" {
  project  = google_cloudfunctions2_function.receive.project
  location = google_cloudfunctions2_function.receive.location
  name     = google_cloudfunctions2_function.receive.name
  role     = "roles/run.invoker"
  member   = "allUsers"
}
