# A table of all events. The columns are those that Pub/Sub writes without a schema; data
# is JSON, so queries say data.data.event.data.temperature.value and the like.

resource "google_bigquery_dataset" "this" {
  count = var.bigquery.enabled ? 1 : 0

  project       = var.project_id
  dataset_id    = replace(var.name, "-", "_")
  location      = coalesce(var.bigquery.location, var.region)
  description   = "Events of ${var.name}."
  friendly_name = var.name
  labels        = var.tags

  dynamic "default_encryption_configuration" {
    for_each = var.kms_key_name[*]
    content {
      kms_key_name = default_encryption_configuration.value
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_bigquery_table" "events" {
  count = var.bigquery.enabled ? 1 : 0

  project             = var.project_id
  dataset_id          = google_bigquery_dataset.this[0].dataset_id
  table_id            = "events"
  description         = "Each event once or, seldom, several times; the same event has the same id in data."
  labels              = var.tags
  deletion_protection = var.bigquery.deletion_protection

  # Columns as "Properties of a BigQuery subscription" has them, with write_metadata.
  schema = jsonencode([
    { name = "subscription_name", type = "STRING", mode = "NULLABLE", description = "Subscription that wrote the row." },
    { name = "message_id", type = "STRING", mode = "NULLABLE", description = "Pub/Sub's id of the message." },
    { name = "publish_time", type = "TIMESTAMP", mode = "NULLABLE", description = "When the function published it." },
    { name = "data", type = "JSON", mode = "NULLABLE", description = "The event, as DT_ENCODING says." },
    { name = "attributes", type = "JSON", mode = "NULLABLE", description = "eventId, deviceId, eventType, deviceType, projectId, recovered." },
  ])

  time_partitioning {
    type          = "DAY"
    field         = "publish_time"
    expiration_ms = var.bigquery.expiration_days == null ? null : var.bigquery.expiration_days * 86400000
  }

  dynamic "encryption_configuration" {
    for_each = var.kms_key_name[*]
    content {
      kms_key_name = encryption_configuration.value
    }
  }
}

resource "google_bigquery_table_iam_member" "pubsub" {
  count = var.bigquery.enabled ? 1 : 0

  project    = var.project_id
  dataset_id = google_bigquery_table.events[0].dataset_id
  table_id   = google_bigquery_table.events[0].table_id
  role       = "roles/bigquery.dataEditor"
  member     = local.pubsub_agent
}

resource "google_pubsub_subscription" "bigquery" {
  count = var.bigquery.enabled ? 1 : 0

  project                    = var.project_id
  name                       = "${var.name}-bigquery"
  topic                      = local.topics[0]
  message_retention_duration = "${var.subscription.retention_days * 86400}s"
  labels                     = var.tags

  bigquery_config {
    table          = "${google_bigquery_table.events[0].project}.${google_bigquery_table.events[0].dataset_id}.${google_bigquery_table.events[0].table_id}"
    write_metadata = true
  }

  expiration_policy {
    ttl = ""
  }

  # What is not JSON cannot be written.
  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.undelivered[0].id
    max_delivery_attempts = var.subscription.max_delivery_attempts
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  # Pub/Sub refuses a subscription to a table that it may not write.
  depends_on = [time_sleep.bigquery]
}
