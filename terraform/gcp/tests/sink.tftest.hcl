# Each kind of sink.

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
  project_id = "plant-7-iot"
  region     = "europe-north1"
  archive    = "./tests/source/before.zip"

  # Terraform 1.11 cannot apply a test that leaves an ephemeral variable out; the examples
  # do so.
  signature_secret       = "planted-signature-0123456789abcdef"
  service_account_secret = "planted-api-0123456789"
}

run "topic" {
  command = apply

  assert {
    condition     = output.sinks == ["gcp-pubsub://projects/plant-7-iot/topics/dt-functions-events"] && output.dead_letter == "gcp-pubsub://projects/plant-7-iot/topics/dt-functions-dead-letter" && output.topic == "projects/plant-7-iot/topics/dt-functions-events" && output.subscription == "projects/plant-7-iot/subscriptions/dt-functions-events" && output.table == null
    error_message = "By default events go to a topic that is made, and dead letters to another."
  }
  assert {
    condition     = google_pubsub_subscription.events[0].message_retention_duration == "604800s" && google_pubsub_subscription.events[0].ack_deadline_seconds == 60 && !google_pubsub_subscription.events[0].enable_message_ordering && google_pubsub_subscription.events[0].expiration_policy[0].ttl == ""
    error_message = "The subscription keeps events for a week, and itself for ever."
  }
  assert {
    condition     = google_pubsub_subscription.events[0].dead_letter_policy[0].dead_letter_topic == google_pubsub_topic.undelivered[0].id && google_pubsub_subscription.events[0].dead_letter_policy[0].max_delivery_attempts == 10
    error_message = "What cannot be delivered goes to a topic of its own."
  }
  assert {
    condition     = google_pubsub_topic_iam_member.undelivered[0].role == "roles/pubsub.publisher" && google_pubsub_topic_iam_member.undelivered[0].topic == "dt-functions-undelivered" && google_pubsub_topic_iam_member.undelivered[0].member == "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"
    error_message = "Pub/Sub's service agent may publish what cannot be delivered."
  }
  assert {
    condition     = google_pubsub_subscription_iam_member.events[0].role == "roles/pubsub.subscriber" && google_pubsub_subscription_iam_member.events[0].subscription == "dt-functions-events" && google_pubsub_subscription_iam_member.events[0].member == "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"
    error_message = "Pub/Sub's service agent may take it from the subscription."
  }
  assert {
    condition     = google_pubsub_subscription.undelivered[0].message_retention_duration == "2678400s" && google_pubsub_subscription.dead_letter.message_retention_duration == "2678400s" && google_pubsub_subscription.undelivered[0].expiration_policy[0].ttl == "" && google_pubsub_subscription.dead_letter.expiration_policy[0].ttl == ""
    error_message = "Dead letters are kept as long as Pub/Sub can."
  }
  assert {
    condition     = alltrue([for t in concat([google_pubsub_topic.dead_letter], google_pubsub_topic.events, google_pubsub_topic.undelivered) : t.message_storage_policy[0].allowed_persistence_regions == toset(["europe-north1"])])
    error_message = "Events must stay in the region."
  }
}

run "again" {
  command = plan
}

run "ordering" {
  command = plan

  variables {
    subscription = { message_ordering = true, ack_deadline_seconds = 600, retention_days = 31, max_delivery_attempts = 100 }
  }

  assert {
    condition     = google_pubsub_subscription.events[0].enable_message_ordering && google_pubsub_subscription.events[0].ack_deadline_seconds == 600 && google_pubsub_subscription.events[0].message_retention_duration == "2678400s" && google_pubsub_subscription.events[0].dead_letter_policy[0].max_delivery_attempts == 100
    error_message = "The subscription's settings must arrive."
  }
}

run "least" {
  command = plan

  variables {
    subscription = { ack_deadline_seconds = 10, retention_days = 1, max_delivery_attempts = 5, max_age_hours = 1 }
  }

  assert {
    condition     = google_pubsub_subscription.events[0].ack_deadline_seconds == 10 && google_pubsub_subscription.events[0].message_retention_duration == "86400s" && google_pubsub_subscription.events[0].dead_letter_policy[0].max_delivery_attempts == 5
    error_message = "The smallest settings that Pub/Sub takes must be taken."
  }
}

run "table_alone" {
  command = apply

  variables {
    subscription = { enabled = false, retention_days = 14 }
    bigquery     = { enabled = true }
  }

  assert {
    condition     = length(google_pubsub_topic.events) == 1 && length(google_pubsub_subscription.events) == 0 && length(google_pubsub_subscription_iam_member.events) == 0 && output.subscription == null && output.topic == "projects/plant-7-iot/topics/dt-functions-events"
    error_message = "A topic may have the table's subscription alone."
  }
  assert {
    condition     = length(google_pubsub_topic.undelivered) == 1 && google_pubsub_subscription.bigquery[0].topic == "projects/plant-7-iot/topics/dt-functions-events" && google_pubsub_subscription.bigquery[0].message_retention_duration == "1209600s" && strcontains(google_monitoring_alert_policy.metric["old"].conditions[0].condition_threshold[0].filter, "one_of(\"dt-functions-bigquery\")")
    error_message = "What cannot be written to the table must be kept and alarmed on."
  }
}

run "topic_alone" {
  command = plan

  variables {
    subscription = { enabled = false }
  }

  assert {
    condition     = length(google_pubsub_topic.events) == 1 && length(google_pubsub_subscription.events) == 0 && length(google_pubsub_topic.undelivered) == 0 && !contains(keys(google_monitoring_alert_policy.metric), "old")
    error_message = "Subscriptions of your own are yours to look after."
  }
}

run "existing" {
  command = apply

  variables {
    sink = { existing = "projects/other-project-3/topics/sensor.events" }
  }

  assert {
    condition     = output.sinks == ["gcp-pubsub://projects/other-project-3/topics/sensor.events"] && output.topic == "projects/other-project-3/topics/sensor.events" && output.subscription == null
    error_message = "Events must go to the topic that there is."
  }
  assert {
    condition     = length(google_pubsub_topic.events) == 0 && length(google_pubsub_subscription.events) == 0 && length(google_pubsub_topic.undelivered) == 0 && length(google_pubsub_subscription.undelivered) == 0
    error_message = "Nothing is made for a topic that there is."
  }
  assert {
    condition     = google_pubsub_topic_iam_member.receive[0].project == "other-project-3" && google_pubsub_topic_iam_member.receive[0].topic == "sensor.events" && google_pubsub_topic_iam_member.receive[0].role == "roles/pubsub.publisher"
    error_message = "receive may publish to the topic that there is."
  }
}

run "urls_alone" {
  command = apply

  variables {
    sink = { kind = "none", urls = ["https://a.example.com/events", "https://b.example.com/x,y"] }
  }

  assert {
    condition     = length(google_pubsub_topic.events) == 0 && length(google_pubsub_topic_iam_member.receive) == 0 && output.topic == null && output.sinks == ["https://a.example.com/events", "https://b.example.com/x,y"]
    error_message = "With kind none events go to URLs alone."
  }
  assert {
    condition     = google_cloudfunctions2_function.receive.service_config[0].environment_variables["DT_SINK"] == "https://a.example.com/events,https://b.example.com/x%2Cy"
    error_message = "A comma in a URL must not separate sinks."
  }
  assert {
    condition     = google_secret_manager_secret_iam_member.receive_forward[0].secret_id == "dt-functions-forward" && google_secret_manager_secret_iam_member.receive_forward[0].role == "roles/secretmanager.secretAccessor"
    error_message = "receive may read the secret to forward with."
  }
}

run "bigquery" {
  command = apply

  variables {
    bigquery = { enabled = true, location = "EU", expiration_days = 730, deletion_protection = false }
  }

  assert {
    condition     = google_pubsub_subscription.bigquery[0].bigquery_config[0].table == "plant-7-iot.dt_functions.events" && google_pubsub_subscription.bigquery[0].bigquery_config[0].write_metadata && output.table == "plant-7-iot.dt_functions.events"
    error_message = "The subscription must fill the table."
  }
  assert {
    condition     = { for c in jsondecode(google_bigquery_table.events[0].schema) : c.name => c.type } == { subscription_name = "STRING", message_id = "STRING", publish_time = "TIMESTAMP", data = "JSON", attributes = "JSON" }
    error_message = "The table must have the columns that Pub/Sub writes."
  }
  assert {
    condition     = google_bigquery_table.events[0].time_partitioning[0].expiration_ms == 63072000000 && !google_bigquery_table.events[0].deletion_protection && google_bigquery_dataset.this[0].location == "EU"
    error_message = "The table's settings must arrive."
  }
  assert {
    condition     = google_bigquery_table_iam_member.pubsub[0].role == "roles/bigquery.dataEditor" && google_bigquery_table_iam_member.pubsub[0].table_id == "events" && google_bigquery_table_iam_member.pubsub[0].member == "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"
    error_message = "Pub/Sub's service agent may write to this table."
  }
  assert {
    condition     = google_pubsub_subscription_iam_member.bigquery[0].subscription == "dt-functions-bigquery" && google_pubsub_subscription_iam_member.bigquery[0].role == "roles/pubsub.subscriber"
    error_message = "Pub/Sub's service agent may take what cannot be written from the subscription."
  }
  assert {
    condition     = contains(keys(google_project_service.this), "bigquery.googleapis.com")
    error_message = "BigQuery's API must be enabled."
  }
}

run "bigquery_of_existing" {
  command = plan

  variables {
    sink     = { existing = "projects/plant-7-iot/topics/sensor.events" }
    bigquery = { enabled = true }
  }

  assert {
    condition     = google_pubsub_subscription.bigquery[0].topic == "projects/plant-7-iot/topics/sensor.events" && length(google_pubsub_topic.undelivered) == 1 && google_bigquery_dataset.this[0].location == "europe-north1" && google_bigquery_table.events[0].deletion_protection
    error_message = "A topic that there is can fill a table too."
  }
}

run "own_key" {
  command = plan

  variables {
    kms_key_name           = "projects/plant-7-iot/locations/europe-north1/keyRings/iot/cryptoKeys/events"
    bigquery               = { enabled = true }
    sink                   = { urls = ["https://example.com/events"] }
    log_retention_days     = 365
    connectors             = ["projects/p1/dataconnectors/c1"]
    service_account        = { key_id = "abcdefgh12345678", email = "sa@example.com" }
    service_account_secret = "planted-api-0123456789"
  }

  assert {
    condition     = alltrue([for t in concat([google_pubsub_topic.dead_letter], google_pubsub_topic.events, google_pubsub_topic.undelivered) : t.kms_key_name == var.kms_key_name])
    error_message = "Topics must have the key."
  }
  assert {
    condition     = alltrue([for b in concat([google_storage_bucket.source], google_storage_bucket.checkpoints, google_storage_bucket.logs) : b.encryption[0].default_kms_key_name == var.kms_key_name])
    error_message = "Buckets must have the key."
  }
  assert {
    condition     = alltrue([for s in concat([google_secret_manager_secret.signature], google_secret_manager_secret.forward, google_secret_manager_secret.service_account) : s.replication[0].user_managed[0].replicas[0].customer_managed_encryption[0].kms_key_name == var.kms_key_name])
    error_message = "Secrets must have the key."
  }
  assert {
    condition     = google_artifact_registry_repository.this.kms_key_name == var.kms_key_name && google_cloudfunctions2_function.receive.kms_key_name == var.kms_key_name && alltrue([for f in google_cloudfunctions2_function.scheduled : f.kms_key_name == var.kms_key_name])
    error_message = "Images and functions must have the key."
  }
  assert {
    condition     = google_bigquery_dataset.this[0].location == "europe-north1" && google_bigquery_dataset.this[0].default_encryption_configuration[0].kms_key_name == var.kms_key_name && google_bigquery_table.events[0].encryption_configuration[0].kms_key_name == var.kms_key_name
    error_message = "The table must have the key."
  }
}
