# Events that a subscriber has not managed to handle: the subscriptions' dead-letter topic.

locals {
  undelivered = local.makes_subscription || var.bigquery.enabled
}

resource "google_pubsub_topic" "undelivered" {
  count = local.undelivered ? 1 : 0

  project      = var.project_id
  name         = "${var.name}-undelivered"
  kms_key_name = var.kms_key_name
  labels       = var.tags

  # Wherever it is published from, what it holds stays here.
  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_project_service.this]
}

resource "google_pubsub_subscription" "undelivered" {
  count = local.undelivered ? 1 : 0

  project                    = var.project_id
  name                       = "${var.name}-undelivered"
  topic                      = google_pubsub_topic.undelivered[0].id
  ack_deadline_seconds       = 60
  message_retention_duration = "2678400s" # 31 days, the longest there is
  labels                     = var.tags

  expiration_policy {
    ttl = ""
  }
}

# Pub/Sub itself moves the events, so its service agent may publish to the dead-letter
# topic and acknowledge on each subscription.
resource "google_pubsub_topic_iam_member" "undelivered" {
  count = local.undelivered ? 1 : 0

  project = var.project_id
  topic   = google_pubsub_topic.undelivered[0].name
  role    = "roles/pubsub.publisher"
  member  = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "events" {
  count = local.makes_subscription ? 1 : 0

  project      = var.project_id
  subscription = google_pubsub_subscription.events[0].name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "bigquery" {
  count = var.bigquery.enabled ? 1 : 0

  project      = var.project_id
  subscription = google_pubsub_subscription.bigquery[0].name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}
