# What one looks at first.

locals {
  scheduled_pattern = "${var.name}-(sync|configure|recover)"

  subscription_names  = concat(local.event_subscriptions, local.dead_letter_subscriptions)
  subscription_filter = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = one_of(${join(", ", [for s in local.subscription_names : "\"${s}\""])})"

  charts = [
    {
      title   = "Events by outcome"
      unit    = "events a minute"
      filter  = "${local.receive_filter} AND metric.type = \"logging.googleapis.com/user/${google_logging_metric.events.name}\""
      aligner = "ALIGN_DELTA"
      reducer = "REDUCE_SUM"
      groups  = ["metric.label.outcome"]
    },
    {
      title   = "Refused and failed, by reason"
      unit    = "events a minute"
      filter  = "${local.receive_filter} AND metric.type = \"logging.googleapis.com/user/${google_logging_metric.events.name}\" AND metric.labels.outcome = one_of(\"unauthorized\", \"dead-lettered\", \"retry\", \"error\")"
      aligner = "ALIGN_DELTA"
      reducer = "REDUCE_SUM"
      groups  = ["metric.label.outcome", "metric.label.reason"]
    },
    {
      title   = "Time in the function, 99th percentile"
      unit    = "ms"
      filter  = "${local.receive_filter} AND metric.type = \"logging.googleapis.com/user/${google_logging_metric.latency.name}\""
      aligner = "ALIGN_DELTA"
      reducer = "REDUCE_PERCENTILE_99"
      groups  = []
    },
    {
      title   = "Time to answer, starts included, 99th percentile"
      unit    = "ms"
      filter  = "${local.receive_filter} AND metric.type = \"run.googleapis.com/request_latencies\""
      aligner = "ALIGN_DELTA"
      reducer = "REDUCE_PERCENTILE_99"
      groups  = []
    },
    {
      title   = "Events that wait, by subscription"
      unit    = "messages"
      filter  = "${local.subscription_filter} AND metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\""
      aligner = "ALIGN_MAX"
      reducer = "REDUCE_SUM"
      groups  = ["resource.label.subscription_id"]
    },
    {
      title   = "Age of the oldest event that waits"
      unit    = "s"
      filter  = "${local.subscription_filter} AND metric.type = \"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
      aligner = "ALIGN_MAX"
      reducer = "REDUCE_MAX"
      groups  = ["resource.label.subscription_id"]
    },
    {
      title   = "Runs of sync, configure and recover, by status"
      unit    = "runs a minute"
      filter  = "resource.type = \"cloud_run_revision\" AND resource.labels.service_name = monitoring.regex.full_match(\"${local.scheduled_pattern}\") AND metric.type = \"run.googleapis.com/request_count\""
      aligner = "ALIGN_DELTA"
      reducer = "REDUCE_SUM"
      groups  = ["resource.label.service_name", "metric.label.response_code"]
    },
    {
      title   = "Instances of receive"
      unit    = "instances"
      filter  = "${local.receive_filter} AND metric.type = \"run.googleapis.com/container/instance_count\""
      aligner = "ALIGN_MAX"
      reducer = "REDUCE_SUM"
      groups  = ["metric.label.state"]
    },
  ]
}

resource "google_monitoring_dashboard" "this" {
  count = var.dashboard ? 1 : 0

  project = var.project_id

  # Cloud Monitoring does not tell what is zero or empty. So it is left out, or every plan
  # would want to add it again.
  dashboard_json = jsonencode({
    displayName = var.name
    mosaicLayout = {
      columns = 48
      tiles = [for i, c in local.charts : merge(
        i % 2 == 0 ? {} : { xPos = 24 },
        i < 2 ? {} : { yPos = floor(i / 2) * 16 },
        {
          width  = 24
          height = 16
          widget = {
            title = c.title
            xyChart = {
              yAxis = { label = c.unit, scale = "LINEAR" }
              dataSets = [{
                plotType = "LINE"
                timeSeriesQuery = {
                  timeSeriesFilter = {
                    filter = c.filter
                    aggregation = merge(
                      {
                        alignmentPeriod    = "60s"
                        perSeriesAligner   = c.aligner
                        crossSeriesReducer = c.reducer
                      },
                      length(c.groups) == 0 ? {} : { groupByFields = c.groups },
                    )
                  }
                }
              }]
            }
          }
        },
      )]
    }
  })

  depends_on = [google_project_service.this]
}
