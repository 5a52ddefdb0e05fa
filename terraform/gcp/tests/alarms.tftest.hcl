# Alarms, metrics, the dashboard, logs and the budget.

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
  connectors             = ["projects/p1/dataconnectors/c1"]
  service_account        = { key_id = "abcdefgh12345678", email = "sa@example.com" }
  service_account_secret = "planted-api-0123456789"

  # Terraform 1.11 cannot apply a test that leaves an ephemeral variable out; the examples
  # do so.
  signature_secret = "planted-signature-0123456789abcdef"
}

run "all" {
  command = apply

  variables {
    alarms = {
      emails            = ["ops@example.com"]
      notify            = ["projects/plant-7-iot/notificationChannels/42"]
      no_events_minutes = 1440
      rejected          = 10
      slow_seconds      = 3
    }
  }

  assert {
    condition     = keys(google_monitoring_alert_policy.metric) == ["old", "rejected", "slow", "undelivered"] && keys(google_monitoring_alert_policy.log) == ["dead_lettered", "errors", "inactive"] && length(google_monitoring_alert_policy.no_events) == 1 && length(google_monitoring_alert_policy.nothing_measured) == 1
    error_message = "There must be an alarm for each thing that goes wrong."
  }
  assert {
    condition     = alltrue([for p in concat(values(google_monitoring_alert_policy.metric), values(google_monitoring_alert_policy.log), google_monitoring_alert_policy.no_events, google_monitoring_alert_policy.nothing_measured) : p.notification_channels == tolist(["projects/plant-7-iot/notificationChannels/1234567890123456789", "projects/plant-7-iot/notificationChannels/42"])])
    error_message = "Everyone must be told of every alarm."
  }
  assert {
    condition     = google_monitoring_notification_channel.email["ops@example.com"].type == "email" && google_monitoring_notification_channel.email["ops@example.com"].labels["email_address"] == "ops@example.com"
    error_message = "E-mail addresses must have a channel."
  }
  assert {
    condition = (
      google_monitoring_alert_policy.no_events[0].conditions[0].condition_threshold[0].evaluation_missing_data == "EVALUATION_MISSING_DATA_ACTIVE" &&
      google_monitoring_alert_policy.no_events[0].conditions[0].condition_threshold[0].aggregations[0].alignment_period == "86400s" &&
      google_monitoring_alert_policy.no_events[0].conditions[0].condition_threshold[0].threshold_value == 1 &&
      google_monitoring_alert_policy.nothing_measured[0].conditions[0].condition_prometheus_query_language[0].query == "absent_over_time(run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\",location=\"europe-north1\",service_name=\"dt-functions-receive\",response_code=\"200\"}[1440m])"
    )
    error_message = "Missing data must count as no events, also where there never was any."
  }
  assert {
    condition     = alltrue([for p in google_monitoring_alert_policy.metric : coalesce(p.conditions[0].condition_threshold[0].evaluation_missing_data, "none") == "none"])
    error_message = "Missing data must not count for any other alarm."
  }
  assert {
    condition     = length(google_monitoring_alert_policy.nothing_measured[0].conditions) == 1 && length(google_monitoring_alert_policy.no_events[0].conditions) == 1
    error_message = "A policy with PromQL may have no other condition."
  }
  assert {
    condition     = google_monitoring_alert_policy.metric["old"].conditions[0].condition_threshold[0].threshold_value == 86400 && strcontains(google_monitoring_alert_policy.metric["old"].conditions[0].condition_threshold[0].filter, "one_of(\"dt-functions-events\")")
    error_message = "Events that nobody takes for a day must be alarmed on."
  }
  assert {
    condition     = alltrue([for p in concat(values(google_monitoring_alert_policy.metric), values(google_monitoring_alert_policy.log), google_monitoring_alert_policy.no_events, google_monitoring_alert_policy.nothing_measured) : contains(["CRITICAL", "ERROR", "WARNING"], p.severity) && p.combiner == "OR" && length(p.documentation[0].content) > 80])
    error_message = "Every alarm must say how bad it is, and what to do."
  }
  assert {
    condition     = google_monitoring_alert_policy.metric["rejected"].conditions[0].condition_threshold[0].threshold_value == 9 && strcontains(google_monitoring_alert_policy.metric["rejected"].conditions[0].condition_threshold[0].filter, "response_code = \"401\"")
    error_message = "The tenth refused signature in five minutes must be alarmed on."
  }
  assert {
    condition     = google_monitoring_alert_policy.metric["slow"].conditions[0].condition_threshold[0].threshold_value == 3000 && google_monitoring_alert_policy.metric["slow"].conditions[0].condition_threshold[0].aggregations[0].cross_series_reducer == "REDUCE_PERCENTILE_99"
    error_message = "One of a hundred answers that takes longer than 3 seconds must be alarmed on."
  }
  assert {
    condition     = google_monitoring_alert_policy.metric["undelivered"].conditions[0].condition_threshold[0].threshold_value == 0 && strcontains(google_monitoring_alert_policy.metric["undelivered"].conditions[0].condition_threshold[0].filter, "one_of(\"dt-functions-dead-letter\", \"dt-functions-undelivered\")")
    error_message = "The first message in either dead-letter subscription must be alarmed on."
  }
  assert {
    condition     = strcontains(google_monitoring_alert_policy.log["dead_lettered"].conditions[0].condition_matched_log[0].filter, "jsonPayload.outcome=\"dead-lettered\"") && strcontains(google_monitoring_alert_policy.log["dead_lettered"].conditions[0].condition_matched_log[0].filter, "resource.labels.service_name=\"dt-functions-receive\"")
    error_message = "A line of a dead letter must be alarmed on."
  }
  assert {
    condition     = alltrue([for part in ["severity>=ERROR", "\"dt-functions-receive\"", "\"dt-functions-configure\"", "\"dt-functions-recover\"", "cloud_scheduler_job"] : strcontains(google_monitoring_alert_policy.log["errors"].conditions[0].condition_matched_log[0].filter, part)])
    error_message = "Errors of all functions, and calls that fail, must be alarmed on."
  }
  assert {
    condition     = strcontains(google_monitoring_alert_policy.log["inactive"].conditions[0].condition_matched_log[0].filter, "NOT jsonPayload.report.status=\"ACTIVE\"")
    error_message = "A connector that is not ACTIVE must be alarmed on."
  }
  assert {
    condition     = alltrue([for p in google_monitoring_alert_policy.log : length(p.conditions) == 1 && length(p.alert_strategy[0].notification_rate_limit) == 1])
    error_message = "An alarm on lines of the log must have one condition and a rate limit."
  }
}

run "again" {
  command = plan

  variables {
    alarms = {
      emails            = ["ops@example.com"]
      notify            = ["projects/plant-7-iot/notificationChannels/42"]
      no_events_minutes = 1440
      rejected          = 10
      slow_seconds      = 3
    }
  }
}

run "off" {
  command = plan

  variables {
    alarms = { enabled = false, emails = ["ops@example.com"] }
  }

  assert {
    condition     = length(google_monitoring_alert_policy.metric) == 0 && length(google_monitoring_alert_policy.log) == 0 && length(google_monitoring_alert_policy.no_events) == 0 && length(google_monitoring_alert_policy.nothing_measured) == 0 && length(google_monitoring_notification_channel.email) == 0
    error_message = "Alarms that are off must not be made."
  }
}

run "of_receive_alone" {
  command = plan

  variables {
    connectors = []
  }

  assert {
    condition     = keys(google_monitoring_alert_policy.log) == ["dead_lettered", "errors"] && !strcontains(google_monitoring_alert_policy.log["errors"].conditions[0].condition_matched_log[0].filter, "cloud_scheduler_job")
    error_message = "Without scheduled functions nobody looks at the connectors."
  }
}

run "metrics" {
  command = plan

  assert {
    condition     = strcontains(google_logging_metric.events.filter, "resource.labels.service_name=\"dt-functions-receive\"") && strcontains(google_logging_metric.events.filter, "jsonPayload.message=\"event\"") && google_logging_metric.events.label_extractors["outcome"] == "EXTRACT(jsonPayload.outcome)"
    error_message = "Events must be counted by outcome."
  }
  assert {
    condition     = google_logging_metric.events.metric_descriptor[0].value_type == "INT64" && { for l in google_logging_metric.events.metric_descriptor[0].labels : l.key => l.value_type } == { outcome = "STRING", reason = "STRING" }
    error_message = "Each label that is taken from a line must be declared."
  }
  assert {
    condition     = google_logging_metric.latency.metric_descriptor[0].value_type == "DISTRIBUTION" && google_logging_metric.latency.metric_descriptor[0].metric_kind == "DELTA" && google_logging_metric.latency.value_extractor == "EXTRACT(jsonPayload.latencyMs)"
    error_message = "Latency must be a distribution."
  }
  assert {
    condition     = length(jsondecode(google_monitoring_dashboard.this[0].dashboard_json).mosaicLayout.tiles) == 8 && alltrue([for t in jsondecode(google_monitoring_dashboard.this[0].dashboard_json).mosaicLayout.tiles : try(t.xPos, 0) + t.width <= 48])
    error_message = "The dashboard must have eight charts, side by side."
  }
  assert {
    condition     = !can(regex(":0[,}]|\\[\\]|null", google_monitoring_dashboard.this[0].dashboard_json))
    error_message = "What is zero or empty must be left out of the dashboard: Cloud Monitoring does not give it back, and every plan would add it again."
  }
  assert {
    condition     = length(distinct([for t in jsondecode(google_monitoring_dashboard.this[0].dashboard_json).mosaicLayout.tiles : "${try(t.xPos, 0)} ${try(t.yPos, 0)}"])) == 8
    error_message = "No chart may lie on another."
  }
}

run "no_dashboard" {
  command = plan

  variables {
    dashboard = false
  }

  assert {
    condition     = length(google_monitoring_dashboard.this) == 0
    error_message = "dashboard = false must make none."
  }
}

run "of_a_topic_of_your_own" {
  command = plan

  variables {
    sink = { existing = "projects/plant-7-iot/topics/sensor.events" }
  }

  assert {
    condition     = keys(google_monitoring_alert_policy.metric) == ["rejected", "slow", "undelivered"] && strcontains(google_monitoring_alert_policy.metric["undelivered"].conditions[0].condition_threshold[0].filter, "one_of(\"dt-functions-dead-letter\")")
    error_message = "Who takes events from a topic of your own is not looked at here."
  }
}

run "of_a_table" {
  command = plan

  variables {
    bigquery     = { enabled = true }
    subscription = { max_age_hours = 2 }
  }

  assert {
    condition     = google_monitoring_alert_policy.metric["old"].conditions[0].condition_threshold[0].threshold_value == 7200 && strcontains(google_monitoring_alert_policy.metric["old"].conditions[0].condition_threshold[0].filter, "one_of(\"dt-functions-events\", \"dt-functions-bigquery\")")
    error_message = "Events that cannot be written to the table must be alarmed on too."
  }
}

run "logs_as_usual" {
  command = plan

  assert {
    condition     = length(google_logging_project_sink.logs) == 0 && length(google_storage_bucket.logs) == 0
    error_message = "Cloud Logging itself keeps logs for 30 days."
  }
}

run "logs_for_longer" {
  command = apply

  variables {
    log_retention_days = 365
  }

  assert {
    condition     = one(google_storage_bucket.logs[0].lifecycle_rule[0].condition).age == 365 && one(google_storage_bucket.logs[0].lifecycle_rule[0].action).type == "Delete" && google_storage_bucket.logs[0].public_access_prevention == "enforced"
    error_message = "Logs must be kept for as long as was said, and not be public."
  }
  assert {
    condition     = google_logging_project_sink.logs[0].destination == "storage.googleapis.com/plant-7-iot-dt-functions-logs" && google_logging_project_sink.logs[0].unique_writer_identity && google_storage_bucket_iam_member.logs[0].role == "roles/storage.objectCreator" && google_storage_bucket_iam_member.logs[0].member == google_logging_project_sink.logs[0].writer_identity
    error_message = "Cloud Logging may write to the bucket, and no more."
  }
}

run "budget" {
  command = apply

  variables {
    alarms = { emails = ["ops@example.com"] }
    budget = { billing_account = "012345-6789AB-CDEF01", amount = 50, currency = "EUR" }
  }

  assert {
    condition     = google_billing_budget.this[0].amount[0].specified_amount[0].units == "50" && google_billing_budget.this[0].budget_filter[0].projects == toset(["projects/123456789012"]) && [for r in google_billing_budget.this[0].threshold_rules : r.threshold_percent] == [0.5, 0.9, 1]
    error_message = "The budget must be the project's."
  }
  assert {
    condition     = google_billing_budget.this[0].all_updates_rule[0].monitoring_notification_channels == tolist(["projects/plant-7-iot/notificationChannels/1234567890123456789"])
    error_message = "Those who are told of alarms must be told of costs."
  }
}

run "budget_without_anybody" {
  command = plan

  variables {
    budget = { billing_account = "012345-6789AB-CDEF01", amount = 50 }
  }

  assert {
    condition     = length(google_billing_budget.this[0].all_updates_rule) == 0 && google_billing_budget.this[0].display_name == "plant-7-iot dt-functions"
    error_message = "Without anybody to tell, those of the billing account are told."
  }
}

run "budget_of_many" {
  command = plan

  variables {
    alarms = { notify = [for i in range(7) : "projects/plant-7-iot/notificationChannels/${i}"] }
    budget = { billing_account = "012345-6789AB-CDEF01", amount = 50 }
  }

  assert {
    condition     = length(google_billing_budget.this[0].all_updates_rule[0].monitoring_notification_channels) == 5 && contains(keys(google_project_service.this), "billingbudgets.googleapis.com")
    error_message = "A budget tells five channels at most."
  }
}

run "no_budget" {
  command = plan

  assert {
    condition     = length(google_billing_budget.this) == 0
    error_message = "Without a budget none is made."
  }
}
