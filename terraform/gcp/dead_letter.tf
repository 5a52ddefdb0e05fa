# Authentic bodies that cannot be read, or are too large for the sink (DT_DEAD_LETTER).

resource "google_pubsub_topic" "dead_letter" {
  project      = var.project_id
  name         = "${var.name}-dead-letter"
  kms_key_name = var.kms_key_name
  labels       = var.tags

  # Wherever it is published from, what it holds stays here.
  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  lifecycle {
    precondition {
      condition     = !startswith(var.name, "goog")
      error_message = "name must not begin with goog: Pub/Sub refuses such topics."
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_pubsub_subscription" "dead_letter" {
  project                    = var.project_id
  name                       = "${var.name}-dead-letter"
  topic                      = google_pubsub_topic.dead_letter.id
  ack_deadline_seconds       = 60
  message_retention_duration = "2678400s" # 31 days, the longest there is
  labels                     = var.tags

  expiration_policy {
    ttl = ""
  }
}
