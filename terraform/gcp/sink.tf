# Where events go: a topic with a pull subscription, or a topic of the customer's own.

locals {
  makes_topic        = var.sink.kind == "pubsub" && var.sink.existing == null
  makes_subscription = local.makes_topic && var.subscription.enabled

  # Of the topic that receive and recover publish to; none where events go to URLs alone.
  topics = var.sink.kind == "none" ? [] : var.sink.existing != null ? [var.sink.existing] : [
    # Not its id: that is only known after it was made.
    "projects/${google_pubsub_topic.events[0].project}/topics/${google_pubsub_topic.events[0].name}",
  ]

  sinks       = concat([for t in local.topics : "gcp-pubsub://${t}"], var.sink.urls)
  dead_letter = "gcp-pubsub://projects/${google_pubsub_topic.dead_letter.project}/topics/${google_pubsub_topic.dead_letter.name}"

  # What both functions need that publish. A comma separates URLs.
  sink_settings = {
    DT_SINK        = join(",", [for s in local.sinks : replace(s, ",", "%2C")])
    DT_DEAD_LETTER = local.dead_letter
  }
}

resource "google_pubsub_topic" "events" {
  count = local.makes_topic ? 1 : 0

  project      = var.project_id
  name         = "${var.name}-events"
  kms_key_name = var.kms_key_name
  labels       = var.tags

  # Wherever it is published from, what it holds stays here.
  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_project_service.this]
}

resource "google_pubsub_subscription" "events" {
  count = local.makes_subscription ? 1 : 0

  project                    = var.project_id
  name                       = "${var.name}-events"
  topic                      = google_pubsub_topic.events[0].id
  ack_deadline_seconds       = var.subscription.ack_deadline_seconds
  message_retention_duration = "${var.subscription.retention_days * 86400}s"
  enable_message_ordering    = var.subscription.message_ordering
  labels                     = var.tags

  # For ever: otherwise a subscription that nobody uses for 31 days is gone.
  expiration_policy {
    ttl = ""
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.undelivered[0].id
    max_delivery_attempts = var.subscription.max_delivery_attempts
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }
}
