# Alarms on what Google measures by itself, and on lines of the log. None is on the metrics
# in metrics.tf: Cloud Monitoring refuses a policy on a metric that was made less than some
# ten minutes ago, so that the first apply would fail.

locals {
  receive_filter = join(" AND ", [
    "resource.type = \"cloud_run_revision\"",
    "resource.labels.location = \"${var.region}\"",
    "resource.labels.service_name = \"${google_cloudfunctions2_function.receive.name}\"",
  ])

  # Those that somebody has to take events from.
  event_subscriptions = concat(
    [for s in google_pubsub_subscription.events : s.name],
    [for s in google_pubsub_subscription.bigquery : s.name],
  )
  dead_letter_subscriptions = concat(
    [google_pubsub_subscription.dead_letter.name],
    [for s in google_pubsub_subscription.undelivered : s.name],
  )

  # Statuses are exact: 401 is the answer to a wrong signature, and to nothing else.
  metric_alarms = !var.alarms.enabled ? {} : merge({
    rejected = {
      title     = "signatures are rejected"
      severity  = "WARNING"
      filter    = "${local.receive_filter} AND metric.type = \"run.googleapis.com/request_count\" AND metric.labels.response_code = \"401\""
      aligner   = "ALIGN_DELTA"
      reducer   = "REDUCE_SUM"
      threshold = var.alarms.rejected - 1
      text      = "At least ${var.alarms.rejected} requests in five minutes had a wrong signature (outcome unauthorized): a secret that was changed on one side only, or somebody tries the endpoint. The reason is in the log lines of ${var.name}-receive."
    }
    slow = {
      title     = "answers are slow"
      severity  = "WARNING"
      filter    = "${local.receive_filter} AND metric.type = \"run.googleapis.com/request_latencies\""
      aligner   = "ALIGN_DELTA"
      reducer   = "REDUCE_PERCENTILE_99"
      threshold = var.alarms.slow_seconds * 1000
      text      = "One of a hundred answers takes longer than ${var.alarms.slow_seconds} s. DT gives up after 10 s and sends the event again: see whether the sink is slow, or set min_instances where it is the start."
    }
    undelivered = {
      title     = "dead letters are waiting"
      severity  = "ERROR"
      filter    = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = one_of(${join(", ", [for s in local.dead_letter_subscriptions : "\"${s}\""])}) AND metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\""
      aligner   = "ALIGN_MAX"
      reducer   = "REDUCE_SUM"
      threshold = 0
      text      = "There are messages in the subscriptions ${join(" and ", local.dead_letter_subscriptions)}: bodies that could not be read, or events that no subscriber has managed to handle. Look at them, and acknowledge them when they are dealt with."
    }
    }, length(local.event_subscriptions) == 0 ? {} : {
    old = {
      title     = "events wait for too long"
      severity  = "ERROR"
      filter    = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = one_of(${join(", ", [for s in local.event_subscriptions : "\"${s}\""])}) AND metric.type = \"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
      aligner   = "ALIGN_MAX"
      reducer   = "REDUCE_MAX"
      threshold = var.subscription.max_age_hours * 3600
      text      = "The oldest event in ${join(" or ", local.event_subscriptions)} has waited for more than ${var.subscription.max_age_hours} hours: nobody takes them, or not fast enough. They are lost after ${var.subscription.retention_days} days."
    }
  })

  log_alarms = !var.alarms.enabled ? {} : merge(
    {
      dead_lettered = {
        title    = "an event was dead-lettered"
        severity = "WARNING"
        filter   = "${local.event_line} AND jsonPayload.outcome=\"dead-lettered\""
        text     = "An authentic body could not be handled; it is in the subscription ${google_pubsub_subscription.dead_letter.name}. The reason is in the log line."
      }
      errors = {
        title    = "errors"
        severity = "ERROR"
        filter   = join(" OR ", concat(["(${local.our_lines} AND severity>=ERROR)"], local.job_failures))
        text     = "receive could not handle an event (outcome error or retry; DT sends it again for 12 hours), a scheduled function has failed, or an instance could not start. The log line says why."
      }
    },
    length(local.scheduled) == 0 ? {} : {
      inactive = {
        title    = "a connector is not active"
        severity = "ERROR"
        filter   = "${local.our_lines} AND ((jsonPayload.function=\"recover\" AND jsonPayload.report.status:* AND NOT jsonPayload.report.status=\"ACTIVE\") OR (jsonPayload.function=\"configure\" AND jsonPayload.report.differences.path=\"status\"))"
        text     = "recover or configure has found a connector that is not ACTIVE: DT has disabled it after days of failures, or a user has. The log line says which, and what was done."
      }
    },
  )

  # Calls that Cloud Scheduler could not make leave no line of the function.
  job_failures = length(local.scheduled) == 0 ? [] : [
    "(resource.type=\"cloud_scheduler_job\" AND resource.labels.location=\"${var.region}\" AND resource.labels.job_id=(${join(" OR ", [for f in keys(local.scheduled) : "\"${var.name}-${f}\""])}) AND severity>=ERROR)",
  ]

  no_events_text = "A connector is disabled, or does not reach the endpoint. See `dtfn connector get` and `metrics`, and the log of ${var.name}-receive."
}

resource "google_monitoring_alert_policy" "metric" {
  for_each = local.metric_alarms

  project               = var.project_id
  display_name          = "${var.name}: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels
  user_labels           = var.tags

  conditions {
    display_name = each.value.title

    condition_threshold {
      filter          = each.value.filter
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.threshold
      duration        = "0s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.reducer
      }

      trigger {
        count = 1
      }
    }
  }

  documentation {
    content   = each.value.text
    mime_type = "text/markdown"
  }

  lifecycle {
    precondition {
      condition     = alltrue([for c in var.alarms.notify : can(regex("^projects/[^/]+/notificationChannels/[0-9]+$", c))])
      error_message = "alarms.notify must be names of notification channels, projects/P/notificationChannels/N."
    }
  }
}

resource "google_monitoring_alert_policy" "log" {
  for_each = local.log_alarms

  project               = var.project_id
  display_name          = "${var.name}: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels
  user_labels           = var.tags

  conditions {
    display_name = each.value.title

    condition_matched_log {
      filter = each.value.filter
    }
  }

  alert_strategy {
    auto_close = "3600s"

    notification_rate_limit {
      period = "900s"
    }
  }

  documentation {
    content   = each.value.text
    mime_type = "text/markdown"
  }
}

# No event: fewer than one answer with 200, which is what every authentic event gets.
# Missing data is what this is about. A threshold sees it only where there was data before.
resource "google_monitoring_alert_policy" "no_events" {
  count = var.alarms.enabled ? 1 : 0

  project               = var.project_id
  display_name          = "${var.name}: no events"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels
  user_labels           = var.tags

  conditions {
    display_name = "fewer than one event in ${var.alarms.no_events_minutes} minutes"

    condition_threshold {
      filter                  = "${local.receive_filter} AND metric.type = \"run.googleapis.com/request_count\" AND metric.labels.response_code = \"200\""
      comparison              = "COMPARISON_LT"
      threshold_value         = 1
      duration                = "300s" # what is measured is there some minutes later
      evaluation_missing_data = "EVALUATION_MISSING_DATA_ACTIVE"

      aggregations {
        alignment_period     = "${var.alarms.no_events_minutes * 60}s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }

      trigger {
        count = 1
      }
    }
  }

  documentation {
    content   = "No event has come for ${var.alarms.no_events_minutes} minutes. ${local.no_events_text}"
    mime_type = "text/markdown"
  }
}

# The same where there never was an event, as after the first apply. A policy of its own:
# one with PromQL may have no other condition.
resource "google_monitoring_alert_policy" "nothing_measured" {
  count = var.alarms.enabled ? 1 : 0

  project               = var.project_id
  display_name          = "${var.name}: no events at all"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels
  user_labels           = var.tags

  conditions {
    display_name = "nothing measured in ${var.alarms.no_events_minutes} minutes"

    condition_prometheus_query_language {
      query                     = "absent_over_time(run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\",location=\"${var.region}\",service_name=\"${google_cloudfunctions2_function.receive.name}\",response_code=\"200\"}[${var.alarms.no_events_minutes}m])"
      duration                  = "300s"
      evaluation_interval       = "60s"
      disable_metric_validation = true
    }
  }

  documentation {
    content   = "For ${var.alarms.no_events_minutes} minutes nothing was measured of answers with 200. ${local.no_events_text}"
    mime_type = "text/markdown"
  }
}
