# What somebody should know. Alarms are made of the lines that the program logs, in IBM
# Cloud Logs; who is told is in notify.tf.

locals {
  # Windows that an alarm can have. There is none of 180 minutes: the next longer one.
  alarm_windows = {
    5   = "minutes_5_or_unspecified", 10 = "minutes_10", 15 = "minutes_15", 30 = "minutes_30", 60 = "hour_1", 120 = "hours_2",
    180 = "hours_4", 360 = "hours_6", 720 = "hours_12", 1440 = "hours_24"
  }

  alarm_defaults = { condition = "more_than_or_unspecified", threshold = 0, minutes = 5, priority = "p2" }

  # Those of receive: one line an event.
  event_alarms = {
    no-events = {
      about     = "No event has come for ${var.alarms.no_events_minutes} minutes: see the connector, and the log of ${local.receive}."
      query     = "message.msg:\"event\" AND message.outcome:(\"accepted\" OR \"filtered\" OR \"duplicate\")"
      condition = "less_than", threshold = 1, minutes = var.alarms.no_events_minutes
    }
    rejected = {
      about     = "Requests are refused: a wrong signature secret, or somebody is guessing. The log of ${local.receive} says which."
      query     = "message.msg:\"event\" AND message.outcome:\"unauthorized\""
      threshold = var.alarms.rejected - 1, priority = "p3"
    }
    retry = {
      about    = "Events could not be stored, and DT is to send them again: see Event Streams, and the log of ${local.receive}."
      query    = "message.msg:\"event\" AND message.outcome:\"retry\""
      priority = "p1"
    }
    error = {
      about    = "Requests could not be handled: see the log of ${local.receive}."
      query    = "message.msg:\"event\" AND message.outcome:\"error\""
      priority = "p1"
    }
    dead-lettered = {
      about = "Events could not be decoded, or are too large, and went to the topic ${local.dead_letter_topic}: look at them, they are kept for 30 days."
      query = "message.msg:\"event\" AND message.outcome:\"dead-lettered\""
    }
    slow = {
      about     = "Answers take more than ${var.alarms.slow_seconds} s; DT gives up after 10 s."
      query     = "message.msg:\"event\" AND message.latencyMs.numeric:[${var.alarms.slow_seconds * 1000} TO *]"
      threshold = 1, minutes = 15
    }
  }

  # Those of the functions that work on connectors: one line a connector and run.
  job_alarms = { for k, a in {
    failed = {
      about = "sync, configure or recover has failed with a connector: see the log of ${local.schedules}."
      query = "message.function:(\"sync\" OR \"configure\" OR \"recover\") AND message.level:\"ERROR\""
    }
    connector = {
      about = "A connector was found disabled. recover enables it unless a user has disabled it; see its log."
      query = "message.function:\"recover\" AND message.report.status:(\"SYSTEM_DISABLED\" OR \"USER_DISABLED\")"
    }
  } : k => a if local.has_connectors }

  # An app that keeps the time can stop without a line. It is looked for where recover runs
  # each hour or more often.
  schedule_alarms = { for k, a in {
    not-run = {
      about     = "recover has not run for two hours: see the app ${local.schedules}."
      query     = "message.function:\"recover\""
      condition = "less_than", threshold = 1, minutes = 120
    }
  } : k => a if can(regex("^[^ ]+ [*] [*] [*] [*]$", local.scheduled.recover)) }

  alarms = { for k, a in merge(local.event_alarms, local.job_alarms, local.schedule_alarms) : k => merge(local.alarm_defaults, a) if var.alarms.enabled }
}

resource "ibm_logs_alert_definition" "this" {
  for_each = local.alarms

  instance_id   = local.logs_guid
  region        = var.region
  name          = "${var.name}-${each.key}"
  description   = each.value.about
  enabled       = true
  phantom_mode  = false
  priority      = each.value.priority
  type          = "logs_threshold"
  group_by_keys = []
  entity_labels = { dt-functions = var.name }

  logs_threshold {
    condition_type = each.value.condition

    logs_filter {
      simple_filter {
        lucene_query = "${local.log_query} AND ${each.value.query}"
      }
    }

    rules {
      condition {
        threshold = each.value.threshold

        time_window {
          logs_time_window_specific_value = local.alarm_windows[each.value.minutes]
        }
      }

      override {
        priority = each.value.priority
      }
    }

    # Nothing at all is less than one, too.
    dynamic "undetected_values_management" {
      for_each = each.value.condition == "less_than" ? [true] : []

      content {
        trigger_undetected_values = true
        auto_retire_timeframe     = "never_or_unspecified"
      }
    }
  }

  incidents_settings {
    notify_on = "triggered_and_resolved"
    minutes   = 10
  }

  dynamic "notification_group" {
    for_each = length(var.alarms.notify) > 0 ? [true] : []

    content {
      group_by_keys = []

      dynamic "webhooks" {
        for_each = var.alarms.notify

        content {
          notify_on = "triggered_and_resolved"
          minutes   = 10

          integration {
            integration_id = tonumber(webhooks.value)
          }
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = alltrue([for n in var.alarms.notify : can(regex("^[0-9]{1,10}$", n))])
      error_message = "alarms.notify must have numbers of outbound integrations of IBM Cloud Logs: ibmcloud logs outgoing-webhooks says them as external_id."
    }
  }
}
